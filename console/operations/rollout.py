"""Every approved change on its way: built from git and the cluster alone, so that it is the same on any machine."""

from dataclasses import replace
from datetime import datetime, timedelta

from console.model.moves import goal_of
from console.model.rollout import Outcome, Rollout
from console.model.snapshot import Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import ApprovedCommit, RepositoryState, System
from console.model.upgrades import TITLES, resource, versions
from console.operations.delivery import Leg, deliver, workloads
from console.operations.nodework import each_node, verified
from console.operations.tuppr import work

RECENT = timedelta(hours=24)
# What was approved longer ago and still is not done is no rollout any more, but a state: the Upgrades pane has it.
FORGOTTEN = timedelta(days=14)


def rollouts(snapshot: Snapshot) -> tuple[Rollout, ...]:
    """The rollouts that are recent or not finished, newest first. Empty while the repository has not been read."""
    state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    if state is None:
        return ()
    found: list[Rollout] = []
    newer: set[System] = set()
    for approval in state.approvals:
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
    legs = _upgrade(snapshot, approval, system, target) if system else _ordinary(snapshot, approval)
    legs = _in_order(legs, approval.at)
    outcome, leg = _outcome(legs)
    if superseded and outcome != "done":
        outcome, leg = "superseded", Leg(legs[-1].step, "superseded", "A later approval took its place.")
    done = outcome == "done"
    return Rollout(
        commit=approval.commit,
        branch=approval.branch,
        title=f"{TITLES[system]} {target}" if system else _title(approval),
        outcome=outcome,
        steps=tuple(leg.step for leg in legs),
        nodes=each_node(snapshot, system, target) if system else (),
        note="" if done or leg is None else leg.note,
        choices=leg.choices if leg and outcome in {"stuck", "failed"} else (),
        system=system,
        target=target,
        started=approval.at,
        ended=_last(legs) if done else None,
    )


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
    """What it is about, without the words that every merge begins with."""
    return approval.title.removeprefix(f"Merge {approval.branch}: ")


def _upgrade(snapshot: Snapshot, approval: ApprovedCommit, system: System, target: str) -> list[Leg]:
    cr = resource(snapshot, system)
    arrived = cr is not None and cr.target == target
    delivery = list(deliver(snapshot, approval, arrived=arrived))
    tuppr = work(snapshot, system, target, applied=all(leg.finished for leg in delivery))
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
    choices = ("annotate the resource in the cluster with tuppr.home-operations.com/reset: it starts over",)
    return Leg(Step("verified", StepState.FAILED, end.step.text), "failed", note, choices)


def _ordinary(snapshot: Snapshot, approval: ApprovedCommit) -> list[Leg]:
    delivery = list(deliver(snapshot, approval, arrived=False))
    if not all(leg.finished for leg in delivery):
        return [*delivery, Leg(Step("workloads", StepState.WAITING)), Leg(Step("verified", StepState.WAITING))]
    return [*delivery, *workloads(snapshot, approval)]


def _outcome(legs: list[Leg]) -> tuple[Outcome, Leg | None]:
    """The outcome is that of the leg which everything waits for; a superseded or failed one ends it all."""
    for leg in legs:
        if leg.outcome == "superseded" or leg.step.state is StepState.FAILED:
            return ("superseded" if leg.outcome == "superseded" else "failed"), leg
    waiting = next((leg for leg in legs if not leg.finished), None)
    if waiting is None:
        return "done", None
    return waiting.outcome, waiting
