"""Keys and commands of the operator's own: what can't be is told before anything opens, what is right works."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from console.model.own import Command, Own
from console.settings import load
from console.sources.errors import UsageError
from console.ui import keymap, mykeys
from console.ui.actions import ACTIONS
from console.ui.availability import READ_ONLY
from tests.ui.desk import Desk
from tests.ui.user import LARGE, User, using


def own(**parts: Any) -> Own:
    return Own(source="config.yaml", **parts)


def pods(**parts: Any) -> Command:
    return Command("pods", ("echo", "in {namespace}:", "{name}"), ("flux",), **parts)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"aprove": ("x",)}, "keys: aprove: there is no such action; did you mean approve?"),
        ({"approve": ("D",)}, "keys: approve: D means diff (what the update changes, by lines) in updates already"),
        ({"approve": ("ctrl+i",)}, "keys: approve: a terminal sends tab for ctrl+i"),
        ({"approve": ("ctrl-m",)}, "keys: approve: a terminal sends enter for ctrl-m"),
        ({"approve": ("shift+a",)}, "keys: approve: a terminal sends A for shift+a: write A"),
        ({"approve": ("ctrl+1",)}, "keys: approve: no terminal sends ctrl+1"),
        ({"approve": ("cmd+a",)}, "no terminal sends cmd+a"),
        ({"approve": ("ctrl+shift+a",)}, "no terminal sends ctrl+shift+a"),
        ({"approve": ("--",)}, "keys: approve: no terminal sends --: a character, ctrl+letter"),
        ({"approve": ("++",)}, "keys: approve: no terminal sends ++: a character, ctrl+letter"),
        ({"back": ("x",)}, "keys: back: its key stays as it is"),
    ],
)
def test_a_key_that_cannot_be_is_told_with_file_and_reason(keys: dict[str, tuple[str, ...]], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        mykeys.table(own(keys=keys))
    assert caught.value.message.startswith("config.yaml: ")
    assert told in caught.value.message


def test_an_action_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        mykeys.table(own(keys={"forward": ("x",)}))
    assert "page_down, " in caught.value.hint


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (pods(key="R"), "commands: pods: R means reconcile (ask for a pass, follow it) in flux"),
        (Command("yaml", ("x",), ("flux",)), "commands: yaml: :yaml is there already"),
    ],
)
def test_a_command_that_is_in_the_way_is_told(command: Command, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        mykeys.table(own(commands=(command,)))
    assert told in caught.value.message


def test_two_of_ones_own_on_one_key_are_told() -> None:
    both = (pods(key="ctrl+t"), Command("other", ("x",), ("flux", "nodes"), key="ctrl+t"))
    with pytest.raises(UsageError, match=r"ctrl\+t means pods"):
        mykeys.table(own(commands=both))


def test_a_key_may_be_given_away_once_its_action_has_another() -> None:
    table = mykeys.table(own(keys={"reconcile": ("ctrl-r",), "refresh": ("ctrl-l", "f5"), "zoom": ()}))
    keys = {action.id: action.keys for action in table}
    assert (keys["reconcile"], keys["refresh"], keys["zoom"]) == (("ctrl+r",), ("ctrl+l", "f5"), ())
    assert len(table) == len(ACTIONS)


async def presses_command(user: User, text: str) -> None:
    await user.presses(":")
    await user.types(text)
    await user.presses("enter")


async def test_moved_keys_work_and_are_told_everywhere() -> None:
    desk = Desk()
    desk.own = own(keys={"reconcile": ("ctrl+a", ","), "zoom": ("Z",)})
    async with using(desk, LARGE) as user:
        await user.presses("2")
        await user.sees("ctrl-a reconcile", "Z zoom")
        await user.presses("R")
        await user.presses("comma")
        await user.sees("timed out waiting for Deployment grafana")
        assert [done[0] for done in desk.done] == ["reconcile"]
        await user.presses("?", "G")
        await user.sees("ctrl-a ,       ask for a pass")


async def test_a_command_runs_on_the_row_and_shows_what_it_says() -> None:
    desk = Desk()
    desk.own = own(commands=(pods(key="ctrl+t", says="its pods"),))
    async with using(desk, LARGE) as user:
        await user.presses("1", "ctrl+t")
        await user.sees("only in")
        await user.presses("2", "ctrl+t")
        await user.sees("pods  its pods", "$ echo 'in observability:' grafana", "in observability: grafana", seconds=60)
        await user.presses("q", "space", "space")
        await presses_command(user, "pods")
        await user.sees("$ echo 'in observability:' grafana", seconds=60)
        assert len(desk.done) == 3  # once, then on both that are marked


async def test_one_that_writes_is_refused_read_only_and_one_is_asked_about() -> None:
    desk = Desk(writable=False)
    desk.own = own(commands=(pods(key="ctrl+t", writes=True, confirm=True),))
    async with using(desk, LARGE) as user:
        await user.presses("2", "ctrl+t")
        await user.sees(f"pods: {READ_ONLY}")
        desk.set_writable(True)
        await user.presses("ctrl+t")
        await user.sees("Run on this machine:", "echo 'in observability:' grafana", " home ─╮")
        await user.presses("n")
        assert desk.done == []
        await user.presses("ctrl+t", "y")
        await user.sees("in observability: grafana", seconds=60)


async def test_a_secret_in_a_command_is_not_shown() -> None:
    desk = Desk()
    token = "ghp_" + 30 * "x"
    run = ("echo", "{name}", token)
    desk.own = own(commands=(Command("asks", run, ("flux",), confirm=True, key="ctrl+t"),))
    async with using(desk, LARGE) as user:
        await user.presses("2", "?", "G")
        await user.sees("echo {name} ••••••")
        await user.presses("q", "ctrl+t")
        await user.sees("Run on this machine:", "echo grafana ••••••")
        await user.presses("y")
        await user.sees("$ echo grafana ••••••", seconds=60)
        assert token not in user.screen


async def test_one_that_fails_or_is_not_there_says_so() -> None:
    desk = Desk()
    fails, none = Command("fails", ("false",), ("flux",)), Command("none", ("not-at-all-there",), ("flux",))
    desk.own = own(commands=(fails, none, pods(kinds=frozenset(("Kustomization",)))))
    async with using(desk, LARGE) as user:
        await user.presses("2")
        await presses_command(user, "fails")
        await user.sees("✖ ended with 1", seconds=60)
        await user.presses("q")
        await presses_command(user, "none")
        await user.sees("not-at-all-there can't be started", seconds=60)
        await user.presses("q")
        await presses_command(user, "pods")
        await user.sees("pods: only for Kustomization")


async def test_one_in_the_foreground_has_the_terminal(tmp_path: Path) -> None:
    desk = Desk()
    said = tmp_path / "said"
    runs = Command(
        "fore", ("sh", "-c", f'echo "$1 $HOMECONSOLE_NAME" > {said}; exit 3', "x", "{name}"), ("flux",), foreground=True
    )
    desk.own = own(commands=(runs,))
    async with using(desk, LARGE) as user:
        await user.presses("2")
        await presses_command(user, "fore")
        await user.sees("fore: sh ended with 3")
        assert said.read_text() == "grafana grafana\n"


def test_without_any_the_table_is_the_one_of_the_readme() -> None:
    assert json.dumps([a.id for a in mykeys.table(own())]) == json.dumps([a.id for a in ACTIONS])
    assert keymap.at("flux") == keymap.at("flux", mykeys.table(own()))


def test_what_the_readme_shows_is_taken_as_it_stands(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = [
        block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith(("clusters", "keys"))
    ]
    assert len(shown) == 2
    file = tmp_path / "homeconsole" / "config.yaml"
    file.parent.mkdir()
    file.write_text("\n".join(shown), encoding="utf-8")
    settings = load({}, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})
    assert [cluster.name for cluster in settings.clusters] == ["home", "lab"]
    assert "own_pods" in [action.id for action in mykeys.table(settings.own)]
