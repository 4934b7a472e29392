"""A rollout to read: every step of its way, with times, and what to make of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rich.cells import cell_len

from console.model.age import took as how_long
from console.model.evidence import jobs
from console.model.rollout import Rollout, Verb
from console.model.snapshot import Snapshot
from console.model.step import Step, StepState
from console.model.upgrades import TITLES, resource
from console.ui.looks import Line, Run, age
from console.ui.texts.layout import prose

MARKS = {
    StepState.WAITING: ("·", "muted"),
    StepState.RUNNING: ("▶", "accent"),
    StepState.DONE: ("✔", "good"),
    StepState.FAILED: ("✖", "bad"),
    StepState.SKIPPED: ("–", "faint"),
}
# The keys of the screen, as the table of actions has them.
KEYS: dict[Verb, str] = {"reset": "X", "suspend": "s", "release": "s", "reconcile": "R", "revert": "u", "logs": "l"}
_FURTHER = 9  # cells before what of a node's steps comes on another line
_UNWRITTEN = "No job of this upgrade has written anything that could be read."
_AGE = 6  # cells of the longest age: ``59m30s``
_OUTCOMES = {"running": "accent", "stuck": "warn", "failed": "bad", "done": "good", "superseded": "muted"}


def headline(rollout: Rollout) -> Line:
    """What, how it stands, since when."""
    return Run(rollout.title, "strong"), Run("   "), _outcome(rollout), *_when(rollout)


def _outcome(rollout: Rollout) -> Run:
    return Run(rollout.outcome, _OUTCOMES[rollout.outcome])


def _when(rollout: Rollout) -> Line:
    if rollout.started is None:
        return ()
    took = f", took {how_long(rollout.ended - rollout.started)}" if rollout.ended else ""
    return Run("   approved ", "muted"), age(rollout.started), Run(f" ago{took}", "muted")


def describe(rollout: Rollout, width: int) -> list[Line]:
    """The steps, those of each node below the one that runs, and the note."""
    lines: list[Line] = []
    for index, step in enumerate(rollout.steps):
        before = rollout.steps[index - 1].at if index else rollout.started
        lines += progress(step, width, before)
        if step.name in ("tuppr", "upgrade", "nodes"):
            lines += [line for name, steps in rollout.nodes for line in _node(name, steps, width, step.text)]
    if rollout.nodes and not any(step.name in ("tuppr", "upgrade", "nodes") for step in rollout.steps):
        lines += [line for name, steps in rollout.nodes for line in _node(name, steps, width)]
    if rollout.note:
        lines += [(), *prose(rollout.note, width, "warn" if rollout.outcome in ("stuck", "failed") else "")]
    if rollout.choices:
        lines += [(), (Run("  What you can do", "accent"),)]
        for choice in rollout.choices:
            key = KEYS.get(choice.verb, "·")
            head, *rest = prose(f"{choice.verb}: {choice.text}", width, indent=6)
            lines += [(Run(f"  {key}   ", "accent" if choice.verb in KEYS else "muted"), Run(head[0].text[6:])), *rest]
    if rollout.log:
        lines += [(), (Run("  The last job wrote", "accent"),)]
        lines += [(Run(f"      {line}", "muted"),) for line in rollout.log]
    return lines


def beside(others: Sequence[Rollout]) -> list[Line]:
    """The other rollouts, a line each: how it stands comes before what may be cut."""
    if not others:
        return []
    lines: list[Line] = [(), (Run("  Also on its way, or lately done", "accent"), Run("   tab", "muted"))]
    size = max(len(each.outcome) for each in others)
    for each in others:
        pad = Run(" " * (size - len(each.outcome) + 3))
        lines.append((Run("    "), _outcome(each), pad, Run(each.title, "strong"), *_when(each)))
    return lines


def written(rollout: Rollout, snapshot: Snapshot) -> list[Line]:
    """All that is kept of the last job's log."""
    job = next(iter(jobs(snapshot, rollout.system)), None) if rollout.system else None
    lines = job.lines if job else rollout.log
    head = f" {job.pod} on {job.node or 'the cluster'}, {job.state}" if job else " The job's log, as it was kept"
    if not lines:
        cr = resource(snapshot, rollout.system) if rollout.system else None
        drains = cr is not None and cr.phase == "Draining"
        told = "tuppr drains the node itself; its job, and the log, begin after that." if drains else _UNWRITTEN
        return [(Run(f" {told}", "muted"),)]
    return [(Run(head, "strong"),), (), *((Run(f" {line}"),) for line in lines)]


