"""The streams of several kinds become one topic: live when all are, stale when one is not."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from console.model.snapshot import Keyed, Topic
from console.model.unstructured import text
from console.sources.errors import Forbidden, SourceError
from console.sources.kubernetes.catalogue import Resource
from console.sources.kubernetes.watching import Events, Raw
from console.sources.ports import Sink

Key = tuple[str, ...]
# The server works and has said something about this one kind.
_ANSWERED = frozenset({"server-error", "malformed", "not-found", "invalid"})

Project = Callable[[Raw, Any], Keyed | None]
"""The object as it comes, and what was known of it: the value to keep, or None for one that is of no interest."""


class Gathering:
    """Hears the watches of one topic and pours into the sink. Thread-safe.

    Until every kind was read once, nothing is poured: half a list is not shown as a list. While the connection is
    broken, what single streams bring is kept back, so that the topic is not taken for fresh; it is poured as soon as
    all are whole again. A kind for which the server only answers with errors is named and does not hold up the
    others; one that we may not read does not even make the topic stale: it limits it.
    """

    def __init__(self, sink: Sink, topic: Topic, project: Project, vanished: Callable[[], None]) -> None:
        self._sink = sink
        self._topic = topic
        self._project = project
        self._vanished = vanished
        self._lock = threading.Lock()
        self._unread: set[Resource] = set()
        self._broken: dict[Resource, SourceError] = {}
        self._known: dict[Resource, dict[Key, Keyed]] = {}
        self._held: set[Resource] = set()  # kinds with changes that were kept back
        self._forbidden: dict[Resource, Forbidden] = {}

    def expect(self, resources: set[Resource]) -> None:
        """These kinds are watched from now on; what others left goes away."""
        with self._lock:
            for resource in set(self._known) - resources:
                self._known.pop(resource)
                self._broken.pop(resource, None)
                self._forbidden.pop(resource, None)
                self._unread.discard(resource)
                self._held.discard(resource)
            new = resources - set(self._known)
            self._unread |= new
            self._known |= {resource: {} for resource in new}
            self._limit()
            self._pour_all()

    # Hearer

    def whole(self, resource: Resource, objects: Iterator[Raw]) -> None:
        """See Hearer. Each object is projected when it arrives and then let go."""
        before = self._known.get(resource, {})
        now: dict[Key, Keyed] = {}
        for raw in objects:
            key = _key(raw)
            value = self._project(raw, before.get(key))
            if value is not None:
                now[value.key if value.key == key else key] = value  # one tuple for both
        with self._lock:
            if resource not in self._known:
                return
            self._known[resource] = now
            self._held.add(resource)
            self._mend(resource)
            if resource in self._unread:
                self._unread.discard(resource)
                self._pour_all()
            else:
                self._pour_held()

    def changes(self, resource: Resource, events: Events) -> None:
        """See Hearer."""
        with self._lock:
            known = self._known.get(resource)
            if known is None:
                return
            put, gone = self._applied(known, events)
            self._mend(resource)
            if self._quiet():
                self._held.add(resource)
                return
            self._pour_held()
            if gone:
                self._sink.remove(self._topic, gone)
            if put:
                self._sink.put(self._topic, put.values())
            self._complain()

    def current(self, resource: Resource) -> None:
        """See Hearer."""
        with self._lock:
            self._mend(resource)
            if not self._quiet():
                self._pour_held()
                self._sink.fresh(self._topic)
                self._complain()

    def lost(self, resource: Resource, error: SourceError) -> None:
        """See Hearer."""
        if error.kind == "not-found":
            self._vanished()
        with self._lock:
            if resource not in self._known:
                return  # the last word of a watch that was ended
            if isinstance(error, Forbidden):
                self._forbidden[resource] = error
                self._limit()
            else:
                self._broken[resource] = error
                self._sink.failed(self._topic, error)
            if resource in self._unread and (isinstance(error, Forbidden) or error.kind in _ANSWERED):
                self._unread.discard(resource)
                self._pour_all()
            self._complain()

    # Inside; with the lock held

    def _applied(self, known: dict[Key, Keyed], events: Events) -> tuple[dict[Key, Keyed], set[Key]]:
        """(what to put, what to remove) after ``known`` was brought up to date."""
        put: dict[Key, Keyed] = {}
        gone: set[Key] = set()
        for kind, raw in events:
            key = _key(raw)
            old = known.get(key)
            value = None if kind == "DELETED" else self._project(raw, old)
            if value is not None:
                known[value.key if value.key == key else key] = put[value.key] = value
                gone.discard(value.key)
            elif old is not None:
                del known[key]
                put.pop(old.key, None)
                gone.add(old.key)
        return put, gone

    def _quiet(self) -> bool:
        """Whether to keep back what comes."""
        return bool(self._unread) or any(error.kind not in _ANSWERED for error in self._broken.values())

    def _mend(self, resource: Resource) -> None:
        self._broken.pop(resource, None)
        if self._forbidden.pop(resource, None):
            self._limit()

    def _limit(self) -> None:
        """Tell which kinds we may not read; when there are no others, the topic has failed, and that is told."""
        found = [self._forbidden[resource] for resource in sorted(self._forbidden, key=lambda r: r.title)]
        limits = () if len(found) == len(self._known) else tuple(error.problem for error in found)
        self._sink.limited(self._topic, limits)

    def _complain(self) -> None:
        """What was poured made the topic live; say again that not all of it is."""
        error = next(iter(self._broken.values()), None)
        if error is None and len(self._forbidden) == len(self._known):
            error = next(iter(self._forbidden.values()), None)
        if error:
            self._sink.failed(self._topic, error)

    def _pour_held(self) -> None:
        if self._quiet():
            return
        for resource in self._held:
            self._sink.replace(self._topic, self._known[resource].values(), self._prefix(resource))
        self._held.clear()
        self._complain()

    def _pour_all(self) -> None:
        if self._quiet():
            return
        self._held.clear()
        self._sink.replace(self._topic, [value for values in self._known.values() for value in values.values()])
        self._complain()

    def _prefix(self, resource: Resource) -> Key:
        """Topics of several kinds have the kind first in their keys."""
        return (resource.kind,) if self._topic in {Topic.FLUX, Topic.TUPPR} else ()


def _key(raw: Raw) -> Key:
    """What names an object, as far as it can be told."""
    return (text(raw, "kind"), text(raw, "metadata", "namespace"), text(raw, "metadata", "name"))
