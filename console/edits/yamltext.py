"""Edits of YAML by structural path. The text is spliced, never dumped; then both texts are read again and compared.

Reads events, not nodes: a node tree refuses duplicate anchors, which Go's YAML (and so Kubernetes) accepts. Paths are
those of ``sources.git.yamltree``: keys, and ``[n]`` for the items of a list. Texts are without byte order mark.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from console.edits.text import ending, line_end, line_start, uncertain
from console.sources.errors import Refused

Path = tuple[str, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 200  # collections within one another: each value has its whole path, and no manifest has a tenth of that
_RESOLVER = yaml.SafeLoader("")
_PROPERTY = re.compile(r"(?:[&!]\S*\s+)*")
# What YAML 1.2 and Go read as a number, and PyYAML (1.1) as a text.
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+")
_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


@dataclass(slots=True, eq=False)
class Node:
    """A value: the numbers of its first and last event, and of its key's (None in a list)."""

    document: int
    path: Path
    first: int
    last: int
    key: int | None = None
    parent: "Node | None" = field(repr=False, default=None)
    _waiting: int | None = None  # in a mapping: the key whose value comes next
    _count: int = 0

    def begin(self, number: int, events: Sequence[Any]) -> "Node | None":
        """The node that begins with the event ``number`` in this one; None when that is a key."""
        if isinstance(events[self.first], yaml.SequenceStartEvent):
            self._count += 1
            return Node(self.document, (*self.path, f"[{self._count - 1}]"), number, number, None, self)
        if self._waiting is None:
            self._waiting = number
            return None
        key, self._waiting = self._waiting, None
        return Node(self.document, (*self.path, str(events[key].value)), number, number, key, self)


@dataclass(frozen=True, slots=True)
class Read:
    """A text with its events and nodes, in order."""

    text: str
    events: Sequence[Any]
    nodes: Sequence[Node]

    def node(self, document: int, path: Path) -> Node:
        """The value at ``path``. Refused when there is none, or more than one."""
        found = [n for n in self.nodes if n.document == document and n.path == path]
        if len(found) != 1:
            raise uncertain(f"{'.'.join(path)} stands {len(found)} times in the document")
        return found[0]

    def value(self, document: int, *path: str) -> str:
        """The scalar there, or an empty text."""
        found = [n for n in self.nodes if n.document == document and n.path == path]
        event = self.events[found[0].first] if found else None
        return str(event.value) if isinstance(event, yaml.ScalarEvent) else ""

    def has(self, document: int, *path: str) -> bool:
        """Whether there is such a value."""
        return any(n.document == document and n.path == path for n in self.nodes)

    @property
    def documents(self) -> range:
        """The numbers of the documents."""
        return range(sum(isinstance(e, yaml.DocumentStartEvent) for e in self.events))


def read(text: str) -> Read:
    """Refused when it is not YAML."""
    try:
        events = list(_shallow(yaml.parse(text, Loader=_LOADER)))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise uncertain(f"it is not YAML ({str(error).splitlines()[0]})") from None
    return Read(text, events, _nodes(events))


def _shallow(events: Iterable[yaml.Event]) -> Iterator[yaml.Event]:
    """The same events; Refused as soon as they go too deep: going on would take minutes."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise uncertain("it is nested too deeply")
        yield event


def is_yaml(text: str) -> bool:
    """Whether it can be read at all; templates can't."""
    try:
        return bool(read(text))
    except Refused:
        return False


def scalar_at(text: str, index: int) -> tuple[int, Path, str, bool] | None:
    """(document, path, value, whether it is a block of text) of the scalar in which ``index`` stands; None for none."""
    found = read(text)
    for node in found.nodes:
        event = found.events[node.first]
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent) and start <= index < end:
            return node.document, node.path, str(event.value), event.style in {"|", ">"}
    return None


