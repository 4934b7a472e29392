"""Edits of JSON and JSON5 (json5.org 1.0.0) that keep comments, quotes and commas: spliced, then read again."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from console.edits.text import ending, line_start, uncertain

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[\s\ufeff]|//[^\n\r\u2028\u2029]*|/\*.*?\*/)*", re.DOTALL)
_BLANK_LINE = re.compile(r"[ \t]*(?://[^\n\r]*|/\*[^\n]*?\*/[ \t]*)?")  # what may follow on the same line
_COMMENT = re.compile(r"//[^\n\r\u2028\u2029]*|/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_WORD = re.compile(r"[+-]?[\w.]+(?:[eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_DEEPEST = 100


@dataclass(slots=True)
class Node:
    """A value with its place; ``children`` by key or number. ``comma``: one stands behind the last child."""

    value: Any
    start: int
    end: int = 0
    children: dict[str | int, "Node"] = field(default_factory=dict)
    comma: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    text: str


def read(text: str) -> Node:
    """The whole. Refused when it is not JSON5."""
    reader = _Reader(text)
    node = reader.value(reader.skip(0), 0)
    if reader.skip(node.end) != len(text):
        raise uncertain("it is not JSON: something follows the end")
    return node


def at(root: Node, path: Path) -> Node | None:
    """The node at ``path``."""
    node: Node | None = root
    for part in path:
        node = node.children.get(part) if node else None
    return node


def append(text: str, path: Path, value: Any) -> str:
    """With ``value`` as the last item of the list, or (key, value) as the last member of the object, at ``path``."""
    root = read(text)
    node = at(root, path)
    if node is None or not isinstance(node.value, (list, dict)):
        raise uncertain(f"{_told(path)} is neither a list nor an object")
    if isinstance(node.value, dict):
        key, content = value
        if key in node.value:
            raise uncertain(f"{_told((*path, key))} is there already")
        where: Path = (*path, key)
    else:
        key, content, where = None, value, (*path, len(node.value))
    last = list(node.children.values())[-1] if node.children else None
    margin, unit = _margins(text, node, last)
    lead = f"{_key(key, bare=_is_bare(text, root))}: " if key is not None else ""
    eol = ending(text)
    source = lead + _source(content, f"{eol}{margin}", unit, bare=_is_bare(text, root))
    if last is None:
        outer = margin.removesuffix(unit)
        after = text[: node.start + 1] + f"{eol}{margin}{source}{eol}{outer}" + text[node.end - 1 :]
    else:
        place = _BLANK_LINE.match(text, _after_comma(text, last, node)).end()  # type: ignore[union-attr]
        comma = "" if node.comma else ","
        behind = "," if node.comma else ""
        head = text[: last.end] + comma + text[last.end : place]
        after = f"{head.rstrip(' ')}{eol}{margin}{source}{behind}" + text[place:]
    return _checked(text, after, where, content)


def remove(text: str, path: Path) -> str:
    """Without the item at ``path``, which stands on lines of its own."""
    root = read(text)
    parent, node = at(root, path[:-1]), at(root, path)
    if parent is None or node is None or not isinstance(parent.value, list):
        raise uncertain(f"{_told(path)} is no item of a list")
    start = line_start(text, node.start)
    place = _BLANK_LINE.match(text, _after_comma(text, node, parent)).end()  # type: ignore[union-attr]
    if text[start : node.start].strip() or (place < len(text) and text[place] not in "\r\n"):
        raise uncertain(f"{_told(path)} does not stand on lines of its own")
    eol = ending(text)
    after = text[:start] + text[place:].removeprefix(eol)
    siblings = list(parent.children.values())
    if siblings[-1] is node and not parent.comma and len(siblings) > 1:
        comma = _BLANK.match(text, siblings[-2].end).end()  # type: ignore[union-attr]
        after = text[:comma] + after[comma + 1 :]
    del parent.value[int(path[-1])]
    if read(after).value != root.value:
        raise uncertain(f"{_told(path)} can't be taken out alone")
    return after


def comments(text: str) -> list[str]:
    """All comments, in order."""
    reader = _Reader(text)
    reader.value(reader.skip(0), 0)
    reader.skip(reader.end)
    return reader.comments


def _checked(before: str, after: str, path: Path, value: Any) -> str:
    """``after``, when it holds exactly what ``before`` held with ``value`` at ``path``, and the same comments."""
    expected, found = read(before), read(after)
    parent = at(expected, path[:-1]) or expected
    if isinstance(parent.value, list) and path[-1] == len(parent.value):
        parent.value.append(value)
    else:
        parent.value[path[-1]] = value
    if found.value != expected.value or comments(after) != comments(before):
        raise uncertain(f"{_told(path)} can't be changed alone")
    return after


def _after_comma(text: str, node: Node, parent: Node) -> int:
    """Behind the comma that follows ``node``, if one does."""
    siblings = list(parent.children.values())
    if siblings[-1] is not node or parent.comma:
        blank = _BLANK.match(text, node.end)
        place = blank.end() if blank else node.end
        if text[place : place + 1] == "," and "\n" not in text[node.end : place]:
            return place + 1
    return node.end


def _margins(text: str, node: Node, last: Node | None) -> tuple[str, str]:
    """The indent of a new child, and one step of indent."""
    outer = re.match(r"[ \t]*", text[line_start(text, node.start) :])[0]  # type: ignore[index]  # it matches nothing too
    first = re.search(r"\n([ \t]+)\S", text)
    unit = first[1] if first else "  "
    if last is not None:
        begin = line_start(text, next(iter(node.children.values())).start)
        if begin > node.start:
            return re.match(r"[ \t]*", text[begin:])[0], unit  # type: ignore[index]
    return outer + unit, unit


def _source(value: Any, line: str, unit: str, *, bare: bool) -> str:
    """``value`` as JSON; ``line`` begins a line. ``bare``: keys stand without quotes where they can."""
    if isinstance(value, dict):
        deeper = line + unit
        rows = (f"{_key(k, bare=bare)}: {_source(v, deeper, unit, bare=bare)}" for k, v in value.items())
        inside = ",".join(f"{deeper}{row}" for row in rows)
        return f"{{{inside}{line}}}" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_source(v, line, unit, bare=bare) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str, *, bare: bool) -> str:
    return key if bare and _NAME.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _is_bare(text: str, root: Node) -> bool:
    """Whether the first key stands without quotes."""
    first = next(iter(root.children.values()), None)
    return first is not None and not text[: first.start].rstrip(" \t:").endswith(('"', "'"))


def _told(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path)) or "the file"


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.comments: list[str] = []
        self.end = 0  # of the value that was read last

    def skip(self, place: int) -> int:
        """Behind blanks and comments."""
        found = _BLANK.match(self._text, place)
        end = found.end() if found else place
        self.comments += _COMMENT.findall(self._text[place:end])
        return end

    def value(self, place: int, depth: int) -> Node:
        """The value that begins here."""
        if depth > _DEEPEST:
            raise uncertain("it is nested too deeply")
        char = self._text[place : place + 1]
        if char in {"{", "["} and char:
            return self._container(place, depth)
        if string := _STRING.match(self._text, place):
            return self._ended(Node(_unquoted(string[0]), place, string.end()))
        word = _WORD.match(self._text, place)
        if not word:
            raise uncertain(f"it is not JSON: nothing that can be read at character {place + 1}")
        value = _WORDS[word[0]] if word[0] in _WORDS else Number(word[0])
        if isinstance(value, Number) and not re.match(r"[+-]?(?:[\d.]|Infinity$|NaN$)", word[0]):
            raise uncertain(f"it is not JSON: {word[0]!r}")
        return self._ended(Node(value, place, word.end()))

    def _ended(self, node: Node) -> Node:
        self.end = node.end
        return node

    def _container(self, place: int, depth: int) -> Node:
        mapping = self._text[place] == "{"
        node = Node({} if mapping else [], place)
        place = self.skip(place + 1)
        while self._text[place : place + 1] != ("}" if mapping else "]"):
            if node.children and not node.comma:
                raise uncertain(f"it is not JSON: a comma is missing at character {place + 1}")
            key: str | int = len(node.children)
            if mapping:
                key, place = self._member(place)
                if key in node.children:
                    raise uncertain(f"{key!r} stands twice")
            child = self.value(place, depth + 1)
            node.children[key] = child
            if mapping:
                node.value[key] = child.value
            else:
                node.value.append(child.value)
            place = self.skip(child.end)
            node.comma = self._text[place : place + 1] == ","
            place = self.skip(place + 1) if node.comma else place
        node.end = place + 1
        return self._ended(node)

    def _member(self, place: int) -> tuple[str, int]:
        found = _STRING.match(self._text, place) or _NAME.match(self._text, place)
        if not found:
            raise uncertain(f"it is not JSON: no name at character {place + 1}")
        colon = self.skip(found.end())
        if self._text[colon : colon + 1] != ":":
            raise uncertain(f"it is not JSON: no colon behind {found[0]}")
        key = found[0] if found[0][0] not in "\"'" else _unquoted(found[0])
        return key, self.skip(colon + 1)


def _unquoted(source: str) -> str:
    def char(found: "re.Match[str]") -> str:
        code = found[1] or found[2]
        return chr(int(code, 16)) if code else _ESCAPES.get(found[3], found[3])

    # A pair of surrogates, written as two escapes, is one character.
    return _ESCAPE.sub(char, source[1:-1]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
