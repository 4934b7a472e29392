"""Between the store and the screen one message waits at most, however long the screen stands still."""

import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from textual.app import App
from textual.message import Message

from console.model.snapshot import Topic
from console.ui.bridge import Bridge
from console.ui.messages import Changed
from console.ui.screens.many import Many
from tests.ui.desk import Desk
from tests.ui.user import using


class StandingStill:
    """An app whose loop does nothing."""

    def __init__(self) -> None:
        self.posted: list[Message] = []

    def post_message(self, message: Message) -> bool:
        self.posted.append(message)
        return True


def until(holds: Callable[[], Any]) -> None:
    waiting = threading.Event()
    for _ in range(3000):
        if holds():
            return
        waiting.wait(0.02)
    raise AssertionError("it did not come about")


def test_a_screen_that_stands_still_is_told_once_and_then_sees_the_newest() -> None:
    app, desk = StandingStill(), Desk()
    bridge = Bridge(cast("App[int]", app), desk)
    (key, node), *_ = desk.snapshot()[Topic.TALOS].items.items()
    with bridge.open():
        until(lambda: app.posted)
        for stage in ("booting", "upgrading", "rebooting"):
            desk.store.put(Topic.TALOS, [replace(node, stage=stage)])
            until(lambda stage=stage: bridge._scene.snapshot[Topic.TALOS].items[key].stage == stage)  # type: ignore[misc]
        assert [type(message) for message in app.posted] == [Changed]
        assert bridge.taken().snapshot[Topic.TALOS].items[key].stage == "rebooting"
        desk.store.put(Topic.TALOS, [node])
        until(lambda: len(app.posted) == 2)
    assert bridge.taken().snapshot[Topic.TALOS].items[key].stage == node.stage


async def test_what_changes_while_a_screen_opens_is_taken_by_it_when_it_stands() -> None:
    async with using(Desk()) as user:
        await user.sees("k8s-control-1")
        user.app.push_screen(Many("reconcile 7 objects", lambda _: iter(())))
        user.app.on_changed(Changed(user.app.bridge))
        await user.sees("reconcile 7 objects")


# Twenty threads with something of their own, all there at once; then what glibc says of its heaps.
_HOARDS = """
import ctypes, threading
from console.ui.bridge import _share_heaps
_share_heaps()
ready = threading.Barrier(21)
def hoard():
    own = [bytes(2000) for _ in range(50)]
    ready.wait(60)
for _ in range(20):
    threading.Thread(target=hoard).start()
ready.wait(60)
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps of glibc")
def test_threads_share_their_heaps() -> None:
    told = subprocess.run([sys.executable, "-c", _HOARDS], capture_output=True, text=True, timeout=100, check=True)
    assert 1 <= told.stdout.count("<heap nr=") <= 3
