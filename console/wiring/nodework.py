"""One node looked at closely: its name resolved, and what runs talosctl bound to the settings."""

import contextlib
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot, Topic
from console.settings import Settings
from console.sources.errors import UsageError
from console.sources.stop import Stop

if TYPE_CHECKING:
    from console.model.nodedetail import NodeDetail
    from console.model.noderows import NodeRow
    from console.model.nodes import TalosNode
    from console.sources.talos.access import Access


class NodeWork:
    """``places`` limit polls and everything here together; ``attended`` are the nodes that somebody looks at."""

    def __init__(self, settings: Settings, snapshot: Callable[[], Snapshot], now: Callable[[], datetime]) -> None:
        from console.sources.talos.attended import Attended  # noqa: PLC0415 - late
        from console.sources.talos.places import Places  # noqa: PLC0415

        self._settings = settings
        self._snapshot = snapshot
        self._now = now
        self._made: Access | None = None
        self.places: Places = Places(settings.talos_concurrency)
        self.attended: Attended = Attended()

    def upgrading(self) -> Collection[str]:
        """Nodes that tuppr is about to restart, or restarts."""
        snapshot = self._snapshot()
        found = {node.name for node in snapshot[Topic.KUBERNETES].items.values() if node.upgrading}
        for upgrade in snapshot[Topic.TUPPR].items.values():
            found.update(upgrade.current_nodes, upgrade.rebooting_nodes)
        return found

    def node(self, name: str) -> "NodeDetail":
        """See Desk."""
        return self._access.inspect(self._named(name))

    def attending(self, name: str) -> AbstractContextManager[None]:
        """See Desk."""
        return self.attended.attending(self._named(name).name) if self._is_known(name) else contextlib.nullcontext()

    def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
        """See Desk."""
        return self._access.dmesg(self._named(name).address, stop)

    def service_log(self, name: str, service: str, stop: Stop) -> Iterator[str]:
        """See Desk."""
        return self._access.service_log(self._named(name).address, service, stop)

    def close(self) -> None:
        """End every process."""
        if self._made:
            self._made.close()

    @property
    def _access(self) -> "Access":
        from console.sources.talos.access import Access  # noqa: PLC0415 - late

        if self._made is None:
            settings = self._settings
            config = settings.named_talosconfig
            self._made = Access(config, settings.talos_context, settings.executable, self.places, self._now)
        return self._made

    def _is_known(self, name: str) -> bool:
        return any(name in (row.name, row.address) for row in self._rows())

    def _named(self, name: str) -> "TalosNode":
        """The node by name or address; of one that only Kubernetes knows, what it tells. Raises UsageError."""
        from console.model.nodes import TalosNode  # noqa: PLC0415 - late

        rows = self._rows()
        for row in rows:
            if name in (row.name, row.address):
                return row.talos or TalosNode(row.name, row.address, row.role, talos=row.talos_version)
        known = ", ".join(row.name for row in rows) or "none"
        raise UsageError(f"there is no node {name!r}", f"Known nodes: {known}.", kind="not-found")

    def _rows(self) -> "Collection[NodeRow]":
        from console.model.noderows import node_rows  # noqa: PLC0415 - late

        snapshot = self._snapshot()
        return node_rows(snapshot[Topic.TALOS].items.values(), snapshot[Topic.KUBERNETES].items.values())
