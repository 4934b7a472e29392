"""The table of actions with the operator's own keys and commands. Imported only where there are some."""

import difflib
from collections.abc import Sequence

from console.model.own import Command, Own
from console.model.redaction import redacted
from console.sources.errors import UsageError
from console.ui.actions import ACTIONS, Action
from console.ui.situation import EVERYWHERE, Situation

# They lead out of everything, whatever else was moved.
_FIXED = frozenset(("back", "quit", "command"))
_WORDS = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete"}
_NAMED = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", "backspace"),
        *("tab", "shift+tab", "enter", "space", "escape", *(f"f{number}" for number in range(1, 13))),
    )
)
# As a binding has them: there a comma is between two keys.
_CALLED = {" ": "space", ",": "comma"}
_SENT = "a character, ctrl+letter, f1 to f12, or a key by its name"
# Terminals send these as the other key (ASCII: a control character is its letter without two bits).
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}


def table(own: Own) -> tuple[Action, ...]:
    """All actions, with ``own`` keys and commands. Raises UsageError for what can't be: it names file, key, and why."""
    moved = [_moved(action, own) for action in ACTIONS]
    _check_names(own)
    whole = (*moved, *(_action(command, own) for command in own.commands))
    for place in sorted(EVERYWHERE):
        _check_place(place, [action for action in whole if place in action.where], own)
    return whole


def _moved(action: Action, own: Own) -> Action:
    if action.id not in own.keys:
        return action
    if action.id in _FIXED:
        raise _error(own, f"keys: {action.id}", "its key stays as it is: it leads out of everything")
    return action._replace(keys=tuple(_key(key, own, f"keys: {action.id}") for key in own.keys[action.id]))


def _action(command: Command, own: Own) -> Action:
    where = frozenset(place for scope in command.scopes for place in (scope, f"{scope} details"))
    key = (_key(command.key, own, f"commands: {command.name}"),) if command.key else ()
    says = command.says or redacted(" ".join(command.run))

    def refuse(situation: Situation) -> str:
        fits = not command.kinds or situation.kinds <= command.kinds
        return "" if fits else f"{command.name}: only for {', '.join(sorted(command.kinds))}"

    return Action(
        "own",
        f"own_{command.name}",
        key,
        command.name,
        says,
        where,
        command.name,
        writes=command.writes,
        needs_row=True,
        refuse=refuse,
        own=command,
    )


def _key(text: str, own: Own, where: str) -> str:
    """``text`` as it is bound: ``ctrl-a`` and ``ctrl+a`` are one. UsageError for what no terminal sends."""
    parts = [part for part in text.replace("-", "+").split("+") if part] if len(text) > 1 else [text]
    if not parts:
        raise _error(own, where, f"no terminal sends {text}: {_SENT}")
    *modifiers, last = [_WORDS.get(part.lower(), part) for part in parts]
    modifiers = [modifier.lower() for modifier in modifiers]
    key = "+".join((*modifiers, last if len(last) == 1 else last.lower()))
    if key in _NAMED or (not modifiers and len(last) == 1 and last.isprintable()):
        return _CALLED.get(key, key)
    if modifiers == ["ctrl"]:
        key = key.lower()
        if key in _SAME:
            raise _error(own, where, f"a terminal sends {_SAME[key]} for {text}")
        if len(last) == 1 and last.isascii() and last.isalpha():
            return key
    if modifiers == ["shift"] and len(last) == 1 and last.isalpha():
        raise _error(own, where, f"a terminal sends {last.upper()} for {text}: write {last.upper()}")
    raise _error(own, where, f"no terminal sends {text}: {_SENT}")


def _check_names(own: Own) -> None:
    ids = [action.id for action in ACTIONS]
    for name in own.keys:
        if name not in ids:
            near = difflib.get_close_matches(name, ids, 1)
            text = "there is no such action" + (f"; did you mean {near[0]}?" if near else "")
            raise _error(own, f"keys: {name}", text, f"Actions: {', '.join(ids)}.")
    words = {action.command for action in ACTIONS if action.command}
    for command in own.commands:
        if command.name in words | {"q"}:
            raise _error(own, f"commands: {command.name}", f":{command.name} is there already")


def _check_place(place: str, actions: Sequence[Action], own: Own) -> None:
    for number, action in enumerate(actions):
        for other in actions[:number]:
            for key in sorted(set(action.keys) & set(other.keys)):
                mine, theirs = (action, other) if _is_mine(action, own) else (other, action)
                where = f"commands: {mine.label}" if mine.own else f"keys: {mine.id}"
                also = f"{theirs.label} ({theirs.help})" if theirs.own else f"{theirs.id} ({theirs.help})"
                raise _error(own, where, f"{key} means {also} in {place} already; give one of them another key")


def _is_mine(action: Action, own: Own) -> bool:
    return bool(action.own) or action.id in own.keys


def _error(own: Own, where: str, text: str, hint: str = "README lists the keys there are.") -> UsageError:
    return UsageError(f"{own.source}: {where}: {text}", hint, kind="configuration")
