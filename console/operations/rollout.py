"""Every approved change on its way: built from git and the cluster, so that it is the same on any machine.

What was watched here (``Topic.RUNS``) adds times to it, and the memory of what was done before something newer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from console.model import age
from console.model.evidence import jobs
from console.model.moves import from_to, goal_of
from console.model.rollout import Choice, Outcome, Rollout
from console.model.runs import NodeRun, Run, paces, usual
from console.model.snapshot import Life, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import ApprovedCommit, RepositoryState, System
from console.model.upgrades import TITLES, resource, versions
from console.model.version import Version, normal
from console.operations.delivery import deliver, workloads
from console.operations.leg import Leg
from console.operations.nodework import each_node, verified
from console.operations.silence import last_heard
from console.operations.tuppr import RESET, work

RECENT = timedelta(hours=24)
# What was approved longer ago and still is not done is no rollout any more, but a state: the Upgrades pane has it.
FORGOTTEN = timedelta(days=14)
_LOG = 12  # lines of a job's log that are shown


def rollouts(snapshot: Snapshot) -> tuple[Rollout, ...]:
    """The rollouts that are recent or not finished, newest first. Empty while the repository has not been read."""
    state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    if state is None:
        return ()
    found: list[Rollout] = []
    newer: set[System] = set()
    for approval in state.approvals:
        if approval.own in {"hold", "release"}:
            continue
        rollout = _rollout(snapshot, approval, superseded=approval.system in newer)
        if approval.system:
            newer.add(approval.system)
        if _shown(snapshot, approval, rollout):
            found.append(rollout)
    return tuple(found)


def _shown(snapshot: Snapshot, approval: ApprovedCommit, rollout: Rollout) -> bool:
    if approval.at is None:
        return rollout.outcome not in {"done", "superseded"}
    age = snapshot.at - approval.at
    return age < RECENT or (age < FORGOTTEN and rollout.outcome not in {"done", "superseded"})


def _rollout(snapshot: Snapshot, approval: ApprovedCommit, *, superseded: bool) -> Rollout:
    system = approval.system
    target = goal_of(approval.changes, system) if system else ""
    run: Run | None = snapshot[Topic.RUNS].items.get((approval.commit,))
    legs = _upgrade(snapshot, approval, system, target) if system else _ordinary(snapshot, approval)
    legs = _in_order(legs, approval.at)
    outcome, leg = _outcome(legs)
    if outcome != "done" and run and run.outcome == "done" and _unasked(snapshot, system):
        end = Leg(Step("verified", StepState.DONE, "as it was seen here", run.ended))
        outcome, leg, legs = "done", None, [*_settled(legs), end]
    if outcome != "done" and (superseded or outcome == "superseded"):
        outcome, leg, legs = _superseded(snapshot, approval, target, run, now=(outcome, leg), legs=legs)
    done = outcome == "done"
    log = _log(snapshot, system, run)
    span = usual(snapshot[Topic.RUNS].items.values(), system)
    pace = paces(snapshot[Topic.RUNS].items.values(), system) if system else {}
    return Rollout(
        commit=approval.commit,
        branch=approval.branch,
        title=f"{TITLES[system]} {target}" if system else _title(approval),
        outcome=outcome,
        steps=tuple(leg.step for leg in legs),
        nodes=timed(each_node(snapshot, system, target), run, pace) if system else (),
        note="" if done or leg is None else leg.note,
        choices=_choices(leg, system, log) if leg and outcome in {"stuck", "failed"} else (),
        system=system,
        target=target,
        started=approval.at,
        ended=(_last(legs) or (run.ended if run else None)) if done else None,
        before=_before(approval, target) if system else "",
        usual=span[0] if span else None,
        compared=span[1] if span else 0,
        log=log if leg and outcome in {"stuck", "failed"} else (),
    )


def _unasked(snapshot: Snapshot, system: System | None) -> bool:
    """Whether the cluster does not tell now what became of it: then what was seen here before holds."""
    return snapshot[Topic.TUPPR if system else Topic.FLUX].freshness.life is not Life.LIVE


def _superseded(
    snapshot: Snapshot,
    approval: ApprovedCommit,
    target: str,
    run: Run | None,
    *,
    now: tuple[Outcome, Leg | None],
    legs: list[Leg],
) -> tuple[Outcome, Leg | None, list[Leg]]:
    """A later approval is about the same system. What was done stays done, and what tuppr is still at is under way.

    Once the resource asks for the later version, it is known that this one was done from the journal, or from nodes
    that still run it while none runs anything older.
    """
    cr = resource(snapshot, approval.system) if approval.system else None
    if cr and cr.target == target and cr.in_flight and cr.seen:
        return *now, legs
    failed = run is not None and run.failed  # then a node that runs it may be the one that it failed at
    if (run and run.outcome == "done") or (not failed and _had_arrived(snapshot, approval, target)):
        text = "done before a later approval took its place"
        ended = Step("verified", StepState.DONE, text, run.ended if run else None)
        return "done", None, [*_settled(legs), Leg(ended)]
    return "superseded", Leg(legs[-1].step, "superseded", _in_its_place(now, legs)), legs


def _in_its_place(now: tuple[Outcome, Leg | None], legs: list[Leg]) -> str:
    said = now[1].note if now[0] == "superseded" and now[1] else "A later approval took its place."
    unseen = all(leg.finished for leg in legs[:3])
    return said + (" Whether it was done before can't be told from here: nobody watched it." if unseen else "")


def _had_arrived(snapshot: Snapshot, approval: ApprovedCommit, target: str) -> bool:
    """Whether each node got there: some run it still, and none runs what was before it."""
    goal = Version.parse(target)
    found = [Version.parse(v) for v in versions(snapshot, approval.system).values()] if approval.system else []
    known = [version for version in found if version]
    return goal is not None and goal in known and len(known) == len(found) and all(each >= goal for each in known)


def _settled(legs: list[Leg]) -> list[Leg]:
    """The steps before the last one of a rollout that is over: each was done, whatever the resource is at now."""
    return [
        leg if leg.finished and leg.outcome != "superseded" else Leg(Step(leg.step.name, StepState.DONE))
        for leg in legs[:-1]
    ]


def _before(approval: ApprovedCommit, target: str) -> str:
    """The version that the approval moved away from."""
    return next((normal(each.old) for each in approval.changes if normal(each.new) == target), "")


def _choices(leg: Leg, system: System | None, log: tuple[str, ...]) -> tuple[Choice, ...]:
    """Without what can't be done: a node upgrade is not taken back by git, tuppr would take that for another upgrade;
    no job may have written anything."""
    missing = {"revert"} if system else set()
    missing |= set() if log else {"logs"}
    return tuple(each for each in leg.choices if each.verb not in missing)


def _log(snapshot: Snapshot, system: System | None, run: Run | None) -> tuple[str, ...]:
    """The end of what the last job wrote: seen now, or kept by the journal."""
    seen = jobs(snapshot, system)[:1] if system else []
    return tuple(line for job in seen for line in job.lines[-_LOG:]) or (run.log[-_LOG:] if run else ())


def timed(
    nodes: tuple[tuple[str, tuple[Step, ...]], ...], run: Run | None, pace: Mapping[str, timedelta]
) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """The steps of each node with the times at which they were seen to begin; what those that are done took; how long
    those that run usually take."""
    return tuple(
        (name, tuple(_timed(step, run.node(name) if run else NodeRun(name), pace) for step in steps))
        for name, steps in nodes
    )


def _timed(step: Step, node: NodeRun, pace: Mapping[str, timedelta]) -> Step:
    at = dict(node.began).get(step.name)
    took = node.took(step.name) if step.state is StepState.DONE else None
    if took is not None:
        return replace(step, at=at, text=step.text or age.took(took))
    if step.state is StepState.RUNNING and pace.get(step.name, timedelta()).total_seconds() >= 1:
        usually = f"usually {age.took(pace[step.name])}"
        return replace(step, at=at, text=f"{step.text}, {usually}" if step.text else usually)
    return replace(step, at=at)


def _in_order(legs: list[Leg], start: datetime | None) -> list[Leg]:
    """Without the times that are not this change's own: those from before it, and those after what follows them.

    A time that a later event has moved on is no time of the step; that of the last step stands.
    """
    found: list[Leg] = []
    limit: datetime | None = None
    for leg in reversed(legs):
        at = leg.step.at
        foreign = at is not None and ((start is not None and at < start) or (limit is not None and at > limit))
        found.insert(0, replace(leg, step=replace(leg.step, at=None)) if foreign else leg)
        limit = found[0].step.at or limit
    return found


def _last(legs: list[Leg]) -> datetime | None:
    """When the last thing was done; None when that can't be told."""
    return next((leg.step.at for leg in reversed(legs) if leg.step.state is not StepState.SKIPPED), None)


