"""The limit on talosctl processes: polls, streams and looks at one node count together."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from console.sources.errors import TimedOut
from console.sources.stop import Stop


class Places:
    """``total`` processes at once. What may hang shares half of them, streams that answer share half as well.

    A poll begins when there is room, and never waits; what the operator opened waits, and goes before polls of nodes
    that may hang. Thread-safe; ``freed`` is called, in any thread, when something else than a poll has ended.
    """

    def __init__(self, total: int) -> None:
        self.total = max(2, total)
        self.freed: Callable[[], None] = _nobody
        self._half = self.total // 2
        self._changed = threading.Condition()
        self._taken = 0
        self._may_hang = 0
        self._streams = 0
        self._wanted = 0

    @property
    def half(self) -> int:
        """How many may be held by what may hang."""
        return self._half

    @property
    def taken(self) -> int:
        """How many are held now."""
        return self._taken

    def begin(self, *, may_hang: bool) -> bool:
        """Take a place for a poll, if there is one."""
        with self._changed:
            if self._taken + self._wanted >= self.total or (may_hang and self._may_hang + self._wanted >= self._half):
                return False
            self._take(may_hang)
            return True

    def end(self, *, may_hang: bool) -> None:
        """Give a poll's place back."""
        with self._changed:
            self._give(may_hang)

    @contextlib.contextmanager
    def look(self, stop: Stop) -> Iterator[None]:
        """Wait for a place, for one question that the operator asks. Raises TimedOut on ``stop``."""
        with stop.closing(self._wake):
            self._wait(stop, stream=False)
        try:
            yield
        finally:
            with self._changed:
                self._give(may_hang=True)
            self.freed()

    @contextlib.contextmanager
    def stream(self, stop: Stop) -> Iterator[Callable[[], None]]:
        """Wait for a place that is held for long. Inside, call what is given once the node has answered."""
        with stop.closing(self._wake):
            self._wait(stop, stream=True)
        with self._held() as answered:
            yield answered

    def stream_if_free(self) -> contextlib.AbstractContextManager[Callable[[], None]] | None:
        """The same without waiting: None when there is no room."""
        with self._changed:
            if not self._room(stream=True):
                return None
            self._take(may_hang=True)
            self._streams += 1
        return self._held()

    @contextlib.contextmanager
    def _held(self) -> Iterator[Callable[[], None]]:
        hangs = True

        def answered() -> None:
            nonlocal hangs
            with self._changed:
                self._may_hang -= hangs
                hangs = False
                self._changed.notify_all()

        try:
            yield answered
        finally:
            with self._changed:
                self._streams -= 1
                self._give(hangs)
            self.freed()

    def _wait(self, stop: Stop, *, stream: bool) -> None:
        with self._changed:
            self._wanted += 1
            try:
                while not stop.is_set() and not self._room(stream=stream):
                    self._changed.wait()
            finally:
                self._wanted -= 1
            if stop.is_set():
                self._changed.notify_all()
                raise TimedOut("Stopped.")
            self._take(may_hang=True)
            self._streams += stream

    def _room(self, *, stream: bool) -> bool:
        return self._taken < self.total and self._may_hang < self._half and not (stream and self._streams >= self._half)

    def _take(self, may_hang: bool) -> None:
        self._taken += 1
        self._may_hang += may_hang

    def _give(self, may_hang: bool) -> None:
        self._taken -= 1
        self._may_hang -= may_hang
        self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _nobody() -> None:
    """Nobody waits for a place."""
