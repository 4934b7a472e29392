"""``get machinestatus --watch`` for the nodes whose status is followed closely."""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable

from console.sources.errors import SourceError
from console.sources.stop import Stop
from console.sources.talos.client import TalosClient
from console.sources.talos.places import Places
from console.sources.talos.watched import Watched

_ARGUMENTS = ("get", "machinestatus", "--watch", "--output=json")
_AGAIN = 3.0  # seconds before a stream that has ended is begun again: the node may be restarting, or refuse it
_FIRST = 10.0  # seconds: the present status comes at once, or something is wrong
_Told = Callable[[Watched, str], None]


class Streams:
    """One stream for each node that is followed, as far as there are places; each in a thread of its own.

    ``told`` is called there with each document, and with an empty text when a stream has ended, which it does with
    each reboot. Who gets no stream, or lost it, is polled: the caller sees it by ``followed``.
    """

    def __init__(self, client: TalosClient, places: Places, told: _Told) -> None:
        self._client = client
        self._places = places
        self._told = told
        self._lock = threading.Lock()
        self._stops: dict[Watched, Stop] = {}
        self._ended: dict[Watched, float] = {}
        self._threads: set[threading.Thread] = set()

    @property
    def followed(self) -> Collection[Watched]:
        """The nodes that have a stream."""
        with self._lock:
            return tuple(self._stops)

    def follow(self, nodes: Iterable[Watched]) -> None:
        """These, and no others. Returns at once."""
        wanted, rested = set(nodes), time.monotonic() - _AGAIN
        with self._lock:
            unwanted = [stop for watched, stop in self._stops.items() if watched not in wanted]
            self._ended = {watched: at for watched, at in self._ended.items() if at > rested}
            new = [watched for watched in wanted if watched not in self._stops and watched not in self._ended]
        for stop in unwanted:
            stop.set()
        for watched in new:
            place = self._places.stream_if_free()
            if place is not None:
                self._begin(watched, place)

    def close(self) -> None:
        """End all, and wait until they have ended."""
        self.follow(())
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join()

    def _begin(self, watched: Watched, place: contextlib.AbstractContextManager[Callable[[], None]]) -> None:
        stop = Stop()
        thread = threading.Thread(target=self._run, args=(watched, place, stop), name="talosctl-watch", daemon=True)
        with self._lock:
            self._stops[watched] = stop
            self._threads.add(thread)
        thread.start()

    def _run(self, watched: Watched, place: contextlib.AbstractContextManager[Callable[[], None]], stop: Stop) -> None:
        late = threading.Timer(_FIRST, stop.set)
        late.daemon = True
        late.start()
        try:
            with place as answered, contextlib.suppress(SourceError):
                for text in self._documents(watched, stop):
                    late.cancel()
                    answered()
                    self._told(watched, text)
        finally:
            late.cancel()
            with self._lock:
                self._stops.pop(watched, None)
                self._ended[watched] = time.monotonic()
                self._threads.discard(threading.current_thread())
            self._told(watched, "")

    def _documents(self, watched: Watched, stop: Stop) -> Iterable[str]:
        """Each document as it is printed: indented, but for its braces. Those of what is gone are left out."""
        lines: list[str] = []
        for line in self._client.lines(watched.target, _ARGUMENTS, stop):
            lines.append(line)
            if line == "}":
                text = "\n".join(lines)
                lines.clear()
                if '"event": "destroyed"' not in text:
                    yield text
