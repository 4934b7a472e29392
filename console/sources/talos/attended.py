"""The nodes that somebody looks at right now."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator


class Attended:
    """Names, each as often as it is looked at. Thread-safe; ``changed`` is called, in any thread, when they change."""

    def __init__(self) -> None:
        self.changed: Callable[[], None] = _nobody
        self._lock = threading.Lock()
        self._names: Counter[str] = Counter()

    def names(self) -> frozenset[str]:
        """All of them."""
        with self._lock:
            return frozenset(self._names)

    @contextlib.contextmanager
    def attending(self, name: str) -> Iterator[None]:
        """While inside, ``name`` is looked at."""
        with self._lock:
            self._names[name] += 1
        self.changed()
        try:
            yield
        finally:
            with self._lock:
                self._names[name] -= 1
                self._names += Counter()  # drops those that nobody looks at any more
            self.changed()


def _nobody() -> None:
    """Nobody follows the nodes."""