def _title(approval: ApprovedCommit) -> str:
    """``cert-manager v1.19.2 → v1.19.3``; without versions the subject, without what every merge begins with."""
    moved = [(each.name.rstrip("/").rpartition("/")[2], *from_to(each)) for each in approval.changes if each.new]
    if approval.own or not moved:
        return approval.title.removeprefix(f"Merge {approval.branch}: ")
    told = list(dict.fromkeys(f"{name} {old} → {new}" if old else f"{name} {new}" for name, old, new in moved))
    return told[0] if len(told) == 1 else f"{told[0]} and {len(told) - 1} more"


def _upgrade(snapshot: Snapshot, approval: ApprovedCommit, system: System, target: str) -> list[Leg]:
    cr = resource(snapshot, system)
    arrived = cr is not None and cr.target == target
    delivery = [last_heard(snapshot, leg) for leg in deliver(snapshot, approval, arrived=arrived)]
    applied = all(leg.finished for leg in delivery)
    tuppr = work(snapshot, system, target, applied=applied, since=approval.at)
    end = verified(snapshot, system, target, tuppr.step.at)
    if tuppr.step.state is StepState.DONE and _old(snapshot, system, target):
        end = _not_upgraded(snapshot, system, target, end)
    elif not tuppr.finished and end.step.state is StepState.DONE:
        end = Leg(Step("verified", StepState.RUNNING, end.step.text), note="The nodes are there; tuppr has yet to end.")
    return [*delivery, tuppr, end]


