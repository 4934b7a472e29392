"""Whatever stands in a field from outside: on every screen only our own sequences are written."""

import pytest

from console.model.rollout import Rollout
from console.model.snapshot import Topic
from console.sources.errors import Unreachable
from console.ui.herald import announcement
from tests.hostile.corpus import EVERYTHING, LONG
from tests.hostile.poisoned import Poisoned, poisoned
from tests.hostile.recorded import recording
from tests.hostile.wire import copied, strange
from tests.ui.desk import Desk
from tests.ui.test_actions import WAYS
from tests.ui.user import LARGE, SMALL, User

pytestmark = pytest.mark.timeout(600)
# What is pressed at a place once it is there: its parts, its dialogs, its answers.
_BEYOND = {
    "nodes": ("c", "slash", "e", "v", "enter"),
    "flux": ("y", "escape", "e", "escape", "t", "escape", "D", "R", "c", "o", "s", "escape"),
    "flux details": ("tab", "tab", "tab", "y", "t", "l", "c"),
    "updates": ("D", "escape", "H", "x", "enter", "y"),
    "upgrades": ("u", "escape"),
    "review": ("tab", "tab", "tab", "tab", "a", "escape", "A", "escape", "F", "c", "e", "escape"),
    "rollout": ("l", "s", "escape", "R"),
    "queue": ("enter", "y"),
    "many": ("y", "enter"),
}


async def comes_to(user: User, place: str) -> None:
    """An answer to something earlier may put a screen before it: then once more."""
    for _ in range(10):
        await user.presses(*WAYS[place])
        if getattr(user.app.screen, "place", "") == place:
            return
        await leaves(user)
    raise AssertionError(f"no way to {place}")


async def leaves(user: User) -> None:
    """Whatever stands before the first screen, and what is asked or narrowed there."""
    while len(user.app.screen_stack) > 1:
        await user.presses("escape")
    await user.presses("escape", "escape")


async def test_no_screen_and_no_dialog_writes_it() -> None:
    async with recording(Poisoned(), LARGE) as (user, app):
        for place in sorted(WAYS):
            await comes_to(user, place)
            await user.presses(*_BEYOND.get(place, ()))
            await leaves(user)
        assert "evil" in app.written.decode("utf-8")  # it was there to be shown
        assert strange(app.written) == []


async def test_no_refusal_and_no_failing_source_writes_it() -> None:
    desk = Poisoned()
    desk.fail()
    for topic in (Topic.TALOS, Topic.FLUX, Topic.UPDATES, Topic.TUPPR):
        desk.store.failed(topic, Unreachable(EVERYTHING, EVERYTHING))
    async with recording(desk, LARGE) as (user, app):
        for keys in ("2R", "2y", "2s", "3D", "4a", "1l", "4u", "w"):
            await user.presses(*keys)
            await leaves(user)
        assert "evil" in app.written.decode("utf-8")
        assert strange(app.written) == []


@pytest.mark.parametrize("text", LONG, ids=("letters", "sequences"))
async def test_a_line_of_a_megabyte_is_one_line(text: str) -> None:
    desk = Desk()
    desk.store.replace(
        Topic.FLUX, [poisoned(each, text=text) for each in desk.store.table(Topic.FLUX).items.values()][:3]
    )
    async with recording(desk, SMALL) as (user, app):
        await user.presses("2", "enter")
        assert strange(app.written) == []
        assert len(app.written) < 100_000


async def test_what_is_copied_is_the_only_thing_in_the_clipboard() -> None:
    async with recording(Poisoned(), LARGE) as (user, app):
        await user.presses("2", "c")
        (found,) = copied(app.written)
        assert found != "evil paste"
        assert strange(found.encode("utf-8", "surrogateescape")) == []


def test_no_notification_says_more_than_text() -> None:
    rollout = Rollout("7d20c4e", "main", f"Talos{EVERYTHING}", "failed", note=EVERYTHING)
    for terminal in ("xterm-kitty", "iterm2", "foot", "xterm-256color"):
        assert strange(announcement("home", rollout, {"TERM": terminal}).encode()) == []
