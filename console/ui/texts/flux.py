"""A Flux object to read: its state, why, what it waits for, what waits for it."""

from collections.abc import Sequence
from datetime import datetime

from console.model.duration import duration
from console.model.flux import FluxKey, Status, short_revision
from console.model.flux_graph import OUTDATED, REFUSED, UNTOUCHED, FluxRow
from console.ui.looks import Line, Run, age
from console.ui.panes.flux import MARKS
from console.ui.texts.layout import facts, heading, prose

_AGE = 8  # cells of the longest age, and before the state
_EXHAUSTED = (
    "Its retries are used up: it is not tried again by itself. Mend it in git: a change begins anew. "
    "Without a change :reset counts its attempts from zero, :force upgrades it once."
)
_LAGS = {
    REFUSED: "Its source serves {new}: that was tried and failed. The last one that went well is {old}.",
    UNTOUCHED: (
        "Its source serves {new} since {since:%H:%M:%S} UTC, and nobody has tried it: its controller is busy, stuck "
        "or not there. What runs is {old}."
    ),
    OUTDATED: "Its source serves {new}. What runs is {old}.",
}


def describe(
    each: FluxRow, rows: Sequence[FluxRow], width: int, now: datetime, heard: datetime | None = None
) -> list[Line]:
    """All that is known of it. ``heard`` is when the latest event about it came."""
    this = each.object
    last, due = _passes(each, now, heard)
    symbol, style = MARKS[each.status]
    state = (Run(f"{symbol} {each.status.value}", style), Run("  "), age(each.since))
    title = (Run(f"{each.key.kind} ", "muted"), Run(name(each.key), "strong"))
    fits = sum(len(run.text) for run in (*title, *state)) + _AGE <= width
    lines: list[Line] = [*([(*title, Run("   "), *state)] if fits else [title, (Run("  "), *state)]), ()]
    if each.message:
        lines += [heading(f"Why   {each.reason}"), *prose(each.message, width)]
        lines += [*(prose(_EXHAUSTED, width, "warn") if "exhausted" in each.marks else ()), ()]
    lines += _lag(each, rows, width)
    if each.chain:
        lines += [heading("Waits for"), *_chain(each, rows), ()]
    if each.blocks:
        waiting = [row for row in rows if row.root_cause == each.key or each.key in row.chain]
        lines += [heading(f"Blocks {each.blocks}"), *(_mention(row) for row in waiting[:50]), ()]
    lines += [
        heading("Facts"),
        *facts(
            (
                ("revision", short_revision(this.revision)),
                ("attempted", short_revision(this.attempted_revision)),
                ("git commit", short_revision(this.origin_revision)),
                ("source", this.source.ref if this.source else ""),
                ("url", this.url),
                ("path", this.path),
                ("applied by", this.managed_by.ref if this.managed_by else ""),
                ("needs", ", ".join(key.ref for key in this.needs)),
                ("interval", this.interval),
                ("last pass", age(last, "") if last else ""),
                ("next pass", f"about {due:%H:%M:%S} UTC" if due else ""),
                ("inventory", f"{this.inventory} objects" if this.inventory else ""),
                ("marks", ", ".join(each.marks)),
                ("api version", this.api_version),
            )
        ),
    ]
    if this.suspended:
        why = this.suspended
        was = str(this.last_status or "")
        told = (("by", why.by), ("at", why.at), ("reason", why.reason), ("last status", was))
        lines += [(), heading("Suspended"), *facts(told)]
    return lines


def name(key: FluxKey) -> str:
    """``namespace/name``."""
    return f"{key.namespace}/{key.name}" if key.namespace else key.name


def _passes(each: FluxRow, now: datetime, heard: datetime | None) -> tuple[datetime | None, datetime | None]:
    """(the last pass, when the next one is due). A source's pass that changes nothing leaves no trace but its event."""
    this = each.object
    known = [time for time in (this.last_reconciled, heard) if time]
    span = duration(this.interval)
    if each.status is not Status.READY or not heard or not span or max(known) is not heard:
        return this.last_reconciled, this.expected(now)
    return heard, heard + span if heard + span > now else None


def _lag(each: FluxRow, rows: Sequence[FluxRow], width: int) -> list[Line]:
    """What another revision of its source means here."""
    mark = next((mark for mark in (REFUSED, UNTOUCHED, OUTDATED) if mark in each.marks), "")
    source = next((row.object for row in rows if row.key == each.object.source), None) if mark else None
    if source is None:
        return []
    this = each.object
    old = short_revision((this.taken if this.key.kind == "HelmChart" else this.revision) or this.taken)
    told = _LAGS[mark if source.served else OUTDATED]
    return [*prose(told.format(new=short_revision(source.revision), old=old, since=source.served), width, "warn"), ()]


def _chain(each: FluxRow, rows: Sequence[FluxRow]) -> list[Line]:
    known = {row.key: row for row in rows}
    lines: list[Line] = []
    for depth, key in enumerate(each.chain):
        row = known.get(key)
        symbol, style = MARKS[row.status] if row else ("✖", "bad")
        state = row.status.value if row else "not found"
        root = "   root cause" if key == each.root_cause else ""
        lines.append((Run(f"  {'  ' * depth}{symbol} {state} ", style), Run(key.ref), Run(root, "warn")))
    if each.cause_message:
        lines.append((Run(f"  {'  ' * len(each.chain)}{each.cause_message}", "muted"),))
    return lines


def _mention(row: FluxRow) -> Line:
    symbol, style = MARKS[row.status]
    return (Run(f"  {symbol} {row.status.value:11}", style), Run(f" {row.key.ref}"))
