"""The one table of keys: complete, without clashes, and honest about what can't be done."""

from collections import Counter
from dataclasses import replace

import pytest

from console.model.snapshot import Topic
from console.model.upgrades import TupprUpgrade
from console.ui import keymap
from console.ui.actions import ACTIONS, BY_ID
from console.ui.availability import READ_ONLY
from console.ui.looks import Run
from console.ui.situation import EVERYWHERE, PANES, Situation
from console.ui.widgets.bottom import keys
from tests.ui.desk import KUBELET, TALOS, Desk
from tests.ui.user import LARGE, using

RUNNING = TupprUpgrade("TalosUpgrade", "talos", "talos", "v1.13.8", "Upgrading", current_nodes=("k8s-control-1",))

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
    "many": ("2", "g", "space", "G", "v", "R"),
    "palette": ("ctrl+p",),
    "origin": ("2", "g", "t", "j", "j", "j", "j", "enter"),
    "dry run": ("4", "a", "n"),
    "queue": ("3", "g", "space", "space", "a"),
    "output": ("2", "ctrl+t"),
    "messages": ("m",),
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


def test_read_only_refuses_what_writes_and_nothing_else() -> None:
    situation = Situation("flux", writable=False, key=("HelmRelease", "a", "b"), kinds=frozenset(("HelmRelease",)))
    refused = {action.id for action in keymap.at("flux") if READ_ONLY in action.refusal(situation)}
    assert refused == {"reconcile", "reconcile_source", "reconcile_failing", "suspend", "force", "reset"}


def test_an_action_of_another_pane_names_it() -> None:
    situation = Situation("nodes", writable=True, key=("k8s-control-1",))
    assert BY_ID["reconcile"].refusal(situation) == "R (ask for a pass, follow it): only in the Flux pane (2)"
    tree = "enter (what is chosen in a tree): only in the tree of a Flux object"
    assert BY_ID["onward"].refusal(Situation("updates details", writable=True)) == tree


@pytest.mark.parametrize(("key", "label", "offer"), [("review", "take fix", "fix"), ("rollout", "reset", "reset")])
def test_the_footer_offers_only_what_is_possible(key: str, label: str, offer: str) -> None:
    for offers in (frozenset[str](), frozenset((offer,))):
        left, _ = keys(Situation(key, writable=True, offers=offers), 120)
        assert (label in "".join(run.text for run in left)) is bool(offers)


@pytest.mark.parametrize("place", sorted(EVERYWHERE - {"help"}))
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_footer_fits_and_always_offers_help(place: str, width: int) -> None:
    left, right = keys(Situation(place, writable=True, key=("a",)), width)
    text = "".join(run.text for run in (*left, *right))
    assert len(text) <= width
    assert text.endswith("? help ")


@pytest.mark.parametrize("place", sorted(PANES))
def test_the_footer_of_a_wide_screen_tells_how_to_move_and_to_leave(place: str) -> None:
    _, right = keys(Situation(place, writable=True), 140)
    text = "".join(run.text for run in right)
    assert all(key in text for key in ("/ filter", "q quit", ": command", "1-4 panes", "! needs me", "z zoom"))


async def test_the_footer_offers_only_what_applies_to_the_row() -> None:
    desk = Desk()
    desk.store.remove(Topic.UPDATES, [(KUBELET,)])
    async with using(desk, LARGE) as user:
        await user.presses("4")
        await user.sees("a approve…  D diff  ")
        await user.presses("j")
        await user.sees("▌✔ Kubernetes")
        assert "approve…" not in user.screen
        await user.presses("a")
        await user.sees("approve: nothing waits here")


async def test_while_talos_is_upgraded_kubernetes_says_why_it_is_not_to_be_approved() -> None:
    desk = Desk()
    desk.store.put(Topic.TUPPR, [replace(RUNNING, generation=2, observed_generation=2)])
    desk.store.remove(Topic.UPDATES, [(TALOS,)])
    async with using(desk, LARGE) as user:
        await user.presses("4", "G")
        await user.sees("▌▲ Kubernetes", "Talos is being upgraded")
        assert "a approve" not in user.screen
        await user.presses("a")
        await user.sees("approve: Talos is being upgraded; wait until it is done")


async def test_what_was_said_yields_to_the_keys_after_a_while() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "c")
        await user.sees("copied HelmRelease/observability/grafana")
        desk.clock.pass_by(seconds=35)
        user.app.look()
        await user.does_not_see("copied")
        await user.sees("enter details  R reconcile")


async def test_an_outcome_leaves_room_for_the_keys() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "R")
        await user.sees("timed out waiting for Deployment grafana", "? help")
        assert "timed out" in user.line("? help")


@pytest.mark.parametrize("way", [("2",), ("2", "enter"), ("4", "a")], ids=["a pane", "a text", "a review"])
async def test_what_the_last_line_has_no_room_for_is_read_whole_by_a_key(way: tuple[str, ...]) -> None:
    text = (
        "reconcile grafana: timed out waiting for Deployment observability/grafana: 1 of 2 updated replicas are there"
    )
    async with using(Desk()) as user:
        await user.presses(*way)
        user.app.tell(text, "bad")
        await user.sees("timed out waiting", "… m whole")
        assert len(user.line("m whole")) <= 80
        await user.presses("m")
        await user.sees("Told in the last line", "12:00:00  reconcile", "replicas are there")
        await user.presses("q")
        await user.does_not_see("Told in the last line")


async def test_what_goes_on_is_kept_as_it_stood_last_and_nothing_else_takes_its_place() -> None:
    async with using(Desk()) as user:
        user.app.told.clear()
        for text, lasting in (("one", True), ("two", True), ("told", False), ("three", True), ("end", False)):
            user.app.say(Run(text), lasting=lasting)
        assert [each.said[0].text for each in user.app.told] == ["two", "told", "three", "end"]


async def test_what_is_told_while_something_is_asked_stands_behind_the_question_and_is_kept() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "s")
        await user.sees("Why:")
        user.app.tell("the answer to something else")
        await user.presses("escape")
        await user.sees("the answer to something else")
        await user.presses("2", "R", "c", "m")
        await user.sees("copied HelmRelease", "the answer to something else")


@pytest.mark.parametrize(
    ("word", "action"),
    [("q", "close"), ("quit", "close"), ("rec", None), ("reconcile", "reconcile"), ("flu", "pane_2"), ("", None)],
)
def test_a_command_is_a_word_or_its_only_completion(word: str, action: str | None) -> None:
    found = keymap.by_command("flux", word)
    assert (found.id if found else None) == action


def test_the_listing_has_every_action_and_tells_those_on_one_key_apart() -> None:
    listing = keymap.listing()
    assert all(action.help in listing for action in ACTIONS)
    told = Counter((key, keymap.where(action)) for action in ACTIONS for key in action.keys)
    assert [each for each, count in told.items() if count > 1] == []


async def test_a_key_that_cannot_be_used_says_why_in_one_line() -> None:
    async with using(Desk(writable=False)) as user:
        await user.presses("2", "R")
        await user.sees(f"reconcile: {READ_ONLY}")
        await user.presses("j")
        await user.does_not_see(READ_ONLY)


async def test_help_lists_the_keys_of_the_place_with_what_is_refused() -> None:
    async with using(Desk(writable=False), LARGE) as user:
        await user.presses("2", "?")
        await user.sees("Keys  flux", "all that is known of it")
        await user.presses("G")
        await user.sees("ask for a pass, follow it", READ_ONLY)
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
