"""One stream of changes to all objects of one kind, for as long as it takes.

The list comes as a stream where the server has that (KEP-3157), else in pages. After that only changes come; a
stream that ends is opened again from the last resourceVersion, and only a server that has forgotten it (410) is asked
for everything again. Between changes nothing is asked.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import orjson

from console.model.unstructured import at, mapping, number, text
from console.sources.errors import Forbidden, HomeconsoleError, Malformed, Refused, SourceError, TimedOut, Unreachable
from console.sources.kubernetes import faults
from console.sources.kubernetes.catalogue import Resource
from console.sources.kubernetes.transport import JSON, Call, Stream, Transport
from console.sources.stop import Stop

Raw = dict[str, Any]
Events = list[tuple[str, Raw]]

PAGE = 500
FIRST = 10.0  # seconds between two pieces of a streamed list: a server that ignores the wish says nothing more
PAUSES = (0.2, 0.5, 1.0, 2.0, 3.0)
FORBIDDEN = 30.0
_END_OF_LIST = "k8s.io/initial-events-end"
_LONGEST_LINE = 64 * 1024 * 1024


class Hearer(Protocol):
    """Who is told. Called in the watch's thread."""

    def whole(self, resource: Resource, objects: Iterator[Raw]) -> None:
        """These are all. The iterator may raise: then nothing of it counts."""

    def changes(self, resource: Resource, events: Events) -> None:
        """``ADDED``, ``MODIFIED``, ``DELETED``, each with its object."""

    def current(self, resource: Resource) -> None:
        """Connected; what was told is what there is."""

    def lost(self, resource: Resource, error: SourceError) -> None:
        """What was told may be old by now; it is tried again."""


