"""A hundred nodes, ten of them hanging: the first rows, and everything, beside a bare loop of as many processes.

``python -m tests.benchmarks.nodes [--nodes N] [--hanging N] [--concurrency N] [--json FILE]``. The bare loop starts the
very processes that the source started for the same facts, by the same ``sh``, as many at once, and nothing else: what
the source adds is the ratio. Floor: the rows of those that answer are there within the deadline of one process.
"""

import argparse
import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from console.model.nodes import TalosNode
from console.model.snapshot import Topic
from console.sources.talos import TalosSource
from console.sources.talos import process as running
from console.sources.talos.process import Processes
from console.store import Feeds, Store
from tests.demo.talosctl.cluster import Cluster, serving, world

DEADLINE = 10.0  # seconds, of one process


def measure(folder: Path, nodes: int, hanging: int, concurrency: int) -> dict[str, float]:
    """Seconds of each part, and counts."""
    made = world(nodes)
    slow = [machine for machine in made.machines.values() if not machine.control_plane][:hanging]
    for machine in slow:
        machine.slow = float("inf")
    with serving(folder, made) as cluster:
        return _measured(cluster, nodes - len(slow), concurrency)


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
    spent = resource.getrusage(resource.RUSAGE_SELF)
    first = answered[: answering + 8]
    return began | {
        "bare loop, first rows": _bare(cluster, first, concurrency),
        "bare loop, everything": _bare(cluster, answered, concurrency),
        "processes": len(answered),
        "cpu of this process": spent.ru_utime + spent.ru_stime,
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


def _lines(took: dict[str, float]) -> Iterator[str]:
    for name in ("first rows", "bare loop, first rows", "everything", "bare loop, everything", "cpu of this process"):
        yield f"{name:24} {took[name]:7.2f} s"
    yield f"{'processes':24} {took['processes']:7.0f}"
    for name in ("first rows", "everything"):
        yield f"{name + ' / bare loop':24} {took[name] / took['bare loop, ' + name]:7.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--hanging", type=int, default=10)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        took = measure(Path(folder), options.nodes, options.hanging, options.concurrency)
    for line in _lines(took):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(took, indent=2) + "\n")


if __name__ == "__main__":
    main()
