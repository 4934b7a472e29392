"""A hundred nodes by talosctl, all well or ten of them hanging, beside a bare loop of as many processes.

The bare loop starts the very processes that the source started for the same facts, by the same ``sh``, as many at once,
and nothing else: it is the slowest node and what the processes cost, divided by how many run at once.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from console.model.nodes import TalosNode
from console.model.snapshot import Topic
from console.sources.talos import process as running
from console.sources.talos.process import Processes
from console.sources.talos.source import TalosSource
from console.store import Feeds, Store
from tests.benchmarks.figure import Figure, most, times
from tests.demo.talosctl.cluster import Cluster, serving, world

DEADLINE = 10.0  # seconds, of one process


NODES, HANGING, CONCURRENCY = 100, 10, 8
_FIRST = frozenset(("machinestatus", "version"))  # of these a first row is made
_BARE = "the same processes in a bare loop"
_SLOW = (
    "each of some ten facts about a node is a process of its own, and to start it by sh costs some seven milliseconds "
    "of CPU beside its own; what makes a row comes first"
)


def measure(runs: int) -> Iterator[Figure]:
    """Once; twice from ten runs on, for it takes a minute."""
    for hanging in (0, HANGING):
        found = [_run(hanging) for _ in range(max(1, runs // 5))]
        told = f"{NODES} nodes, {hanging} hanging, the others" if hanging else f"{NODES} nodes"
        for mark in ("first rows", "everything"):
            ours, bare = [each[mark] for each in found], [each[f"bare loop, {mark}"] for each in found]
            goal = most(DEADLINE) if hanging else times(1.2)
            yield Figure(f"{told}: {mark}", "s wall", ours, _BARE, bare, goal, _SLOW)


def _run(hanging: int) -> dict[str, float]:
    """Seconds of each part."""
    made = world(NODES)
    slow = [machine for machine in made.machines.values() if not machine.control_plane][:hanging]
    for machine in slow:
        machine.slow = float("inf")
    with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder, serving(Path(folder), made) as cluster:
        return _measured(cluster, NODES - len(slow), CONCURRENCY)


def _measured(cluster: Cluster, answering: int, concurrency: int) -> dict[str, float]:
    started: list[tuple[str, ...]] = []
    began: dict[str, float] = {}
    with _recorded(started):
        source = TalosSource(cluster.talosconfig, None, cluster.executable, 60, concurrency, deadline=DEADLINE)
        rows = _until(
            source,
            began,
            {
                "first rows": lambda found: sum(bool(node.stage and node.talos) for node in found) >= answering,
                "everything": lambda found: (
                    sum(node.problem is None and not node.pending for node in found) >= answering
                ),
            },
        )
    answered = [each for each in started if _asks(each) in {node.address for node in rows if node.problem is None}]
    first = list(dict.fromkeys(each for each in answered if _FIRST.intersection(each)))
    return began | {
        "bare loop, first rows": _bare(cluster, first, concurrency),
        "bare loop, everything": _bare(cluster, answered, concurrency),
    }


def _asks(arguments: tuple[str, ...]) -> str:
    return next((each.removeprefix("--nodes=") for each in arguments if each.startswith("--nodes=")), "")


class _recorded:  # noqa: N801 - reads as a statement
    """While inside, what is started is written down."""

    def __init__(self, started: list[tuple[str, ...]]) -> None:
        self._started = started
        self._run = running.Processes.run

    def __enter__(self) -> None:
        run, started = self._run, self._started

        def noted(processes: Processes, arguments: Any, deadline: float) -> Any:
            started.append(tuple(arguments))
            return run(processes, arguments, deadline)

        running.Processes.run = noted  # type: ignore[method-assign,assignment]

    def __exit__(self, *_: object) -> None:
        running.Processes.run = self._run  # type: ignore[method-assign]


def _until(
    source: TalosSource, took: dict[str, float], marks: dict[str, Callable[[list[TalosNode]], bool]]
) -> list[TalosNode]:
    store, changed = Store(), threading.Event()
    feeds = Feeds(store)
    found: list[TalosNode] = []
    began = time.perf_counter()
    with store.listening(lambda _topics: changed.set()):
        feeds.start(source)
        while len(took) < len(marks):
            if not changed.wait(120):
                raise TimeoutError(took)
            changed.clear()
            found = list(store.table(Topic.TALOS).items.values())
            for name, holds in marks.items():
                if name not in took and holds(found):
                    took[name] = time.perf_counter() - began
    feeds.stop()
    return found


def _bare(cluster: Cluster, arguments: list[tuple[str, ...]], concurrency: int) -> float:
    talosctl = Processes(cluster.executable, {"TALOSCONFIG": str(cluster.talosconfig)})
    began = time.perf_counter()
    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(lambda each: talosctl.run(each, DEADLINE), arguments))
    return time.perf_counter() - began
