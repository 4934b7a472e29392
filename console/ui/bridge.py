"""From the store's threads to the screen's loop: however much changes, one message waits at most."""

import contextlib
import threading
from collections.abc import Iterator

from textual.app import App

from console.model.snapshot import Topic
from console.ui.messages import Changed
from console.ui.ports import Desk


class Bridge:
    """Listens to the desk and posts ``Changed`` to the app. ``take`` gives what changed since the last time."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._topics: set[Topic] = set()

    @contextlib.contextmanager
    def open(self, desk: Desk) -> Iterator[None]:
        """While inside, changes arrive."""
        with desk.listening(self._changed):
            yield

    def take(self) -> frozenset[Topic]:
        """The topics that changed since the last ``take``."""
        with self._lock:
            topics = frozenset(self._topics)
            self._topics.clear()
            return topics

    def _changed(self, topics: frozenset[Topic]) -> None:
        with self._lock:
            waiting = bool(self._topics)
            self._topics |= topics
        if not waiting:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self._app.post_message(Changed())
