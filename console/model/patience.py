"""How long an upgrade may take without news, and when a silent API is as it should be."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.model.nodes import KubernetesNode, TalosNode
from console.model.snapshot import Freshness, Life, Snapshot, Topic

if TYPE_CHECKING:
    from console.model.upgrades import TupprUpgrade

# A node that reboots is usually back after 1-4 minutes; beyond 10 something is wrong (Talos 1.13, observed stages).
WORRY = 600
# The API answers, but refuses us, or nobody could even ask: no reboot does that.
REFUSING = frozenset(
    {
        *("forbidden", "unauthorized", "certificate-expired", "wrong-ca", "wrong-name"),
        *("not-configured", "missing-tool", "defect"),
    }
)


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


def patience(cr: "TupprUpgrade") -> Patience | None:
    """How long what tuppr does now may last."""
    if cr.system == "kubernetes" and cr.phase == "Upgrading":
        return _KUBERNETES
    return _REASONS.get(cr.reason) or _PATIENCE.get(cr.phase or "Pending")


def overdue(cr: "TupprUpgrade", now: datetime) -> Patience | None:
    """The patience that has run out: tuppr said nothing new for longer than it allows. None while it is normal."""
    allowed = patience(cr)
    quiet = (now - cr.updated).total_seconds() if cr.updated else 0
    return allowed if allowed and quiet >= allowed.seconds else None


def silence(snapshot: Snapshot) -> Freshness | None:
    """Why the cluster can't be asked now, or None while it answers."""
    fresh = snapshot[Topic.TUPPR].freshness
    return fresh if fresh.life in {Life.STALE, Life.FAILED} else None


def control_planes(snapshot: Snapshot) -> list[str]:
    """The names of the control-plane nodes, as far as they are known."""
    kubernetes: list[KubernetesNode] = list(snapshot[Topic.KUBERNETES].items.values())
    talos: list[TalosNode] = list(snapshot[Topic.TALOS].items.values())
    found = [n.name for n in kubernetes if n.control_plane]
    return sorted(found or [n.name for n in talos if n.role == "control plane"])


def refused(fresh: Freshness) -> bool:
    """Whether the API answered and would not have us, or could not even be asked: waiting does not mend that."""
    return fresh.problem is not None and fresh.problem.kind in REFUSING


def gone_for(fresh: Freshness, now: datetime) -> float:
    """Seconds for which the API has been away."""
    return (now - fresh.since).total_seconds() if fresh.since else 0.0
