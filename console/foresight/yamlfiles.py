"""YAML files of a repository as settings with their lines: templates tolerated, nothing parsed twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from console.foresight.paths import Path

_TEMPLATES = (".j2", ".tpl", ".tmpl", ".tftpl")
SUFFIXES = (".yaml", ".yml", *_TEMPLATES)
_LARGEST = 1_000_000
# A line that is nothing but template; an expression in a line.
_GO = r"\{\{[-~]?\s*+(?:if|else|end|range|with|define|block|template|include|/\*).*?\}\}"
_STATEMENT = re.compile(rf"(?m)^[ \t]*+-?[ \t]*+(?:\{{%.*?%\}}|{_GO}|\{{#.*?#\}})[ \t]*$")
# An expression that stands where a value does, in no quotes: YAML would take it for mappings. In quotes, and in texts
# for other programs, braces are what the file says.
_BARE = re.compile(r"(?m)^[ \t]*+(?:- |[\w.-]++:[ \t])[ \t]*+\{\{")
# Bounded, and none within another: what never ends costs no more than what does.
_INSIDE = re.compile(r"\{%(?:(?!\{%).){0,2000}?%\}|\{#(?:(?!\{#).){0,2000}?#\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{(?:(?!\{\{).){0,2000}?\}\}", re.DOTALL)
UNKNOWN = "⟨template⟩"  # stands for what a template will put there


@dataclass(frozen=True, slots=True)
class Setting:
    """A scalar in a file: where it stands (line, 1-based) and what it says."""

    path: Path
    value: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file."""

    file: str
    settings: tuple[Setting, ...]

    def text(self, *path: str) -> str:
        """The scalar at ``path``, or an empty text."""
        return next((s.value for s in self.settings if s.path == path), "")

    @property
    def kind(self) -> str:
        return self.text("kind")

    @property
    def api(self) -> str:
        return self.text("apiVersion")

    @property
    def name(self) -> str:
        return self.text("metadata", "name")

    @property
    def line(self) -> int:
        """Where it says what it is."""
        return next((s.line for s in self.settings if s.path == ("kind",)), self.settings[0].line)

    @property
    def keys(self) -> frozenset[str]:
        """Its outermost keys."""
        return frozenset(s.path[0] for s in self.settings if s.path)


def is_yaml(path: str) -> bool:
    """Whether a file of that name is read as YAML."""
    return path.endswith(SUFFIXES)


def read(file: str, data: bytes) -> tuple[Document, ...]:
    """The documents of a file. What is no YAML, even without its template parts, is left out."""
    return tuple(
        Document(file, tuple(Setting(path, value, file, line) for path, value, line in found))
        for found in _parsed(data, template=file.endswith(_TEMPLATES))
        if found
    )


def inline(text: str, file: str, line: int) -> tuple[Document, ...]:
    """The documents of a text that stands in a file; its first line is ``line`` (1-based)."""
    return tuple(
        Document(file, tuple(Setting(path, value, file, line + number - 1) for path, value, number in found))
        for found in _parsed(text.encode(), template=False)
        if found
    )


@lru_cache(maxsize=4096)
def _parsed(data: bytes, *, template: bool) -> tuple[tuple[tuple[Path, str, int], ...], ...]:
    if len(data) > _LARGEST:
        return ()
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if template or _BARE.search(text):
        text = _plain(text)
    whole = _documents(text)
    if whole is not None:
        return whole
    text = _plain(text)
    return tuple(found for part in _parts(text) for found in _documents(part) or ())


def _documents(text: str) -> tuple[tuple[tuple[Path, str, int], ...], ...] | None:
    from console.sources.git.yamltree import documents  # noqa: PLC0415 - brings yaml

    found = documents(text)
    if found is None:
        return None
    return tuple(tuple((leaf.path, leaf.value, leaf.line + 1) for leaf in each.values.values()) for each in found)


def _plain(text: str) -> str:
    """The same lines without template statements, and a word for each expression."""
    text = _STATEMENT.sub("", text)
    text = _INSIDE.sub(lambda m: "\n" * m.group().count("\n"), text)
    return _EXPRESSION.sub(lambda m: UNKNOWN + "\n" * m.group().count("\n"), text)


def _parts(text: str) -> Iterator[str]:
    """Each document alone, on the lines where it stands."""
    number = 0
    for part in re.split(r"(?m)^(?=---)", text):
        yield "\n" * number + part.removeprefix("---")
        number += part.count("\n")


def forget() -> None:
    """Let go of all that is kept."""
    _parsed.cache_clear()
