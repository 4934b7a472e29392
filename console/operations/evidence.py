"""Looks at what an upgrade meets while it is under way: its jobs' logs, the pods a drain may not evict, its events.

All of it is watched, none of it polled, and only while tuppr is at work: at rest nothing is asked. A job's log is kept
when the cluster has removed the job's pod, which tuppr asks for five minutes after its end (tuppr 0.5.0).
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.model.evidence import Happened, blockers, job_of
from console.model.flux import FluxKey
from console.model.flux_detail import seen_at
from console.model.snapshot import Problem, Snapshot, Topic
from console.model.unstructured import moment, text
from console.model.upgrades import TupprUpgrade
from console.operations.joblog import FollowedLog, Writings
from console.operations.passes import Cluster as Following
from console.sources.errors import HomeconsoleError, SourceError
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.store import Store

_LONGEST = 86400.0  # seconds of one watch
_LATELY = timedelta(minutes=15)  # after a failure the job's pod may still be there
_REST = frozenset({"", "Completed", "MaintenanceWindow"})
_DRAINING = frozenset({"Draining", "Upgrading"})  # talosctl 1.13 drains itself, after the installer
_PODS = "app.kubernetes.io/part-of=tuppr"

Objects = list[dict[str, Any]]


class Cluster(Following, Writings, Protocol):
    """A Cluster that can also be listened to."""

    def happenings(self, key: FluxKey, *, timeout: float, stop: Stop) -> Iterator[Objects | SourceError]:
        """The events about one object, newest first, and again after each new one."""

    def chosen(
        self, api_version: str, kind: str, *, labels: str = "", fields: str = "", timeout: float, stop: Stop
    ) -> Iterator[Objects | SourceError]:
        """All objects that the selectors choose, and again after each change of one."""


class Evidence:
    """A Source for Topic.EVIDENCE. ``cluster`` gives the cluster, or raises SourceError."""

    topics = (Topic.EVIDENCE,)

    def __init__(self, store: Store, cluster: Callable[[], Cluster], now: Callable[[], datetime]) -> None:
        self._store = store
        self._cluster = cluster
        self._now = now
        self._changed = threading.Event()

    def refresh(self) -> None:
        """See Source."""
        self._changed.set()

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source. The topic is live when all that is under way was looked at once."""
        looks: dict[tuple[str, ...], _Look] = {}
        cluster: Cluster | None = None
        try:
            with self._store.listening(self._listen), stop.closing(self._changed.set):
                while not stop.is_set():
                    snapshot = self._store.snapshot()
                    wanted = _wanted(snapshot)
                    if wanted and cluster is not (found := self._cluster()):
                        _end(looks, set(looks))  # the way to the cluster is another one
                        cluster = found
                    _end(looks, looks.keys() - wanted.keys())
                    if cluster:
                        for key in wanted.keys() - looks.keys():
                            looks[key] = _Look(wanted[key](cluster, sink, self._now), self._changed.set)
                    if snapshot[Topic.TUPPR].freshness.at or snapshot[Topic.TUPPR].freshness.problem:
                        self._report(sink, list(looks.values()))
                    self._changed.wait()
                    self._changed.clear()
        finally:
            _end(looks, set(looks))

    def _listen(self, topics: frozenset[Topic]) -> None:
        if Topic.TUPPR in topics:
            self._changed.set()

    @staticmethod
    def _report(sink: Sink, looks: "list[_Look]") -> None:
        if all(look.looked for look in looks):
            sink.limited(Topic.EVIDENCE, tuple(dict.fromkeys(look.problem for look in looks if look.problem)))
            sink.fresh(Topic.EVIDENCE)


Work = Callable[[Stop, Callable[[Problem | None], None]], None]
Make = Callable[[Cluster, Sink, Callable[[], datetime]], Work]


def _wanted(snapshot: Snapshot) -> dict[tuple[str, ...], Make]:
    """What is to be looked at now."""
    found: dict[tuple[str, ...], Make] = {}
    for each in snapshot[Topic.TUPPR].items.values():
        if not _works(each, snapshot.at):
            continue
        found[("jobs",)] = _jobs
        found[("events", *each.key)] = _events(each.kind, each.name)
        if each.system == "talos" and each.phase in _DRAINING:
            found |= {("drain", node): _drain(node) for node in each.current_nodes}
    return found


def _works(each: TupprUpgrade, now: datetime) -> bool:
    """Whether tuppr has something to do, or has just given up."""
    if each.phase == "Failed":
        return each.updated is not None and now - each.updated < _LATELY
    return each.suspended is None and (each.phase not in _REST or not each.seen)


