"""What tuppr does about an approved node upgrade, how long that may take, and what silence means."""

from dataclasses import dataclass

from console.model.age import since as age_of
from console.model.nodes import KubernetesNode, TalosNode
from console.model.snapshot import Freshness, Life, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import System
from console.model.upgrades import TITLES, TupprUpgrade, resource
from console.operations.delivery import Leg

# A node that reboots is usually back after 1-4 minutes; beyond 10 something is wrong (Talos 1.13, observed stages).
WORRY = 600


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a phase may last without news (seconds), and what to say before and after."""

    seconds: int
    normal: str
    late: str


# Ages are those of lastUpdated: tuppr 0.5.0 writes it only when something changed, and logs a failing drain only.
_PATIENCE = {
    "Pending": Patience(600, "tuppr takes the next node in a moment.", "tuppr does nothing: is its pod running?"),
    "HealthChecking": Patience(
        900,
        "tuppr waits until its health checks pass, and asks again every minute.",
        "A health check of the resource does not pass; look at each object it names.",
    ),
    "PreHook": Patience(900, "A hook runs before the node.", "The hook does not end; look at its job's log."),
    "Draining": Patience(
        600,
        "Pods leave the node.",
        "The drain does not get on: a PodDisruptionBudget that allows no disruption is the usual cause.",
    ),
    # 30 min is tuppr's own default deadline for a node.
    "Upgrading": Patience(1800, "The installer runs on the node.", "The job does not end; look at its log."),
    "Rebooting": Patience(
        WORRY, "The node reboots; 1 to 4 minutes are usual.", "The node does not come back; look at its screen."
    ),
    "PostHook": Patience(900, "A hook runs after the node.", "The hook does not end; look at its job's log."),
}
# tuppr's own alert on a stuck Kubernetes upgrade waits 45 min.
_KUBERNETES = Patience(
    2700, "upgrade-k8s goes through the control plane, then every kubelet.", "The job does not end; look at its log."
)
# Reasons that tuppr overrides a waiting phase with: what it waits for, and how long that is no concern.
_REASONS = {
    "WaitingForOtherUpgrade": Patience(3600, "tuppr upgrades one thing at a time.", "The other upgrade does not end."),
    "WaitingForImage": Patience(900, "The image is not published yet.", "The image is still missing."),
    "PrePulling": Patience(900, "The nodes pull the installer first.", "The pull does not end."),
    "PrePullFailed": Patience(0, "", "A node can't pull the installer image; tuppr tries again every few minutes."),
    "NodeUnreachable": Patience(300, "A node does not answer.", "A node stays unreachable; tuppr waits for it."),
    "BuildTargetImage": Patience(0, "", "tuppr can't tell which installer image to use."),
}
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


def away(snapshot: Snapshot) -> Freshness | None:
    """Why the cluster can't be asked now, or None while it answers."""
    fresh = snapshot[Topic.TUPPR].freshness
    return fresh if fresh.life in {Life.STALE, Life.FAILED} else None


def _silent(snapshot: Snapshot, cr: TupprUpgrade, fresh: Freshness) -> Leg:
    """The API does not answer. While the only control plane reboots that is as it should be."""
    gone = (snapshot.at - fresh.since).total_seconds() if fresh.since else 0.0
    ago = age_of(fresh.since, snapshot.at)
    silent = f"The API server has been away for {ago}." if gone >= 5 else "The API server has just gone away."
    problem = fresh.problem
    step = Step("tuppr", StepState.RUNNING, f"{cr.phase or 'Pending'} when last heard of", fresh.since)
    if problem and problem.kind in {"forbidden", "unauthorized", "certificate-expired", "wrong-ca"}:
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


def control_planes(snapshot: Snapshot) -> list[str]:
    """The names of the control-plane nodes, as far as they are known."""
    kubernetes: list[KubernetesNode] = list(snapshot[Topic.KUBERNETES].items.values())
    talos: list[TalosNode] = list(snapshot[Topic.TALOS].items.values())
    found = [n.name for n in kubernetes if n.control_plane]
    return sorted(found or [n.name for n in talos if n.role == "control plane"])


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
    kubernetes = cr.system == "kubernetes" and cr.phase == "Upgrading"
    patience = _KUBERNETES if kubernetes else _REASONS.get(cr.reason) or _PATIENCE.get(cr.phase or "Pending")
    step = Step("tuppr", StepState.RUNNING, text, cr.updated)
    if patience is None:
        return Leg(step)
    quiet = (snapshot.at - cr.updated).total_seconds() if cr.updated else 0
    if quiet < patience.seconds:
        return Leg(step, "running", patience.normal)
    note = f"{patience.late} No news for {age_of(cr.updated, snapshot.at)}."
    return Leg(step, "stuck", note, ("wait: tuppr goes on trying", "suspend the resource", "look at the job's log"))
