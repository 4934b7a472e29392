"""What is made of the table of actions: the bindings of a screen, its footer, its commands, the README's list.

``table`` is the one that holds: the operator may have other keys, and commands of their own.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from textual.binding import Binding, BindingsMap

from console.ui.actions import ACTIONS, GROUPS, Action
from console.ui.situation import DETAILS, EVERYWHERE, PANES, TEXTS

_BEFORE_FILTER = 8  # ranks below: what one does to what is chosen; from there on, what always applies
_IN_PARTS = frozenset(("review", "log", "flux details", "updates details", "upgrades details"))


def bindings(places: Iterable[str]) -> list[Binding]:
    """The bindings of a screen that is all of ``places``; only quitting goes before what one types."""
    wanted = frozenset(places)
    return [_binding(action) for action in ACTIONS if action.keys and action.where & wanted]


def rebound(bindings: BindingsMap, table: Sequence[Action]) -> BindingsMap:
    """The same actions under the keys that they have in ``table``, and the operator's own commands."""
    ids = {binding.id for _, binding in bindings}
    return BindingsMap([_binding(each) for each in table if each.keys and (each.id in ids or each.own)])


def _binding(action: Action) -> Binding:
    return Binding(
        ",".join(action.keys),
        f"app.act('{action.id}')",
        action.label,
        show=False,
        priority=action.id in ("quit", "stop"),
        id=action.id,
    )


def at(place: str, table: Sequence[Action] = ACTIONS) -> list[Action]:
    """The actions of a place."""
    return [action for action in table if place in action.where]


def meant(action: Action, place: str, table: Sequence[Action]) -> Action:
    """What a key means in ``place`` that is bound to ``action``, too, on the same screen."""
    same = (each for each in at(place, table) if set(each.keys) & set(action.keys))
    return action if place in action.where else next(same, action)


def in_footer(place: str, table: Sequence[Action] = ACTIONS) -> tuple[list[Action], list[Action]]:
    """Those that the footer shows, the most used first: what acts on what is chosen, and what always applies."""
    here = at(place, table)
    by_id = {action.id: action for action in here}
    shown = sorted((a for a in here if a.footer and a.id not in ("help", "close")), key=lambda a: a.footer)
    chosen = [action for action in shown if action.footer < _BEFORE_FILTER]
    rest = [action for action in shown if action.footer >= _BEFORE_FILTER]
    if place in TEXTS:
        return chosen, [*([by_id["next_part"]] if place in _IN_PARTS else []), by_id["back"], *rest]
    return chosen, [*rest[:1], by_id["close"], *rest[1:]] if place in PANES else rest


def commands(place: str, beginning: str, table: Sequence[Action] = ACTIONS) -> list[str]:
    """The words after ``:`` that begin so, here."""
    words: Collection[str] = {action.command for action in at(place, table) if action.command}
    return sorted(word for word in words if word.startswith(beginning))


def by_command(place: str, word: str, table: Sequence[Action] = ACTIONS) -> Action | None:
    """The action that ``word``, or its only completion, means here."""
    found = commands(place, word, table) if word else []
    words = [word] if word in found else found
    if word == "q":
        words = ["quit"]
    if len(words) != 1:
        return None
    return next(action for action in at(place, table) if action.command == words[0])


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
