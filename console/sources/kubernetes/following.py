"""One object, followed until a deadline, through losses of the connection."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from console.model.unstructured import rows, text
from console.sources.errors import CLOSED, Refused, SourceError, TimedOut, Unauthorized, Unreachable
from console.sources.kubernetes import faults
from console.sources.kubernetes.catalogue import Resource
from console.sources.kubernetes.transport import ANSWER, Call, Transport
from console.sources.kubernetes.watching import events_of
from console.sources.stop import Stop

PAUSES = (0.2, 0.5, 1.0, 2.0)

T = TypeVar("T")


def lasting(connected: Callable[[], Iterator[T]], end: float, stop: Stop) -> Iterator[T | SourceError]:
    """What one connection after the other gives, until ``end`` (by the monotonic clock) or ``stop``.

    While there is none, the reason comes instead, and it is tried again. Raises what will not pass by waiting.
    After each connection that ended soon comes a pause, however it ended: a longer one when the last did too.
    """
    failures = soon = 0
    while not stop.is_set() and (began := time.monotonic()) < end:
        asked = 0.0
        try:
            for item in connected():
                failures = 0
                yield item
        except (Unreachable, TimedOut, Unauthorized) as error:
            if stop.is_set() or time.monotonic() >= end:
                return
            if error.kind == CLOSED:
                raise
            failures += 1
            if failures > 1 or not isinstance(error, faults.Cut):
                yield error
            asked = error.pause if isinstance(error, faults.Busy) else 0.0
        except faults.Gone:
            pass  # its first answer is a new list
        soon = soon + 1 if time.monotonic() - began < PAUSES[-1] else 0
        tries = max(soon, failures)
        pause = asked or (PAUSES[min(tries, len(PAUSES)) - 1] if tries else 0.0)
        stop.wait(min(pause, max(end - time.monotonic(), 0)))


class Following:
    """``end`` is by the monotonic clock."""

    def __init__(self, transport: Transport, resource: Resource, name: str, namespace: str, end: float) -> None:
        self._transport = transport
        self._resource = resource
        self._name = name
        self._namespace = namespace
        self._end = end

    def run(self, stop: Stop) -> Iterator[dict[str, Any] | SourceError]:
        """See ``KubernetesCluster.follow``."""
        return lasting(lambda: self._connected(stop), self._end, stop)

    def _left(self) -> float:
        return self._end - time.monotonic()

    def _connected(self, stop: Stop) -> Iterator[dict[str, Any]]:
        """The object, then its changes as long as the connection holds.

        It comes by a list of one, whose resourceVersion is the present: the object's own may be older than what the
        server remembers.
        """
        path = self._resource.path(self._namespace)
        query = {"fieldSelector": f"metadata.name={self._name}"}
        call = Call(path, query, doing=f"list {self._resource.title}")
        page = self._transport.request(call, min(ANSWER, max(self._left(), 0.5)), stop).json()
        item = next(iter(rows(page, "items")), None)
        if item is None:
            raise Refused(f"There is no {self._resource.kind} {self._name}", kind="not-found")
        yield {"apiVersion": self._resource.api_version, "kind": self._resource.kind, **item}
        query |= {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": text(page, "metadata", "resourceVersion"),
            "timeoutSeconds": str(max(1, int(self._left()) + 1)),
        }
        call = Call(path, query, doing=f"watch {self._resource.title}")
        with self._transport.stream(call, stop, max(self._left(), 0.1)) as stream:
            for kind, changed in events_of(stream.chunks):
                if kind == "DELETED":
                    raise Refused(f"{self._resource.kind} {self._name} was deleted meanwhile", kind="not-found")
                if kind in {"ADDED", "MODIFIED"}:
                    yield changed
                stream.patience(max(self._left(), 0.1))
