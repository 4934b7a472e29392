"""Reads back what was approved, held, reverted and refused: the journal of this machine, and the trailers on main."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from console.model.history import Action, Entry, History, Outcome
from console.model.updates import ApprovedCommit
from console.operations.journal import Record
from console.operations.recorder import runs
from console.operations.settle import ENDS

_ACTIONS = frozenset({"hold", "release", "revert"})
_RECORDED: dict[str, Action] = {"held": "hold", "released": "release"}  # our own holds, see operations.records


def history(
    path: str, records: Sequence[Record], approvals: Sequence[ApprovedCommit], on_main: Callable[[str], bool]
) -> History:
    """Both, told once where both know of it. ``on_main``: whether main holds a commit."""
    told = {commit.commit: _told(commit) for commit in approvals}
    watched = runs(records)
    entries = []
    for entry in _journal(records):
        seen = told.pop(entry.commit, None) if entry.outcome in {"pushed", "proposed"} else None
        main = bool(seen) or (bool(entry.commit) and on_main(entry.commit))
        entries.append(replace(entry, main=main, trailers=seen.trailers if seen else {}))
    entries += told.values()
    entries = [replace(entry, rollout=watched.get(entry.commit)) for entry in entries]
    entries.reverse()  # of the same second the later one first
    entries.sort(key=lambda entry: entry.at or datetime.min.replace(tzinfo=UTC), reverse=True)
    return History(
        path,
        len(records),
        next((record.line for record in records if not record.intact), None),
        tuple(record.line for record in records if record.event == "torn"),
        tuple(entries),
    )


def _journal(records: Sequence[Record]) -> list[Entry]:
    """One entry for each approval and its end; what was refused or done before it began has only that."""
    found: dict[str, Entry] = {}
    alone = []
    for record in records:
        if record.event == "approved":
            found[record.id] = _begun(record)
        elif record.event in ENDS and record.id in found:
            found[record.id] = _ended(found[record.id], record)
        elif record.event in ENDS:
            alone.append(_ended(_begun(record), record))
        elif record.event in _RECORDED:
            update, by = str(record.data.get("branch") or record.id), str(record.data.get("by") or "")
            reason = " ".join(filter(None, (record.data.get("reason"), _until(record))))
            entry = replace(_begun(record), action=_RECORDED[record.event], outcome="recorded")
            alone.append(replace(entry, update=update, by=by, reason=reason))
    return [*found.values(), *alone]


def _until(record: Record) -> str:
    """The day that a hold is meant to end, as its commit would say it."""
    return f"(until {record.data['until']})" if record.data.get("until") else ""


def _begun(record: Record) -> Entry:
    def text(name: str) -> str:
        return str(record.data.get(name) or "")

    own = text("own")
    return Entry(
        at=record.at,
        action=cast("Action", own) if own in _ACTIONS else "approve",
        update=text("branch").removeprefix(f"{own} "),
        outcome="unfinished",
        by=text("operator"),
        reason=text("reason"),
        head=text("head"),
        base=text("base"),
        patch_id=text("patch_id"),
        tree=text("tree"),
        id=record.id,
        journal=True,
    )


def _ended(entry: Entry, record: Record) -> Entry:
    commit = str(record.data.get("commit") or record.data.get("main") or "")
    reason = str(record.data.get("reason") or entry.reason)
    return replace(entry, outcome=cast("Outcome", record.event), commit=commit, reason=reason)


def _told(commit: ApprovedCommit) -> Entry:
    trailers: dict[str, list[str]] = {}
    for key, value in commit.record:
        trailers.setdefault(key, []).append(value)

    def first(name: str) -> str:
        return next(iter(trailers.get(name, ())), "")

    return Entry(
        at=commit.at,
        action=cast("Action", commit.own) if commit.own in _ACTIONS else "approve",
        update=commit.branch.removeprefix(f"{commit.own} ") or first("Reverts"),
        outcome="pushed",
        commit=commit.commit,
        by=commit.by,
        reason=commit.reason,
        head=first("Reviewed-commit"),
        base=first("Reviewed-base"),
        patch_id=first("Reviewed-patch-id"),
        main=True,
        trailers=trailers,
    )
