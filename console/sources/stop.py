"""One way to end a wait."""

import contextlib
import threading
from collections.abc import Callable, Iterator


class Stop:
    """Set once; every wait that knows it ends. Thread-safe."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._closers: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Whether it is time to end."""
        return self._event.is_set()

    def set(self) -> None:
        """End every wait: closers run once, in the caller's thread; their errors are dropped."""
        self._event.set()
        with self._lock:
            closers, self._closers = self._closers, []
        for close in closers:
            with contextlib.suppress(Exception):
                close()

    def wait(self, seconds: float) -> bool:
        """Sleep at most ``seconds``; whether it is time to end."""
        return self._event.wait(seconds)

    @contextlib.contextmanager
    def closing(self, close: Callable[[], None]) -> Iterator[None]:
        """While inside, ``set`` calls ``close`` (to shut a socket, to kill a process group). At once if already set."""
        with self._lock:
            ended = self._event.is_set()
            if not ended:
                self._closers.append(close)
        if ended:
            close()
        try:
            yield
        finally:
            with self._lock, contextlib.suppress(ValueError):
                self._closers.remove(close)
