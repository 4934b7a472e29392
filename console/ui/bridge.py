"""From the store's threads to the screen's loop.

A thread of its own looks at the store when something changed, works out what is to be seen, and says so: however much
changes, one message waits at most, with the newest scene. The loop only shows; keys are answered meanwhile.
"""

import contextlib
import gc
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import App

from console.model.snapshot import Topic
from console.ui.messages import Broken, Changed
from console.ui.scene import Scene

if TYPE_CHECKING:
    from console.ui.ports import Desk

PAUSE = 0.1  # seconds between two looks at a store that changes all the time
_SHARE = 4  # it rests at least so many times as long as it worked
# A full collection goes through every object that is known, while keys wait: 0.1 s with 5,000 Flux objects. What is
# parsed and projected makes no cycles, so it takes long until one is due; but screens, processes and errors make some,
# and of those that stood for a while nothing else rids us.
COLLECTED_AFTER = (10_000, 10, 5)
# The screen's loop asks for the interpreter back with every key; sources' threads give it up only after so long.
_HELD_AT_MOST = 0.001  # seconds; Python's own choice is five times as long
# Threads of Python take turns, so that heaps of their own win them nothing. glibc gives them eight for each core, and
# each keeps the most that was ever in it: with two cores 30 MB after some minutes.
_HEAPS = 2
_M_ARENA_MAX = -8  # malloc.h


class Bridge:
    """Listens to the desk and posts ``Changed`` to the app."""

    def __init__(self, app: App[int], desk: "Desk") -> None:
        self._app = app
        self._desk = desk
        self._scene = Scene(desk.snapshot())
        self._untaken = threading.Event()  # a message is on its way
        self._changed = threading.Event()
        self._ended = threading.Event()

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """While inside, changes arrive."""
        thread = threading.Thread(target=self._run, name="bridge", daemon=True)
        before, held = gc.get_threshold(), sys.getswitchinterval()
        gc.set_threshold(*COLLECTED_AFTER)
        sys.setswitchinterval(_HELD_AT_MOST)
        with self._desk.listening(self._listen):
            thread.start()
            self.look()
            try:
                yield
            finally:
                self._ended.set()
                self._changed.set()
                gc.set_threshold(*before)
                sys.setswitchinterval(held)
        thread.join(PAUSE * 20)

    def taken(self) -> Scene:
        """The newest scene. On the loop, for each ``Changed``."""
        self._untaken.clear()  # first: a scene that comes in between is told once more
        return self._scene

    def look(self) -> None:
        """Look again, also when nothing changed: time went on."""
        self._changed.set()

    def _listen(self, topics: frozenset[Topic]) -> None:
        del topics
        self._changed.set()

    def _run(self) -> None:
        _share_heaps()
        while True:
            self._changed.wait()
            self._changed.clear()
            if self._ended.is_set():
                return
            began = time.monotonic()
            self._post()
            self._ended.wait(max(PAUSE, _SHARE * (time.monotonic() - began)))

    def _post(self) -> None:
        from console.ui.scenery import scene_of  # noqa: PLC0415 - after the first frame, in this thread

        try:
            self._scene = scene_of(self._desk.snapshot())
        except Exception as defect:  # noqa: BLE001 - it costs a line; what was seen stays
            self._tell(Broken(f"{type(defect).__name__}: {defect}"))
            return
        if not self._untaken.is_set():
            self._untaken.set()
            self._tell(Changed(self))

    def _tell(self, message: Changed | Broken) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._app.post_message(message)


def _share_heaps() -> None:
    import ctypes  # noqa: PLC0415 - after the first frame

    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)
