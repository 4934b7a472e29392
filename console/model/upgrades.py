"""Node upgrades: what tuppr says of them, and what of each waits, runs or is held."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from console.model.finding import Preflight
from console.model.hold import Hold
from console.model.moves import goal_of, target_of
from console.model.nodes import KubernetesNode, TalosNode
from console.model.snapshot import Snapshot, Topic
from console.model.updates import ApprovedCommit, RepositoryState, System, Update
from console.model.upgradework import busy, lost, reboot_expected
from console.model.version import Version, normal

# tuppr 0.5.0: phases in which a job may run. A spec change is refused by its webhook while one of them lasts.
IN_FLIGHT = frozenset({"PreHook", "Draining", "Upgrading", "Rebooting", "PostHook"})
SYSTEMS: tuple[System, ...] = ("talos", "kubernetes")
TITLES: dict[System, str] = {"talos": "Talos", "kubernetes": "Kubernetes"}

UpgradeState = Literal["held", "waiting", "running", "stuck", "suspended", "failed", "done", "current", "unknown"]

_TALOS_IMAGE = re.compile(r"\((v\d[^)]*)\)")


@dataclass(frozen=True, slots=True)
class FailedNode:
    """A node on which tuppr gave up, with its last error."""

    name: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class TupprUpgrade:
    """A TalosUpgrade or KubernetesUpgrade (tuppr.home-operations.com/v1alpha1), projected.

    ``phase`` is one of ``"" Pending HealthChecking PreHook Draining Upgrading Rebooting PostHook Completed Failed
    MaintenanceWindow``; ``reason`` is the Progressing condition's. ``suspended`` is the annotation's value, or None.
    Ready=True does not mean upgraded, so it is not kept.
    """

    kind: str
    name: str
    system: System
    target: str  # spec's version, vX.Y.Z
    phase: str = ""
    reason: str = ""
    message: str = ""
    generation: int = 0
    observed_generation: int = 0
    suspended: str | None = None
    current_nodes: tuple[str, ...] = ()
    completed_nodes: tuple[str, ...] = ()
    failed_nodes: tuple[FailedNode, ...] = ()
    rebooting_nodes: tuple[str, ...] = ()
    pulled_nodes: tuple[str, ...] = ()
    current_version: str = ""  # KubernetesUpgrade only
    last_error: str = ""
    checks: tuple[str, ...] = ()  # health checks, each as ``Node: expression``
    windows: tuple[str, ...] = ()
    next_window: datetime | None = None
    started: datetime | None = None  # of the current batch
    completed: datetime | None = None
    updated: datetime | None = None
    managed_by: tuple[str, str] = ("", "")  # namespace and name of its Kustomization

    @property
    def key(self) -> tuple[str, ...]:
        return (self.kind, self.name)

    @property
    def seen(self) -> bool:
        """Whether tuppr has taken in the spec as it is now."""
        return self.observed_generation >= self.generation

    @property
    def in_flight(self) -> bool:
        """Whether a node is being worked on now."""
        return self.phase in IN_FLIGHT


@dataclass(frozen=True, slots=True)
class UpgradeLine:
    """Talos or Kubernetes, as one line: what runs, where it goes, and what keeps it.

    ``running`` are the versions on the nodes, lowest first; ``target`` is what the waiting update or the cluster's
    resource asks for. ``why`` explains the state in a few words. ``first`` is the system to take before this one.
    ``blockers`` and ``warnings`` are None while no preflight has been made.
    """

    system: System
    state: UpgradeState
    running: tuple[str, ...] = ()
    target: str = ""
    why: str = ""
    branch: str = ""
    phase: str = ""
    first: System | None = None
    blockers: int | None = None
    warnings: int | None = None
    active: tuple[str, ...] = ()  # nodes that are worked on now
    lagging: tuple[str, ...] = ()  # nodes that do not run the target yet
    nodes: int = 0
    since: datetime | None = None
    next_window: datetime | None = None
    expected: tuple[str, ...] = ()  # nodes whose absence is as it should be
    in_the_way: str = ""  # what is being upgraded now: until it is done nothing more is to be approved
    away: bool = False  # the API is away because of it, and no longer than is normal
    holds: tuple[Hold, ...] = ()  # what the repository's files, and our records, say of what keeps it

    @property
    def key(self) -> tuple[str, ...]:
        return (self.system,)


def versions(snapshot: Snapshot, system: System) -> dict[str, str]:
    """The version that each node runs, by name, as far as it is known: Talos' own word before the Node's."""
    nodes: list[KubernetesNode] = list(snapshot[Topic.KUBERNETES].items.values())
    if system == "kubernetes":
        return {node.name: normal(node.kubelet) for node in nodes if node.kubelet}
    told: list[TalosNode] = list(snapshot[Topic.TALOS].items.values())
    found = {node.name: normal(node.talos) for node in told if node.talos}
    known = found.keys() | {node.address for node in told if node.talos}
    for node in nodes:
        image = _TALOS_IMAGE.search(node.os_image)
        if image and node.name not in known and node.address not in known:
            found[node.name] = normal(image.group(1))
    return found


def resource(snapshot: Snapshot, system: System) -> TupprUpgrade | None:
    """The resource that upgrades ``system``: the one in flight, else the first by name."""
    found = [r for _, r in sorted(snapshot[Topic.TUPPR].items.items()) if r.system == system]
    return next((r for r in found if r.in_flight), found[0] if found else None)


def proposals(snapshot: Snapshot, system: System) -> list[Update]:
    """The updates that would move ``system`` and are not on main yet, highest target first."""
    found: list[Update] = [
        u
        for u in snapshot[Topic.UPDATES].items.values()
        if u.system == system and u.state != "applied" and not u.is_superseded
    ]
    return sorted(found, key=lambda u: (Version.parse(target_of(u)) or Version(0, 0), u.branch), reverse=True)


def overview(snapshot: Snapshot) -> tuple[UpgradeLine, ...]:
    """Talos and Kubernetes, a line each, in the order in which to take them."""
    lines = [_line(snapshot, system) for system in SYSTEMS]
    return tuple(sorted(lines, key=lambda line: line.first is not None))


def _line(snapshot: Snapshot, system: System) -> UpgradeLine:
    found = versions(snapshot, system)
    cr = resource(snapshot, system)
    updates = proposals(snapshot, system)
    update = updates[0] if updates else None
    approval = _approval(snapshot, system)
    asked = goal_of(approval.changes, system) if approval else ""
    coming = asked if cr and asked != cr.target else ""
    goal = coming or (cr.target if cr else "")
    state, why = _state(snapshot, cr, update, _lagging(found, cr.target if cr else ""))
    if coming and state in {"held", "current", "done"}:
        state, why = "waiting", "approved, on its way to the cluster"
    gone = lost(snapshot, system, cr, approval)
    if gone:
        (state, why), goal = gone, goal or asked
    target = target_of(update) if update and state not in {"running", "waiting", "stuck", "failed"} else goal
    first = _first(snapshot, system) if state == "held" else None
    if first:
        why = f"take {TITLES[first]} first"
    holds = _holds(snapshot, system, update)
    if state == "current" and not why and holds:
        why = holds[0].told
    if state in {"current", "done"} and (unread := _unread(snapshot)):
        state, why = "unknown", unread
    checked: Preflight | None = snapshot[Topic.ASSESSMENTS].items.get((update.branch,)) if update else None
    return UpgradeLine(
        system=system,
        state=state,
        running=tuple(str(v) for v in sorted({v for v in map(Version.parse, found.values()) if v})),
        target=target,
        why=why,
        branch=update.branch if update else "",
        phase=cr.phase if cr else "",
        first=first,
        blockers=len(checked.failing("block")) if checked else None,
        warnings=len(checked.failing("warn")) if checked else None,
        active=cr.current_nodes if cr and cr.in_flight else (),
        lagging=_lagging(found, target),
        nodes=len(found),
        since=_since(cr, update, state, approval if asked == target else None),
        expected=reboot_expected(snapshot, system, cr, approval),
        in_the_way=in_the_way(snapshot, system),
        away=gone is not None and state == "running",
        holds=holds,
        next_window=cr.next_window if cr and cr.next_window and cr.next_window > snapshot.at else None,
    )


def _unread(snapshot: Snapshot) -> str:
    """Why it can't be told whether anything newer waits; empty when it can."""
    fresh = snapshot[Topic.UPDATES].freshness
    if fresh.at is not None:
        return ""
    return f"the updates can't be read: {fresh.problem.message}" if fresh.problem else "the updates have yet to be read"


