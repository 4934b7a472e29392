"""The one store of events in its second view, events.k8s.io/v1 (Kubernetes 1.36, pkg/apis/events/v1/conversion.go)."""

from collections.abc import Mapping
from typing import Any

from console.demo.api.kinds import EVENTS, Kind

# A field of the core's Event, and what the view calls it.
NAMES: Mapping[str, str] = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_BACK = {new: old for old, new in NAMES.items()}


def told(kind: Kind, obj: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored, as ``kind`` shows it."""
    return _named(obj, NAMES, EVENTS.api_version) if kind is EVENTS else dict(obj)


def kept(kind: Kind, obj: Mapping[str, Any]) -> dict[str, Any]:
    """What was given as ``kind``, as it is stored."""
    return _named(obj, _BACK, "v1") if kind is EVENTS else dict(obj)


def field(kind: Kind, path: str) -> str:
    """Where a selector's field is in what is stored; an empty text for one that only the core's Event has."""
    if kind is not EVENTS:
        return path
    first, dot, rest = path.partition(".")
    if first in {"source", *NAMES} - _BACK.keys():
        return ""
    return _BACK.get(first, first) + dot + rest


def _named(obj: Mapping[str, Any], names: Mapping[str, str], version: str) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in obj.items()} | {"apiVersion": version}
