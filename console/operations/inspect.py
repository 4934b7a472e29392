"""One object whole, and anew after each change of it or of its events, as long as somebody looks."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from console.model.flux import FluxKey
from console.model.flux_detail import Detail, Occurrence, detail, occurrence
from console.model.snapshot import Problem
from console.operations.passes import Cluster as Following
from console.operations.passes import known
from console.sources.errors import HomeconsoleError, Refused, SourceError
from console.sources.stop import Stop

LONGEST = 12 * 3600.0  # seconds that one look lasts

Manifest = Callable[[dict[str, Any]], str]
"""The object as a text to read, without what must not be shown."""

_Change = Callable[[Detail], Detail]


class Cluster(Following, Protocol):
    """A Cluster that can also follow the events about an object."""

    def happenings(self, key: FluxKey, *, timeout: float, stop: Stop) -> Iterator[list[dict[str, Any]] | SourceError]:
        """The events, newest first, and again after each new one; in between what keeps them away."""


def inspect(cluster: Cluster, key: FluxKey, manifest: Manifest) -> Detail:
    """The object now. Raises SourceError; events that can't be read are left out."""
    raw = cluster.get(known(key).api_version, key.kind, key.name, key.namespace)
    return replace(detail(raw, key), manifest=manifest(raw), events=_events(cluster, key))


def watch(cluster: Cluster, key: FluxKey, manifest: Manifest, stop: Stop) -> Iterator[Detail]:
    """The object now, and again after each change, until ``stop``, or the iterator is closed, or ``LONGEST`` is over.

    Raises SourceError when it can't be read at the beginning. Later losses stand in ``problem`` and mend by themselves;
    after a deletion the last thing that was known comes once more, ``gone``.
    """
    now = inspect(cluster, key, manifest)
    yield now
    changes: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
    inner = Stop()
    threads = [
        threading.Thread(target=_object, args=(cluster, key, manifest, inner, changes), name="inspect", daemon=True),
        threading.Thread(target=_told, args=(cluster, key, inner, changes), name="inspect-events", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        with stop.closing(inner.set), stop.closing(lambda: changes.put(None)):
            while (change := changes.get()) is not None:
                changed = change(now)
                if changed != now:
                    now = changed
                    yield now
                if now.gone:
                    return
    finally:
        inner.set()
        for thread in threads:
            thread.join()


def _object(
    cluster: Cluster, key: FluxKey, manifest: Manifest, stop: Stop, changes: "queue.SimpleQueue[_Change | None]"
) -> None:
    version = known(key).api_version
    try:
        for seen in cluster.follow(version, key.kind, key.name, key.namespace, timeout=LONGEST, stop=stop):
            if isinstance(seen, SourceError):
                changes.put(_problem(seen.problem))
            else:
                changes.put(_anew(seen, key, manifest))
    except Refused as error:
        changes.put(_gone if error.kind == "not-found" else _problem(error.problem))
    except HomeconsoleError as error:
        changes.put(_problem(error.problem))
    finally:
        changes.put(None)


def _told(cluster: Cluster, key: FluxKey, stop: Stop, changes: "queue.SimpleQueue[_Change | None]") -> None:
    try:
        for seen in cluster.happenings(key, timeout=LONGEST, stop=stop):
            if not isinstance(seen, SourceError):  # the object's own stream tells of what keeps both away
                changes.put(_happened(tuple(map(occurrence, seen))))
    except HomeconsoleError:
        return  # we may not see events; the rest is worth looking at all the same


def _anew(raw: dict[str, Any], key: FluxKey, manifest: Manifest) -> _Change:
    return lambda now: replace(detail(raw, key), manifest=manifest(raw), events=now.events)


def _happened(events: tuple[Occurrence, ...]) -> _Change:
    return lambda now: replace(now, events=events)


def _problem(problem: Problem) -> _Change:
    return lambda now: replace(now, problem=problem)


def _gone(now: Detail) -> Detail:
    return replace(now, gone=True, problem=None)


def _events(cluster: Cluster, key: FluxKey) -> tuple[Occurrence, ...]:
    try:
        return tuple(map(occurrence, cluster.events(key)))
    except HomeconsoleError:
        return ()
