"""What needs the operator now, worst first: the line above all panes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal

from console.model.flux import Status
from console.model.flux_graph import FluxRow, settle
from console.model.noderows import node_rows
from console.model.nodetroubles import certificate_trouble
from console.model.review import UnfinishedApproval
from console.model.snapshot import Life, Problem, Snapshot, Topic
from console.model.updates import Update
from console.model.upgrades import TITLES, UpgradeLine, overview

Severity = Literal["bad", "way", "act", "note"]
_ORDER: dict[Severity, int] = {"bad": 0, "way": 1, "act": 3, "note": 4}  # Flux failures stand between
# What a node that reboots does to those who ask it or its API.
_ABSENT = frozenset({"unreachable", "timeout"})
_WEEK = timedelta(days=7)
_SOURCES = {
    Topic.TALOS: "Talos",
    Topic.KUBERNETES: "the Kubernetes API",
    Topic.WORKLOADS: "the network's DaemonSets",
    Topic.FLUX: "Flux",
    Topic.TUPPR: "tuppr",
    Topic.REPOSITORY: "the repository",
    Topic.UPDATES: "the updates",
    Topic.ASSESSMENTS: "what preflight looks at",
    Topic.APPROVALS: "the journal of approvals",
    Topic.EVIDENCE: "what an upgrade meets",
    Topic.RUNS: "the journal of rollouts",
}
_FROM_THE_API = frozenset({Topic.KUBERNETES, Topic.WORKLOADS, Topic.FLUX, Topic.TUPPR, Topic.EVIDENCE})


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs the operator, and where it is: ``topic`` and ``key`` of the value it is about.

    ``since`` is when it began, for its age; ``rest`` is what follows the age.
    """

    severity: Severity  # ✖ broken, ▶ under way as it should be, ▲ a decision waits, · worth knowing
    text: str
    topic: Topic
    key: tuple[str, ...] = ()
    since: datetime | None = None
    rest: str = ""


def attention(snapshot: Snapshot, flux: Sequence[FluxRow] | None = None) -> tuple[Attention, ...]:
    """Everything that needs the operator now, worst first. Empty when all is well.

    ``flux`` are the snapshot's Flux objects as ``settle`` gives them, where the caller has them already.

    In the order of what it costs to overlook: upgrades that failed, nodes, sources that can't be read; the upgrade that
    runs; Flux failures (only first causes, those that block most first), which while a node is drained and restarts are
    mostly its doing, and nothing that one can mend until it is back; then decisions that wait, before them those that
    were taken and whose approval was interrupted; then what is worth knowing.
    """
    rows = settle(snapshot[Topic.FLUX].items.values(), snapshot.at) if flux is None else flux
    lines = overview(snapshot)
    found = [*_approvals(snapshot), *_upgrades(lines), *_nodes(snapshot, lines), *_sources(snapshot, lines)]
    found += [*_certificate(snapshot), *_flux(rows), *_updates(snapshot)]
    return tuple(sorted(found, key=_rank))


def _rank(each: Attention) -> int:
    failing = each.severity == "bad" and each.topic is Topic.FLUX and bool(each.key)
    return _ORDER["way"] + 1 if failing else _ORDER[each.severity]


def _upgrades(lines: Sequence[UpgradeLine]) -> Iterator[Attention]:
    for line in lines:
        name = TITLES[line.system]
        if line.state == "failed":
            yield Attention("bad", f"{name} {line.target} upgrade failed", Topic.TUPPR, line.key, line.since)
        elif line.state == "stuck":
            what = line.why.partition(":")[0]
            yield Attention("bad", f"{name} {line.target} stuck: {what}", Topic.TUPPR, line.key, line.since)
        elif line.away:
            yield Attention("way", f"{name} {line.target}: {line.why}", Topic.TUPPR, line.key)
        elif line.state == "held" and line.branch and line.in_the_way:
            text = f"{name} {line.target} waits for approval"
            yield Attention("note", text, Topic.TUPPR, line.key, line.since, line.in_the_way)
        elif line.state == "held" and line.branch and line.holds and line.holds[0].kind == "own":
            text = f"{name} {line.target} is held"
            yield Attention("note", text, Topic.TUPPR, line.key, line.holds[0].since, line.holds[0].told)
        elif line.state == "held" and line.branch:
            yield Attention(
                "act", f"{name} {line.target} waits for approval", Topic.TUPPR, line.key, line.since, _verdict(line)
            )
        elif line.state == "running":
            yield Attention("way", f"{name} {line.target} upgrade is running", Topic.TUPPR, line.key, line.since)


def _verdict(line: UpgradeLine) -> str:
    if line.first:
        return f"take {TITLES[line.first]} first"
    if line.blockers is None:
        return ""
    return f"{line.blockers} blocker{'' if line.blockers == 1 else 's'}" if line.blockers else "no blockers"


