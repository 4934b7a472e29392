"""Reading objects of the Kubernetes API as they come: nothing is promised about their shape, nothing here raises."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]


def at(value: object, *path: str) -> object:
    """What stands at ``path``, or None."""
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def text(value: object, *path: str) -> str:
    """The text at ``path``; empty when there is none, or something else stands there."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


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
    return found if isinstance(found, Mapping) else {}


def rows(value: object, *path: str) -> Sequence[Raw]:
    """Those items of the list at ``path`` that are mappings."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def texts(value: object, *path: str) -> tuple[str, ...]:
    """Those items of the list at ``path`` that are texts."""
    found = at(value, *path)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def moment(value: object, *path: str) -> datetime | None:
    """The RFC 3339 time at ``path``, in UTC."""
    found = text(value, *path) if path else value
    if not isinstance(found, str):
        return None
    try:
        parsed = datetime.fromisoformat(found)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def condition(obj: object, kind: str) -> Raw:
    """The condition of type ``kind``, else an empty mapping."""
    for row in rows(obj, "status", "conditions"):
        if row.get("type") == kind:
            return row
    return {}
