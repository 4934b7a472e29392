"""What is made of the table of actions: the bindings of a screen, its footer, its commands, the README's list."""

from collections.abc import Iterable
from itertools import groupby

from textual.binding import Binding

from console.ui.actions import ACTIONS, BY_ID, GROUPS, Action
from console.ui.situation import TEXTS

_BEFORE_FILTER = 7.5
_IN_PARTS = frozenset(("review", "log", "flux details", "updates details", "upgrades details"))


def bindings(places: Iterable[str]) -> list[Binding]:
    """The bindings of a screen that is all of ``places``; only quitting goes before what one types."""
    wanted = frozenset(places)
    return [
        Binding(
            ",".join(action.keys),
            f"app.act('{action.id}')",
            action.label,
            show=False,
            priority=action.id in ("quit", "stop"),
            id=action.id,
        )
        for action in ACTIONS
        if action.keys and action.where & wanted
    ]


def at(place: str) -> list[Action]:
    """The actions of a place."""
    return [action for action in ACTIONS if place in action.where]


def in_footer(place: str) -> list[Action]:
    """Those that the footer shows, the most used first."""
    shown = [action for action in at(place) if action.footer and action.id != "help"]
    if place in TEXTS:
        shown += [BY_ID["next_part"]] if place in _IN_PARTS else []
        shown += [BY_ID["back"]]
    return sorted(shown, key=lambda action: action.footer or _BEFORE_FILTER)


def commands(place: str, beginning: str) -> list[str]:
    """The words after ``:`` that begin so, here."""
    return sorted({action.command for action in at(place) if action.command.startswith(beginning) and action.command})


def by_command(place: str, word: str) -> Action | None:
    """The action that ``word``, or its only completion, means here."""
    words = [word] if word in commands(place, word) else commands(place, word) if word else []
    if word == "q":
        words = ["quit"]
    if len(words) != 1:
        return None
    return next(action for action in at(place) if action.command == words[0])


def listing() -> str:
    """The README's list of keys, in Markdown."""
    parts = []
    for group, members in groupby(ACTIONS, key=lambda action: action.group):
        parts.append(f"**{GROUPS[group]}**\n\n| key | command | |\n|---|---|---|")
        for action in members:
            keys = f"`{action.shown_keys}`" if action.keys else ""
            command = f"`:{action.command}`" if action.command else ""
            parts.append(f"| {keys} | {command} | {action.help} |")
        parts.append("")
    return "\n".join(parts)
