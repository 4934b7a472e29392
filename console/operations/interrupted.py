"""Approvals that an earlier run left in the middle: told, and, once writing is on, taken up to their end."""

import threading
from collections.abc import Callable, Generator
from datetime import datetime

from console.model.review import Approval, ApprovalState, UnfinishedApproval
from console.model.snapshot import Topic
from console.model.step import Step
from console.model.updates import RepositoryState
from console.operations.approve import resume, unfinished
from console.operations.journal import Journal
from console.operations.order import Order
from console.operations.ports import Repository
from console.sources.errors import NotConfigured, Refused, SourceError
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.store import Store

# It is left for later: another console is at it, this one ends, or the journal's disk is full.
_LATER = frozenset({"busy", "stopped", "journal"})


class Interrupted:
    """A Source for Topic.APPROVALS: what the journal has no end for when it begins.

    ``repository`` gives the repository, or raises NotConfigured while there is none. An approval is taken up when the
    repository was fetched (since ``began``) and ``writable``; each fetch is one chance. ``done`` is called when main
    has moved.
    """

    topics = (Topic.APPROVALS,)

    def __init__(
        self,
        store: Store,
        repository: Callable[[], Repository],
        journal: Journal,
        *,
        writable: Callable[[], bool],
        done: Callable[[], None],
        began: datetime,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._repository = repository
        self._journal = journal
        self._writable = writable
        self._done = done
        self._began = began
        self._now = now
        self._changed = threading.Event()
        self._tried: datetime | None = None
        self._waiting: dict[str, Order] = {}

    def refresh(self) -> None:
        """See Source."""
        self._changed.set()

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source."""
        self._waiting = {order.id: order for order in unfinished(self._journal)}
        sink.replace(Topic.APPROVALS, [told(order) for order in self._waiting.values()])
        with self._store.listening(self._listen), stop.closing(self._changed.set):
            while not stop.is_set():
                self._look(sink, stop)
                self._changed.wait()
                self._changed.clear()

    def _listen(self, topics: frozenset[Topic]) -> None:
        if Topic.REPOSITORY in topics:
            self._changed.set()

    def _look(self, sink: Sink, stop: Stop) -> None:
        try:
            repository = self._repository()
        except NotConfigured:
            return
        for order in list(self._waiting.values()):
            if (order.repository, order.target) != (repository.url, repository.branch):
                del self._waiting[order.id]  # the console of that repository takes it up
                sink.remove(Topic.APPROVALS, [told(order).key])
        fetched = self._fetched()
        if fetched and fetched != self._tried and self._writable():
            self._tried = fetched
            for order in list(self._waiting.values()):
                if not stop.is_set():
                    self._take_up(order, repository, sink, stop)

    def _fetched(self) -> datetime | None:
        """When the repository was fetched in this run; None before."""
        state: RepositoryState | None = self._store.table(Topic.REPOSITORY).items.get(("repository",))
        return state.fetched_at if state and state.fetched_at and state.fetched_at >= self._began else None

    def _take_up(self, order: Order, repository: Repository, sink: Sink, stop: Stop) -> None:
        sink.put(Topic.APPROVALS, [told(order, "running")])
        came_of_it = self._carried_out(order, repository, stop)
        if came_of_it.state != "waiting":
            del self._waiting[order.id]
        sink.put(Topic.APPROVALS, [came_of_it])
        if came_of_it.state == "pushed":
            self._done()

    def _carried_out(self, order: Order, repository: Repository, stop: Stop) -> UnfinishedApproval:
        try:
            done = _result(resume(order, repository, self._journal, self._now, stop))
        except Refused as error:
            return told(order, "waiting" if error.kind in _LATER else "refused", error.message)
        except SourceError as error:
            return told(order, "waiting", error.message)
        return told(order, "pushed", done.reason, done.commit)


def told(order: Order, state: ApprovalState = "waiting", text: str = "", commit: str = "") -> UnfinishedApproval:
    """An order as it is shown."""
    changes = [change.rsplit(" ", 2) for change in order.changes]
    names = [f"{name} {old} → {new}" for name, old, new in (each for each in changes if len(each) == 3)]
    title = (names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")) if names else order.branch
    return UnfinishedApproval(order.id, order.branch, title, order.moment, state, text, commit)


def _result(steps: Generator[Step, None, Approval]) -> Approval:
    """What came of it; the steps are the journal's business."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            approval: Approval = end.value
            return approval