def _old(snapshot: Snapshot, system: System, target: str) -> list[str]:
    return sorted(name for name, version in versions(snapshot, system).items() if version != target)


def _not_upgraded(snapshot: Snapshot, system: System, target: str, end: Leg) -> Leg:
    """tuppr says Completed, and nodes run something else: their version has yet to be read, or it passed them over."""
    cr = resource(snapshot, system)
    names = ", ".join(_old(snapshot, system, target))
    if cr is None or cr.updated is None or (snapshot.at - cr.updated).total_seconds() < 120:
        return Leg(Step("verified", StepState.RUNNING, end.step.text), note="The nodes have yet to tell their version.")
    note = (
        f"tuppr says Completed, but {names} does not run {target}: a node falls back to its old version when the new "
        "one does not boot, and tuppr passes nodes over that it had done before a suspension."
    )
    return Leg(Step("verified", StepState.FAILED, end.step.text), "failed", note, (RESET,))


def _ordinary(snapshot: Snapshot, approval: ApprovedCommit) -> list[Leg]:
    delivery = [last_heard(snapshot, leg) for leg in deliver(snapshot, approval, arrived=False)]
    if not all(leg.finished for leg in delivery):
        return [*delivery, Leg(Step("workloads", StepState.WAITING)), Leg(Step("verified", StepState.WAITING))]
    return [*delivery, *(last_heard(snapshot, leg) for leg in workloads(snapshot, approval))]


def _outcome(legs: list[Leg]) -> tuple[Outcome, Leg | None]:
    """The outcome is that of the leg which everything waits for; a superseded or failed one ends it all."""
    for leg in legs:
        if leg.outcome == "superseded" or leg.step.state is StepState.FAILED:
            return ("superseded" if leg.outcome == "superseded" else "failed"), leg
    waiting = next((leg for leg in legs if not leg.finished), None)
    if waiting is None:
        return "done", None
    return waiting.outcome, waiting
