"""The Flux pane with 50 and with 5,000 objects, of which 500 a second change: list, memory, graph, key to frame.

``python -m tests.benchmarks.flux [--sizes 50,5000] [--keys N] [--runs N] [--json FILE]``. For each size an API server
of its own, in a process of its own, with objects as large as real ones (3.7 kB, a third of it managed fields); the
console in another process, its screen without a terminal. Floors: the 99th percentile of key to frame at the larger
size at most twice that of the smaller one; the data at most 30 MB over the empty console. ``bare list`` is the same
lists by plain requests, parsed and thrown away. The sizes take turns; of ``--runs`` the median counts, for other work
on the machine comes and goes.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events

from console.demo.api.server import ApiServer
from console.demo.api.store import ObjectStore
from console.model.clock import utc_now
from console.model.flux_graph import settle
from console.model.flux_kinds import KINDS
from console.model.snapshot import Life, Topic
from console.sources.kubernetes import connect
from console.sources.kubernetes.cluster import KubernetesCluster
from console.store import Feeds, Store
from console.ui.app import ConsoleApp
from console.ui.panes.pane import Pane
from console.ui.screens.home import Home
from tests.ui.desk import Clock, Desk

RATE = 500  # changes a second
PATIENCE = 120.0
_KINDS = ("HelmRelease", "Kustomization", "OCIRepository", "HelmRelease", "Kustomization")
Numbers = dict[str, float]


# The server's process


def serve(size: int, folder: Path) -> None:
    """An API server with ``size`` objects; after a line on standard input, ``RATE`` changes a second."""
    asyncio.run(_serve(size, folder))


async def _serve(size: int, folder: Path) -> None:
    store = ObjectStore(lambda: datetime.now(UTC).replace(microsecond=0))
    names = [_create(store, number) for number in range(size)]
    server = ApiServer(store, folder)
    await server.start()
    (folder / "kubeconfig").write_text(server.kubeconfig())
    print("ready", flush=True)
    begun = await asyncio.to_thread(_line)
    if names and begun:
        await _change(store, names)
    await asyncio.to_thread(_line)
    await server.stop()


def _line() -> str:
    return sys.stdin.readline()


def _create(store: ObjectStore, number: int) -> tuple[str, str, str]:
    kind = KINDS[_KINDS[number % len(_KINDS)]]
    namespace, name = f"team-{number // 50:03}", f"app-{number:05}"
    source = {"kind": "OCIRepository", "name": f"app-{number // 5 * 5 + 2:05}"}
    spec: dict[str, Any] = {"interval": "1h", "values": {f"value{n}": "x" * 60 for n in range(12)}}
    spec |= {"chartRef": source} if kind.kind == "HelmRelease" else {"sourceRef": source, "path": f"./apps/{name}"}
    if kind.kind == "Kustomization" and number % 10:
        spec["dependsOn"] = [{"name": f"app-{number // 50 * 50 + 1:05}"}]
    fields: dict[str, Any] = {f"f:field{n}": {".": {}, "f:inner": {}} for n in range(30)}
    managed = [{"manager": "helm-controller", "operation": "Apply", "fieldsV1": {"f:spec": fields}}]
    meta = {"name": name, "namespace": namespace, "managedFields": managed}
    store.create({"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "spec": spec})
    store.set_status(kind.kind, name, namespace, _status(number, 0))
    return kind.kind, name, namespace


def _status(number: int, turn: int) -> dict[str, Any]:
    """Every third turn a pass runs, every ninth it fails."""
    revision = f"latest@sha256:{number + turn:064x}"
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


async def _change(store: ObjectStore, names: list[tuple[str, str, str]]) -> None:
    """In small packs, as many as the time that went by asks for."""
    began, done = time.monotonic(), 0
    ended = asyncio.create_task(asyncio.to_thread(_line))
    while not ended.done():
        await asyncio.sleep(0.02)
        wanted = int((time.monotonic() - began) * RATE)
        for _ in range(min(wanted - done, RATE // 10)):
            number = done * 7919 % len(names)
            kind, name, namespace = names[number]
            store.set_status(kind, name, namespace, _status(number, done // len(names) + 1 + done % 9))
            done += 1


# The console's process


class Bench(Desk):
    """A desk whose Flux objects are those of the server; all else is the tests'."""

    def __init__(self) -> None:
        super().__init__(held=False)
        self.clock = _Present()
        self.store = Store(utc_now)


