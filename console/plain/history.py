"""``homeconsole history``: what was approved, held, reverted and refused, and whether main has it."""

from console.model.age import took as how_long
from console.model.history import Entry, History
from console.model.runs import NodeRun, Run
from console.model.text import safe
from console.plain.document import Document, moment, schema
from console.plain.table import table


def document(history: History) -> Document:
    """The journal's state, and all entries, newest first."""
    return schema("history") | {
        "journal": {
            "path": history.path,
            "records": history.records,
            "intact": history.altered is None,
            "alteredAt": history.altered,
            "torn": list(history.torn),
        },
        "entries": [_entry(entry) for entry in history.entries],
    }


def _entry(entry: Entry) -> Document:
    return {
        "at": moment(entry.at),
        "action": entry.action,
        "update": entry.update,
        "outcome": entry.outcome,
        "commit": entry.commit or None,
        "by": entry.by,
        "reason": entry.reason,
        "reviewed": {"head": entry.head, "base": entry.base, "patchId": entry.patch_id, "tree": entry.tree},
        "rollout": _rollout(entry.rollout) if entry.rollout else None,
        "id": entry.id,
        "inJournal": entry.journal,
        "onMain": entry.main,
        "trailers": {key: list(values) for key, values in entry.trailers.items()},
    }


def lines(history: History) -> list[str]:
    """The same as a table."""
    head = ("at", "action", "outcome", "update", "commit", "told by", "by", "rollout", "reason")
    return table(head, (_cells(entry) for entry in history.entries))


def _cells(entry: Entry) -> tuple[str, ...]:
    tellers = [word for word, told in (("journal", entry.journal), ("main", entry.main)) if told]
    return (
        moment(entry.at) or "",
        entry.action,
        entry.outcome,
        entry.update,
        entry.commit[:12],
        ", ".join(tellers),
        entry.by,
        _went(entry.rollout) if entry.rollout else "",
        entry.reason,
    )


def _went(run: Run) -> str:
    """``done in 6m: k8s-1 4m, k8s-2 2m``."""
    took = f" in {how_long(run.ended - run.started)}" if run.started and run.ended else ""
    nodes = ", ".join(f"{node.name} {how_long(total)}" for node in run.nodes if (total := node.total) is not None)
    return f"{run.outcome or 'under way'}{took}" + (f": {nodes}" if nodes else "")


def _rollout(run: Run) -> Document:
    return {
        "outcome": run.outcome or None,
        "before": run.before or None,
        "target": run.target or None,
        "startedAt": moment(run.started),
        "endedAt": moment(run.ended),
        "nodes": [_node(node) for node in run.nodes],
        "warned": list(run.warned),
        "log": list(run.log),
    }


def _node(node: NodeRun) -> Document:
    """Seconds of each step that was seen from its beginning to its end."""
    took = {step: span.total_seconds() for step, _ in node.began if (span := node.took(step)) is not None}
    return {"name": node.name, "seconds": took, "total": node.total.total_seconds() if node.total else None}


def warnings(history: History) -> list[str]:
    """What is wrong with the journal, in words."""
    told = []
    if history.altered is not None:
        told.append(
            f"{safe(history.path)}, line {history.altered}: the chain is broken: something before it was altered or "
            "taken out. What stands from there on is not proof of anything."
        )
    if history.torn:
        numbers = ", ".join(map(str, history.torn))
        told.append(f"{safe(history.path)}, line {numbers}: cut short by a crash or a full disk, or not ours.")
    return told
