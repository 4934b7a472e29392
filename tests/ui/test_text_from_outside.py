"""Whatever stands in a field from outside changes nothing on the terminal."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

import pytest

from console.model.flux import FluxKey
from console.model.flux_detail import Detail, LogLine
from console.model.flux_tree import Node, Trace
from console.model.snapshot import Problem, Topic
from console.sources.errors import Unreachable
from console.sources.stop import Stop
from tests.ui.desk import TALOS, Desk, refused, review
from tests.ui.user import LARGE, User, using

HOSTILE = "\x1b[31m\x1b]0;owned\x07[bold red]x[/] \u202eevil\u202c\u200b\x9b2J\r\n\x00[@click=app.quit]y[/]"
FORBIDDEN = ("\x1b", "\x07", "\r", "\x00", "\x9b", "\u202e", "\u202c", "\u200b")
# What names a value or is one of a closed list of words stays: it is not text.
_KEEP = frozenset(
    [
        "state",
        "type",
        "kind",
        "status",
        "settled",
        "severity",
        "verdict",
        "system",
        "outcome",
        "signature",
        "last_status",
        "order",
        "before",
    ]
)


def hostile(value: Any, name: str = "") -> Any:
    """``value`` with every text in it made hostile."""
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: hostile(getattr(value, f.name), f.name) for f in fields(value) if f.init}
        return replace(value, **changed)
    if isinstance(value, tuple):
        made = tuple(hostile(each, name) for each in value)
        return type(value)(*made) if hasattr(value, "_fields") else made
    if type(value) is str and name not in _KEEP and value:
        return f"{value}{HOSTILE}"
    return value


def everything_hostile() -> Desk:
    """A desk on which every field of every value is hostile, names and keys too."""
    desk = Desk()
    for topic in Topic:
        table = desk.store.table(topic)
        if topic is not Topic.REPOSITORY and table.items:
            desk.store.replace(topic, [hostile(each) for each in table.items.values()])
    return desk


class Answers(Desk):
    """Answers with hostile text."""

    def manifest(self, key: FluxKey) -> str:
        return f"{key.kind}: {HOSTILE}"

    def inspect(self, key: FluxKey) -> Detail:
        return cast("Detail", hostile(super().inspect(key)))

    def logs(self, key: FluxKey, stop: Stop) -> Iterator[LogLine | Problem | None]:
        return map(hostile, super().logs(key, stop))

    def tree(self, key: FluxKey) -> Node:
        return cast("Node", hostile(super().tree(key)))

    def trace(self, key: FluxKey) -> Trace:
        return cast("Trace", hostile(super().trace(key)))

    def diff(self, branch: str) -> list[str]:
        return [f"+{branch} {HOSTILE}"]


def _harmless(user: User) -> None:
    visible = [character for character in FORBIDDEN if character in user.screen]
    assert visible == []
    lines = user.screen.split("\n")
    assert len(lines) <= user.app.size.height


@pytest.mark.parametrize("size", [(80, 24), LARGE])
async def test_no_pane_and_no_detail_lets_it_through(size: tuple[int, int]) -> None:
    async with using(everything_hostile(), size) as user:
        for pane in "1234":
            await user.presses(pane)
            _harmless(user)
            await user.presses("enter")
            _harmless(user)
            await user.presses("q")
        assert "evil" in user.screen  # it was there to be shown


async def test_markup_is_shown_as_it_is() -> None:
    async with using(everything_hostile(), LARGE) as user:
        await user.presses("2", "z")
        await user.sees("[bold red]x[/]")


async def test_problems_of_sources_and_jobs_are_harmless() -> None:
    desk = Desk()
    desk.store.failed(Topic.TALOS, Unreachable(HOSTILE, HOSTILE))
    desk.fails = refused(HOSTILE)
    async with using(desk, LARGE) as user:
        _harmless(user)
        await user.presses("2", "R")
        await user.sees("✖ reconcile HelmRelease/observability/grafana")
        _harmless(user)
        await user.presses("y")
        _harmless(user)


async def test_yaml_events_and_diffs_are_harmless() -> None:
    async with using(Answers(), LARGE) as user:
        await user.presses("2", "y")
        await user.sees("evil")
        _harmless(user)
        for key in "delt":
            await user.presses(key)
            await user.sees("evil")
            _harmless(user)
        await user.presses("q", "3", "D")
        await user.sees("evil")
        _harmless(user)


async def test_a_review_and_its_dialog_are_harmless() -> None:
    desk = Desk()
    update = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    desk.reviewed[TALOS] = replace(hostile(review(update)), update=update, base=update.base, typed="v1.13.8")
    async with using(desk, LARGE) as user:
        await user.presses("4", "a")
        await user.sees("evil")
        for _ in range(5):
            _harmless(user)
            await user.presses("tab")
        await user.presses("a")
        _harmless(user)
