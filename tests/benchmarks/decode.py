"""From the bytes of a watch to the store, on one core: events a second, beside ``json.loads`` of the same lines."""

import gc
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from console.model.flux_kinds import KINDS
from console.model.flux_projection import project
from console.model.snapshot import Topic
from console.sources.kubernetes.catalogue import Resource
from console.sources.kubernetes.gathering import Gathering
from console.sources.kubernetes.transport import PIECE
from console.sources.kubernetes.watching import batches_of
from console.store import Store
from console.ui.bridge import COLLECTED_AFTER
from tests.benchmarks.figure import Figure, least, paired
from tests.benchmarks.fluxserver import OWN_KINDS, manifest, status

_OBJECTS = 2_000
_TURNS = 3  # how often each changes

Streams = dict[str, bytes]  # by kind, as each has a watch of its own


def measure(runs: int) -> Iterator[Figure]:
    """CPU time, so that other work on the machine does not count."""
    streams = _streams()
    _poured(streams)
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTED_AFTER)  # as while the console runs
    ours, theirs = paired((_poured(streams), _parsed(streams)) for _ in range(runs))
    gc.set_threshold(*before)
    size = sum(map(len, streams.values())) / (_OBJECTS * _TURNS) / 1000
    why = (
        f"an event has {size:.1f} kB; reading some thirty facts from it, so that nothing of it need be kept, takes "
        "Python more than twice as long as parsing its JSON"
    )
    yield Figure("watch decode to store", "events/s CPU", ours, "json.loads alone", theirs, least(20_000), why)


def _streams() -> Streams:
    """Every object as it comes, and then changing, as large as real ones are."""
    found = dict.fromkeys(OWN_KINDS, b"")
    for turn in range(_TURNS):
        for number in range(_OBJECTS):
            changed: dict[str, Any] = manifest(number) | {"status": status(number, turn)}
            changed["metadata"] |= {
                "uid": str(UUID(int=number)),
                "creationTimestamp": "2026-11-01T09:00:00Z",
                "generation": 1,
                "resourceVersion": str(turn * _OBJECTS + number),
            }
            event = {"type": "MODIFIED" if turn else "ADDED", "object": changed}
            found[changed["kind"]] += json.dumps(event, separators=(",", ":")).encode() + b"\n"
    return found


def _poured(streams: Streams) -> float:
    """Events a second."""
    store = Store()
    gathering = Gathering(store, Topic.FLUX, project, lambda: None)
    resources = {name: _resource(name) for name in streams}
    gathering.expect(set(resources.values()))
    for resource in resources.values():
        gathering.whole(resource, iter(()))
    began = time.thread_time()
    for name, stream in streams.items():
        for batch in batches_of(stream[at : at + PIECE] for at in range(0, len(stream), PIECE)):
            gathering.changes(resources[name], batch)
    took = time.thread_time() - began
    assert len(store.table(Topic.FLUX).items) == _OBJECTS
    return _OBJECTS * _TURNS / took


def _resource(kind: str) -> Resource:
    group, _, version = KINDS[kind].api_version.partition("/")
    return Resource(group, version, kind, f"{kind.lower()}s", namespaced=True)


def _parsed(streams: Streams) -> float:
    """Events a second."""
    lines = [line for stream in streams.values() for line in stream.splitlines()]
    began = time.thread_time()
    for line in lines:
        json.loads(line)
    return len(lines) / (time.thread_time() - began)
