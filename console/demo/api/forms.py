"""In which form a client wants objects: plain, as a Table, or only their metadata."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto
from typing import Any

from console.demo.api import table
from console.demo.api.errors import ApiError
from console.demo.api.kinds import EVENTS, Kind
from console.demo.api.store import Object, Stored, encode
from console.demo.api.views import told

INITIAL_END = {"k8s.io/initial-events-end": "true"}


class Form(Enum):
    """What ``Accept`` chose."""

    PLAIN = auto()
    TABLE = auto()
    PARTIAL = auto()


_AS = {"Table": Form.TABLE, "PartialObjectMetadata": Form.PARTIAL, "PartialObjectMetadataList": Form.PARTIAL}


def ranges(accept: str) -> Iterable[tuple[str, dict[str, str]]]:
    """(media type, parameters) in the order given."""
    for part in accept.split(","):
        media, *rest = (piece.strip() for piece in part.split(";"))
        yield media, dict(pair.split("=", 1) for pair in rest if "=" in pair)


def chosen(accept: str) -> Form:
    """The first form of ``Accept`` that can be given; ApiError 406."""
    for media, parameters in ranges(accept or "*/*"):
        if media not in {"application/json", "application/*", "*/*"}:
            continue
        wanted = parameters.get("as")
        if wanted is None:
            return Form.PLAIN
        if wanted in _AS and parameters.get("g") == "meta.k8s.io" and parameters.get("v") in {"v1", "v1beta1"}:
            return _AS[wanted]
    message = "only the following media types are accepted: application/json, application/json;stream=watch"
    raise ApiError(406, "NotAcceptable", message)


class Renderer:
    """Writes objects of one kind in one form, as bytes. In a stream, columns stand in the first event only."""

    def __init__(self, kind: Kind, form: Form, include: str, now: datetime) -> None:
        self._kind = kind
        self._form = form
        self._include = include
        self.now = now
        self._headed = True

    def one(self, stored: Stored) -> bytes:
        """A single object."""
        if self._form is Form.PLAIN:
            return stored.json if self._kind is not EVENTS else encode(told(EVENTS, stored.object))
        if self._form is Form.PARTIAL:
            return encode(table.partial(stored.object))
        metadata = {"resourceVersion": str(stored.revision)}
        headed, self._headed = self._headed, False
        return encode(table.table(self._kind, [self._row(stored.object)], metadata, headed=headed))

    def many(self, items: Iterable[Stored], metadata: dict[str, Any]) -> bytes:
        """A list."""
        if self._form is Form.TABLE:
            return encode(table.table(self._kind, (self._row(item.object) for item in items), metadata))
        name, version = f"{self._kind.kind}List", self._kind.api_version
        if self._form is Form.PARTIAL:
            name, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
        head = encode({"kind": name, "apiVersion": version, "metadata": metadata})[:-1]
        return head + b',"items":[' + b",".join(map(self.one, items)) + b"]}"

    def event(self, happened: str, stored: Stored) -> bytes:
        """One line of a watch."""
        return b'{"type":"' + happened.encode() + b'","object":' + self.one(stored) + b"}\n"

    def bookmark(self, revision: int, *, initial_end: bool = False) -> bytes:
        """A line that says how far the watch is."""
        metadata: Object = {"resourceVersion": str(revision)}
        if initial_end:
            metadata["annotations"] = INITIAL_END
        marked: Object = {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": metadata}
        if self._form is Form.PARTIAL:
            marked = table.partial(marked)
        elif self._form is Form.TABLE:
            cells = ["", *(None for _ in table.columns(self._kind)[1:])]
            row = {"cells": cells, "object": table.partial(marked)}
            marked = table.table(self._kind, [row], {"resourceVersion": str(revision)}, headed=self._headed)
            self._headed = False
        return encode({"type": "BOOKMARK", "object": marked}) + b"\n"

    def _row(self, obj: Object) -> dict[str, Any]:
        return table.row(self._kind, obj, self._include, self.now)