def _nodes(snapshot: Snapshot, lines: Sequence[UpgradeLine]) -> Iterator[Attention]:
    """Nodes that are not ready. One that restarts is on its way; the upgrade that sends it has its own line."""
    expected = {name for line in lines for name in line.expected}
    away = snapshot[Topic.TALOS].freshness.life is not Life.LIVE  # then the source's own line says it once
    for row in node_rows(snapshot[Topic.TALOS].items.values(), snapshot[Topic.KUBERNETES].items.values()):
        if row.state not in ("unreachable", "not ready") or (row.state == "unreachable" and away):
            continue
        if row.name in expected:
            continue
        why = f": {row.reasons[0]}" if row.reasons else ""
        topic = Topic.TALOS if row.talos else Topic.KUBERNETES
        since = row.talos.since if row.talos else None
        yield Attention("bad", f"{row.name} {row.state}{why}", topic, row.key, since)


def _sources(snapshot: Snapshot, lines: Sequence[UpgradeLine]) -> Iterator[Attention]:
    """Every topic that can't be read; those that one source feeds, and that have one problem, once.

    While an upgrade takes the API away, that it is away is no news; the upgrade's own line says how long it may be.
    """
    told: set[Problem] = set()
    excused = _excused(snapshot, lines)
    for topic, name in _SOURCES.items():
        fresh = snapshot[topic].freshness
        if topic in excused and fresh.problem and fresh.problem.kind in _ABSENT:
            continue
        if fresh.problem and fresh.problem not in told and fresh.life in (Life.STALE, Life.FAILED):
            told.add(fresh.problem)
            yield Attention("bad", f"{name} can't be read", topic, (), fresh.since)
        elif fresh.limits:
            number = len(fresh.limits)
            what = fresh.limits[0].message if number == 1 else f"{number} kinds can't be"
            yield Attention("note", f"{name} is read in part", topic, (), rest=what)


def _certificate(snapshot: Snapshot) -> Iterator[Attention]:
    """Ours for Talos, while there is still time for a new one; one that has expired is told by its source."""
    expires = next((node.certificate for node in snapshot[Topic.TALOS].items.values() if node.certificate), None)
    text = certificate_trouble(expires, snapshot.at)
    if text and expires and expires > snapshot.at:
        yield Attention("act" if expires - snapshot.at < _WEEK else "note", text, Topic.TALOS)


def _excused(snapshot: Snapshot, lines: Sequence[UpgradeLine]) -> frozenset[Topic]:
    """What can't be read because of an upgrade: the API's topics; Talos too when its only node is the one."""
    if not any(line.away for line in lines):
        return frozenset()
    expected = {name for line in lines for name in line.expected}
    nodes = {node.name for node in snapshot[Topic.TALOS].items.values()}
    return _FROM_THE_API | ({Topic.TALOS} if nodes <= expected else frozenset())


def _flux(rows: Sequence[FluxRow]) -> Iterator[Attention]:
    bad = takewhile(lambda row: row.order in (Status.STALLED, Status.FAILED), rows)  # the worst come first
    failing = [row for row in bad if row.is_first]
    for row in sorted(failing, key=lambda r: (-r.blocks, r.order.rank)):
        yield Attention("bad", f"{_name(row)} failing", Topic.FLUX, tuple(row.key), row.since, _blocks(row))


def _name(row: FluxRow) -> str:
    return f"{row.key.namespace}/{row.key.name}" if row.key.namespace else row.key.name


def _blocks(row: FluxRow) -> str:
    return f"blocks {row.blocks}" if row.blocks else ""


def _approvals(snapshot: Snapshot) -> Iterator[Attention]:
    found: list[UnfinishedApproval] = list(snapshot[Topic.APPROVALS].items.values())
    for each in sorted(found, key=lambda approval: approval.at):
        name = f"the approval of {each.title}"
        severity: Severity = "act"
        if each.state == "waiting":
            text, rest = f"{name} was interrupted", each.text or "the remote is asked what became of it"
        elif each.state == "refused":
            text, rest = f"{name} was interrupted and is not carried out", each.text
        else:
            severity, text, rest = "note", f"{name} was interrupted and is done", each.commit[:7]
        yield Attention(severity, text, Topic.UPDATES, (each.branch,), each.at, rest)


def _updates(snapshot: Snapshot) -> Iterator[Attention]:
    updates: list[Update] = list(snapshot[Topic.UPDATES].items.values())
    conflicts = sorted((u for u in updates if u.state == "conflict" and not u.is_superseded), key=lambda u: u.branch)
    if len(conflicts) == 1:
        yield Attention("note", f"{conflicts[0].title} conflicts with main", Topic.UPDATES, conflicts[0].key)
    elif conflicts:
        yield Attention("note", f"{len(conflicts)} updates conflict with main", Topic.UPDATES, conflicts[0].key)
