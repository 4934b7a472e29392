"""Reading objects of the Kubernetes API as they come: nothing is promised about their shape, nothing here raises.

Each change of an object is read by some fifty of these calls, hundreds of times a second: a mapping is what JSON gives,
a ``dict``, which is told ten times as fast as any ``Mapping``; and a time is parsed once, however many objects have it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Raw = Mapping[str, Any]


def decoded(text: str | bytes) -> Any:
    """JSON's value. ValueError for what is none, or is nested more deeply than can be read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def at(value: Any, *path: str) -> object:
    """What stands at ``path``, or None."""
    try:
        for step in path:
            value = value.get(step)
    except AttributeError:  # of all that JSON gives only a mapping has ``get``
        return None
    return value


def text(value: Any, *path: str) -> str:
    """The text at ``path``; empty when there is none, or something else stands there."""
    try:
        for step in path:
            value = value.get(step)
    except AttributeError:
        return ""
    return value if isinstance(value, str) else ""


def number(value: object, *path: str) -> int:
    """The whole number at ``path``, else 0."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def true(value: object, *path: str) -> bool:
    """Whether ``true`` stands at ``path``."""
    return at(value, *path) is True


def mapping(value: object, *path: str) -> Raw:
    """The mapping at ``path``, else an empty one."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def rows(value: object, *path: str) -> Sequence[Raw]:
    """Those items of the list at ``path`` that are mappings."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def texts(value: object, *path: str) -> tuple[str, ...]:
    """Those items of the list at ``path`` that are texts."""
    found = at(value, *path)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def moment(value: object, *path: str) -> datetime | None:
    """The RFC 3339 time at ``path``, in UTC; None for none, and for one of years that nothing can be of."""
    found = text(value, *path) if path else value
    return _parsed(found) if isinstance(found, str) and found else None


# No cluster is older, and no certificate lasts longer; what is reckoned with moments beyond can't be one.
_YEARS = range(1970, 2300)


@lru_cache(8192)
def _parsed(found: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(found)
        at = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in _YEARS else None


def condition(obj: object, kind: str) -> Raw:
    """The condition of type ``kind``, else an empty mapping."""
    return conditions(obj).get(kind, {})


def conditions(obj: object) -> dict[str, Raw]:
    """All conditions by their type; of several of one type the first."""
    found: dict[str, Raw] = {}
    for row in rows(obj, "status", "conditions"):
        kind = row.get("type")
        if isinstance(kind, str):
            found.setdefault(kind, row)
    return found