_FIRST = ("own", "suspend", "unlisted", "flux", "pinned", "renovate", "dashboard", "window")


def _holds(snapshot: Snapshot, system: System, update: Update | None) -> tuple[Hold, ...]:
    """Ours first, then what stops it whatever is approved, then what only keeps Renovate from proposing."""
    state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    found = state.holds if state else ()
    told = [hold for hold in found if not update or hold.is_about(update)]
    mine = [hold for hold in told if hold.system == system or (update and hold.concerns(update))]
    return tuple(sorted(mine, key=lambda hold: _FIRST.index(hold.kind)))


def _approval(snapshot: Snapshot, system: System) -> ApprovedCommit | None:
    """The newest approval, when it is of this day."""
    state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    newest = next((a for a in state.approvals if a.system == system), None) if state else None
    fresh = newest is not None and newest.at is not None and snapshot.at - newest.at <= timedelta(days=1)
    return newest if fresh else None


def _coming(snapshot: Snapshot, system: System, cr: TupprUpgrade) -> bool:
    """Whether the newest approval asks for something that the cluster's resource does not ask for yet."""
    newest = _approval(snapshot, system)
    return newest is not None and goal_of(newest.changes, system) != cr.target


def _lagging(found: dict[str, str], target: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, version in found.items() if target and version != target))