class _Present(Clock):
    def __call__(self) -> datetime:
        return utc_now()


def measure(size: int, kubeconfig: Path, keys: int) -> Numbers:
    """Everything for one size."""
    cluster = connect(kubeconfig, None)
    desk = Bench()
    feeds = Feeds(desk.store)
    cluster.objects("source.toolkit.fluxcd.io/v1", "Bucket")  # imports and TLS are paid for
    gc.collect()
    empty = _resident()
    began = time.perf_counter()
    feeds.start(next(source for source in cluster.sources() if Topic.FLUX in source.topics))
    assert desk.store.wait([Topic.FLUX], PATIENCE)
    found: Numbers = {"complete list, s": time.perf_counter() - began}
    assert len(desk.store.table(Topic.FLUX).items) == size
    assert desk.store.table(Topic.FLUX).freshness.life is Life.LIVE
    gc.collect()
    found["resident after list, MB"] = _resident() - empty
    found["bare list, s"] = _bare(cluster)
    objects = list(desk.store.table(Topic.FLUX).items.values())
    found["settle, ms"] = 1000 * min(_took(objects) for _ in range(7))
    try:
        if keys:
            found |= asyncio.run(_keys(desk, keys))
    finally:
        feeds.stop()
        cluster.close()
    return found


def _resident() -> float:
    """Megabytes of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _bare(cluster: KubernetesCluster) -> float:
    began = time.perf_counter()
    for kind in KINDS.values():
        cluster.objects(kind.api_version, kind.kind)
    return time.perf_counter() - began


def _took(objects: list[Any]) -> float:
    began = time.perf_counter()
    settle(objects, utc_now() + timedelta(seconds=1))
    return time.perf_counter() - began


async def _keys(desk: Bench, count: int) -> Numbers:
    """Milliseconds from a key to the frame that shows it, first in peace and then while objects change."""
    app = ConsoleApp(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "z")
        await pilot.pause()
        frames = _Frames(app)
        await frames.until_rows()
        peace = [await frames.key() for _ in range(count)]
        print("go", flush=True)
        await asyncio.sleep(3)  # the changes come at their rate
        before, began, painted = desk.store.table(Topic.FLUX).version, time.perf_counter(), frames.count
        storm = [await frames.key() for _ in range(count)]
        seconds = time.perf_counter() - began
        batches = (desk.store.table(Topic.FLUX).version - before) / seconds
        frames.close()
    assert app.work.join(5)
    return {
        "key to frame in peace, p50 ms": statistics.median(peace),
        "key to frame in peace, p99 ms": _p99(peace),
        "key to frame, p50 ms": statistics.median(storm),
        "key to frame, p99 ms": _p99(storm),
        "times the store changed, a second": batches,
        "frames beside keys, a second": (frames.count - painted - count) / seconds,
        "resident while changing, MB": _resident(),
    }


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99) - 1]


class _Frames:
    """Watches what the app paints."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._display = app._display
        self._shown = asyncio.Event()
        self._wanted: Callable[[], bool] | None = None
        self._down = True
        self.count = 0
        app._display = self._painted  # type: ignore[method-assign, assignment]

    def close(self) -> None:
        self._app._display = self._display  # type: ignore[method-assign]

    @property
    def _pane(self) -> Pane:
        assert isinstance(self._app.screen, Home)
        return self._app.screen.open

    async def until_rows(self) -> None:
        """Until there is something to move over."""
        if self._pane.current is None:
            await self._painted_when(lambda: self._pane.current is not None)

    async def key(self) -> float:
        """Milliseconds until a frame was painted after the cursor had moved; it turns round at both ends."""
        took = None
        while took is None:  # its row may have come to an end of the list just before the key
            took = await self._moved()
        await asyncio.sleep(0.02)
        return took

    async def _moved(self) -> float | None:
        pane = self._pane
        if pane._at >= min(len(pane.rows) - 1, 25) or pane._at == 0:
            self._down = pane._at == 0
        before, at, name = pane.current, pane._at, "j" if self._down else "k"
        began = time.perf_counter()
        assert before is not None
        assert self._app._driver is not None
        self._app._driver.send_message(events.Key(name, name))
        ends = {0, len(pane.rows) - 1}
        await self._painted_when(
            lambda: (
                pane.current is not None and (pane.current.key != before.key or (pane._at != at and pane._at in ends))
            )
        )
        return 1000 * (time.perf_counter() - began) if pane.current and pane.current.key != before.key else None

    async def _painted_when(self, holds: Callable[[], bool]) -> None:
        self._shown.clear()
        self._wanted = holds
        await asyncio.wait_for(self._shown.wait(), PATIENCE)

    def _painted(self, *arguments: Any) -> None:
        self._display(*arguments)
        self.count += 1
        if self._wanted and self._wanted():
            self._wanted = None
            self._shown.set()


