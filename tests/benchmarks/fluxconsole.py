"""The console's side of ``flux``: its screen without a terminal, on a real watch, in a process of its own.

``python -m tests.benchmarks.fluxconsole --kubeconfig FILE --objects N --keys N``: says ``go`` when the changes are to
begin, ``stand`` when they are to end, and then what it measured, as JSON.
"""

import argparse
import asyncio
import gc
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from textual import events

from console.model.clock import utc_now
from console.model.flux_kinds import KINDS
from console.model.snapshot import Topic
from console.sources.kubernetes import connect
from console.sources.kubernetes.cluster import KubernetesCluster
from console.store import Feeds, Store
from console.ui.app import ConsoleApp
from console.ui.panes.pane import Pane
from console.ui.screens.home import Home
from tests.ui.desk import Clock, Desk

PATIENCE = 120.0


class Bench(Desk):
    """A desk whose Flux objects are those of the server; all else is the tests'."""

    def __init__(self) -> None:
        super().__init__(held=False)
        self.clock = _Present()
        self.store = Store(utc_now)


class _Present(Clock):
    def __call__(self) -> datetime:
        return utc_now()


def measure(kubeconfig: Path, objects: int, keys: int) -> dict[str, Any]:
    """Everything: lists in milliseconds, memory in bytes."""
    cluster, desk = connect(kubeconfig, None), Bench()
    cluster.objects("source.toolkit.fluxcd.io/v1", "Bucket")  # imports and TLS are paid for
    feeds = Feeds(desk.store)
    began = time.perf_counter()
    feeds.start(next(source for source in cluster.sources() if Topic.FLUX in source.topics))
    assert desk.store.wait([Topic.FLUX], PATIENCE)
    complete = 1000 * (time.perf_counter() - began)
    try:
        found = asyncio.run(_shown(desk, objects, keys))
        return {"list": complete, "bare": _bare(cluster)} | found  # last: what it leaves in memory is not the console's
    finally:
        feeds.stop()
        cluster.close()


def _bare(cluster: KubernetesCluster) -> float:
    """The same lists by plain requests, parsed and thrown away, one after the other."""
    began = time.perf_counter()
    for kind in KINDS.values():
        cluster.objects(kind.api_version, kind.kind)
    return 1000 * (time.perf_counter() - began)


def _resident() -> int:
    """Bytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def _shown(desk: Bench, objects: int, keys: int) -> dict[str, Any]:
    app = ConsoleApp(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "z")
        await pilot.pause()
        frames = Frames(app)
        if objects:
            await frames.until_rows()
        gc.collect()
        found: dict[str, Any] = {"resident": _resident()}
        if keys:
            found["peace"] = [await frames.key() for _ in range(keys)]
            print("go", flush=True)
            await asyncio.sleep(2)  # the changes come at their rate
            found["storm"] = [await frames.key() for _ in range(keys)]
            print("stand", flush=True)
        frames.close()
    assert app.work.join(5)
    return found


class Frames:
    """Watches what the app paints."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._display = app._display
        self._shown = asyncio.Event()
        self._wanted: Callable[[], bool] | None = None
        self._down = True
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
        if self._wanted and self._wanted():
            self._wanted = None
            self._shown.set()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--keys", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps(measure(options.kubeconfig, options.objects, options.keys)), flush=True)