def _since(
    cr: TupprUpgrade | None, update: Update | None, state: UpgradeState, approval: ApprovedCommit | None
) -> datetime | None:
    """Since when it stands so: what tuppr said before the approval was about something else."""
    if state == "held":
        return update.committed_at if update else None
    told = (cr.updated if cr else None, approval.at if approval else None)
    return max((moment for moment in told if moment), default=None)


def _state(
    snapshot: Snapshot, cr: TupprUpgrade | None, update: Update | None, lagging: tuple[str, ...]
) -> tuple[UpgradeState, str]:
    """The state and why, from what tuppr does now; an update that waits counts only when tuppr is at rest."""
    if cr is None:
        return ("held", _why_held(snapshot, update, None)) if update else ("current", _why_no_resource(snapshot))
    if cr.suspended is not None:
        note = f": {cr.suspended}" if cr.suspended not in {"", "true"} else ""
        return "suspended", f"suspend annotation{note}"
    if cr.phase == "Failed" or cr.in_flight or not cr.seen or lagging:
        return busy(snapshot, cr, lagging)
    if update:
        return "held", _why_held(snapshot, update, cr)
    if cr.completed and (snapshot.at - cr.completed).total_seconds() < 86400:
        return "done", cr.message
    return "current", ""


def _why_no_resource(snapshot: Snapshot) -> str:
    return "" if snapshot[Topic.TUPPR].freshness.at is None else "tuppr has no resource for it"


def in_the_way(snapshot: Snapshot, system: System) -> str:
    """What is being upgraded now, in words: until it is done nothing of ``system`` is to be approved. Mostly empty."""
    own = resource(snapshot, system)
    busy = [s for s in SYSTEMS if (s != system and _under_way(snapshot, s)) or (s == system and own and own.in_flight)]
    return f"{TITLES[busy[0]]} is being upgraded" if busy else ""


def _why_held(snapshot: Snapshot, update: Update, cr: TupprUpgrade | None) -> str:
    other = in_the_way(snapshot, update.system or "talos")
    if update.hold_reason or update.hold_by:
        by = f" by {update.hold_by}" if update.hold_by else ""
        return f"held{by}: {update.hold_reason}" if update.hold_reason else f"held{by}"
    if update.state == "conflict":
        return "the branch conflicts with main"
    if other:
        return other
    if cr and cr.windows:
        return "Renovate does not automerge; then the maintenance window"
    return "Renovate does not automerge"


def _under_way(snapshot: Snapshot, system: System) -> bool:
    """Whether that system has been let go, and has not arrived."""
    cr = resource(snapshot, system)
    if cr is None or cr.suspended is not None or cr.phase == "Failed":
        return False
    arriving = cr.phase != "Completed" and bool(_lagging(versions(snapshot, system), cr.target))
    return cr.in_flight or not cr.seen or arriving or _coming(snapshot, system, cr)


def _first(snapshot: Snapshot, system: System) -> System | None:
    """The system to take before ``system`` when both wait.

    Talos first, unless the Talos that waits no longer supports the Kubernetes that runs: then its preflight says so
    by the rule ``kubernetes-first`` (Talos documentation, "Upgrading Kubernetes": Talos first when it is needed).
    """
    waiting = {s for s in SYSTEMS if proposals(snapshot, s)}
    if waiting != set(SYSTEMS):
        return None
    checks: list[Preflight] = [
        check
        for update in proposals(snapshot, "talos")
        if (check := snapshot[Topic.ASSESSMENTS].items.get((update.branch,)))
    ]
    turned = any(f.rule == "kubernetes-first" and f.status == "fail" for check in checks for f in check.findings)
    leader: System = "kubernetes" if turned else "talos"
    return None if system == leader else leader
