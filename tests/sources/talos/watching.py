"""A TalosSource at work in a test, and a sink that can be waited for."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from console.model.nodes import TalosNode
from console.model.snapshot import Freshness, Topic
from console.sources.talos.source import TalosSource
from console.store import Feeds, Store
from tests.demo.talosctl.cluster import Cluster

_LONG = 60.0  # seconds after which a test gives up


class Seen:
    """The store that the source feeds, and a way to wait until it holds something."""

    def __init__(self, source: TalosSource) -> None:
        self.source = source
        self.store = Store()
        self.feeds = Feeds(self.store, pauses=(0.1,))
        self._changed = threading.Event()

    def nodes(self) -> dict[str, TalosNode]:
        return {key[0]: node for key, node in self.store.table(Topic.TALOS).items.items()}

    def complete(self) -> bool:
        """Whether each node was asked everything, or can't be."""
        return bool(self.nodes()) and not any(node.pending for node in self.nodes().values())

    def freshness(self) -> Freshness:
        return self.store.table(Topic.TALOS).freshness

    def until(self, holds: Callable[[], Any], seconds: float = _LONG) -> None:
        """Look again whenever the store tells of a change: without a lock, as the store holds its own then."""
        end = time.monotonic() + seconds
        while not holds():
            assert self._changed.wait(max(0.0, end - time.monotonic())), self.store.table(Topic.TALOS)
            self._changed.clear()

    def told(self, _topics: frozenset[Topic]) -> None:
        self._changed.set()


@contextlib.contextmanager
def watching(cluster: Cluster, *, interval: float = 0.2, concurrency: int = 8, **more: Any) -> Iterator[Seen]:
    """The source of a served world, running; gone without a trace afterwards."""
    config: Path | None = more.pop("talosconfig", cluster.talosconfig)
    source = TalosSource(config, more.pop("context", None), cluster.executable, interval, concurrency, **more)
    seen = Seen(source)
    with seen.store.listening(seen.told):
        seen.feeds.start(source)
        try:
            yield seen
        finally:
            assert seen.feeds.stop(10)
            assert processes(cluster) == []


def processes(cluster: Cluster, asking: str = "") -> list[int]:
    """The ids of running processes that were started from the cluster's folder, with ``asking`` in an argument."""
    return [pid for pid, words in _running(cluster) if any(asking in word for word in words)]


def commands(cluster: Cluster) -> list[list[str]]:
    """The command lines of those that run."""
    return [words for _, words in _running(cluster)]


def _running(cluster: Cluster) -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_text(errors="replace")
                if str(cluster.folder) in command:
                    yield int(entry.name), command.split("\0")


def wait_for(holds: Callable[[], Any]) -> None:
    """Poll the process table, which tells nobody when it changes."""
    end = time.monotonic() + _LONG
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
