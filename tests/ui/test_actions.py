"""The one table of keys: complete, without clashes, and honest about what can't be done."""

from collections import Counter

import pytest

from console.ui import keymap
from console.ui.actions import ACTIONS, BY_ID
from console.ui.availability import READ_ONLY
from console.ui.screens.base import Place
from console.ui.situation import EVERYWHERE, PANES, Situation
from console.ui.widgets.bottom import keys
from tests.ui.desk import Desk
from tests.ui.user import LARGE, User, using

# How a user comes to each place.
WAYS = {
    "nodes": ("1",),
    "flux": ("2",),
    "updates": ("3",),
    "upgrades": ("4",),
    "nodes details": ("1", "enter"),
    "flux details": ("2", "enter"),
    "updates details": ("3", "enter"),
    "upgrades details": ("4", "enter"),
    "rollout": ("w",),
    "help": ("?",),
    "review": ("4", "a"),
    "log": ("1", "l"),
    "many": ("2", "space", "space", "R"),
    "palette": ("ctrl+p",),
    "queue": ("3", "space", "space", "a"),
}


def test_every_action_has_its_own_name_and_help() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    assert all(action.help and action.label and (action.keys or action.command) for action in ACTIONS)


@pytest.mark.parametrize("place", sorted(EVERYWHERE))
def test_no_key_and_no_command_means_two_things_in_one_place(place: str) -> None:
    keys_here = Counter(key for action in keymap.at(place) for key in action.keys)
    words_here = Counter(action.command for action in keymap.at(place) if action.command)
    assert [key for key, count in (keys_here + words_here).items() if count > 1] == []


def test_every_place_can_be_reached() -> None:
    assert set(WAYS) == set(EVERYWHERE)


@pytest.mark.parametrize("place", sorted(EVERYWHERE))
async def test_every_listed_key_does_something_where_it_is_listed(place: str) -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses(*WAYS[place])
        screen = _place(user)
        assert screen.place == place
        assert [action.id for action in keymap.at(place) if screen.find(action.id) is None] == []


def _place(user: User) -> Place:
    assert isinstance(user.app.screen, Place)
    return user.app.screen


def test_read_only_refuses_what_writes_and_nothing_else() -> None:
    situation = Situation("flux", writable=False, key=("HelmRelease", "a", "b"), kinds=frozenset(("HelmRelease",)))
    refused = {action.id for action in keymap.at("flux") if READ_ONLY in action.refusal(situation)}
    assert refused == {"reconcile", "reconcile_source", "reconcile_failing", "suspend", "force", "reset"}


def test_an_action_of_another_pane_names_it() -> None:
    situation = Situation("nodes", writable=True, key=("k8s-control-1",))
    assert BY_ID["reconcile"].refusal(situation) == "reconcile is for flux"


@pytest.mark.parametrize("place", sorted(PANES))
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_footer_fits_and_always_offers_help(place: str, width: int) -> None:
    text = "".join(run.text for run in keys(place, width))
    assert len(text) <= width
    assert text.endswith("? help")


@pytest.mark.parametrize(
    ("word", "action"),
    [("q", "close"), ("quit", "close"), ("rec", None), ("reconcile", "reconcile"), ("flu", "pane_2"), ("", None)],
)
def test_a_command_is_a_word_or_its_only_completion(word: str, action: str | None) -> None:
    found = keymap.by_command("flux", word)
    assert (found.id if found else None) == action


def test_the_listing_has_every_action() -> None:
    listing = keymap.listing()
    assert all(action.help in listing for action in ACTIONS)


async def test_a_key_that_cannot_be_used_says_why_in_one_line() -> None:
    async with using(Desk(writable=False)) as user:
        await user.presses("2", "R")
        await user.sees(f"reconcile: {READ_ONLY}")
        await user.presses("j")
        await user.does_not_see(READ_ONLY)


async def test_help_lists_the_keys_of_the_place_with_what_is_refused() -> None:
    async with using(Desk(writable=False), LARGE) as user:
        await user.presses("2", "?")
        await user.sees("Keys  flux", "ask for a pass, follow it", READ_ONLY)
        await user.presses("escape")
        await user.sees("observability/grafana")


async def test_the_palette_narrows_and_does() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "ctrl+p")
        await user.types("problems")
        await user.presses("enter")
        await user.sees("problems 4 of 39")


async def test_writing_is_switched_on_and_off_by_command() -> None:
    desk = Desk(writable=False)
    async with using(desk) as user:
        await user.presses(":")
        await user.types("write")
        await user.presses("enter")
        await user.sees("writing is on for this run")
        assert desk.writable
        await user.presses(":")
        await user.types("readonly")
        await user.presses("enter")
        await user.sees("read-only  live")
        assert not desk.writable
