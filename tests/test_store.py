"""The store: what was poured in is what is read, and how fresh it is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.model.snapshot import Life, Topic
from console.sources.errors import SourceError, Unreachable
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.store import Feeds, Store


@dataclass(frozen=True, slots=True)
class Thing:
    kind: str
    name: str
    value: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        return (self.kind, self.name)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def values(store: Store, topic: Topic = Topic.FLUX) -> list[Thing]:
    return sorted(store.table(topic).items.values(), key=lambda thing: thing.key)


def heard(store: Store, *acts: Callable[[], None]) -> int:
    """How often a listener is told while ``acts`` are done."""
    calls: list[frozenset[Topic]] = []
    with store.listening(calls.append):
        for act in acts:
            act()
    return len(calls)


class TestValues:
    def test_replacing_a_part_leaves_the_others(self) -> None:
        store = Store()
        store.replace(Topic.FLUX, [Thing("a", "1"), Thing("b", "1")])
        store.replace(Topic.FLUX, [Thing("a", "2")], prefix=("a",))
        assert values(store) == [Thing("a", "2"), Thing("b", "1")]

    def test_what_was_handed_out_never_changes(self) -> None:
        store = Store()
        store.put(Topic.FLUX, [Thing("a", "1")])
        table = store.table(Topic.FLUX)
        store.failed(Topic.FLUX, Unreachable("gone"))
        store.put(Topic.FLUX, [Thing("a", "2")])
        assert list(table.items.values()) == [Thing("a", "1")]
        table = store.table(Topic.FLUX)
        store.remove(Topic.FLUX, [("a", "1")])
        assert list(table.items.values()) == [Thing("a", "1"), Thing("a", "2")]
        assert values(store) == [Thing("a", "2")]

    def test_put_and_remove(self) -> None:
        store = Store()
        store.put(Topic.FLUX, [Thing("a", "1"), Thing("a", "2")])
        store.remove(Topic.FLUX, [("a", "1"), ("a", "unknown")])
        assert values(store) == [Thing("a", "2")]

    def test_a_table_that_was_read_does_not_change(self) -> None:
        store = Store()
        store.put(Topic.FLUX, [Thing("a", "1")])
        before = store.table(Topic.FLUX)
        store.put(Topic.FLUX, [Thing("a", "1", value=2)])
        assert before.items["a", "1"] == Thing("a", "1")
        assert store.table(Topic.FLUX).items["a", "1"] == Thing("a", "1", value=2)

    def test_a_listener_hears_of_changes_only(self) -> None:
        store = Store()
        store.put(Topic.FLUX, [Thing("a", "1")])

        def put(value: int) -> Callable[[], None]:
            return lambda: store.put(Topic.FLUX, [Thing("a", "1", value)])

        assert heard(store, put(0), put(0)) == 0
        assert heard(store, put(1), put(2)) == 2

    def test_a_listener_may_wait_for_another_thread_that_reads(self) -> None:
        store, read = Store(), threading.Event()

        def listener(_: frozenset[Topic]) -> None:
            def reader() -> None:
                store.snapshot()
                read.set()

            thread = threading.Thread(target=reader)
            thread.start()
            thread.join(60)

        with store.listening(listener):
            store.put(Topic.FLUX, [Thing("a", "1")])
        assert read.is_set()

    def test_an_empty_topic_is_heard_of_once_it_was_read(self) -> None:
        store = Store()
        assert heard(store, *[lambda: store.replace(Topic.FLUX, [])] * 2) == 1
        assert store.table(Topic.FLUX).freshness.life is Life.LIVE


class TestFreshness:
    def test_waiting_live_stale_live(self) -> None:
        clock = Clock()
        store = Store(clock)
        assert store.table(Topic.FLUX).freshness.life is Life.WAITING
        store.put(Topic.FLUX, [Thing("a", "1")])
        read_at = clock()
        clock.forward(60)
        store.failed(Topic.FLUX, Unreachable("API refused", "start it"))
        stale = store.table(Topic.FLUX).freshness
        assert (stale.life, stale.at, stale.since) == (Life.STALE, read_at, clock())
        assert stale.problem is not None
        assert stale.problem.hint == "start it"
        assert values(store) == [Thing("a", "1")]
        clock.forward(60)
        store.fresh(Topic.FLUX)
        live = store.table(Topic.FLUX).freshness
        assert (live.life, live.at, live.problem) == (Life.LIVE, clock(), None)

    def test_a_source_that_never_answered_has_failed(self) -> None:
        store = Store()
        store.failed(Topic.TALOS, Unreachable("no route"))
        assert store.table(Topic.TALOS).freshness.life is Life.FAILED

    def test_the_same_problem_again_is_no_news(self) -> None:
        store = Store()
        assert heard(store, *[lambda: store.failed(Topic.TALOS, Unreachable("no route"))] * 3) == 1

    def test_confirming_moves_the_time_without_waking_anybody(self) -> None:
        clock = Clock()
        store = Store(clock)
        store.put(Topic.FLUX, [Thing("a", "1")])
        store.table(Topic.FLUX)
        clock.forward(5)
        assert heard(store, *[lambda: store.fresh(Topic.FLUX)] * 2) == 0
        assert store.table(Topic.FLUX).freshness.at == clock()

    def test_waiting_for_topics_ends_with_an_answer_or_a_failure(self) -> None:
        store = Store()
        store.replace(Topic.FLUX, [])
        assert not store.wait([Topic.FLUX, Topic.TALOS], seconds=0)
        store.failed(Topic.TALOS, Unreachable("no route"))
        assert store.wait([Topic.FLUX, Topic.TALOS], seconds=0)


class Flaky:
    """Fails as often as told, then answers and stays."""

    topics = (Topic.FLUX,)

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.runs = 0
        self.looked = threading.Event()

    def run(self, sink: Sink, stop: Stop) -> None:
        self.runs += 1
        if self.runs <= self.failures:
            raise SourceError(f"failure {self.runs}")
        sink.put(Topic.FLUX, [Thing("a", "1")])
        while not stop.wait(60):
            pass

    def refresh(self) -> None:
        self.looked.set()


class TestFeeds:
    def test_a_source_that_fails_is_started_again_until_it_answers(self) -> None:
        store = Store()
        feeds = Feeds(store, pauses=(0,))
        source = Flaky(failures=3)
        answered = threading.Event()

        def listener(_: frozenset[Topic]) -> None:
            if store.table(Topic.FLUX).items:
                answered.set()

        with store.listening(listener):
            feeds.start(source)
            assert answered.wait(60)
        assert source.runs == 4
        assert feeds.stop()

    def test_refresh_reaches_the_sources_of_the_topic_only(self) -> None:
        feeds = Feeds(Store(), pauses=(0,))
        source = Flaky(failures=0)
        feeds.start(source)
        feeds.refresh(Topic.TALOS)
        assert not source.looked.is_set()
        feeds.refresh(Topic.FLUX)
        assert source.looked.is_set()
        assert feeds.stop()

    def test_stopping_ends_a_pause(self) -> None:
        feeds = Feeds(Store(), pauses=(3600,))
        source = Flaky(failures=99)
        feeds.start(source)
        assert feeds.stop()

    def test_a_defect_of_a_source_costs_its_own_topic_only(self) -> None:
        class Broken(Flaky):
            def run(self, sink: Sink, stop: Stop) -> None:
                del sink, stop
                raise ZeroDivisionError("a defect")

        store = Store()
        feeds = Feeds(store, pauses=(3600,))
        feeds.start(Broken(failures=0))
        assert store.wait([Topic.FLUX], seconds=10)
        problem = store.table(Topic.FLUX).freshness.problem
        assert problem is not None
        assert (problem.kind, problem.message) == ("defect", "ZeroDivisionError: a defect")
        assert feeds.stop()


class TestStop:
    def test_closers_run_once_and_only_while_inside(self) -> None:
        stop, calls = Stop(), list[str]()
        with stop.closing(lambda: calls.append("left")):
            pass
        with stop.closing(lambda: calls.append("inside")):
            stop.set()
            stop.set()
        with stop.closing(lambda: calls.append("late")):
            pass
        assert calls == ["inside", "late"]
