"""Feeds the store with the repository and its updates: fetches, scans, waits."""

import threading
from collections.abc import Callable, Sequence

from console.model.snapshot import Topic
from console.model.updates import RepositoryState, Update
from console.sources.errors import SourceError
from console.sources.git.mirror import Mirror
from console.sources.ports import Sink
from console.sources.stop import Stop

# What is known of updates beside what git says of them.
Marking = Callable[[RepositoryState, Sequence[Update]], tuple[RepositoryState, list[Update]]]


class RepositorySource:
    """Looks every ``interval`` seconds, and when asked. What an earlier run fetched is shown at once, with its age."""

    topics = (Topic.REPOSITORY, Topic.UPDATES)

    def __init__(self, mirror: Mirror, interval: float, marking: Marking | None = None) -> None:
        self._mirror = mirror
        self._interval = interval
        self._marking = marking
        self._wake = threading.Event()
        self._poured = False

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source."""
        if not self._poured:
            self._pour_what_is_there(sink, stop)
        with stop.closing(self._wake.set):
            while not stop.is_set():
                self._wake.clear()
                self._look(sink, stop)
                if not stop.is_set():
                    self._wake.wait(self._interval)

    def refresh(self) -> None:
        """See Source."""
        self._wake.set()

    def _look(self, sink: Sink, stop: Stop) -> None:
        try:
            moved = self._mirror.fetch(stop)
            self._pour(sink, stop)
            if moved:
                self._mirror.maintain(stop)
        except SourceError as error:
            if stop.is_set() and error.kind == "stopped":
                return
            raise

    def _pour_what_is_there(self, sink: Sink, stop: Stop) -> None:
        try:
            self._pour(sink, stop)
        except SourceError:  # nothing yet, or nothing that can be read: the fetch will tell
            return

    def _pour(self, sink: Sink, stop: Stop) -> None:
        state, updates = self._mirror.scan(stop)
        if self._marking:
            state, updates = self._marking(state, updates)
        sink.replace(Topic.REPOSITORY, [state])
        sink.replace(Topic.UPDATES, updates)
        self._poured = True