class Watch:
    """Follows one kind. ``pause`` waits between two tries and says whether to end."""

    def __init__(
        self,
        transport: Transport,
        resource: Resource,
        hearer: Hearer,
        pause: Callable[[float], bool],
        *,
        accept: str = JSON,
        fields: str = "",
    ) -> None:
        self._transport = transport
        self._resource = resource
        self._hearer = hearer
        self._pause = pause
        self._accept = accept
        self._selector = {"fieldSelector": fields} if fields else {}
        self._version = ""  # resourceVersion to go on from; empty: everything is asked for
        self._streamed = True  # whether the server streams lists, until it says that it does not
        self._broken_lines = 0

    def run(self, stop: Stop) -> None:
        """Until ``stop``."""
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._once(stop)
                failures = 0
                wait = 0.0 if time.monotonic() - began > 1 else PAUSES[0]
            except faults.Gone:
                self._version = ""
                failures += 1
                wait = 0.0 if failures == 1 else PAUSES[min(failures, len(PAUSES)) - 1]
            except faults.Unsupported:
                self._streamed = False
                wait = 0.0
            except HomeconsoleError as error:
                if stop.is_set():
                    return
                failures = 1 if time.monotonic() - began > PAUSES[-1] else failures + 1
                wait = self._told(error, failures)
            if stop.is_set() or self._pause(wait):
                return

    def _told(self, error: HomeconsoleError, failures: int) -> float:
        """Tell that the stream broke, unless it may be back at once; gives the seconds to wait."""
        lost = error if isinstance(error, SourceError) else Malformed(error.message, error.hint, kind=error.kind)
        if lost.kind in {"server-error", "malformed", "not-found", "invalid"}:
            lost = Malformed(f"{self._resource.title}: {lost.message}", lost.hint, kind=lost.kind)
        if failures > 1 or not isinstance(error, faults.Cut):
            self._hearer.lost(self._resource, lost)
        if isinstance(error, faults.Busy):
            return error.pause
        if isinstance(error, Forbidden):
            return FORBIDDEN
        pause = PAUSES[min(failures, len(PAUSES)) - 1]
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - so that twenty streams do not come back at once

    def _once(self, stop: Stop) -> None:
        """One connection, to its end."""
        if not self._version and not self._streamed:
            self._list(stop)
        query = {"watch": "1", "allowWatchBookmarks": "true", **self._selector}
        if self._version:
            query["resourceVersion"] = self._version
        else:
            query |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        call = Call(self._resource.path(), query, accept=self._accept, doing=f"watch {self._resource.title}")
        opened = False
        try:
            with self._transport.stream(call, stop, None if self._version else FIRST) as stream:
                opened = True
                self._follow(stream)
        except (Refused, TimedOut) as error:
            if not self._version and (opened or error.kind == "invalid"):
                raise faults.Unsupported(error.message) from error
            raise

    def _follow(self, stream: Stream) -> None:
        batches = batches_of(stream.chunks)
        if not self._version:
            rest = self._streamed_list(batches)
            stream.patience(None)
            self._take(rest)
            del rest
        self._hearer.current(self._resource)
        for batch in batches:
            self._take(batch)
            del batch  # nothing of it is kept while the next one is waited for

    def _list(self, stop: Stop) -> None:
        def pages() -> Iterator[Raw]:
            query = {"limit": str(PAGE), **self._selector}
            while True:
                call = Call(self._resource.path(), query, accept=self._accept, doing=f"list {self._resource.title}")
                page = self._transport.request(call, stop=stop).json()
                for item in page.get("items") or []:
                    if isinstance(item, dict):
                        yield {"kind": self._resource.kind, "apiVersion": self._resource.api_version} | item
                self._version = text(page, "metadata", "resourceVersion")
                token = text(page, "metadata", "continue")
                if not token:
                    return
                query["continue"] = token

        try:
            self._hearer.whole(self._resource, pages())
        except BaseException:
            self._version = ""
            raise

    def _streamed_list(self, batches: Iterator[Events]) -> Events:
        """Hand over the initial events as one whole; gives those of the last batch that came behind them."""
        rest: Events = []
        ended = ""

        def initial() -> Iterator[Raw]:
            nonlocal rest, ended
            for batch in batches:
                for index, (kind, item) in enumerate(batch):
                    if kind == "BOOKMARK" and text(item, "metadata", "annotations", _END_OF_LIST) == "true":
                        rest, ended = batch[index + 1 :], text(item, "metadata", "resourceVersion")
                        return
                    if kind == "ERROR":
                        raise error_of(item)
                    if kind in {"ADDED", "MODIFIED"}:
                        yield item
            raise faults.Cut("The list of the Kubernetes API ended before its end")

        self._hearer.whole(self._resource, initial())
        self._version = ended
        return rest

    def _take(self, batch: Events) -> None:
        changes: Events = []
        failure: SourceError | None = None
        for kind, item in batch:
            if kind == "ERROR":
                failure = error_of(item)
                break
            if kind == "MALFORMED":
                failure = self._garbled()
                break
            self._version = text(item, "metadata", "resourceVersion") or self._version
            self._broken_lines = 0
            if kind != "BOOKMARK":
                changes.append((kind, item))
        if changes:
            self._hearer.changes(self._resource, changes)
        elif failure is None and batch:
            self._hearer.current(self._resource)
        if failure:
            raise failure

    def _garbled(self) -> SourceError:
        """A line that is no event: go on from the last good one; if that does not help, ask for everything."""
        self._broken_lines += 1
        if self._broken_lines > 1:
            self._broken_lines = 0
            return faults.Gone("The stream can't be read")
        return faults.Cut("The Kubernetes API sent a line that is not JSON")


def events_of(chunks: Iterator[bytes]) -> Iterator[tuple[str, Raw]]:
    """Events one by one, as they arrive; an ERROR is raised."""
    for batch in batches_of(chunks):
        for kind, item in batch:
            if kind == "ERROR":
                raise error_of(item)
            if kind == "MALFORMED":
                raise faults.Cut("The Kubernetes API sent a line that is not JSON")
            yield kind, item


def batches_of(chunks: Iterator[bytes]) -> Iterator[Events]:
    """Events as they arrive: all whole lines of a chunk together. What is cut off at the end is dropped."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else (rest + chunk,)
        if len(rest) > _LONGEST_LINE:
            raise Malformed("The Kubernetes API sends an event without end")
        events = [_event(line) for line in lines if line.strip()]
        del chunk, lines
        if events:
            yield events
        del events


def _event(line: bytes) -> tuple[str, Raw]:
    try:
        event = orjson.loads(line)
    except ValueError:
        return "MALFORMED", {}
    kind, item = text(event, "type"), at(event, "object")
    return (kind, item) if kind and isinstance(item, dict) else ("MALFORMED", {})


def error_of(status: Mapping[str, Any]) -> SourceError:
    """An ERROR event's Status as the error that it is."""
    code, message = number(status, "code"), text(status, "message") or "the watch failed"
    if code == 410 or text(status, "reason") in {"Expired", "Gone"}:
        return faults.Gone(message)
    if code == 429:
        return faults.Busy(message, number(mapping(status, "details"), "retryAfterSeconds") or 1)
    return Unreachable(f"The Kubernetes API ended a watch: {message}", "It is tried again.", kind="server-error")
