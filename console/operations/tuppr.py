"""What tuppr does about an approved node upgrade, how long that may take, and what silence means."""

from console.model.age import since as age_of
from console.model.patience import WORRY, control_planes, gone_for, overdue, patience, refused
from console.model.patience import silence as away
from console.model.snapshot import Freshness, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import System
from console.model.upgrades import TITLES, TupprUpgrade, resource
from console.operations.delivery import Leg

_RESET = "annotate the resource in the cluster with tuppr.home-operations.com/reset (never in git): it starts over"


def work(snapshot: Snapshot, system: System, target: str, *, applied: bool) -> Leg:
    """What tuppr does about the target."""
    cr = resource(snapshot, system)
    if cr is None:
        return _without(snapshot, system, applied=applied)
    if cr.target != target:
        text = f"{cr.kind} {cr.name} asks for {cr.target}"
        if applied:
            return Leg(Step("tuppr", StepState.SKIPPED, text), "superseded", f"{text}, not for {target}.")
        return Leg(Step("tuppr", StepState.WAITING, text))
    silent = away(snapshot)
    if silent:
        return _silent(snapshot, cr, silent)
    return _phase(snapshot, cr)


def _without(snapshot: Snapshot, system: System, *, applied: bool) -> Leg:
    fresh = snapshot[Topic.TUPPR].freshness
    if fresh.at is None:
        reason = fresh.problem.message if fresh.problem else "tuppr's resources have not been read yet"
        return Leg(Step("tuppr", StepState.WAITING, reason), note=reason)
    if not applied:
        return Leg(Step("tuppr", StepState.WAITING))
    text = f"no resource of tuppr's upgrades {TITLES[system]}"
    return Leg(Step("tuppr", StepState.SKIPPED, text), note=f"{text}; the nodes wait for talosctl.")


def _silent(snapshot: Snapshot, cr: TupprUpgrade, fresh: Freshness) -> Leg:
    """The API does not answer. While the only control plane reboots that is as it should be."""
    gone = gone_for(fresh, snapshot.at)
    ago = age_of(fresh.since, snapshot.at)
    silent = f"The API server has been away for {ago}." if gone >= 5 else "The API server has just gone away."
    problem = fresh.problem
    step = Step("tuppr", StepState.RUNNING, f"{cr.phase or 'Pending'} when last heard of", fresh.since)
    if problem and refused(fresh):
        return Leg(step, "stuck", f"{problem.message} {problem.hint}".strip())
    planes = control_planes(snapshot)
    alone = len(planes) == 1
    if not cr.in_flight and gone <= WORRY:
        return Leg(step, "running", f"{silent} What tuppr does goes on without us.")
    if gone <= WORRY:
        why = "while the only control plane reboots" if alone else "while a control plane reboots"
        return Leg(step, "running", f"{silent} Normal {why}; worry after 10 min.")
    note = (
        f"The API server has been away for {ago}; more than 10 min is not usual. "
        f"Look at the screen of {', '.join(planes) or 'the control plane'}."
    )
    return Leg(step, "stuck", note, ("wait", "look at the node's screen or power-cycle it"))


def _phase(snapshot: Snapshot, cr: TupprUpgrade) -> Leg:
    text = cr.message or cr.phase or "Pending"
    if cr.phase == "Failed":
        return _gave_up(cr)
    if cr.suspended is not None:
        note = f"{cr.kind} {cr.name} is suspended by its annotation; nothing starts until it is removed."
        hazard = " Then reset it too, or tuppr skips the nodes it had done before." if cr.completed_nodes else ""
        step = Step("tuppr", StepState.WAITING, "suspended", cr.updated)
        return Leg(step, "stuck", note + hazard, ("remove the annotation", _RESET))
    if not cr.seen:
        return Leg(Step("tuppr", StepState.RUNNING, "has not seen the new version yet", cr.updated))
    if cr.phase == "Completed":
        return Leg(Step("tuppr", StepState.DONE, text, cr.completed or cr.updated))
    if cr.phase == "MaintenanceWindow":
        note = (
            f"tuppr starts in its maintenance window, next {cr.next_window:%Y-%m-%d %H:%M} UTC."
            if cr.next_window
            else ""
        )
        return Leg(Step("tuppr", StepState.WAITING, text, cr.updated), "running", note or text)
    return _patience(snapshot, cr, text)


def _gave_up(cr: TupprUpgrade) -> Leg:
    errors = "; ".join(f"{n.name}: {n.error}" if n.error else n.name for n in cr.failed_nodes) or cr.last_error
    note = f"tuppr gave up: {errors or cr.message}. It stays so until it is reset or the version changes."
    choices = (
        f"mend the node, then {_RESET}",
        "suspend the resource, to keep tuppr away while you look",
        "approve another version: a new version starts over",
    )
    return Leg(
        Step("tuppr", StepState.FAILED, errors or cr.message, cr.completed or cr.updated), "failed", note, choices
    )


def _patience(snapshot: Snapshot, cr: TupprUpgrade, text: str) -> Leg:
    step = Step("tuppr", StepState.RUNNING, text, cr.updated)
    late = overdue(cr, snapshot.at)
    if late is None:
        allowed = patience(cr)
        return Leg(step, "running", allowed.normal) if allowed else Leg(step)
    note = f"{late.late} No news for {age_of(cr.updated, snapshot.at)}."
    return Leg(step, "stuck", note, ("wait: tuppr goes on trying", "suspend the resource", "look at the job's log"))