# The whole


@contextlib.contextmanager
def serving(size: int) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    """A server process with ``size`` objects; its kubeconfig."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.flux", "--serve", str(size), "--folder", folder]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **pipes) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            try:
                yield Path(folder) / "kubeconfig", server
            finally:
                server.kill()


def run(size: int, keys: int) -> Numbers:
    """Both processes; the console's numbers."""
    with serving(size) as (kubeconfig, server):
        command = [sys.executable, "-m", "tests.benchmarks.flux", "--measure", str(size), "--keys", str(keys)]
        with subprocess.Popen([*command, "--folder", str(kubeconfig)], stdout=subprocess.PIPE, text=True) as console:
            assert console.stdout is not None
            assert server.stdin is not None
            for line in console.stdout:
                if line == "go\n":
                    server.stdin.write("go\n")
                    server.stdin.flush()
                elif line.startswith("{"):
                    return {name: float(value) for name, value in json.loads(line).items()}
    raise RuntimeError(f"the console with {size} objects ended without an answer")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="50,5000")
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.serve, options.folder)
    elif options.measure is not None:
        print(json.dumps(measure(options.measure, options.folder, options.keys)), flush=True)
    else:
        _report([int(size) for size in options.sizes.split(",")], options)


def _report(sizes: list[int], options: argparse.Namespace) -> None:
    empty = run(0, 0)["resident after list, MB"]
    runs = [{size: run(size, options.keys) for size in sizes} for _ in range(options.runs)]
    found = {size: _median([each[size] for each in runs]) for size in sizes}
    for numbers in found.values():
        numbers["data in memory, MB"] = numbers.pop("resident after list, MB") - empty
    print(f"{'objects':36}" + "".join(f"{size:>12}" for size in sizes))
    for name in found[sizes[0]]:
        print(f"{name:36}" + "".join(f"{numbers[name]:12.2f}" for numbers in found.values()))
    small, large = found[sizes[0]], found[sizes[-1]]
    ratio = large["key to frame, p99 ms"] / small["key to frame, p99 ms"]
    print(f"{'key to frame, p99, ratio':36}{ratio:12.2f}  (floor 2)")
    print(f"{'data in memory':36}{large['data in memory, MB']:12.2f}  (floor 30 MB)")
    if options.json:
        options.json.write_text(json.dumps({"sizes": found, "ratio": ratio}, indent=2) + "\n")


def _median(runs: list[Numbers]) -> Numbers:
    return {name: statistics.median(each[name] for each in runs) for name in runs[0]}


if __name__ == "__main__":
    main()
