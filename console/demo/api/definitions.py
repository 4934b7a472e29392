"""The CustomResourceDefinitions of the cluster's custom kinds."""

from collections.abc import Iterator
from typing import Any

from console.demo.api.kinds import KINDS, Column, Kind
from console.demo.api.schemas import SPECS

_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def definitions() -> Iterator[dict[str, Any]]:
    """All of them, ready to be created."""
    return (definition(kind) for kind in KINDS if kind.custom)


def definition(kind: Kind) -> dict[str, Any]:
    """One, with its status as a controller leaves it: names accepted, established."""
    names: dict[str, Any] = {
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
        "plural": kind.plural,
        "singular": kind.singular,
    }
    names |= {"shortNames": list(kind.short)} if kind.short else {}
    names |= {"categories": list(kind.categories)} if kind.categories else {}
    version: dict[str, Any] = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _schema(kind)},
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
    }
    if kind.status:
        version["subresources"] = {"status": {}}
    conditions = [{"type": word, "status": "True"} for word in ("NamesAccepted", "Established")]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.qualified},
        "spec": {
            "group": kind.group,
            "names": names,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [version],
        },
        "status": {"acceptedNames": names, "storedVersions": [kind.version], "conditions": conditions},
    }


def _schema(kind: Kind) -> dict[str, Any]:
    spec = SPECS.get(kind.kind, _OPEN)
    return {"type": "object", "properties": {"spec": spec, "status": _OPEN}}


def _column(column: Column) -> dict[str, Any]:
    shown = {"name": column.name, "jsonPath": column.path, "type": column.type}
    return shown | ({"priority": column.priority} if column.priority else {})