def set_scalar(text: str, document: int, path: Path, old: str, new: str) -> str:
    """The scalar ``old`` at ``path`` becomes ``new``, in the same style. Refused when others share it by an alias."""
    before = read(text)
    node = before.node(document, path)
    event = before.events[node.first]
    if not isinstance(event, yaml.ScalarEvent) or event.value != old:
        raise uncertain(f"{'.'.join(path)} is not {old!r}")
    if event.style in {"|", ">"}:
        raise uncertain(f"{'.'.join(path)} is a block of text")
    if _shared(before.events, node.first):
        raise uncertain(f"{'.'.join(path)} has the anchor &{event.anchor}, and others refer to it")
    start, end = _span(text, event)
    for source in _sources(event.style, old, new):
        after = text[:start] + source + text[end:]
        if _only(before.events, after, node.first, new):
            return after
    raise uncertain(f"{'.'.join(path)} can't hold {new!r} without changing more")


def remove(text: str, document: int, path: Path) -> str:
    """Without the entry at ``path``; when it is the only one of its mapping, without that mapping's entry."""
    before = read(text)
    node = before.node(document, path)
    while node.parent and node.parent.key is not None and _is_alone(before, node):
        node = node.parent
    if node.key is None:
        raise uncertain(f"{'.'.join(node.path)} is not an entry of a mapping")
    if any(_shared(before.events, number) for number in range(node.key, node.last + 1)):
        raise uncertain(f"others refer to what {'.'.join(node.path)} holds")
    key = before.events[node.key]
    start = line_start(text, key.start_mark.index)
    if text[start : key.start_mark.index].strip():
        raise uncertain(f"{'.'.join(node.path)} does not begin its line")
    after = text[:start] + text[_end(before, node) :]
    expected = [*before.events[: node.key], *before.events[node.last + 1 :]]
    if not _equal(expected, after):
        raise uncertain(f"{'.'.join(node.path)} can't be taken out alone")
    return after


def append(text: str, document: int, path: Path, value: str) -> str:
    """With the text ``value`` as the last item of the list at ``path``, which has one already."""
    before = read(text)
    node = before.node(document, path)
    items = [n for n in before.nodes if n.parent is node]
    if not isinstance(before.events[node.first], yaml.SequenceStartEvent) or not items:
        raise uncertain(f"{'.'.join(path)} is no list with items")
    index = before.events[items[-1].first].start_mark.index
    dash = re.match(r"\s*-\s+", text[line_start(text, index) :])
    if not dash:
        raise uncertain(f"{'.'.join(path)} does not have an item a line")
    place = _end(before, items[-1])
    eol = ending(text)
    glue = "" if text[:place].endswith("\n") else eol
    last = items[-1].last + 1
    for source in _sources(None, "", value):
        after = text[:place] + glue + dash[0] + source + (eol if not glue else "") + text[place:]
        found = read(after) if is_yaml(after) else None
        if found and len(found.events) == len(before.events) + 1:
            added = found.events[last]
            rest = [*found.events[:last], *found.events[last + 1 :]]
            if getattr(added, "value", None) == value and _prints(rest) == _prints(before.events):
                return after
    raise uncertain(f"{value!r} can't be added to {'.'.join(path)}")


def one_changed(old: str, new: str) -> bool:
    """Whether the two texts differ in exactly one scalar, and in nothing else that YAML sees."""
    before, after = _prints(read(old).events), _prints(read(new).events)
    return len(before) == len(after) and sum(a != b for a, b in zip(before, after, strict=True)) == 1


def _nodes(events: Sequence[Any]) -> list[Node]:
    found: list[Node] = []
    stack: list[Node] = []
    document = -1
    for number, event in enumerate(events):
        if isinstance(event, yaml.DocumentStartEvent):
            document += 1
        elif isinstance(event, _ENDS):
            stack.pop().last = number
        elif isinstance(event, (*_STARTS, yaml.ScalarEvent, yaml.AliasEvent)):
            node = stack[-1].begin(number, events) if stack else Node(document, (), number, number)
            if node is not None:
                found.append(node)
            elif not isinstance(event, yaml.ScalarEvent):
                raise uncertain("it is not YAML (a key is not a plain word)")
            if node is not None and isinstance(event, _STARTS):
                stack.append(node)
    return found


