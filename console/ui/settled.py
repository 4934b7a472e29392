"""The Flux graph, computed once for each state of the objects and not for each who asks."""

import threading
from datetime import datetime

from console.model.flux import FluxObject
from console.model.flux_graph import FluxRow, due, settle
from console.model.snapshot import Snapshot, Table, Topic


class Settled:
    """``settle`` with a memory for the last answer: the same rows until an object changes, or time makes them change.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: tuple[int, int] = (-1, -1)
        self._due: datetime | None = None
        self._rows: tuple[FluxRow, ...] = ()
        self._items: object = None  # kept, so that its id stays its own

    def __call__(self, snapshot: Snapshot) -> tuple[FluxRow, ...]:
        """All rows, worst first."""
        table: Table = snapshot[Topic.FLUX]
        version = (id(table.items), table.version)
        with self._lock:
            if version != self._version or (self._due and snapshot.at >= self._due):
                objects: list[FluxObject] = list(table.items.values())
                known = {row.object.key: row for row in self._rows}
                self._rows, self._due = settle(objects, snapshot.at, known), due(objects, snapshot.at)
                self._version, self._items = version, table.items
            return self._rows


settled = Settled()
