"""The objects that a selector chooses, as they come and change, until a deadline, through losses of the connection."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from console.model.unstructured import rows, text
from console.sources.errors import SourceError
from console.sources.kubernetes import faults
from console.sources.kubernetes.catalogue import EVENTS, Resource
from console.sources.kubernetes.following import lasting
from console.sources.kubernetes.transport import ANSWER, Call, Transport
from console.sources.kubernetes.watching import batches_of, error_of
from console.sources.stop import Stop

Item = dict[str, Any]
MOST = "500"  # in a list; of events about one object there are ten as a rule, of a node's pods a hundred


class Happenings:
    """``end`` is by the monotonic clock. ``query`` holds the selectors."""

    def __init__(
        self, transport: Transport, resource: Resource, namespace: str, query: Mapping[str, str], end: float
    ) -> None:
        self._transport = transport
        self._resource = resource
        self._path = resource.path(namespace)
        self._query = dict(query)
        self._end = end

    def run(self, stop: Stop) -> Iterator[list[Item] | SourceError]:
        """All of them, in no order, and all of them again after each change.

        While they can't be read, the reason comes instead, and it is tried again. Raises what will not pass by
        waiting (we may not see them). Events that expire stay while they are being read.
        """
        return lasting(lambda: self._connected(stop), self._end, stop)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _connected(self, stop: Stop) -> Iterator[list[Item]]:
        """All objects, then each change, as long as the connection holds."""
        call = Call(self._path, self._query | {"limit": MOST}, doing=f"list {self._resource.title}")
        page = self._transport.request(call, min(ANSWER, max(self._left(), 0.5)), stop).json()
        known = {_key(item): dict(item) for item in rows(page, "items")}
        yield list(known.values())
        query = self._query | {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": text(page, "metadata", "resourceVersion"),
            "timeoutSeconds": str(max(1, int(self._left()) + 1)),
        }
        call = Call(self._path, query, doing=f"watch {self._resource.title}")
        with self._transport.stream(call, stop, max(self._left(), 0.1)) as stream:
            for batch in batches_of(stream.chunks):
                applied = [self._apply(kind, item, known) for kind, item in batch]
                if any(applied):
                    yield list(known.values())
                stream.patience(max(self._left(), 0.1))

    def _apply(self, kind: str, item: Item, known: dict[tuple[str, str], Item]) -> bool:
        """Whether something is to be seen."""
        if kind == "ERROR":
            raise error_of(item)
        if kind == "MALFORMED":
            raise faults.Cut("The Kubernetes API sent a line that is not JSON")
        if kind in {"ADDED", "MODIFIED"}:
            known[_key(item)] = item
            return True
        if kind == "DELETED" and self._resource is not EVENTS:
            return known.pop(_key(item), None) is not None
        return False  # a bookmark


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return text(item, "metadata", "namespace"), text(item, "metadata", "name")
