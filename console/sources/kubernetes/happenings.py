"""The events about one object, as they come, until a deadline, through losses of the connection."""

import time
from collections.abc import Iterator
from typing import Any

from console.model.unstructured import rows, text
from console.sources.errors import SourceError
from console.sources.kubernetes import faults
from console.sources.kubernetes.catalogue import EVENTS
from console.sources.kubernetes.following import lasting
from console.sources.kubernetes.transport import ANSWER, Call, Transport
from console.sources.kubernetes.watching import batches_of, error_of
from console.sources.stop import Stop

Event = dict[str, Any]
MOST = "500"  # events of one object in a list; as a rule there are ten


class Happenings:
    """``end`` is by the monotonic clock."""

    def __init__(self, transport: Transport, namespace: str, fields: str, end: float) -> None:
        self._transport = transport
        self._path = EVENTS.path(namespace)
        self._fields = fields
        self._end = end

    def run(self, stop: Stop) -> Iterator[list[Event] | SourceError]:
        """All of them, in no order, and all of them again after each change.

        While they can't be read, the reason comes instead, and it is tried again. Raises what will not pass by
        waiting (we may not see events).
        """
        return lasting(lambda: self._connected(stop), self._end, stop)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _connected(self, stop: Stop) -> Iterator[list[Event]]:
        """All events, then each change, as long as the connection holds."""
        query = {"fieldSelector": self._fields}
        call = Call(self._path, query | {"limit": MOST}, doing="list events")
        page = self._transport.request(call, min(ANSWER, max(self._left(), 0.5)), stop).json()
        known = {text(item, "metadata", "name"): dict(item) for item in rows(page, "items")}
        yield list(known.values())
        query |= {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": text(page, "metadata", "resourceVersion"),
            "timeoutSeconds": str(max(1, int(self._left()) + 1)),
        }
        call = Call(self._path, query, doing="watch events")
        with self._transport.stream(call, stop, max(self._left(), 0.1)) as stream:
            for batch in batches_of(stream.chunks):
                applied = [self._apply(kind, item, known) for kind, item in batch]
                if any(applied):
                    yield list(known.values())
                stream.patience(max(self._left(), 0.1))

    @staticmethod
    def _apply(kind: str, item: Event, known: dict[str, Event]) -> bool:
        """Whether something is to be seen."""
        if kind == "ERROR":
            raise error_of(item)
        if kind == "MALFORMED":
            raise faults.Cut("The Kubernetes API sent a line that is not JSON")
        if kind in {"ADDED", "MODIFIED"}:
            known[text(item, "metadata", "name")] = item
            return True
        return False  # bookmarks; and events that expire stay while they are being read
