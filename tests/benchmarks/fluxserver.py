"""An API server with Flux objects as large as real ones, in a process of its own; on request 500 a second change.

``python -m tests.benchmarks.fluxserver --objects N --folder DIR``: says ``ready``; each line on standard input is
answered by one on standard output: ``go`` begins the changes, ``stand`` ends them, ``count`` tells how many requests
came so far, beside watches.
"""

import argparse
import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from console.demo.api.definitions import definitions
from console.demo.api.server import ApiServer
from console.demo.api.store import ObjectStore
from console.model.flux_kinds import KINDS

RATE = 500  # changes a second
OWN_KINDS = ("HelmRelease", "Kustomization", "OCIRepository", "HelmRelease", "Kustomization")
Name = tuple[str, str, str]  # kind, name, namespace


def manifest(number: int) -> dict[str, Any]:
    """One object, 3.7 kB with its status, a third of it managed fields."""
    kind = KINDS[OWN_KINDS[number % len(OWN_KINDS)]]
    namespace, name = f"team-{number // 50:03}", f"app-{number:05}"
    source = {"kind": "OCIRepository", "name": f"app-{number // 5 * 5 + 2:05}"}
    spec: dict[str, Any] = {"interval": "1h", "values": {f"value{n}": "x" * 60 for n in range(12)}}
    spec |= {"chartRef": source} if kind.kind == "HelmRelease" else {"sourceRef": source, "path": f"./apps/{name}"}
    if kind.kind == "Kustomization" and number % 10:
        spec["dependsOn"] = [{"name": f"app-{number // 50 * 50 + 1:05}"}]
    fields: dict[str, Any] = {f"f:field{n}": {".": {}, "f:inner": {}} for n in range(30)}
    managed = [{"manager": "helm-controller", "operation": "Apply", "fieldsV1": {"f:spec": fields}}]
    meta = {"name": name, "namespace": namespace, "managedFields": managed}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "spec": spec}


def create(store: ObjectStore, number: int) -> Name:
    """Put it there."""
    made = manifest(number)
    kind, name, namespace = made["kind"], made["metadata"]["name"], made["metadata"]["namespace"]
    store.create(made)
    store.set_status(kind, name, namespace, status(number, 0))
    return kind, name, namespace


def status(number: int, turn: int) -> dict[str, Any]:
    """Every third turn a pass runs, every ninth it fails."""
    revision = f"latest@sha256:{number // 5 * 5 + 2 + turn:064x}"  # the source's, which nearly all have applied
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    word, reason = ("Unknown", "Progressing") if turn % 3 == 1 else ("True", "ReconciliationSucceeded")
    if turn % 9 == 8:
        word, reason = "False", "HealthCheckFailed"
    ready = {"type": "Ready", "status": word, "reason": reason, "message": f"Applied revision: {revision}"}
    return {
        "observedGeneration": 1,
        "conditions": [ready | {"lastTransitionTime": at, "observedGeneration": 1}],
        "lastAppliedRevision": revision,
        "artifact": {"revision": revision, "digest": f"sha256:{number:064x}", "lastUpdateTime": at},
        "inventory": {"entries": [{"id": f"team_app-{n}_apps_Deployment", "v": "v1"} for n in range(8)]},
    }


class Counting(ApiServer):
    """Counts what is asked, but for watches."""

    asked = 0

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked += "watch=" not in request.rel_url.raw_query_string
        return await super()._handle(request)


async def _serve(objects: int, folder: Path) -> None:
    store = ObjectStore(lambda: datetime.now(UTC).replace(microsecond=0))
    for definition in definitions():  # without them a client would look for what is served again and again
        store.create(definition)
    names = [create(store, number) for number in range(objects)]
    server = Counting(store, folder)
    await server.start()
    (folder / "kubeconfig").write_text(server.kubeconfig())
    print("ready", flush=True)
    changing: asyncio.Task[None] | None = None
    while word := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if word == "go" and changing is None and names:
            changing = asyncio.create_task(_change(store, names))
        if word == "stand" and changing:
            changing.cancel()
            changing = None
        print(server.asked, flush=True)
    await server.stop()


async def _change(store: ObjectStore, names: list[Name]) -> None:
    """In small packs, as many as the time that went by asks for."""
    began, done = time.monotonic(), 0
    while True:
        await asyncio.sleep(0.02)
        wanted = int((time.monotonic() - began) * RATE)
        for _ in range(min(wanted - done, RATE // 10)):
            number = done * 7919 % len(names)
            kind, name, namespace = names[number]
            store.set_status(kind, name, namespace, status(number, done // len(names) + 1 + done % 9))
            done += 1


# The other side


class Server:
    """A server that runs."""

    def __init__(self, process: "subprocess.Popen[str]", kubeconfig: Path) -> None:
        self._process = process
        self.kubeconfig = kubeconfig

    def says(self, word: str) -> int:
        """Tell it, and hear how many requests came so far."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextlib.contextmanager
def serving(objects: int) -> Iterator[Server]:
    """Such a server, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder:
        words = [sys.executable, "-m", __spec__.name, "--objects", str(objects), "--folder", folder]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            try:
                yield Server(process, Path(folder) / "kubeconfig")
            finally:
                process.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(_serve(options.objects, options.folder))
