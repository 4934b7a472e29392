"""What all JSON answers have in common."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from console.model.snapshot import Freshness, Problem, Snapshot, Topic
from console.sources.errors import HomeconsoleError

if TYPE_CHECKING:
    from console.model.flux import FluxKey
    from console.model.step import Step

Document = dict[str, Any]

# Some topics come from one place; the place is what a reader knows.
_PLACES = {
    Topic.TALOS: "talos",
    Topic.KUBERNETES: "kubernetes",
    Topic.WORKLOADS: "workloads",
    Topic.FLUX: "flux",
    Topic.TUPPR: "tuppr",
    Topic.REPOSITORY: "repository",
}


def schema(command: str) -> Document:
    """The beginning of every document."""
    return {"schema": f"homeconsole/{command}/v1"}


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def key(of: "FluxKey") -> Document:
    """What names a Flux object."""
    return {"kind": of.kind, "namespace": of.namespace, "name": of.name}


def problem(of: Problem | None) -> Document | None:
    """Why something can't be read or done, or null."""
    return {"kind": of.kind, "message": of.message, "hint": of.hint} if of else None


def error(command: str, caught: HomeconsoleError) -> Document:
    """The whole answer when there is nothing but an error."""
    return schema(command) | {"error": problem(caught.problem)}


def sources(snapshot: Snapshot, topics: Iterable[Topic]) -> Document:
    """How current each source is."""
    return {_PLACES[topic]: _freshness(snapshot[topic].freshness) for topic in topics if topic in _PLACES}


def _freshness(of: Freshness) -> Document:
    return {"state": of.life.value, "at": moment(of.at), "error": problem(of.problem)} | {
        "limits": [problem(limit) for limit in of.limits]
    }


def step(of: "Step") -> Document:
    """One step of an operation."""
    return {
        "name": of.name,
        "state": of.state.value,
        "text": of.text,
        "at": moment(of.at),
        "detail": list(of.detail),
    }
