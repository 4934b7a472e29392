"""Keeps a preflight of every node upgrade that waits, and of what else was asked for, as the facts change."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from console.model.clusterfacts import cni
from console.model.finding import Preflight
from console.model.flux import FluxObject, Status
from console.model.nodes import TalosNode
from console.model.snapshot import Life, Snapshot, Topic
from console.model.updates import Update
from console.operations.ports import Repository
from console.operations.preflight import preflight
from console.sources.errors import Malformed
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.store import Store

PATIENCE = 10.0  # seconds that the first ones wait for what they are made of, so that it is shown before them
_WATCHED = frozenset({Topic.UPDATES, Topic.TUPPR, Topic.KUBERNETES, Topic.TALOS, Topic.FLUX, Topic.WORKLOADS})


class Assessments:
    """A Source for Topic.ASSESSMENTS. It polls nothing: it listens to the store and looks again when a fact changed."""

    topics = (Topic.ASSESSMENTS,)

    def __init__(
        self,
        store: Store,
        repository: Callable[[], Repository],
        now: Callable[[], datetime],
        check: Callable[[Update, Snapshot], Preflight] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._store = store
        self._patience = patience
        self._check = check or (lambda update, snapshot: preflight(update, repository(), snapshot, now()))
        self._changed = threading.Event()
        self._wanted: set[str] = set()
        self._again = True

    def want(self, branch: str) -> None:
        """Keep a preflight of this update too."""
        self._wanted.add(branch)
        self.refresh()

    def refresh(self) -> None:
        """See Source."""
        self._again = True
        self._changed.set()

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source."""
        seen: Any = None
        with self._store.listening(self._listen), stop.closing(self._changed.set):
            self._let_others_begin(stop)
            while not stop.is_set():
                snapshot = self._store.snapshot()
                facts = _facts(snapshot)
                if snapshot[Topic.UPDATES].freshness.at and (facts != seen or self._again):
                    self._again = False
                    sink.replace(Topic.ASSESSMENTS, self._assess(snapshot))
                    seen = facts
                self._changed.wait()
                self._changed.clear()

    def _let_others_begin(self, stop: Stop) -> None:
        """Until all facts have been read once, or have failed; none is waited for when somebody wants to know."""
        end = time.monotonic() + self._patience
        while not (stop.is_set() or self._wanted or _all_read(self._store.snapshot())):
            if not self._changed.wait(max(0.0, end - time.monotonic())):
                return
            self._changed.clear()

    def _listen(self, topics: frozenset[Topic]) -> None:
        if topics & _WATCHED:
            self._changed.set()

    def _assess(self, snapshot: Snapshot) -> list[Preflight]:
        updates: list[Update] = list(snapshot[Topic.UPDATES].items.values())
        wanted = [u for u in updates if (u.system and u.state != "applied") or u.branch in self._wanted]
        found: list[Preflight] = []
        for update in wanted:
            try:
                found.append(self._check(update, snapshot))
            except Malformed:  # this one can't be read; the others can
                continue
        return found


def _all_read(snapshot: Snapshot) -> bool:
    return all(snapshot[topic].freshness.life is not Life.WAITING for topic in _WATCHED)


def _facts(snapshot: Snapshot) -> Any:
    """All that a preflight depends on, without what changes by the second: loads, ages, messages."""
    talos: list[TalosNode] = list(snapshot[Topic.TALOS].items.values())
    flux: list[FluxObject] = list(snapshot[Topic.FLUX].items.values())
    return (
        dict(snapshot[Topic.UPDATES].items),
        dict(snapshot[Topic.TUPPR].items),
        dict(snapshot[Topic.KUBERNETES].items),
        cni(snapshot[Topic.WORKLOADS].items.values()),
        [(n.name, n.talos, n.role, n.stage, n.problem, n.diagnostics, n.time_synced, _etcd(n)) for n in talos],
        {(o.key, o.status) for o in flux if o.status in {Status.FAILED, Status.STALLED, Status.SUSPENDED}},
        {topic: fresh.problem for topic in _WATCHED if (fresh := snapshot[topic].freshness).at is None},
    )


def _etcd(node: TalosNode) -> Any:
    return (node.etcd.errors, node.etcd.learner) if node.etcd else None