def suspension(rollout: Rollout) -> str:
    """What suspending will do."""
    return (
        f"tuppr's suspend annotation is put on the resource that upgrades {TITLES[rollout.system or 'talos']}, in the "
        "cluster. It starts nothing more until it is released; a job that runs goes on to its end, and the other "
        "system's upgrade waits behind it."
    )


def pace(rollout: Rollout) -> str:
    """How long such a rollout takes, by those that were watched here."""
    if rollout.outcome not in ("running", "stuck"):
        return ""
    if rollout.usual is None:
        return "no earlier one was watched"
    return f"usually done in {how_long(rollout.usual)}"


def progress(step: Step, width: int, before: datetime | None = None) -> list[Line]:
    """One step: its mark, its name, what it says, when."""
    symbol, style = MARKS[step.state]
    quiet = step.state in (StepState.WAITING, StepState.SKIPPED)
    runs = [Run(f" {symbol} ", style), Run(f"{step.name:10} ", "muted" if quiet else "strong")]
    at = f"{step.at:%H:%M:%S}" if step.at and not quiet else ""
    took = how_long(step.at - before) if step.at and before and step.at > before else ""
    if step.state is StepState.RUNNING and step.at:
        runs += [Run(f"{at:8}  ", "muted"), age(step.at, "accent"), Run("  ")]
    else:
        runs += [Run(f"{at:8}  ", "muted"), Run(f"{'' if quiet else took:5} ", "faint")]
    text = step.text.replace("sha256:", "")
    taken = sum(_AGE if run.moment else cell_len(run.text) for run in runs)
    whole = quiet or step.state is StepState.DONE or taken + cell_len(text) <= width
    lines: list[Line] = [(*runs, Run(text, "muted" if quiet else ""))] if whole else [tuple(runs)]
    if not whole:  # what it waits for, or failed of, stands at the end
        lines += prose(text, width, indent=5)
    for text in step.detail:
        lines += prose(text, width, "muted", indent=5)
    return lines


def _node(name: str, steps: tuple[Step, ...], width: int, said: str = "") -> list[Line]:
    """A node's steps, on as many lines as they take. What was ``said`` above is not said again."""
    runs = [Run(f"     {name}   ", "strong")]
    taken = cell_len(runs[0].text)
    lines: list[Line] = []
    for step in steps:
        again = step.state is StepState.FAILED and step.text in said
        part, size = _part(replace(step, text="") if again else step)
        if taken + size > width and len(runs) > 1:
            lines.append(tuple(runs))
            runs, taken = [Run(" " * _FURTHER)], _FURTHER
        runs += [*part, Run("   ")]
        taken += size + 3
    return [*lines, tuple(runs)]


def _part(step: Step) -> tuple[list[Run], int]:
    """A step of a node, and the cells that it takes at most."""
    symbol, style = MARKS[step.state]
    told = step.state in (StepState.RUNNING, StepState.FAILED) or step.name != "back"
    text = f"{step.name} {symbol}" + (f" {step.text}" if told and step.text else "")
    if step.state is StepState.RUNNING and step.at:
        return [Run(text, style), Run(" "), age(step.at, style)], cell_len(text) + 1 + _AGE
    return [Run(text, style)], cell_len(text)
