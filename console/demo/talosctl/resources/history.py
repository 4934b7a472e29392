"""When a resource last changed, and how often: resources are computed when asked, their versions must still count."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Stamp:
    """The changing part of a resource's metadata."""

    created: datetime
    updated: datetime
    version: int


@dataclass(slots=True)
class History:
    """The last seen content of each resource, by (node, type, id)."""

    _seen: dict[tuple[str, str, str], tuple[datetime, Any, Stamp]] = field(default_factory=dict)

    def stamp(self, key: tuple[str, str, str], spec: Any, booted: datetime, now: datetime) -> Stamp:
        """The stamp of a resource whose content is ``spec`` now. Resources live in memory: a boot makes them anew."""
        before = self._seen.get(key)
        if before is None or before[0] != booted:
            born = min(now, booted + timedelta(seconds=8))
            stamp = Stamp(born, min(now, booted + timedelta(seconds=74)), 2)
        elif before[1] != spec:
            stamp = Stamp(before[2].created, now, before[2].version + 1)
        else:
            stamp = before[2]
        self._seen[key] = (booted, spec, stamp)
        return stamp
