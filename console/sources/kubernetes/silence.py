"""Streams that are silent for long: whether the server is still there.

A watch may have nothing to say, but a server that works sends a bookmark about every minute (kube-apiserver,
cacher.go). TCP's own probes are answered by the kernel, also when the server's process stands still. So a stream that
is silent for longer costs one small request; when that gets no answer, the stream has failed.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from console.sources.errors import HomeconsoleError, SourceError, TimedOut, Unreachable
from console.sources.kubernetes.faults import Busy
from console.sources.stop import Stop

QUIET = 90.0  # seconds without a byte until it is asked whether anybody is there
SHORTEST = 0.05


class Silent(Protocol):
    """A stream. ``heard`` is when something last came, by the monotonic clock."""

    heard: float

    def fail(self, error: SourceError) -> None:
        """Wake who reads: nothing will come any more."""


class Silence:
    """Watches over the streams of one transport. Its thread lives while there are any."""

    def __init__(self, ask: Callable[[], object], closed: Stop, quiet: float = QUIET) -> None:
        self._ask = ask
        self._closed = closed
        self._quiet = quiet
        self._lock = threading.Lock()
        self._streams: list[Silent] = []
        self._deserted = Stop()  # of the thread that watches just now

    @contextlib.contextmanager
    def over(self, stream: Silent) -> Iterator[None]:
        """While inside, ``stream`` is watched over."""
        with self._lock:
            self._streams.append(stream)
            if len(self._streams) == 1:
                self._deserted = Stop()
                threading.Thread(target=self._watch, args=(self._deserted,), name="silence", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._streams.remove(stream)
                if not self._streams:
                    self._deserted.set()

    def _watch(self, deserted: Stop) -> None:
        pause = self._quiet
        with self._closed.closing(deserted.set):
            while not deserted.wait(pause):
                now = time.monotonic()
                with self._lock:
                    silent = [stream for stream in self._streams if now - stream.heard >= self._quiet]
                if silent:
                    self._judge(silent)
                with self._lock:
                    oldest = min((stream.heard for stream in self._streams), default=now)
                pause = max(oldest + self._quiet - time.monotonic(), SHORTEST)

    def _judge(self, silent: list[Silent]) -> None:
        error: SourceError | None = None
        try:
            self._ask()
        except (Unreachable, TimedOut) as found:
            error = None if isinstance(found, Busy) or found.kind == "server-error" else found
        except HomeconsoleError:
            pass  # it refuses, so it is there
        for stream in silent:
            if error:
                stream.fail(error)
            stream.heard = time.monotonic()
