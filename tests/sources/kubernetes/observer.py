"""What a source pours, and waiting for it without sleeping."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from console.model.snapshot import Freshness, Life, Topic
from console.sources.ports import Source
from console.store import Feeds, Store

SECONDS = 15.0


class Observer:
    """A store that can be waited for. It remembers each life that a topic went through."""

    def __init__(self) -> None:
        self.store = Store()
        self.lives: dict[Topic, list[Life]] = {topic: [] for topic in Topic}
        self._changed = threading.Condition()

    def notice(self, topics: frozenset[Topic]) -> None:
        with self._changed:
            for topic in topics:
                life = self.freshness(topic).life
                if self.lives[topic][-1:] != [life]:
                    self.lives[topic].append(life)
            self._changed.notify_all()

    def freshness(self, topic: Topic) -> Freshness:
        return self.store.table(topic).freshness

    def items(self, topic: Topic) -> dict[tuple[str, ...], Any]:
        return dict(self.store.table(topic).items)

    def names(self, topic: Topic) -> set[str]:
        return {key[-1] for key in self.items(topic)}

    def sees(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait until it is so."""
        with self._changed:
            assert self._changed.wait_for(condition, SECONDS), what or "it did not come about"

    def live(self, topic: Topic) -> None:
        self.sees(lambda: self.freshness(topic).life is Life.LIVE, f"{topic} is {self.freshness(topic)}")

    def away(self, topic: Topic) -> None:
        self.sees(
            lambda: self.freshness(topic).life in {Life.STALE, Life.FAILED}, f"{topic} is {self.freshness(topic)}"
        )


@contextlib.contextmanager
def observing(*sources: Source) -> Iterator[Observer]:
    """Feed an observer from ``sources``; afterwards every thread is gone."""
    observer = Observer()
    feeds = Feeds(observer.store, pauses=(0.05, 0.1))
    with observer.store.listening(observer.notice):
        for source in sources:
            feeds.start(source)
        try:
            yield observer
        finally:
            assert feeds.stop(), "a thread is left"
