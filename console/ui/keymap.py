"""What is made of the table of actions: the bindings of a screen, its footer, its commands, the README's list."""

from collections.abc import Iterable
from itertools import groupby

from textual.binding import Binding

from console.ui.actions import ACTIONS, BY_ID, GROUPS, Action
from console.ui.situation import DETAILS, EVERYWHERE, PANES, TEXTS

_BEFORE_FILTER = 8  # ranks below: what one does to what is chosen; from there on, what always applies
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


def in_footer(place: str) -> tuple[list[Action], list[Action]]:
    """Those that the footer shows, the most used first: what acts on what is chosen, and what always applies."""
    shown = sorted((a for a in at(place) if a.footer and a.id not in ("help", "close")), key=lambda a: a.footer)
    chosen = [action for action in shown if action.footer < _BEFORE_FILTER]
    rest = [action for action in shown if action.footer >= _BEFORE_FILTER]
    if place in TEXTS:
        return chosen, [*([BY_ID["next_part"]] if place in _IN_PARTS else []), BY_ID["back"], *rest]
    return chosen, [*rest[:1], BY_ID["close"], *rest[1:]] if place in PANES else rest


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
        parts.append(f"**{GROUPS[group]}**\n\n| key | command | where | |\n|---|---|---|---|")
        for action in members:
            keys = f"`{action.shown_keys}`" if action.keys else ""
            command = f"`:{action.command}`" if action.command else ""
            parts.append(f"| {keys} | {command} | {where(action)} | {action.help} |")
        parts.append("")
    return "\n".join(parts)


def where(action: Action) -> str:
    """Where it applies, in few words: one key may mean different things in different places."""
    if len(action.where) >= len(EVERYWHERE) - 2:
        return "everywhere"
    if action.where == TEXTS:
        return "texts"
    words: list[str] = []
    for name, places in (("panes", PANES), ("details", DETAILS)):
        here = action.where & places
        words += [name] if here == places else sorted(here)
    return ", ".join((*words, *sorted(action.where - PANES - DETAILS)))
