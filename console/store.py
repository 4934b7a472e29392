"""The latest snapshot, its freshness, and who listens. Sources pour into it from their threads."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from console.model.clock import utc_now
from console.model.snapshot import Freshness, Keyed, Life, Problem, Snapshot, Table, Topic
from console.sources.errors import SourceError
from console.sources.ports import Source
from console.sources.stop import Stop

Key = tuple[str, ...]
Listener = Callable[[frozenset[Topic]], None]


class Store:
    """Topics by name, each with its values by key. A Sink for sources, snapshots for readers. Thread-safe."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self.now = now
        self._lock = threading.Condition()
        self._items: dict[Topic, dict[Key, Any]] = {}
        self._tables: dict[Topic, Table] = {}  # as handed out; dropped from here when a value changes
        self._handed: set[Topic] = set()  # whose values a table has
        self._freshness: dict[Topic, Freshness] = {}
        self._versions: dict[Topic, int] = {}
        self._listeners: list[Listener] = []

    # Readers

    def table(self, topic: Topic) -> Table:
        """One topic now. The same Table is given again until something changes."""
        with self._lock:
            table = self._tables.get(topic)
            if table is None:
                table = Table(
                    self._items.get(topic, {}),
                    self._freshness.get(topic, Freshness()),
                    self._versions.get(topic, 0),
                )
                self._tables[topic] = table
                self._handed.add(topic)
            return table

    def snapshot(self) -> Snapshot:
        """Everything now."""
        with self._lock:
            return Snapshot(self.now(), {topic: self.table(topic) for topic in Topic})

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """While inside, ``listener`` is called (in a source's thread) with the topics that changed."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def wait(self, topics: Iterable[Topic], seconds: float) -> bool:
        """Until each of ``topics`` has been read or has failed; whether that came about in time."""
        wanted = list(topics)
        with self._lock:
            return self._lock.wait_for(
                lambda: all(self._freshness.get(t, Freshness()).life is not Life.WAITING for t in wanted), seconds
            )

    # Sink

    def replace(self, topic: Topic, items: Iterable[Keyed], prefix: tuple[str, ...] = ()) -> None:
        """See Sink."""
        new = {item.key: item for item in items}
        with self._lock:
            old = self._items.get(topic, {})
            kept = {k: v for k, v in old.items() if k[: len(prefix)] != prefix} if prefix else {}
            merged = kept | new
            tell = self._store(topic, merged, changed=merged != old)
        self._tell(topic, tell)

    def put(self, topic: Topic, items: Iterable[Keyed]) -> None:
        """See Sink."""
        with self._lock:
            known, changed = self._items.get(topic, {}), False
            for item in items:
                if known.get(item.key) != item:
                    known, changed = self._own(topic), True
                    known[item.key] = item
            tell = self._store(topic, known, changed=changed)
        self._tell(topic, tell)

    def remove(self, topic: Topic, keys: Iterable[Key]) -> None:
        """See Sink."""
        with self._lock:
            known, changed = self._items.get(topic, {}), False
            for key in keys:
                if key in known:
                    known, changed = self._own(topic), True
                    del known[key]
            tell = self._store(topic, known, changed=changed)
        self._tell(topic, tell)

    def fresh(self, topic: Topic) -> None:
        """See Sink."""
        with self._lock:
            tell = self._store(topic, self._items.get(topic, {}), changed=False)
        self._tell(topic, tell)

    def failed(self, topic: Topic, error: SourceError) -> None:
        """See Sink."""
        with self._lock:
            before = self._freshness.get(topic, Freshness())
            life = Life.STALE if before.at else Life.FAILED
            if before.life is life and before.problem == error.problem:
                return
            since = before.since if before.life is life else self.now()
            self._freshness[topic] = Freshness(life, before.at, since, error.problem, before.limits)
            self._changed(topic)
        self._tell(topic, news=True)

    def limited(self, topic: Topic, limits: tuple[Problem, ...]) -> None:
        """See Sink."""
        with self._lock:
            before = self._freshness.get(topic, Freshness())
            if before.limits == limits:
                return
            self._freshness[topic] = before._replace(limits=limits)
            self._changed(topic)
        self._tell(topic, news=True)

    def _own(self, topic: Topic) -> dict[Key, Any]:
        """The values, to be changed: those that were handed out never are. With the lock held."""
        if topic in self._handed or topic not in self._items:
            self._handed.discard(topic)
            self._items[topic] = dict(self._items.get(topic, {}))
        return self._items[topic]

    def _store(self, topic: Topic, items: dict[Key, Any], *, changed: bool) -> bool:
        """Keep ``items``, live now; whether that is news. With the lock held."""
        before = self._freshness.get(topic, Freshness())
        now = self.now()
        since = before.since if before.life is Life.LIVE else now
        self._freshness[topic] = Freshness(Life.LIVE, now, since, limits=before.limits)
        if changed or before.life is not Life.LIVE:
            self._items[topic] = items
            self._changed(topic)
            return True
        table = self._tables.get(topic)  # only the time: what was handed out stays equal but for it
        if table is not None:
            self._tables[topic] = table._replace(freshness=self._freshness[topic])
        return False

    def _changed(self, topic: Topic) -> None:
        self._versions[topic] = self._versions.get(topic, 0) + 1
        self._tables.pop(topic, None)
        self._lock.notify_all()

    def _tell(self, topic: Topic, news: bool) -> None:
        """Without the lock, so that a listener may wait for one of its own."""
        for listener in list(self._listeners) if news else ():
            listener(frozenset((topic,)))


class Feeds:
    """Runs each source in a thread of its own, and starts it again, after a pause, when it ends with an error."""

    def __init__(self, store: Store, pauses: Sequence[float] = (1, 2, 4, 8, 15)) -> None:
        self._store = store
        self._pauses = pauses
        self._stop = Stop()
        self._threads: list[threading.Thread] = []
        self._sources: list[Source] = []

    def start(self, source: Source) -> None:
        """Begin to feed from ``source``."""
        thread = threading.Thread(target=self._feed, args=(source,), name=f"feed-{source.topics[0]}", daemon=True)
        self._sources.append(source)
        self._threads.append(thread)
        thread.start()

    def refresh(self, topic: Topic | None = None) -> None:
        """Ask the sources (of one topic, or all) to look again now."""
        for source in self._sources:
            if topic is None or topic in source.topics:
                source.refresh()

    def stop(self, seconds: float = 5) -> bool:
        """End all; whether every thread is gone within ``seconds``."""
        self._stop.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _feed(self, source: Source) -> None:
        failures = 0
        while not self._stop.is_set():
            began = self._store.now()
            error = self._run(source)
            if self._stop.is_set():
                return
            if error is None or (self._store.now() - began).total_seconds() > self._pauses[-1]:
                failures = 0
            if error is not None:
                for topic in source.topics:
                    self._store.failed(topic, error)
            self._stop.wait(self._pauses[min(failures, len(self._pauses) - 1)])
            failures += 1

    def _run(self, source: Source) -> SourceError | None:
        try:
            source.run(self._store, self._stop)
        except SourceError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a defect costs one source, never the others
            return SourceError(f"{type(error).__name__}: {error}", "This is a defect of homeconsole.", kind="defect")
        return None
