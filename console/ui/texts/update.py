"""An update to read: what it moves, where, and what sets it apart."""

from collections.abc import Iterable
from itertools import groupby

from console.model.finding import Preflight
from console.model.flux import FluxObject
from console.model.moves import from_to
from console.model.touched import touched
from console.model.updates import Change, Update, release_notes
from console.ui.looks import Line, Run, age
from console.ui.panes.updates import class_of, note, title, versions
from console.ui.texts.finding import findings, summary
from console.ui.texts.layout import facts, heading, prose


def headline(update: Update) -> Line:
    """``Talos v1.13.7 → v1.13.8  patch  #2307  5 behind, merges cleanly``."""
    runs = [Run(title(update), "strong"), Run(f" {versions(update)}", "strong")]
    runs.append(Run(f"  {class_of(update)}", "warn" if update.type == "major" or update.breaking else "muted"))
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
    old, new = from_to(change)
    loud = "warn" if change.type == "major" else "muted"
    told = [each for each in (change.name if change.path else "", change.datasource) if each]
    return (
        Run(f"   {where}  "),
        Run(old, "muted"),
        Run(" → "),
        Run(new, "strong"),
        Run(f"  {change.type}", loud),
        Run(f"  {' '.join(told)}" if told else "", "muted"),
    )


def describe(update: Update, preflight: Preflight | None, width: int, objects: Iterable[FluxObject] = ()) -> list[Line]:
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
    lines += [*_sets_apart(update, width), *_commits(update), *_notes(update), *_touches(update, objects)]
    if update.conflicts:
        lines += [(), heading("Conflicts with main in"), *((Run(f"   {path}", "bad"),) for path in update.conflicts)]
    if update.why:
        lines += [(), heading("Why its state is unknown"), *prose(update.why, width)]
    if preflight:
        lines += [(), (*heading("Findings"), Run("  "), *summary(preflight)), *findings(preflight.findings, width)]
    return lines


def _sets_apart(update: Update, width: int) -> list[Line]:
    lines: list[Line] = []
    for what, texts in (
        ("Unusual in this change", update.unusual),
        ("Touches the same lines as", update.overlaps),
        ("Belongs together with", update.pairs),
    ):
        if texts:
            lines += [(), heading(what), *(line for text in texts for line in prose(f"▲ {text}", width, "warn"))]
    return lines


def _commits(update: Update) -> list[Line]:
    lines: list[Line] = [(), heading("Commits, newest first")]
    for each in update.commits:
        who = Run(f"  {each.author}", "warn" if each.foreign else "muted")
        what = f"{each.title}{', signed' if each.signed else ''}"
        lines.append((Run(f"  {each.commit[:9]}  "), age(each.at), who, Run(f"  {what}", "muted")))
    return lines if update.commits else []


def _notes(update: Update) -> list[Line]:
    found = dict.fromkeys(url for change in update.summary if (url := release_notes(change)))
    return [(), heading("Release notes   o opens the first"), *((Run(f"  {url}"),) for url in found)] if found else []


def _touches(update: Update, objects: Iterable[FluxObject]) -> list[Line]:
    keys = touched(update, objects)
    if not keys:
        return []
    return [(), heading("Flux objects that it touches"), *((Run(f"  {key.ref}"),) for key in keys)]