def _is_alone(read_: Read, node: Node) -> bool:
    return sum(n.parent is node.parent for n in read_.nodes) == 1


def _end(read_: Read, node: Node) -> int:
    """Where the last line of the node ends."""
    number = node.last
    while number > node.first and isinstance(read_.events[number], _ENDS) and not _is_flow(read_, number):
        number -= 1
    mark = read_.events[number].end_mark
    at_line_start = mark.column == 0 and mark.index > read_.events[node.first].start_mark.index
    return int(mark.index) if at_line_start else line_end(read_.text, mark.index)


def _is_flow(read_: Read, number: int) -> bool:
    end = read_.events[number].end_mark.index
    return read_.text[end - 1 : end] in {"]", "}"} and read_.events[number].start_mark.index == end - 1


def _span(text: str, event: Any) -> tuple[int, int]:
    """Where a scalar stands, without its anchor and tag."""
    start, end = event.start_mark.index, event.end_mark.index
    properties = _PROPERTY.match(text, start, end)
    return (properties.end() if properties else start), end


def _shared(events: Sequence[Any], number: int) -> bool:
    """Whether an alias refers to this scalar: the next ones, until the anchor is given anew or the document ends."""
    anchor = getattr(events[number], "anchor", None)
    if anchor is None or isinstance(events[number], yaml.AliasEvent):
        return False
    for event in events[number + 1 :]:
        if isinstance(event, yaml.DocumentEndEvent):
            return False
        if getattr(event, "anchor", None) == anchor:
            return isinstance(event, yaml.AliasEvent)
    return False


def _sources(style: str | None, old: str, new: str) -> list[str]:
    """How ``new`` may be written, best first."""
    quoted = f'"{"".join(_escaped(c) for c in new)}"'
    if style == "'":
        return ["'" + new.replace("'", "''") + "'", quoted]
    if style == '"':
        return [quoted]
    return [new, quoted] if new and _kind(new) in {"str", _kind(old)} else [quoted]


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    code = ord(char)
    if char.isprintable():
        return char
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _kind(plain: str) -> str:
    """What an unquoted scalar is read as."""
    if _NUMBER.fullmatch(plain):
        return "number"
    tag = _RESOLVER.resolve(yaml.ScalarNode, plain, (True, False))  # type: ignore[no-untyped-call]
    name = str(tag).rpartition(":")[2]
    return "number" if name in {"int", "float"} else name


def _prints(events: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All that the events say, without their places."""
    names = ("anchor", "tag", "value", "explicit", "flow_style", "version", "tags")
    return [(type(e), *(repr(getattr(e, name, None)) for name in names), _style(e)) for e in events]


def _style(event: Any) -> Any:
    """Plain or not, for what a scalar is read as; the kind of quotes says nothing."""
    return bool(event.style) if isinstance(event, yaml.ScalarEvent) else None


def _equal(expected: Sequence[Any], text: str) -> bool:
    return is_yaml(text) and _prints(read(text).events) == _prints(expected)


def _only(before: Sequence[Any], text: str, number: int, value: str) -> bool:
    """Whether ``text`` is the same but for the scalar ``number``, which is ``value``."""
    if not is_yaml(text):
        return False
    after = read(text).events
    if len(after) != len(before) or getattr(after[number], "value", None) != value:
        return False
    old, new = _prints(before), _prints(after)
    same_anchor = after[number].anchor == before[number].anchor and after[number].tag == before[number].tag
    return same_anchor and old[:number] == new[:number] and old[number + 1 :] == new[number + 1 :]
