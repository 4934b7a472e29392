"""Objects as the ``Table`` that ``kubectl get`` asks for: final texts in columns."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from console.demo.api.cells import CELLS, age
from console.demo.api.errors import bad_request
from console.demo.api.jsonpath import find
from console.demo.api.kinds import Column, Kind

_AGE = Column("Age", ".metadata.creationTimestamp", "date")


def columns(kind: Kind) -> list[dict[str, Any]]:
    """``columnDefinitions``: a custom kind's begin with the name."""
    if not kind.custom:
        return [_definition(column, "name" if column.name == "Name" else "") for column in kind.columns]
    first = _definition(Column("Name"), "name")
    return [first, *(_definition(column, "") for column in kind.columns or (_AGE,))]


def _definition(column: Column, form: str) -> dict[str, Any]:
    told = f"Custom resource definition column (in JSONPath format): {column.path}" if column.path else column.name
    return {
        "name": column.name,
        "type": column.type,
        "format": form,
        "description": told,
        "priority": column.priority,
    }


def cells(kind: Kind, obj: Mapping[str, Any], now: datetime) -> list[Any]:
    """The texts of one row."""
    if not kind.custom:
        return CELLS[kind.kind](obj, now)
    return [obj["metadata"]["name"], *(_cell(obj, column, now) for column in kind.columns or (_AGE,))]


def _cell(obj: Mapping[str, Any], column: Column, now: datetime) -> Any:
    value = find(obj, column.path)
    if value is None:
        return None
    if column.type == "date":
        return age(str(value), now)
    if column.type == "integer":
        return value if isinstance(value, int) else None
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def included(query: Mapping[str, str]) -> str:
    """``includeObject``: Metadata, Object or None. ApiError 400 for anything else."""
    value = query.get("includeObject") or "Metadata"
    if value not in {"Metadata", "Object", "None"}:
        raise bad_request(
            f"unrecognized includeObject value: \"{value}\": must be 'Metadata', 'Object', 'None', or empty"
        )
    return value


def row(kind: Kind, obj: Mapping[str, Any], include: str, now: datetime) -> dict[str, Any]:
    """One row; ``include`` as ``included`` gives it."""
    shown = {"Metadata": partial(obj), "Object": obj, "None": None}[include]
    return {"cells": cells(kind, obj, now), "object": shown}


def table(
    kind: Kind, rows: Iterable[Mapping[str, Any]], metadata: Mapping[str, Any], *, headed: bool = True
) -> dict[str, Any]:
    """The Table; events of a stream after the first are not ``headed``."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": dict(metadata),
        "columnDefinitions": columns(kind) if headed else None,
        "rows": list(rows),
    }


def partial(obj: Mapping[str, Any]) -> dict[str, Any]:
    """Only what names and marks an object."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
