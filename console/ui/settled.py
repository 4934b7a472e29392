"""The Flux graph, computed once for each state of the objects and not for each who asks."""

import threading

from console.model.flux_graph import FluxRow, Graph
from console.model.snapshot import Snapshot, Topic


class Settled:
    """``settle`` with a memory for the last answer: the same rows until an object changes, or time makes them change.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._graph = Graph()
        self._of: tuple[object, int] = (None, -1)  # the objects and their version
        self._rows: tuple[FluxRow, ...] = ()

    def __call__(self, snapshot: Snapshot) -> tuple[FluxRow, ...]:
        """All rows, worst first."""
        table = snapshot[Topic.FLUX]
        with self._lock:
            due, (items, version) = self._graph.due, self._of
            if items is not table.items or version != table.version or (due and snapshot.at >= due):
                self._rows = self._graph.rows(table.items, snapshot.at)  # type: ignore[arg-type]
                self._of = (table.items, table.version)
            return self._rows


settled = Settled()
