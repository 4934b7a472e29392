"""YAML as scalars with their places: what documents hold, where each value stands.

Reads events, not nodes: a node tree refuses duplicate anchors, which Go's YAML (and so Kubernetes) accepts. Aliases are
left out: their value changes where it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 200

Path = tuple[str, ...]


@dataclass(slots=True)
class Document:
    """One document: its scalars by path. ``kind``, ``namespace``, ``name`` are empty where it has none."""

    values: dict[Path, "Leaf"] = field(default_factory=dict)

    def text(self, *path: str) -> str:
        """The scalar at ``path``, or an empty text."""
        leaf = self.values.get(path)
        return leaf.value if leaf else ""

    @property
    def kind(self) -> str:
        return self.text("kind")

    @property
    def name(self) -> str:
        return self.text("metadata", "name")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What a document is told by: group (its version may move), kind, namespace and name."""
        group = self.text("apiVersion").rpartition("/")[0]
        return (group, self.kind, self.text("metadata", "namespace"), self.name)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar: where it stands (lines 0-based), and in which document."""

    path: Path
    value: str
    line: int
    end_line: int
    document: Document = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """The last name on the path."""
        return self.path[-1] if self.path else ""

    def neighbour(self, key: str) -> "Leaf | None":
        """The scalar with the name ``key`` in the same mapping."""
        return self.document.values.get((*self.path[:-1], key))

    def beside(self, key: str) -> str:
        """Its text, or an empty one."""
        return self.document.text(*self.path[:-1], key)


def dotted(path: Path) -> str:
    """``spec.images[0].newTag``."""
    text = ""
    for part in path:
        text += part if part.startswith("[") or not text else f".{part}"
    return text


def documents(text: str) -> list[Document] | None:
    """The documents of ``text`` (without byte order mark), or None when it is not YAML (templates are not)."""
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except (yaml.YAMLError, ValueError, RecursionError, IndexError):
        return None
    return builder.documents


def by_identity(found: list[Document]) -> Mapping[tuple[object, ...], Document]:
    """Documents by what tells them apart; those that nothing tells apart by their order."""
    counts: dict[tuple[str, ...], int] = {}
    named: dict[tuple[object, ...], Document] = {}
    for document in found:
        identity = document.identity
        counts[identity] = counts.get(identity, 0) + 1
        named[(*identity, counts[identity])] = document
    return named


class _Builder:
    """Turns events into documents. A frame is the path so far and what comes next: a key, a value, or an item."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self._frames: list[_Frame] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents.append(Document())
            self._frames = []
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._next("*")
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if len(self._frames) >= _DEEPEST:
                raise ValueError("nested too deeply")
            place = self._next("?")
            self._frames.append(_Frame(place, mapping=isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._frames.pop()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._frames[-1] if self._frames else None
        is_key = frame is not None and frame.mapping and frame.key is None
        path = self._next(event.value)
        if is_key:
            return
        document = self.documents[-1]
        start, end = event.start_mark, event.end_mark
        if start and end:
            document.values[path] = Leaf(path, event.value, start.line, end.line, document)

    def _next(self, key: str) -> Path:
        """The path of what comes now; in a mapping every other thing is a key."""
        if not self._frames:
            return ()
        frame = self._frames[-1]
        if not frame.mapping:
            frame.count += 1
            return (*frame.path, f"[{frame.count - 1}]")
        if frame.key is None:
            frame.key = key
            return frame.path
        path, frame.key = (*frame.path, frame.key), None
        return path


@dataclass(slots=True)
class _Frame:
    path: Path
    mapping: bool
    key: str | None = None
    count: int = 0
