"""Every key of the table, really pressed: in each place where it is listed it has an effect that one sees."""

from collections.abc import Iterator

import pytest

from console.model.own import Command, Own
from console.model.snapshot import Topic
from console.model.updates import ApprovedCommit, RepositoryState
from console.sources.stop import Stop
from console.ui import keymap
from console.ui.actions import Action
from console.ui.screens.base import Place
from console.ui.situation import EVERYWHERE, PANES, TEXTS
from tests.ui.desk import BASE, NOON, TALOS, Desk, ago, kubernetes_node, talos_node
from tests.ui.test_actions import WAYS
from tests.ui.user import User, using

# Wide enough for all panes, and so low that every text scrolls.
HIGH, LOW = (120, 15), (120, 7)
# What must have been done before, so that there is something to do: in lists, and in texts.
IN_LISTS: dict[str, tuple[str, ...]] = {
    "down": ("g",),
    "up": ("G",),
    "top": ("G",),
    "page_down": ("g",),
    "page_up": ("G",),
    "attention": ("G",),
    "outcomes": ("2", "g", "space", "space", "R", "q"),
    "back": ("space",),
}
IN_TEXTS = IN_LISTS | {
    "left": ("right",),
    "next_match": ("/", "e", "enter"),
    "next_found": ("/", "e", "enter"),
    "describe": ("tab",),
    "back": (),
}
IN_PALETTE: dict[str, tuple[str, ...]] = {"up": ("down",), "page_up": ("pagedown",)}
TWICE = frozenset(("problems", "zoom", "pause", "wrap", "select"))  # the second time takes it back
# test_terminal has a process of its own for the first three; the others need a fix (test_editing) and a failure
# (test_rollout).
ELSEWHERE = frozenset(("stop", "quit", "pager", "take_fix", "window", "start_over"))


class Full(Desk):
    """A desk on which everything is longer than the screen."""

    own = Own(commands=(Command("shown", ("seq", "-f", "line %g", "60"), ("flux",), key="ctrl+t"),))

    def __init__(self) -> None:
        super().__init__()
        nodes = [
            talos_node(name=f"node-{name}", address=f"10.0.1.{n}", boot=ago(days=n)) for n, name in enumerate("cab")
        ]
        self.store.replace(Topic.TALOS, nodes)
        self.store.replace(Topic.KUBERNETES, [kubernetes_node(name=n.name, address=n.address) for n in nodes])
        update = self.snapshot()[Topic.UPDATES].items[(TALOS,)]
        commits = [
            ApprovedCommit(
                f"{n}d20c4e" + "0" * 33, TALOS, "Merge", ago(minutes=n), "Home", update.changes, system="talos"
            )
            for n in (4, 8)
        ]
        ids = tuple(each.commit for each in commits)
        self.store.put(Topic.REPOSITORY, [RepositoryState("url", "main", BASE, NOON, (*ids, BASE), tuple(commits))])

    def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
        del stop
        yield from (f"user: warning: line {n} of {name}" for n in range(60))


def _seen(user: User) -> tuple[object, ...]:
    """Everything that a key may change."""
    desk = user.app.desk
    assert isinstance(desk, Full)
    strips = user.app.screen._compositor.render_strips()
    styled = tuple((segment.text, segment.style) for strip in strips for segment in strip)
    return styled, len(user.app.screen_stack), user.app.clipboard, tuple(desk.done), user.app._exit


def _place(user: User) -> Place:
    assert isinstance(user.app.screen, Place)
    return user.app.screen


async def _comes(user: User, place: str) -> None:
    """From wherever one is to ``place``, with nothing narrowed."""
    while len(user.app.screen_stack) > 1:
        await user.app.pop_screen()
    await user.presses("escape", "escape")
    for number in range(20 if place == "messages" else 0):
        user.app.tell(f"line {number}")
    for key in WAYS[place]:
        await user.presses(key)
        await user._until(lambda: not user.waits, "an answer on")
    assert _place(user).place == place


def _before(place: str) -> dict[str, tuple[str, ...]]:
    return IN_TEXTS if place in TEXTS else IN_LISTS if place in PANES else IN_PALETTE


def _pressed(place: str) -> list[Action]:
    """Those of the place that have keys; the pane's own number leads nowhere else."""
    own = f"pane_{WAYS[place][0]}" if place in PANES else ""
    return [action for action in keymap.at(place) if action.keys and action.id not in ELSEWHERE | {own}]


@pytest.mark.parametrize("place", sorted(EVERYWHERE))
async def test_every_listed_key_has_an_effect_where_it_is_listed(place: str) -> None:
    idle = []
    async with using(Full(), LOW if place in TEXTS - {"review"} else HIGH) as user:
        await _comes(user, place)
        depth = len(user.app.screen_stack)
        for action in _pressed(place):
            for key in action.keys[:1]:
                if len(user.app.screen_stack) != depth or _place(user).bottom.asking or _place(user).place != place:
                    await _comes(user, place)
                await user.presses(*_before(place).get(action.id, ()))
                refusal = action.refusal(_place(user).situation())
                before = _seen(user)
                await user.presses(key)
                if refusal or _seen(user) == before or "not here" in user.screen:
                    idle.append((action.id, key, refusal))
                if action.id in TWICE:
                    await user.presses(key)
    assert not idle, f"{place}: {idle}"
