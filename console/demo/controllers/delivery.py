"""From a push to what Flux can fetch: the workflow that packs an artifact, and the webhook that tells of it."""

import asyncio
import subprocess
from datetime import UTC, datetime

from console.demo.controllers.flux import REQUESTED
from console.demo.controllers.site import Site
from console.demo.controllers.sources import cluster_source

LOOK = 0.1  # real seconds between two looks at the branch
PACK = 38.0  # seconds that the workflow takes
HOOK = 2.0  # seconds until a webhook is here
FOLDER = "kubernetes"  # what the artifact is made of


class Delivery:
    """Watches main. With an OCI source only a push that touches ``kubernetes/`` makes an artifact."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    async def watch(self) -> None:
        """Look at the branch, until cancelled."""
        seen = self.site.repository.head()
        while True:
            await asyncio.sleep(LOOK)
            head = self.site.repository.head()
            if head != seen:
                seen = head
                self._queue.put_nowait(head)

    async def deliver(self) -> None:
        """One push after the other, until cancelled."""
        while True:
            await self._one(await self._queue.get())

    def _readable(self, commit: str) -> bool:
        """Whether the files of ``commit`` can be read: not while somebody has moved the repository away."""
        try:
            self.site.repository.files(commit)
        except subprocess.CalledProcessError:
            if self.site.repository.there:
                raise
            return False
        return True

    async def _one(self, commit: str) -> None:
        site, repository = self.site, self.site.repository
        while not await asyncio.to_thread(self._readable, commit):  # noqa: ASYNC110 - nothing tells of its return
            await asyncio.sleep(LOOK)
        if site.topology.source == "oci":
            old, new = (repository.folder_id(c, FOLDER) for c in (site.published, commit))
            if old == new:
                return
            await site.sleep(PACK)
        site.published = commit
        await site.sleep(HOOK)
        key = cluster_source(site)
        source = site.get(key)
        if source is not None and site.store.list("Receiver"):
            note = {"annotations": {REQUESTED: datetime.now(UTC).isoformat()}}
            site.store.patch(key.kind, key.name, key.namespace, {"metadata": note})
