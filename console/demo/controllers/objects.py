"""Kubernetes objects as plain dicts: names, times, conditions, and identifiers derived from names."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

Obj = dict[str, Any]


class Key(NamedTuple):
    """What names an object; ``namespace`` is empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """``namespace/name``, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def key_of(obj: Mapping[str, Any]) -> Key:
    """The key of an object."""
    meta = obj["metadata"]
    return Key(obj["kind"], meta.get("namespace", ""), meta["name"])


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as the API server writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The time that ``stamp`` wrote."""
    return datetime.fromisoformat(text)


def digest(*parts: str) -> str:
    """64 hex digits that belong to ``parts``: the same in every run."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def uid(*parts: str) -> str:
    """A UUID (version 4 in shape) that belongs to ``parts``."""
    h = digest("uid", *parts)
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"


def share(*parts: str) -> float:
    """A number from 0 up to 1 that belongs to ``parts``: jitter that is the same in every run."""
    return int(digest(*parts)[:8], 16) / 2**32


def go_duration(seconds: float) -> str:
    """Whole seconds as Go prints a duration: ``30s 5m0s 1h0m0s``."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def seconds_of(duration: object, default: float) -> float:
    """The seconds of a Go duration (``1h30m``); ``default`` when it is missing or no duration."""
    if not isinstance(duration, str) or not duration:
        return default
    total, number = 0.0, ""
    for letter in duration.replace("ms", "u"):
        if letter.isdigit() or letter == ".":
            number += letter
        elif letter in "hmsu" and number:
            total += float(number) * {"h": 3600, "m": 60, "s": 1, "u": 0.001}[letter]
            number = ""
        else:
            return default
    return total


def condition(obj: Mapping[str, Any], kind: str) -> Obj | None:
    """One condition of the status."""
    for item in (obj.get("status") or {}).get("conditions") or ():
        if item.get("type") == kind:
            return dict(item)
    return None


def is_true(obj: Mapping[str, Any], kind: str) -> bool:
    """Whether a condition is there and True."""
    return (condition(obj, kind) or {}).get("status") == "True"


class Draft:
    """A status being written: conditions keep their transition time while their status stays the same.

    Copy of the status of ``obj``; hand ``status`` to the store when done.
    """

    def __init__(self, obj: Mapping[str, Any], at: datetime) -> None:
        self.at = at
        self.generation = int(obj["metadata"].get("generation", 1))
        self.status: Obj = dict(obj.get("status") or {})
        self._conditions: dict[str, Obj] = {c["type"]: c for c in self.status.pop("conditions", None) or ()}

    def mark(self, kind: str, status: str, reason: str, message: str) -> None:
        """Set a condition. ``status`` is ``True False Unknown``."""
        old = self._conditions.get(kind)
        since = old["lastTransitionTime"] if old and old["status"] == status else stamp(self.at)
        self._conditions[kind] = {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": since,
            "observedGeneration": self.generation,
        }

    def drop(self, *kinds: str) -> None:
        """Take conditions away: those that are only there while they are True."""
        for kind in kinds:
            self._conditions.pop(kind, None)

    def get(self, kind: str) -> Obj | None:
        """One condition."""
        return self._conditions.get(kind)

    def done(self) -> Obj:
        """The whole status. Ready stands first, as Flux sorts them: Reconciling, Stalled, then Ready and the rest."""
        order = {"Stalled": 0, "Reconciling": 1, "Ready": 2}
        self.status["conditions"] = sorted(self._conditions.values(), key=lambda c: order.get(c["type"], 3))
        return self.status


def upsert_history(history: Iterable[Obj], entry: Obj, limit: int = 5) -> list[Obj]:
    """``history`` with a pass added: newest first, one entry for each digest and outcome (Flux pkg apis/meta)."""
    kept = []
    for old in history:
        if (old["digest"], old["lastReconciledStatus"]) == (entry["digest"], entry["lastReconciledStatus"]):
            entry = entry | {
                "firstReconciled": old["firstReconciled"],
                "totalReconciliations": old["totalReconciliations"] + 1,
            }
        else:
            kept.append(old)
    return [entry, *kept][:limit]
