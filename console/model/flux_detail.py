"""One object, whole: what a detail view shows. Projected from the object while it is open; never kept in the store."""

from dataclasses import dataclass
from datetime import datetime

from console.model.flux import FluxKey
from console.model.flux_needs import values
from console.model.inventory import Entry, entries
from console.model.snapshot import Problem
from console.model.unstructured import Raw, moment, number, rows, text


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. ``since`` is its last transition (UTC)."""

    kind: str
    status: str
    reason: str = ""
    message: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """One line of the history, newest first.

    Kustomization, ResourceSet, FluxInstance: passes with the same content and outcome are one line, ``times`` counts
    them, ``duration`` is the last one's. HelmRelease: one line for each release, ``number`` is its version;
    ``duration`` is known of the newest action only. Durations are Go's (``1m3.2s``).
    """

    outcome: str
    revision: str = ""
    first: datetime | None = None
    last: datetime | None = None
    duration: str = ""
    times: int = 1
    number: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event. ``at`` is when it was last seen (UTC)."""

    at: datetime | None
    type: str
    reason: str
    message: str
    times: int = 1
    by: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a controller's log about an object. ``fields`` are the further keys of the line, as text."""

    at: datetime | None
    level: str
    message: str
    by: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """All of one object. ``gone``: it was deleted while it was open; what was known stays. ``problem``: it could not
    be read just now, and what is here is from before.
    """

    key: FluxKey
    api_version: str = ""
    conditions: tuple[Condition, ...] = ()
    history: tuple[Pass, ...] = ()
    inventory: tuple[Entry, ...] = ()
    values: tuple[FluxKey, ...] = ()  # the Secrets and ConfigMaps that a release takes values from
    events: tuple[Occurrence, ...] = ()
    manifest: str = ""
    gone: bool = False
    problem: Problem | None = None


def detail(raw: Raw, key: FluxKey) -> Detail:
    """What the object says of itself. Never raises, whatever it looks like."""
    taken = values(raw, key) if key.kind == "HelmRelease" else ()
    return Detail(key, text(raw, "apiVersion"), conditions(raw), history(raw, key.kind), entries(raw), taken)


def conditions(raw: Raw) -> tuple[Condition, ...]:
    """In the order in which they stand, Ready first."""
    found = [
        Condition(
            text(row, "type"),
            text(row, "status"),
            text(row, "reason"),
            text(row, "message"),
            moment(row, "lastTransitionTime"),
        )
        for row in rows(raw, "status", "conditions")
    ]
    return tuple(sorted(found, key=lambda one: one.kind != "Ready"))


def history(raw: Raw, kind: str) -> tuple[Pass, ...]:
    """What the object remembers of its passes; five at most (fluxcd/pkg apis/meta, HistoryMaxSize)."""
    found = rows(raw, "status", "history")
    if kind != "HelmRelease":
        return tuple(map(_pass, found))
    took = text(raw, "status", "lastAttemptedReleaseActionDuration")
    return tuple(_release(row, took if index == 0 else "") for index, row in enumerate(found))


def _pass(row: Raw) -> Pass:
    return Pass(
        text(row, "lastReconciledStatus"),
        text(row, "metadata", "originRevision") or text(row, "metadata", "revision") or text(row, "digest"),
        moment(row, "firstReconciled"),
        moment(row, "lastReconciled"),
        text(row, "lastReconciledDuration"),
        number(row, "totalReconciliations") or 1,
    )


def _release(row: Raw, took: str) -> Pass:
    version = text(row, "appVersion")
    return Pass(
        text(row, "status"),
        f"{text(row, 'chartName')}@{text(row, 'chartVersion')}".strip("@"),
        moment(row, "firstDeployed"),
        moment(row, "lastDeployed"),
        took,
        number=number(row, "version"),
        text=" ".join(part for part in (text(row, "action"), f"app {version}" if version else "") if part),
    )


def occurrence(raw: Raw) -> Occurrence:
    """An event of core v1 (or as events.k8s.io writes it), whichever way it counts."""
    series = max(number(raw, "series", "count"), number(raw, "count"), 1)
    return Occurrence(
        seen_at(raw),
        text(raw, "type"),
        text(raw, "reason"),
        text(raw, "message"),
        series,
        text(raw, "reportingComponent") or text(raw, "source", "component"),
    )


def seen_at(raw: Raw) -> datetime | None:
    """When an event was last seen, as the several kinds of events say it."""
    for path in (("series", "lastObservedTime"), ("lastTimestamp",), ("eventTime",), ("metadata", "creationTimestamp")):
        found = moment(raw, *path)
        if found:
            return found
    return None