class _Look:
    """One watch in a thread of its own. ``looked``: it has told something, or why it can't."""

    def __init__(self, work: Work, changed: Callable[[], None]) -> None:
        self.looked = False
        self.problem: Problem | None = None
        self._changed = changed
        self._stop = Stop()
        self._thread = threading.Thread(target=self._run, args=(work,), name="evidence", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """And wait for it."""
        self._stop.set()
        self._thread.join(3)

    def _run(self, work: Work) -> None:
        try:
            work(self._stop, self._told)
        except HomeconsoleError as error:
            self._told(error.problem)

    def _told(self, problem: Problem | None) -> None:
        if not self.looked or self.problem != problem:
            self.looked, self.problem = True, problem
            self._changed()


def _end(looks: dict[tuple[str, ...], _Look], keys: Iterable[tuple[str, ...]]) -> None:
    for key in list(keys):
        looks.pop(key).end()


def _whole(
    lists: Iterable[Objects | SourceError], stop: Stop, told: Callable[[Problem | None], None]
) -> Iterator[Objects]:
    """The lists; while they can't be read, only the first time that is told: the topic's life says the rest."""
    for found in lists:
        if stop.is_set():
            return
        if isinstance(found, SourceError):
            told(None)
            continue
        yield found
        told(None)


def _events(kind: str, name: str) -> Make:
    def make(cluster: Cluster, sink: Sink, now: Callable[[], datetime]) -> Work:
        del now

        def work(stop: Stop, told: Callable[[Problem | None], None]) -> None:
            lists = cluster.happenings(FluxKey(kind, "", name), timeout=_LONGEST, stop=stop)
            for found in _whole(lists, stop, told):
                if found:
                    event = found[0]
                    said = Happened(kind, name, text(event, "reason"), text(event, "message")[:500], seen_at(event))
                    sink.put(Topic.EVIDENCE, [said])

        return work

    return make


def _drain(node: str) -> Make:
    """The pods of a node beside the budgets: what may not leave it now."""

    def make(cluster: Cluster, sink: Sink, now: Callable[[], datetime]) -> Work:
        del now

        def work(stop: Stop, told: Callable[[Problem | None], None]) -> None:
            budgets = cluster.chosen("policy/v1", "PodDisruptionBudget", timeout=_LONGEST, stop=stop)
            pods = cluster.chosen("v1", "Pod", fields=f"spec.nodeName={node}", timeout=_LONGEST, stop=stop)
            beside = _Beside(lambda pods, budgets: blockers(node, pods, budgets), sink, ("blocker", node))
            try:
                with _aside(lambda: beside.take(0, _whole(pods, stop, lambda _: None)), told):
                    beside.take(1, _whole(budgets, stop, told))
            finally:
                sink.replace(Topic.EVIDENCE, [], ("blocker", node))

        return work

    return make


class _Beside:
    """Two lists that mean something together."""

    def __init__(self, meaning: Callable[[Objects, Objects], list[Any]], sink: Sink, prefix: tuple[str, ...]) -> None:
        self._meaning = meaning
        self._sink = sink
        self._prefix = prefix
        self._lock = threading.Lock()
        self._known: list[Objects | None] = [None, None]

    def take(self, place: int, lists: Iterable[Objects]) -> None:
        """Whenever one of the two changes."""
        for found in lists:
            with self._lock:
                self._known[place] = found
                one, other = self._known
                if one is not None and other is not None:
                    self._sink.replace(Topic.EVIDENCE, self._meaning(one, other), self._prefix)


@contextlib.contextmanager
def _aside(work: Callable[[], None], told: Callable[[Problem | None], None]) -> Iterator[None]:
    """While inside, ``work`` runs in a thread of its own; it ends by the same stop."""

    def run() -> None:
        try:
            work()
        except HomeconsoleError as error:
            told(error.problem)

    thread = threading.Thread(target=run, name="evidence-pods", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(3)


def _jobs(cluster: Cluster, sink: Sink, now: Callable[[], datetime]) -> Work:
    """The pods of tuppr's jobs, and what each writes."""

    def work(stop: Stop, told: Callable[[Problem | None], None]) -> None:
        logs: dict[str, FollowedLog] = {}
        unread: list[Problem] = []
        lists = cluster.chosen("v1", "Pod", labels=_PODS, timeout=_LONGEST, stop=stop)
        try:
            for found in _whole(lists, stop, lambda _: told(unread[0] if unread else None)):
                for pod in found:
                    job = job_of(pod)
                    if job and job.pod not in logs:
                        started = moment(pod, "status", "startTime") or now()
                        where = text(pod, "metadata", "namespace")
                        logs[job.pod] = FollowedLog(cluster, sink, where, replace(job, started=started), unread)
                    if job:
                        logs[job.pod].stands(job.state)
        finally:
            for log in logs.values():
                log.end()

    return work
