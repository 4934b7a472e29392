"""Approvals that an earlier run left in the middle: what became of each is found out and told; none is carried out."""

import threading
from collections.abc import Callable
from datetime import datetime

from console.model.review import ApprovalState, UnfinishedApproval
from console.model.snapshot import Topic
from console.model.updates import RepositoryState
from console.operations.journal import Journal
from console.operations.order import Order
from console.operations.ports import Repository
from console.operations.settle import settle, unfinished
from console.sources.errors import NotConfigured, Refused, SourceError
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.store import Store

# It is left for later: another console is at it, this one ends, or the journal's disk is full.
_LATER = frozenset({"busy", "stopped", "journal"})


class Interrupted:
    """A Source for Topic.APPROVALS: what the journal has no end for when it begins.

    ``repository`` gives the repository, or raises NotConfigured while there is none. An approval is looked up when the
    repository was fetched (since ``began``); each fetch is one chance. What is found is written into the journal when
    ``writable``; else the next console finds it again. ``done`` is called when main was found to hold one.
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
    ) -> None:
        self._store = store
        self._repository = repository
        self._journal = journal
        self._writable = writable
        self._done = done
        self._began = began
        self._changed = threading.Event()
        self._tried: datetime | None = None
        self._waiting: dict[str, Order] = {}
        self._unrecorded: dict[str, Order] = {}  # found out and told; the journal has to wait for write mode

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
                del self._waiting[order.id]  # the console of that repository sees to it
                sink.remove(Topic.APPROVALS, [told(order).key])
        fetched = self._fetched()
        due = list(self._unrecorded.values()) if self._writable() else []
        if fetched and fetched != self._tried:
            self._tried = fetched
            due += self._waiting.values()
        for order in due:
            if not stop.is_set():
                self._look_up(order, repository, sink, stop)

    def _fetched(self) -> datetime | None:
        """When the repository was fetched in this run; None before."""
        state: RepositoryState | None = self._store.table(Topic.REPOSITORY).items.get(("repository",))
        return state.fetched_at if state and state.fetched_at and state.fetched_at >= self._began else None

    def _look_up(self, order: Order, repository: Repository, sink: Sink, stop: Stop) -> None:
        record = self._writable()
        became = self._became(order, repository, stop, record=record)
        if became is None:
            sink.remove(Topic.APPROVALS, [told(order).key])
        else:
            sink.put(Topic.APPROVALS, [became])
        if became is None or became.state != "waiting":
            self._waiting.pop(order.id, None)
            self._unrecorded.pop(order.id, None)
        if became and became.state != "waiting" and not record:
            self._unrecorded[order.id] = order
        if became and became.state == "pushed":
            self._done()

    def _became(self, order: Order, repository: Repository, stop: Stop, *, record: bool) -> UnfinishedApproval | None:
        """None: another console has seen to it."""
        try:
            done = settle(order, repository, self._journal, stop, record=record)
        except Refused as error:
            if error.kind == "ended":
                return None
            state: ApprovalState = "waiting" if error.kind in _LATER else "refused"
            return told(order, state, f"{error.message} {error.hint}".strip())
        except SourceError as error:
            return told(order, "waiting", error.message)
        return told(order, "pushed", done.reason, done.commit)


def told(order: Order, state: ApprovalState = "waiting", text: str = "", commit: str = "") -> UnfinishedApproval:
    """An order as it is shown."""
    changes = [change.rsplit(" ", 2) for change in order.changes]
    # The last word of a name is enough: the line above the panes is short.
    names = [f"{each[0].rpartition('/')[2]} {each[1]} → {each[2]}" for each in changes if len(each) == 3]
    title = (names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")) if names else order.branch
    return UnfinishedApproval(order.id, order.branch, title, order.moment, state, text, commit)
