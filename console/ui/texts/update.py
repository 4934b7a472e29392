"""An update to read: what it moves, where, and what sets it apart."""

from itertools import groupby

from console.model.finding import Preflight
from console.model.updates import Change, Update
from console.ui.looks import Line, Run, age
from console.ui.panes.updates import note, title, versions
from console.ui.texts.finding import findings, summary
from console.ui.texts.layout import facts, heading, prose


def headline(update: Update) -> Line:
    """``Talos v1.13.7 → v1.13.8  patch  #2307  5 behind, merges cleanly``."""
    runs = [Run(title(update), "strong"), Run(f" {versions(update)}", "strong")]
    runs.append(Run(f"  {update.type}", "warn" if update.type == "major" or update.breaking else "muted"))
    if update.pull:
        runs.append(Run(f"  #{update.pull}", "muted"))
    merge = {"ready": "merges cleanly", "conflict": "conflicts with main", "applied": "on main already"}
    state = merge.get(update.state, update.why or "state unknown")
    behind = f"{update.behind} behind, " if update.behind else ""
    runs.append(Run(f"  {behind}{state}", "bad" if update.state == "conflict" else "muted"))
    return tuple(runs)


def changes(update: Update) -> list[Line]:
    """By file, every version that moves."""
    lines: list[Line] = []
    ordered = sorted(update.changes, key=lambda change: (change.file, change.line))
    for file, members in groupby(ordered, key=lambda change: change.file):
        lines.append((Run(f" {file}", "muted"),))
        lines += [_change(change) for change in members]
    others = [file for file in update.files if file not in {change.file for change in update.changes}]
    if others:
        lines.append((Run(f" {'also ' if lines else ''}touches", "muted"),))
        lines += [(Run(f"   {file}"),) for file in others]
    return lines or [(Run(" No structural change was found; the diff has it all.", "muted"),)]


def _change(change: Change) -> Line:
    where = change.path or change.name
    loud = "warn" if change.type == "major" else "muted"
    return (
        Run(f"   {where}  "),
        Run(change.old, "muted"),
        Run(" → "),
        Run(change.new, "strong"),
        Run(f"  {change.type}", loud),
    )


def describe(update: Update, preflight: Preflight | None, width: int) -> list[Line]:
    """All that is known of it."""
    lines = [
        headline(update),
        (Run(update.title, "muted"),),
        (),
        *facts(
            (
                ("branch", update.branch),
                ("commit", update.head[:12]),
                ("author", update.author),
                ("age", age(update.committed_at, "") if update.committed_at else ""),
                ("commits", f"{update.ahead} ahead, {update.behind} behind main"),
                ("signature", update.signature),
                ("remarks", Run(note(update), "warn") if note(update) else ""),
            )
        ),
        (),
        heading("Changes"),
        *changes(update),
    ]
    if update.conflicts:
        lines += [(), heading("Conflicts with main in"), *((Run(f"   {path}", "bad"),) for path in update.conflicts)]
    if update.why:
        lines += [(), heading("Why its state is unknown"), *prose(update.why, width)]
    if preflight:
        lines += [(), (*heading("Findings"), Run("  "), *summary(preflight)), *findings(preflight.findings, width)]
    return lines
