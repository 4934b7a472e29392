"""Anything is found by its name, and found again: palette, command line, views, favourites, what was looked at."""

import threading
from collections.abc import Callable

import pytest

from console.model.own import Kept, Own, View
from console.ui.widgets.arrangement import first
from console.ui.widgets.columns import Row
from tests.ui.desk import Desk, refused
from tests.ui.user import LARGE, SMALL, User, using


async def commands(user: User, text: str) -> None:
    await user.presses(":")
    await user.types(text)
    await user.presses("enter")


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("jellyfin", "▌✔ Ready        media/jellyfin"),
        ("control-1", "▌k8s-control-1"),
        ("sonarr", "▌· sonarr"),
    ],
)
async def test_the_palette_goes_to_what_is_called_so(typed: str, seen: str) -> None:
    async with using(Desk()) as user:
        await user.presses("4", "ctrl+p")
        await user.types(typed)
        await user.presses("enter")
        await user._until(lambda: len(user.app.screen_stack) == 1, "panes on")
        assert seen.rsplit(maxsplit=1)[-1] in user.line("▌")


async def test_what_was_looked_at_stands_first_in_the_palette_and_in_its_own_list() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "enter", "q", "3", "j", "enter", "q", "1", "ctrl+p")
        lines = user.screen.split("\n")[2:6]
        assert [line.split()[0] for line in lines[:1]] == ["looked"]
        assert "Kubernetes" in lines[1]
        assert "observability/grafana" in lines[2]
        await user.presses("escape")
        await commands(user, "recent")
        await user.sees("Looked at last  2")
        await user.presses("down", "enter")
        await user.sees("▌✖ Failed")


async def test_from_a_text_one_goes_straight_to_another_thing() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "enter")
        await commands(user, "go media/jellyfin")
        await user._until(lambda: len(user.app.screen_stack) == 1, "panes on")
        assert "media/jellyfin" in user.line("▌")


async def test_the_command_line_completes_names_and_goes_there() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses(":")
        await user.types("jell")
        await user.sees(":jell▏   media/jellyfin")
        await user.presses("tab", "enter")
        await user._until(lambda: not user.app.screen.bottom.asking, "the line done on")  # type: ignore[attr-defined]
        assert "media/jellyfin" in user.line("▌")
        await commands(user, "grafana")
        await user.sees("Called so", "HelmRelease", "Kustomization", "update")


async def test_a_name_that_there_is_not_is_told() -> None:
    async with using(Desk(), LARGE) as user:
        await commands(user, "go nothing-at-all")
        await user.sees("nothing here is called 'nothing-at-all'")
        await commands(user, "nothing-at-all")
        await user.sees("no command 'nothing-at-all' here, and nothing is called so")


async def test_a_view_is_saved_and_opened_again() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("2", "slash")
        await user.types("media")
        await user.presses("enter", "N")
        await commands(user, "save-view mine")
        await user.sees("kept: :view mine")
        assert desk.remembered.views == (View("mine", "flux", "media", "name"),)
        await user.presses("escape", "N", "N", "1", "enter")
        await commands(user, "view mine")
        await user.sees("/media 9 of 39", "by name")
        assert len(user.app.screen_stack) == 1


async def test_a_view_of_the_configuration_is_completed_and_listed() -> None:
    desk = Desk()
    desk.own = Own(views=(View("broken", "flux", problems=True),))
    async with using(desk, LARGE) as user:
        await user.presses(":")
        await user.types("view b")
        await user.sees(":view b▏   broken")
        await user.presses("tab", "enter")
        await user.sees("problems 4 of 39")
        await commands(user, "view nope")
        await user.sees("there is no 'nope'; there are: broken")
        await commands(user, "view")
        await user.sees("Views", "broken  flux")


class Unkept(Desk):
    """Nothing is written before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def keep(self, change: Callable[[Kept], Kept]) -> Kept:
        self.let.wait(60)
        return super().keep(change)


async def test_a_favourite_is_told_when_it_is_written() -> None:
    desk = Unkept()
    async with using(desk, LARGE) as user:
        await user.presses("2", "*")
        assert "favourite: " not in user.screen
        desk.let.set()
        await user.sees("favourite: ", seconds=60)


async def test_what_cannot_be_kept_is_told() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("2")
        desk.fails = refused("no room")
        await commands(user, "save-view mine")
        await user.sees("no room  read it again")


async def test_a_favourite_stands_before_its_like_and_may_stand_alone() -> None:
    desk = Desk()
    async with using(desk, SMALL) as user:
        await user.presses("2", "slash")
        await user.types("jellyfin")
        await user.presses("enter", "*")
        await user.sees("★✔ Ready")
        assert desk.remembered.favourites == {("flux", "Kustomization", "media", "jellyfin")}
        await user.presses("escape", "g")
        rows = [line for line in user.screen.split("\n") if "Ready" in line]
        assert "★✔ Ready" in rows[0]
        assert "▌✖ Failed" in user.screen  # what fails stands before it
        await commands(user, "favourites")
        await user.sees("favourites 1 of 39")
        await user.presses("*")
        await user.sees("No favourites")
        assert not desk.remembered.favourites


def test_favourites_stay_within_their_group_and_their_state() -> None:
    def row(name: str, group: str, *, problem: bool = False) -> Row:
        return Row((name,), (), name=name, group=group, problem=problem)

    rows = [row("a", "x", problem=True), row("b", "x"), row("c", "x"), row("d", "y"), row("e", "y")]
    assert [each.name for each in first(rows, {("c",), ("e",), ("b",)})] == ["a", "b", "c", "e", "d"]
    assert [each.name for each in first(rows, {("c",), ("e",)})] == ["a", "c", "b", "e", "d"]
