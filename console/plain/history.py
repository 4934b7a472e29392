"""``homeconsole history``: what was approved, held, reverted and refused, and whether main has it."""

from console.model.history import Entry, History
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
        "id": entry.id,
        "inJournal": entry.journal,
        "onMain": entry.main,
        "trailers": {key: list(values) for key, values in entry.trailers.items()},
    }


def lines(history: History) -> list[str]:
    """The same as a table."""
    head = ("at", "action", "outcome", "update", "commit", "told by", "by", "reason")
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
        entry.reason,
    )


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
