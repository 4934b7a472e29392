"""Objects as they were at a revision, and what happened to them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Object = dict[str, Any]
Key = tuple[str, str]  # namespace, name


@dataclass(slots=True)
class Stored:
    """One version of an object. ``json`` is made once, when it is first asked for."""

    object: Object
    revision: int
    _json: bytes | None = field(default=None, repr=False)

    @property
    def json(self) -> bytes:
        """The object as JSON without blanks."""
        if self._json is None:
            self._json = encode(self.object)
        return self._json


@dataclass(frozen=True, slots=True)
class Change:
    """What happened at a revision: ``old`` is absent for ADDED; ``new`` is for DELETED the last state."""

    revision: int
    type: str  # ADDED, MODIFIED, DELETED
    kind: str
    key: Key
    old: Stored | None
    new: Stored


Versions = list[tuple[Key, Stored]]
Changes = list[Change]


def encode(value: Any) -> bytes:
    """JSON without blanks, all of it ASCII, so that any text survives."""
    return json.dumps(value, separators=(",", ":")).encode()


def timestamp(moment: datetime) -> str:
    """``moment`` (UTC) as the API writes times: whole seconds, ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
