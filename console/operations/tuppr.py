"""What tuppr does about an approved node upgrade, how long that may take, and what silence means."""

from dataclasses import replace
from datetime import datetime

from console.model.age import since as age_of
from console.model.evidence import COMPONENTS, component, happened, in_the_way, jobs
from console.model.patience import control_planes, overdue, patience
from console.model.patience import silence as away
from console.model.rollout import Choice
from console.model.snapshot import Freshness, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import System
from console.model.upgrades import TITLES, TupprUpgrade, resource
from console.model.version import Version
from console.operations.leg import LOOK, Leg
from console.operations.silence import silent, unheard

_ARRIVING = 600.0  # seconds after an approval in which what was applied may still have to be seen
_REMAINED = "while node remained at"  # tuppr 0.5.0; Talos 1.13 tries a new version once and falls back
TRIES = Choice("wait", "tuppr goes on trying by itself; nothing is lost by it")
LOGS = Choice("logs", "read what the job wrote")
RESET = Choice(
    "reset",
    "put tuppr's reset annotation on the resource in the cluster, never in git: tuppr forgets what it did, and starts "
    "over with every node that does not run the version; it takes the annotation off itself",
)
SUSPEND = Choice(
    "suspend",
    "put tuppr's suspend annotation on the resource: it starts nothing more until it is released; a job that runs goes "
    "on to its end",
)
RELEASE = Choice(
    "release",
    "take tuppr's suspend annotation off the resource, and reset it where it had done nodes before: it goes on at "
    "once. Where git sets the annotation Flux puts it back: take it out there",
)
_ANOTHER = Choice("mend", "approve another version: tuppr starts over with it; a node upgrade is not taken back by git")


def work(snapshot: Snapshot, system: System, target: str, *, applied: bool, since: datetime | None = None) -> Leg:
    """What tuppr does about the target, which was approved ``since``."""
    cr = resource(snapshot, system)
    if cr is None:
        return _without(snapshot, system, applied=applied)
    if cr.target != target:
        text = f"{cr.kind} {cr.name} asks for {cr.target}"
        if applied and _is_older(cr.target, target):
            late = since is not None and (snapshot.at - since).total_seconds() > _ARRIVING
            note = f"{cr.kind} {cr.name} still asks for {cr.target}: nothing that Flux applied brought it {target}."
            choices = (Choice("look", "see which Kustomization carries the resource, and whether git has the version"),)
            return Leg(Step("tuppr", StepState.WAITING, text), "stuck" if late else "running", note, choices)
        if applied:
            return Leg(Step("tuppr", StepState.SKIPPED, text), "superseded", f"{text}, not for {target}.")
        return Leg(Step("tuppr", StepState.WAITING, text))
    if fresh := away(snapshot):
        return _silent(snapshot, cr, fresh)
    return _phase(snapshot, cr)


def _is_older(one: str, other: str) -> bool:
    found, wanted = Version.parse(one), Version.parse(other)
    return found is not None and wanted is not None and found < wanted


def _without(snapshot: Snapshot, system: System, *, applied: bool) -> Leg:
    if snapshot[Topic.TUPPR].freshness.at is None:
        unread = unheard(snapshot, Topic.TUPPR, "tuppr's resources have not been read yet")
        return replace(unread, step=replace(unread.step, name="tuppr"))
    if not applied:
        return Leg(Step("tuppr", StepState.WAITING))
    text = f"no resource of tuppr's upgrades {TITLES[system]}"
    return Leg(Step("tuppr", StepState.SKIPPED, text), note=f"{text}; the nodes wait for talosctl.")


def _silent(snapshot: Snapshot, cr: TupprUpgrade, fresh: Freshness) -> Leg:
    """The API does not answer. While the only control plane reboots that is as it should be."""
    step = Step("tuppr", StepState.RUNNING, f"{cr.phase or 'Pending'} when last heard of", fresh.since)
    if not cr.in_flight:
        return silent(snapshot, fresh, step, "What tuppr does goes on without us.")
    plane = "the only control plane" if len(control_planes(snapshot)) == 1 else "a control plane"
    return silent(snapshot, fresh, step, f"Normal while {plane} reboots; worry after 10 min.")


def _phase(snapshot: Snapshot, cr: TupprUpgrade) -> Leg:
    text = cr.message or cr.phase or "Pending"
    if cr.phase == "Failed":
        return _gave_up(cr)
    if cr.suspended is not None:
        return _suspended(cr)
    if not cr.seen:
        return Leg(Step("tuppr", StepState.RUNNING, "has not seen the new version yet", cr.updated))
    if cr.phase == "Completed":
        return Leg(Step("tuppr", StepState.DONE, text, cr.completed or cr.updated))
    if cr.phase == "MaintenanceWindow":
        when = f"next {cr.next_window:%Y-%m-%d %H:%M} UTC" if cr.next_window else text
        note = f"tuppr starts in its maintenance window, {when}."
        return Leg(Step("tuppr", StepState.WAITING, text, cr.updated), "running", note)
    leg = _held_other(snapshot, cr) or _patience(snapshot, cr, text)
    return replace(leg, step=replace(leg.step, detail=_detail(snapshot, cr)))


