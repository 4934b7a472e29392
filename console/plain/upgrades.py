"""``homeconsole upgrades``: what of Talos and Kubernetes is held, what waits, what runs, and the last ones."""

from collections.abc import Iterator

from console.model.age import since
from console.model.hold import Hold
from console.model.rollout import Rollout
from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.model.upgrades import TITLES, TupprUpgrade, UpgradeLine, overview, resource
from console.operations.rollout import rollouts
from console.plain.document import Document, moment, schema, sources, step
from console.plain.table import table

TOPICS = (
    Topic.TUPPR,
    Topic.KUBERNETES,
    Topic.TALOS,
    Topic.FLUX,
    Topic.WORKLOADS,
    Topic.REPOSITORY,
    Topic.UPDATES,
    Topic.EVIDENCE,
    Topic.RUNS,
)
_WAITING = {"waiting", "suspended"}
_RUNNING = {"running", "stuck", "failed"}


def document(snapshot: Snapshot) -> Document:
    """Both systems by their state, and the rollouts by theirs: those under way, and the last ones."""
    found = overview(snapshot)
    ways = rollouts(snapshot)
    running = [way for way in ways if way.outcome in {"running", "stuck"}]
    return schema("upgrades") | {
        "sources": sources(snapshot, TOPICS),
        "held": [_line(snapshot, line) for line in found if line.state == "held"],
        "waiting": [_line(snapshot, line) for line in found if line.state in _WAITING],
        "running": [_line(snapshot, line) for line in found if line.state in _RUNNING],
        "current": [_line(snapshot, line) for line in found if line.state in {"done", "current"}],
        "unknown": [_line(snapshot, line) for line in found if line.state == "unknown"],
        "rollouts": [rollout(way) for way in running],
        "last": [rollout(way) for way in ways if way not in running],
    }


def lines(snapshot: Snapshot) -> list[str]:
    """The same as a table; under it the rollouts that are under way."""
    head = ("system", "state", "running", "target", "blockers", "warnings", "since", "why")
    found = overview(snapshot)
    text = table(head, (_cells(snapshot, line) for line in found))
    facts = [(TITLES[line.system], *fact) for line in found for fact in _facts(snapshot, line) if fact[1]]
    text += ["", *table(("system", "fact", "value"), facts)] if facts else []
    for way in rollouts(snapshot):
        if way.outcome in {"running", "stuck", "failed"}:
            rows = [(each.state.value, each.name, each.text) for each in way.steps]
            rows += [
                (each.state.value, f"{node} {each.name}", each.text) for node, steps in way.nodes for each in steps
            ]
            text += ["", f"{safe(way.title)}: {way.outcome}", *table(("state", "step", "what"), rows)]
            text += [safe(way.note)] if way.note else []
            text += [safe(f"  {choice}") for choice in way.choices]
            text += [safe(f"  | {line}") for line in way.log]
    return text


def _cells(snapshot: Snapshot, line: UpgradeLine) -> tuple[str, ...]:
    return (
        TITLES[line.system],
        line.state,
        " ".join(line.running),
        line.target,
        "" if line.blockers is None else str(line.blockers),
        "" if line.warnings is None else str(line.warnings),
        since(line.since, snapshot.at),
        line.why,
    )


def _facts(snapshot: Snapshot, line: UpgradeLine) -> Iterator[tuple[str, str]]:
    """What keeps it, where; which nodes lag; what tuppr says."""
    for hold in line.holds:
        place = f"{hold.file}:{hold.line}" if hold.line else hold.file
        yield "held by", ", ".join(part for part in (hold.told, hold.by, place) if part)
    yield "lags behind", ", ".join(line.lagging) if line.state != "held" else ""
    tuppr = resource(snapshot, line.system)
    if tuppr:
        yield "tuppr", " ".join(part for part in (f"{tuppr.kind}/{tuppr.name}", tuppr.target, tuppr.phase) if part)
        yield "tuppr says", tuppr.message
        yield "suspended", tuppr.suspended or ""
        yield "works on", ", ".join(tuppr.current_nodes)
        yield "done", ", ".join(tuppr.completed_nodes)
        yield "failed", "; ".join(f"{node.name}: {node.error}" for node in tuppr.failed_nodes)
        yield "last error", tuppr.last_error
        yield "windows", "; ".join(tuppr.windows)


def _tuppr(of: TupprUpgrade) -> Document:
    return {
        "kind": of.kind,
        "name": of.name,
        "target": of.target,
        "phase": of.phase,
        "message": of.message,
        "suspended": of.suspended,
        "currentNodes": list(of.current_nodes),
        "completedNodes": list(of.completed_nodes),
        "failedNodes": [{"name": node.name, "error": node.error} for node in of.failed_nodes],
        "lastError": of.last_error,
        "windows": list(of.windows),
    }


def _line(snapshot: Snapshot, line: UpgradeLine) -> Document:
    tuppr = resource(snapshot, line.system)
    return {
        "system": line.system,
        "state": line.state,
        "running": list(line.running),
        "target": line.target,
        "why": line.why,
        "branch": line.branch or None,
        "phase": line.phase or None,
        "first": line.first,
        "blockers": line.blockers,
        "warnings": line.warnings,
        "activeNodes": list(line.active),
        "laggingNodes": list(line.lagging),
        "nodes": line.nodes,
        "since": moment(line.since),
        "nextWindowAt": moment(line.next_window),
        "holds": [_hold(each) for each in line.holds],
        "tuppr": _tuppr(tuppr) if tuppr else None,
    }


def _hold(of: Hold) -> Document:
    return {
        "kind": of.kind,
        "reason": of.reason,
        "by": of.by,
        "since": moment(of.since),
        "until": of.until.isoformat() if of.until else None,
        "file": of.file or None,
        "line": of.line or None,
    }


def rollout(way: Rollout) -> Document:
    """One rollout, whole."""
    return {
        "commit": way.commit,
        "branch": way.branch,
        "title": way.title,
        "system": way.system,
        "target": way.target,
        "outcome": way.outcome,
        "note": way.note,
        "choices": [{"verb": each.verb, "text": each.text} for each in way.choices],
        "log": list(way.log),
        "usualSeconds": way.usual.total_seconds() if way.usual else None,
        "startedAt": moment(way.started),
        "endedAt": moment(way.ended),
        "steps": [step(each) for each in way.steps],
        "nodes": [{"name": name, "steps": [step(each) for each in steps]} for name, steps in way.nodes],
    }
