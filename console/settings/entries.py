"""How the operator's own clusters, views, commands and keys stand in the configuration file: for each a table of what
an entry may hold, from which it is read and its JSON Schema is made. Defaults are those of the values themselves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from console.model.own import SCOPES, VARIABLES, Command, View, placeholders

_SORTS = ("name", "age", "status", "blocks")


class Wrong(ValueError):  # noqa: N818 - as ValueError is told
    """What exactly is wrong within a setting that has parts."""


class Cluster(NamedTuple):
    """One of several clusters, as the configuration names it. What it leaves open is found as for an only one.

    ``write``: whether writing is on as soon as one goes there.
    """

    name: str
    context: str = ""
    talos_context: str = ""
    kubeconfig: Path | None = None
    talosconfig: Path | None = None
    talosctl: str = ""
    repository: str = ""
    branch: str = ""
    write: bool = False


class Named(Protocol):
    """An entry."""

    @property
    def name(self) -> str:
        """No other of its list has it."""


Entry = TypeVar("Entry", bound=Named)


class Part(NamedTuple):
    """What a key of an entry may hold, in words; ``read`` gives it as the entry has it, and raises ValueError.

    ``field`` is its name there, where that is another one.
    """

    expected: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    needed: bool = False
    field: str = ""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _path(value: Any) -> Path:
    path = Path(_text(value))
    try:
        return path.expanduser()
    except RuntimeError:
        raise Wrong(f"there is no home folder of {path.parts[0]}; write the whole path") from None


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, (str, int, float)) for each in value):
        raise ValueError
    return tuple(map(str, value))


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - as all of them do
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 86400:
        raise ValueError
    return float(value)


def _scopes(value: Any) -> tuple[str, ...]:
    return tuple(map(_among(SCOPES), _texts(value)))


def _among(choices: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return read


def _form(pattern: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not re.fullmatch(pattern, text := _text(value)):
            raise ValueError
        return text

    return read


_STRING: Mapping[str, Any] = {"type": "string", "pattern": r"\S"}
_STRINGS: Mapping[str, Any] = {"type": "array", "items": _STRING, "minItems": 1}
_TEXT = Part("a text", _text, _STRING)
_PATH = Part("a path", _path, _STRING)
_TEXTS = Part("a list of texts", _texts, _STRINGS)
_SWITCH = Part("true or false", _switch, {"type": "boolean"})
_WORD = Part("one word", _form(r"\S+"), {"type": "string", "pattern": r"^\S+$"})
# Of a command: it is a part of its key's binding.
_NAME = Part("one word of letters, digits, _ . and -", _form(r"[\w.-]+"), {"type": "string", "pattern": r"^[\w.-]+$"})
_CLUSTER: Mapping[str, Part] = {
    "name": _TEXT._replace(needed=True),
    "context": _TEXT,
    "talos_context": _TEXT,
    "kubeconfig": _PATH,
    "talosconfig": _PATH,
    "talosctl": _TEXT,
    "repository": _TEXT,
    "branch": _TEXT,
    "write": _SWITCH,
}
_VIEW: Mapping[str, Part] = {
    "name": _WORD._replace(needed=True),
    "pane": Part(" or ".join(SCOPES), _among(SCOPES), {"enum": list(SCOPES)}, needed=True),
    "filter": _TEXT,
    "sort": Part(" or ".join(_SORTS), _among(_SORTS), {"enum": list(_SORTS)}),
    "descending": _SWITCH,
    "problems": _SWITCH,
}
_COMMAND: Mapping[str, Part] = {
    "name": _NAME._replace(needed=True),
    "run": _TEXTS._replace(needed=True),
    "scopes": Part(
        f"a list of {', '.join(SCOPES)}", _scopes, {**_STRINGS, "items": {"enum": list(SCOPES)}}, needed=True
    ),
    "key": _TEXT,
    "kinds": _TEXTS._replace(read=lambda value: frozenset(_texts(value))),
    "says": _TEXT,
    "confirm": _SWITCH,
    "writes": _SWITCH,
    "foreground": _SWITCH,
    "timeout": Part(
        "seconds between 1 and 86400", _seconds, {"type": "number", "minimum": 1, "maximum": 86400}, field="seconds"
    ),
}


def clusters(value: Any) -> tuple[Cluster, ...]:
    """``[{name: home, context: admin@home, …}]``. Raises Wrong."""
    return tuple(made for _, made in _made(Cluster, _CLUSTER, value))


def views(value: Any) -> tuple[View, ...]:
    """``[{name: broken, pane: flux, filter: "ns:media", sort: age}]``. Raises Wrong."""
    return tuple(made for _, made in _made(View, _VIEW, value))


def commands(value: Any) -> tuple[Command, ...]:
    """``[{name: pods, scopes: [flux], run: [kubectl, get, pods, -n, "{namespace}"]}]``. Raises Wrong."""
    found = _made(Command, _COMMAND, value)
    for where, made in found:
        _check_words(where, made)
    return tuple(made for _, made in found)


def keys(value: Any) -> Mapping[str, tuple[str, ...]]:
    """``{approve: ctrl+a, down: [down, e]}``, by the names of actions; an empty list takes an action's key away.

    Which actions and keys there are is known where the keys are pressed. Raises Wrong.
    """
    if not isinstance(value, Mapping):
        raise Wrong("expected the names of actions, each with a key or a list of keys")
    found = {}
    for name, given in value.items():
        listed = [given] if isinstance(given, (str, int)) and not isinstance(given, bool) else given
        if not isinstance(listed, list) or not all(isinstance(key, (str, int)) for key in listed):
            raise Wrong(f"{name}: expected a key or a list of keys, found {given!r}")
        found[str(name)] = tuple(map(str, listed))
    return found


def _made(kind: Callable[..., Entry], parts: Mapping[str, Part], value: Any) -> list[tuple[str, Entry]]:
    """(where it stands, in words; the entry) for each of a list."""
    if not isinstance(value, list):
        raise Wrong(f"expected a list, found {value!r}")
    found = []
    for number, entry in enumerate(value, 1):
        if not isinstance(entry, Mapping):
            raise Wrong(f"entry {number}: expected keys and values, found {entry!r}")
        name = entry.get("name")
        where = f"entry {number} ({name})" if isinstance(name, str) else f"entry {number}"
        found.append((where, kind(**_fields(where, entry, parts))))
    names = [made.name for _, made in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Wrong(f"the name {twice} is there twice")
    return found


def _fields(where: str, entry: Mapping[str, Any], parts: Mapping[str, Part]) -> dict[str, Any]:
    """What is given, read strictly."""
    for name in entry:
        if name not in parts:
            import difflib  # noqa: PLC0415 - only to tell of an error

            near = difflib.get_close_matches(str(name), parts, 1)
            told = f"did you mean {near[0]}?" if near else f"known: {', '.join(parts)}"
            raise Wrong(f"{where}: there is no key {name}; {told}")
    found = {}
    for name, part in parts.items():
        if name in entry:
            try:
                found[part.field or name] = part.read(entry[name])
            except Wrong as wrong:
                raise Wrong(f"{where}: {name}: {wrong}") from None
            except (ValueError, TypeError):
                raise Wrong(f"{where}: {name}: expected {part.expected}, found {entry[name]!r}") from None
        elif part.needed:
            raise Wrong(f"{where}: {name} is missing, {part.expected}")
    return found


def _check_words(where: str, command: Command) -> None:
    """Every variable is there wherever the command is, and none of them says which program it is."""
    if placeholders(command.run[0]):
        raise Wrong(f"{where}: run: its first word is the program, and no variable")
    for scope in command.scopes:
        for name in (name for word in command.run for name in placeholders(word)):
            if name not in VARIABLES[scope]:
                known = ", ".join(f"{{{each}}}" for each in sorted(VARIABLES[scope]))
                raise Wrong(f"{where}: run: there is no {{{name}}} in {scope}, only {known}; {{{{ is a brace")


def _list_of(parts: Mapping[str, Part]) -> Mapping[str, Any]:
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {name: part.schema for name, part in parts.items()},
            "required": [name for name, part in parts.items() if part.needed],
            "additionalProperties": False,
        },
    }


CLUSTERS, VIEWS, COMMANDS = map(_list_of, (_CLUSTER, _VIEW, _COMMAND))
KEYS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [{"type": ["string", "integer"]}, {"type": "array", "items": {"type": "string"}}]
    },
}
