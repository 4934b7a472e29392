"""Holds as records of our own, in the journal of this machine: for repositories without a Renovate configuration."""

from collections.abc import Iterable, Sequence
from datetime import date

from console.model.hold import Hold, day
from console.model.unstructured import texts
from console.model.updates import Update
from console.operations.journal import Journal


def recorded(journal: Journal, repository: str) -> tuple[Hold, ...]:
    """The holds of ``repository`` (its address) that were not released."""
    found: dict[str, Hold] = {}
    for record in journal.records():
        if record.data.get("repository") != repository:
            continue
        if record.event == "held":
            found[record.id] = Hold(
                "own",
                str(record.data.get("reason", "")),
                str(record.data.get("by", "")),
                record.at,
                day(record.data.get("until")),
                texts(record.data, "names"),
            )
        elif record.event == "released":
            found.pop(record.id, None)
    return tuple(found.values())


def record(
    journal: Journal, repository: str, update: Update, names: Sequence[str], *, reason: str, by: str, until: date | None
) -> None:
    """Hold ``names``."""
    end = {"until": until.isoformat()} if until else {}
    said = {"branch": update.branch, "names": list(names), "reason": reason, "by": by, **end}
    journal.append("held", " ".join(names), repository=repository, **said)


def release(journal: Journal, repository: str, holds: Iterable[Hold], *, by: str) -> None:
    """Let go what these name."""
    for hold in holds:
        journal.append("released", " ".join(hold.names), repository=repository, names=list(hold.names), by=by)
