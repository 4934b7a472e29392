"""Holds in a repository's Renovate configuration: rules that Renovate itself honours (``packageRules``)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.edits import jsontext
from console.edits.text import closed, opened, uncertain

# Renovate's own order (documentation, "Configuration Options"): the first that is there is the one.
PLACES = (
    *("renovate.json", "renovate.json5", ".github/renovate.json", ".github/renovate.json5"),
    *(".gitlab/renovate.json", ".gitlab/renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5"),
)
_OURS = re.compile(
    r"homeconsole hold: (?P<reason>.*) \(by (?P<by>.*), since (?P<since>\d{4}-\d\d-\d\d)"
    r"(?:, until (?P<until>\d{4}-\d\d-\d\d))?\)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One of ``packageRules``, by its number. ``ours``: what our own description says, else None."""

    number: int
    content: Mapping[str, Any]
    line: int

    @property
    def names(self) -> tuple[str, ...]:
        """The dependencies that it names in full or as a pattern (``/…/``)."""
        found = (self.content.get(key, ()) for key in ("matchDepNames", "matchPackageNames"))
        return tuple(str(each) for names in found if isinstance(names, list) for each in names)

    @property
    def ours(self) -> "re.Match[str] | None":
        return _OURS.fullmatch(str(self.content.get("description", "")))

    def matches(self, name: str) -> bool:
        """Whether it is about that dependency. Patterns are Renovate's: ``/regex/``, globs, ``!`` for not."""
        positive = [each for each in self.names if not each.startswith("!")]
        negative = [each[1:] for each in self.names if each.startswith("!")]
        if any(_fits(each, name) for each in negative):
            return False
        return any(_fits(each, name) for each in positive)


def place(files: Sequence[str]) -> str:
    """The repository's configuration; empty when it has none."""
    return next((path for path in PLACES if path in files), "")


def rules(data: bytes) -> list[Rule]:
    """The rules of a configuration, or of a preset. Refused when it can't be read."""
    text = opened(data)[1]
    root = jsontext.read(text)
    found = jsontext.at(root, ("packageRules",))
    return list(_rules(text, found)) if found and isinstance(found.value, list) else []


def _rules(text: str, found: jsontext.Node) -> Iterator[Rule]:
    for number, node in found.children.items():
        if isinstance(node.value, dict) and isinstance(number, int):
            yield Rule(number, node.value, text.count("\n", 0, node.start) + 1)


def rule(
    names: Sequence[str], *, reason: str, by: str, since: date, until: date | None = None, versions: Sequence[str] = ()
) -> dict[str, Any]:
    """A hold as Renovate reads it: nothing of ``names`` any more, or only not ``versions``."""
    end = f", until {until}" if until else ""
    words = " ".join(reason.split()).replace("(by ", "( by ")
    told = f"homeconsole hold: {words} (by {by}, since {since}{end})"
    what: dict[str, Any] = {"enabled": False}
    if versions:
        what = {"allowedVersions": "!/^(" + "|".join(re.escape(each) for each in versions) + ")$/"}
    return {"description": told, "matchDepNames": list(names), **what}


def held(data: bytes, new: Mapping[str, Any]) -> bytes:
    """The configuration with one rule more, the last of all: it goes before those above it and before presets."""
    mark, text = opened(data)
    root = jsontext.read(text)
    if not isinstance(root.value, dict):
        raise uncertain("the configuration is no object")
    if "packageRules" not in root.value:
        text = jsontext.append(text, (), ("packageRules", []))
    return closed(mark, jsontext.append(text, ("packageRules",), dict(new)))


def released(data: bytes, numbers: Sequence[int]) -> bytes:
    """The configuration without these rules."""
    mark, text = opened(data)
    for number in sorted(numbers, reverse=True):
        text = jsontext.remove(text, ("packageRules", number))
    return closed(mark, text)


def _fits(pattern: str, name: str) -> bool:
    regex = re.fullmatch(r"/(.*)/([i]?)", pattern)
    if not regex:
        body = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        return re.fullmatch(body, name, re.IGNORECASE) is not None
    try:
        return re.search(regex[1], name, re.IGNORECASE if regex[2] else 0) is not None
    except re.error:  # a pattern that only Renovate's engine reads
        return False
