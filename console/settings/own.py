"""How the operator's own clusters, views, commands and keys stand in the configuration file."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from console.model.own import SCOPES, VARIABLES, Command, View, placeholders

_NAME = r"[\w.-]+"  # of a command: it is a part of its key's binding
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


def clusters(value: Any) -> tuple[Cluster, ...]:
    """``[{name: home, context: admin@home, …}]``. Raises Wrong."""
    found = []
    for where, entry in _entries(value):
        parts = _Parts(where, entry, "name", "context", "talos_context", "kubeconfig", "talosconfig", "talosctl",
                       "repository", "branch", "write")  # fmt: skip
        found.append(
            Cluster(
                parts.text("name"),
                parts.text("context", default=""),
                parts.text("talos_context", default=""),
                parts.path("kubeconfig"),
                parts.path("talosconfig"),
                parts.text("talosctl", default=""),
                parts.text("repository", default=""),
                parts.text("branch", default=""),
                parts.switch("write"),
            )
        )
    _once("the name", [each.name for each in found])
    return tuple(found)


def views(value: Any) -> tuple[View, ...]:
    """``[{name: broken, pane: flux, filter: "ns:media", sort: age}]``. Raises Wrong."""
    found = []
    for where, entry in _entries(value):
        parts = _Parts(where, entry, "name", "pane", "filter", "sort", "descending", "problems")
        found.append(
            View(
                parts.word("name"),
                parts.among("pane", SCOPES),
                parts.text("filter", default=""),
                parts.among("sort", _SORTS, default=""),
                parts.switch("descending"),
                parts.switch("problems"),
            )
        )
    _once("the name", [each.name for each in found])
    return tuple(found)


def commands(value: Any) -> tuple[Command, ...]:
    """``[{name: pods, scopes: [flux], run: [kubectl, get, pods, -n, "{namespace}"]}]``. Raises Wrong."""
    found = []
    for where, entry in _entries(value):
        parts = _Parts(where, entry, "name", "run", "scopes", "key", "kinds", "says", "confirm", "writes",
                       "foreground", "timeout")  # fmt: skip
        made = Command(
            parts.word("name", _NAME),
            parts.texts("run"),
            tuple(parts.each_among("scopes", SCOPES)),
            parts.text("key", default=""),
            frozenset(parts.texts("kinds", default=())),
            parts.text("says", default=""),
            parts.switch("confirm"),
            parts.switch("writes"),
            parts.switch("foreground"),
            parts.seconds("timeout", 60.0),
        )
        _check_words(where, made)
        found.append(made)
    _once("the name", [each.name for each in found])
    return tuple(found)


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


def _check_words(where: str, command: Command) -> None:
    """Every variable is there wherever the command is, and none of them says which program it is."""
    if placeholders(command.run[0]):
        raise Wrong(f"{where}: run: its first word is the program, and no variable")
    for scope in command.scopes:
        for name in (name for word in command.run for name in placeholders(word)):
            if name not in VARIABLES[scope]:
                known = ", ".join(f"{{{each}}}" for each in sorted(VARIABLES[scope]))
                raise Wrong(f"{where}: run: there is no {{{name}}} in {scope}, only {known}; {{{{ is a brace")


def _entries(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, list):
        raise Wrong(f"expected a list, found {value!r}")
    found = []
    for number, entry in enumerate(value, 1):
        if not isinstance(entry, Mapping):
            raise Wrong(f"entry {number}: expected keys and values, found {entry!r}")
        name = entry.get("name")
        found.append((f"entry {number} ({name})" if isinstance(name, str) else f"entry {number}", entry))
    return found


def _once(what: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Wrong(f"{what} {twice} is there twice")


class _Parts:
    """One entry of a list, read strictly."""

    def __init__(self, where: str, entry: Mapping[str, Any], *known: str) -> None:
        self._where = where
        self._entry = entry
        for name in entry:
            if name not in known:
                import difflib  # noqa: PLC0415 - only to tell of an error

                near = difflib.get_close_matches(str(name), known, 1)
                raise Wrong(f"{where}: there is no key {name}; " + (f"did you mean {near[0]}?" if near else
                            f"known: {', '.join(known)}"))  # fmt: skip

    def text(self, name: str, default: str | None = None) -> str:
        return str(self._read(name, default, "a text", lambda v: v.strip() if isinstance(v, str) else ""))

    def word(self, name: str, form: str = r"\S+") -> str:
        found = self.text(name)
        if not re.fullmatch(form, found):
            allowed = " of letters, digits, _ . and -" if form == _NAME else ""
            raise Wrong(f"{self._where}: {name}: expected one word{allowed}, found {found!r}")
        return found

    def path(self, name: str) -> Path | None:
        given = self.text(name, default="")
        try:
            return Path(given).expanduser() if given else None
        except RuntimeError:
            user = Path(given).parts[0]
            raise Wrong(f"{self._where}: {name}: there is no home folder of {user}; write the whole path") from None

    def among(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        return str(self._read(name, default, " or ".join(choices), lambda v: v if v in choices else ""))

    def each_among(self, name: str, choices: Sequence[str]) -> tuple[str, ...]:
        found = self.texts(name)
        wrong = next((each for each in found if each not in choices), None)
        if wrong:
            raise Wrong(f"{self._where}: {name}: expected {', '.join(choices)}; found {wrong!r}")
        return found

    def texts(self, name: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        def read(value: Any) -> tuple[str, ...]:
            fine = isinstance(value, list) and all(isinstance(each, (str, int, float)) for each in value)
            return tuple(map(str, value)) if fine else ()

        found: tuple[str, ...] = self._read(name, default, "a list of texts", read)
        return found

    def switch(self, name: str) -> bool:
        value = self._entry.get(name, False)
        if not isinstance(value, bool):
            raise Wrong(f"{self._where}: {name}: expected true or false, found {value!r}")
        return value

    def seconds(self, name: str, default: float) -> float:
        value = self._entry.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 86400:
            raise Wrong(f"{self._where}: {name}: expected seconds between 1 and 86400, found {value!r}")
        return float(value)

    def _read(self, name: str, default: Any, expected: str, read: Callable[[Any], Any]) -> Any:
        if name not in self._entry:
            if default is None:
                raise Wrong(f"{self._where}: {name} is missing, {expected}")
            return default
        found = read(self._entry[name])
        if not found:
            raise Wrong(f"{self._where}: {name}: expected {expected}, found {self._entry[name]!r}")
        return found


_WORD: Mapping[str, Any] = {"type": "string", "pattern": r"^\S+$"}
_STRING: Mapping[str, Any] = {"type": "string", "pattern": r"\S"}
_SWITCH: Mapping[str, Any] = {"type": "boolean"}
_STRINGS: Mapping[str, Any] = {"type": "array", "items": _STRING, "minItems": 1}


def _list_of(required: Sequence[str], **parts: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "array",
        "items": {"type": "object", "properties": parts, "required": list(required), "additionalProperties": False},
    }


CLUSTERS = _list_of(
    ("name",),
    name=_STRING,
    context=_STRING,
    talos_context=_STRING,
    kubeconfig=_STRING,
    talosconfig=_STRING,
    talosctl=_STRING,
    repository=_STRING,
    branch=_STRING,
    write=_SWITCH,
)
VIEWS = _list_of(
    ("name", "pane"),
    name=_WORD,
    pane={"enum": list(SCOPES)},
    filter=_STRING,
    sort={"enum": list(_SORTS)},
    descending=_SWITCH,
    problems=_SWITCH,
)
COMMANDS = _list_of(
    ("name", "run", "scopes"),
    name={"type": "string", "pattern": f"^{_NAME}$"},
    run=_STRINGS,
    scopes={"type": "array", "items": {"enum": list(SCOPES)}, "minItems": 1},
    key=_STRING,
    kinds=_STRINGS,
    says=_STRING,
    confirm=_SWITCH,
    writes=_SWITCH,
    foreground=_SWITCH,
    timeout={"type": "number", "minimum": 1, "maximum": 86400},
)
KEYS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [{"type": ["string", "integer"]}, {"type": "array", "items": {"type": "string"}}]
    },
}