def _suspended(cr: TupprUpgrade) -> Leg:
    """It answers, and does nothing; what it had done before an earlier version counts as done (tuppr 0.5.0)."""
    note = f"{cr.kind} {cr.name} is suspended by its annotation; nothing starts until it is removed."
    hazard = " Released by hand it must be reset too: tuppr skips the nodes it had done before."
    note += hazard if cr.completed_nodes else ""
    return Leg(Step("tuppr", StepState.WAITING, "suspended", cr.updated), "stuck", note, (RELEASE,))


def _held_other(snapshot: Snapshot, cr: TupprUpgrade) -> Leg | None:
    """tuppr 0.5.0 lets Kubernetes wait behind a Talos upgrade that is suspended, for ever."""
    other = resource(snapshot, "talos" if cr.system == "kubernetes" else "kubernetes")
    if cr.reason != "WaitingForOtherUpgrade" or other is None or other.suspended is None:
        return None
    note = (
        f"tuppr waits for {other.kind} {other.name}, which is suspended: it never ends while it is. "
        f"Release it, and {TITLES[cr.system]} goes on when {TITLES[other.system]} is done."
    )
    choice = Choice(
        "release",
        f"take the suspend annotation off {other.kind} {other.name}: its upgrade goes on at once",
        other.system,
    )
    return Leg(Step("tuppr", StepState.WAITING, cr.message, cr.updated), "stuck", note, (choice,))


def _gave_up(cr: TupprUpgrade) -> Leg:
    errors = "; ".join(f"{n.name}: {n.error}" if n.error else n.name for n in cr.failed_nodes) or cr.last_error
    old = " The node started its old version again, as Talos does when the new one does not come up: its kernel log "
    old = f"{old}says why." if _REMAINED in errors else ""
    note = f"tuppr gave up: {errors or cr.message}.{old} It stays so until it is reset or the version changes."
    choices = (LOGS, RESET, SUSPEND, _ANOTHER)
    step = Step("tuppr", StepState.FAILED, errors or cr.message, cr.completed or cr.updated)
    return Leg(step, "failed", note, choices)


def _patience(snapshot: Snapshot, cr: TupprUpgrade, text: str) -> Leg:
    step = Step("tuppr", StepState.RUNNING, text, cr.updated)
    late = overdue(cr, snapshot.at)
    kept = [each.text for each in in_the_way(snapshot, cr.current_nodes)]
    if late is None:
        allowed = patience(cr)
        note = f"{allowed.normal if allowed else ''} {_list(kept)}".strip()
        return Leg(step, "running", note)
    why = f"The drain does not get on: {_list(kept)}" if kept and cr.phase == "Draining" else late.late
    where = f"{', '.join(cr.current_nodes)}: " if cr.current_nodes else ""
    note = f"{where}{why}{_complaint(cr)} No news for {age_of(cr.updated, snapshot.at)}."
    return Leg(step, "stuck", note, (TRIES, *_ways_out(cr, kept), LOGS, SUSPEND))


def _complaint(cr: TupprUpgrade) -> str:
    """What tuppr complains of while it waits, without the number of the attempt and the image (tuppr 0.5.0)."""
    if cr.reason not in {"PrePullFailed", "BuildTargetImage"}:
        return ""
    _, _, error = cr.message.partition("): ")
    return f" It says: {(error or cr.message).rstrip('.')}."


def _ways_out(cr: TupprUpgrade, kept: list[str]) -> tuple[Choice, ...]:
    if cr.phase == "Draining" and kept:
        text = "give the workload another replica, or let its budget allow a disruption: the drain then goes on"
        return (Choice("mend", text),)
    if cr.phase == "Rebooting":
        return (LOOK,)
    return ()


def _list(kept: list[str], most: int = 3) -> str:
    more = f" and {len(kept) - most} more" if len(kept) > most else ""
    return f"{'; '.join(kept[:most])}{more}." if kept else ""


def _detail(snapshot: Snapshot, cr: TupprUpgrade) -> tuple[str, ...]:
    """What is behind the phase: the health checks, the component that is being upgraded."""
    event = happened(snapshot, cr.kind, cr.name)
    waits = cr.phase == "Pending" and cr.reason in {"", "Pending", "PrePulling"}
    asking = cr.phase == "HealthChecking" or (waits and event is not None and event.reason == "HealthChecksStarted")
    if asking and cr.checks:
        return (f"asks its health checks: {'; '.join(cr.checks)}",)
    job = next(iter(jobs(snapshot, "kubernetes")), None) if cr.system == "kubernetes" and cr.in_flight else None
    at = component(job.lines) if job else ""
    if not at:
        return ()
    place = COMPONENTS.index(at)
    marks = (f"{name} {'✔' if i < place else '▶' if i == place else '·'}" for i, name in enumerate(COMPONENTS))
    return ("   ".join(marks),)
