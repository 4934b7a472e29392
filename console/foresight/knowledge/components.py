"""The tables of what Kubernetes' components and Talos' documents know, by release; read once when first asked for."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_FIRST = 29  # the minor of Kubernetes that the first character of a gate's states is about

Minor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Gate:
    """A feature gate. ``states``: ``.`` unknown, ``0`` ``1`` the default, ``F`` ``T`` locked; from 1.29 on."""

    name: str
    states: str
    removed: str
    source: str

    def at(self, minor: Minor) -> str:
        """Its state in that minor: the first or last known one beyond the table's ends."""
        place = min(max(minor[1] - _FIRST, 0), len(self.states) - 1)
        return self.states[place]

    def known_before(self, minor: Minor) -> bool:
        """Whether an earlier minor knows it."""
        return any(state != "." for state in self.states[: max(0, minor[1] - _FIRST)]) or minor[1] <= _FIRST


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that is refused from a minor on (or, for what is new, before it)."""

    at: Minor
    source: str
    instead: str = ""
    kinds: tuple[str, ...] = ()  # of an API version; none: all of them


@dataclass(frozen=True, slots=True)
class Tables:
    """``last``: the newest minor of Kubernetes, and of Talos for ``documents``, that they know."""

    last: Minor
    gates: Mapping[str, Gate]
    flags: Mapping[tuple[str, str], Gone]  # by component and flag
    needs: Mapping[str, tuple[str, ...]]  # by gate: the gates that must be on with it
    needs_since: Minor
    plugins: Mapping[str, Gone]
    runtime: Mapping[str, Gone]  # by API version
    introduced: Mapping[str, Gone]
    apis: Mapping[str, tuple[Gone, ...]]  # by API version
    documents: Mapping[str, Gone]  # by kind: the first Talos that knows it
    last_talos: Minor


@lru_cache(maxsize=1)
def tables() -> Tables:
    """All of them."""
    components, apis, documents = _load("components.yaml"), _load("apis.yaml"), _load("documents.yaml")
    served: dict[str, list[Gone]] = {}
    for entry in apis["apis"]:
        gone = Gone(_minor(entry["from"]), entry["source"], entry["instead"], tuple(entry["kinds"]))
        served.setdefault(entry["api"], []).append(gone)
    return Tables(
        last=_minor(components["known"]),
        gates=_gates(),
        flags={
            (entry["component"], flag): Gone(_minor(entry["from"]), entry["source"])
            for entry in components["flags"]
            for flag in entry["flags"]
        },
        needs={gate: tuple(others) for gate, others in components["needs"]["gates"].items()},
        needs_since=_minor(components["needs"]["since"]),
        plugins=_by(components["plugins"], "plugins", "from"),
        runtime=_by(components["runtime"], "apis", "from"),
        introduced=_by(components["introduced"], "apis", "in"),
        apis={api: tuple(found) for api, found in served.items()},
        documents={
            kind: Gone(_minor(release), entry["source"])
            for release, entry in documents["documents"].items()
            for kind in entry["kinds"]
        },
        last_talos=_minor(documents["known"]),
    )


def _by(entries: list[dict[str, Any]], what: str, since: str) -> dict[str, Gone]:
    return {name: Gone(_minor(entry[since]), entry["source"]) for entry in entries for name in entry[what]}


def _gates() -> dict[str, Gate]:
    with (_HERE / "gates.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["gate"]: Gate(row["gate"], row["states"], row["removed"], row["source"]) for row in rows}


def _minor(text: str) -> Minor:
    major, _, rest = text.partition(".")
    return int(major), int(rest)


def _load(name: str) -> Any:
    import yaml  # noqa: PLC0415 - heavy, and first needed long after the first frame

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((_HERE / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe one
