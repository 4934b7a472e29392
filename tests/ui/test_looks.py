"""How it looks: every pane and dialog, small and large, the clock standing still.

After a wanted change: ``pytest tests/ui/test_looks.py --snapshot-update``, and look at each picture.
"""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from console.model.snapshot import Topic
from console.model.updates import ApprovedCommit, RepositoryState
from console.sources.errors import Unauthorized, Unreachable
from console.ui.app import ConsoleApp
from tests.ui.desk import BASE, NOON, TALOS, Desk, ago
from tests.ui.test_rollout import KEEPER, on_its_way
from tests.ui.user import LARGE, SMALL, User

Compare = Callable[..., bool]


def _shows(
    snap_compare: Compare,
    size: tuple[int, int],
    keys: tuple[str, ...],
    sees: str,
    *,
    desk: Desk | None = None,
    **how: Any,
) -> None:
    """After ``keys`` the screen has ``sees`` on it, and looks as it did."""
    app = ConsoleApp(desk or Desk(), **how)

    async def before(pilot: Pilot[int]) -> None:
        user = User(app, pilot)
        await user._until(lambda: bool(app.scene.views), "a first scene on")
        for key in keys:
            await user.presses(key)
            await user._until(lambda: not user.waits, "an answer on")
        await user.sees(sees)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
def test_a_pane_on_a_small_screen(snap_compare: Compare, pane: str) -> None:
    _shows(snap_compare, SMALL, (pane,), "▌")


def test_all_four_panes(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, ("2",), "4 Upgrades")


def test_all_four_panes_at_the_least_width(snap_compare: Compare) -> None:
    _shows(snap_compare, (100, 30), ("2",), "4 Upgrades")


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
def test_details(snap_compare: Compare, pane: str) -> None:
    _shows(snap_compare, SMALL, (pane, "enter"), "back")


def test_details_of_an_upgrade_on_a_large_screen(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, ("4", "enter"), "TalosUpgrade/talos")


@pytest.mark.parametrize(
    ("pane", "key", "sees"),
    [
        ("2", "y", "apiVersion"),
        ("2", "e", "Warning"),
        ("2", "t", "brought by"),
        ("2", "l", "Reconciler"),
        ("3", "D", "@@"),
    ],
)
def test_text_that_was_asked_for(snap_compare: Compare, pane: str, key: str, sees: str) -> None:
    _shows(snap_compare, SMALL, (pane, key), sees)


@pytest.mark.parametrize("tabs", range(5))
def test_a_part_of_a_review_on_a_small_screen(snap_compare: Compare, tabs: int) -> None:
    _shows(snap_compare, SMALL, ("4", "a", *(["tab"] * tabs)), f"‹{tabs + 1} of 5›")


def test_a_review_on_a_large_screen(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, ("4", "a"), "Approved-by")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_word_that_approves(snap_compare: Compare, size: tuple[int, int]) -> None:
    _shows(snap_compare, size, ("4", "a", "a"), "Type v1.13.8")


def test_many_at_once(snap_compare: Compare) -> None:
    _shows(snap_compare, SMALL, ("2", "space", "space", "R"), "✔ 2 done")


def test_details_of_a_flux_object_on_a_large_screen(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, ("2", "enter"), "Inventory")


def test_yes_or_no(snap_compare: Compare) -> None:
    _shows(snap_compare, SMALL, ("3", "G", "k", "k", "a", "a"), "y/N")


def test_why_it_is_suspended(snap_compare: Compare) -> None:
    _shows(snap_compare, SMALL, ("2", "s"), "Why:")


def test_help(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, ("2", "?"), "Keys  flux", desk=Desk(writable=False))


def test_the_palette(snap_compare: Compare) -> None:
    _shows(snap_compare, SMALL, ("2", "ctrl+p"), "Commands  flux")


def test_a_filter(snap_compare: Compare) -> None:
    _shows(snap_compare, SMALL, ("2", "/", "g", "r", "a", "f"), "/graf▏")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_rollout(snap_compare: Compare, size: tuple[int, int]) -> None:
    desk = Desk()
    update = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    commit = ApprovedCommit(
        "7d20c4e" + "0" * 33, TALOS, "Merge", ago(minutes=4), "Home", update.changes, system="talos"
    )
    state = RepositoryState("url", "main", commit.commit, NOON, (commit.commit, BASE), (commit,))
    desk.store.put(Topic.REPOSITORY, [state])
    _shows(snap_compare, size, ("w",), "Rollout  Talos", desk=desk)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_rollout_that_hangs(snap_compare: Compare, size: tuple[int, int]) -> None:
    _shows(snap_compare, size, ("w",), "What you can do", desk=on_its_way(evidence=(KEEPER,)))


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_sources_that_fail(snap_compare: Compare, size: tuple[int, int]) -> None:
    desk = Desk()
    desk.clock.pass_by(minutes=6)
    desk.store.failed(
        Topic.TALOS,
        Unauthorized(
            "Talos refuses our certificate: it expired 2 days ago (2026-11-20).",
            "New one, on a machine with admin rights:\n"
            "  talosctl config new --roles os:reader --crt-ttl 8760h reader.yaml\n"
            "Then point TALOSCONFIG at it; this pane recovers by itself.",
        ),
    )
    for topic in (Topic.FLUX, Topic.KUBERNETES, Topic.TUPPR, Topic.WORKLOADS):
        desk.store.failed(
            topic, Unreachable("The API server at https://10.0.0.11:6443 refuses connections", "Is it up?")
        )
    _shows(snap_compare, size, ("1",), "data 6m old", desk=desk)


def test_before_anything_was_answered(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, (), "asking", desk=Desk(held=False))


def test_ascii(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, ("2",), "4 Upgrades", ascii_only=True)


def test_without_colours(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _shows(snap_compare, SMALL, ("2",), "▌✖ Failed")


def test_sixteen_colours(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    _shows(snap_compare, SMALL, ("2",), "▌✖ Failed")
