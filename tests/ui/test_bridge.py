"""Between the store and the screen one message waits at most, however long the screen stands still."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from textual.app import App
from textual.message import Message

from console.model.snapshot import Topic
from console.ui.bridge import Bridge
from console.ui.messages import Changed
from tests.ui.desk import Desk


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
