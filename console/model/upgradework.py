"""An upgrade that was let go: what tuppr does about it, whether it hangs, and whom it sends away meanwhile."""

from datetime import timedelta
from typing import TYPE_CHECKING

from console.model.evidence import in_the_way
from console.model.nodes import TalosNode
from console.model.patience import WORRY, control_planes, gone_for, overdue, refused, silence
from console.model.runs import Run
from console.model.snapshot import Snapshot, Topic
from console.model.updates import ApprovedCommit, System

if TYPE_CHECKING:
    from console.model.upgrades import TupprUpgrade, UpgradeState

# tuppr's own default deadline for a node: so long after an approval an API that we never heard may be rebooting.
_UNHEARD = timedelta(minutes=30)
_VERBS = {"Draining": "drains", "Upgrading": "installs", "Rebooting": "reboots", "PreHook": "waits for a hook"}


def doing(cr: "TupprUpgrade") -> str:
    """What is being done to which node, in two words."""
    verb = _VERBS.get(cr.phase)
    nodes = " ".join(cr.current_nodes)
    return f"{nodes} {verb}" if nodes and verb else f"{cr.phase} {nodes}".rstrip()


def busy(snapshot: Snapshot, cr: "TupprUpgrade", lagging: tuple[str, ...]) -> "tuple[UpgradeState, str]":
    """The nodes are not where the resource wants them, or tuppr has not yet said that they are."""
    if cr.phase == "Failed":
        return "failed", _why_failed(cr)
    if cr.in_flight:
        late = overdue(cr, snapshot.at)
        kept = in_the_way(snapshot, cr.current_nodes) if cr.phase == "Draining" else []
        why = kept[0].text if kept else late.late if late else ""
        return ("stuck", f"{doing(cr)}: {why}") if late else ("running", cr.message or cr.phase)
    if not cr.seen:
        return "waiting", "tuppr has not seen the new version yet"
    if cr.phase == "Completed" and cr.updated and (snapshot.at - cr.updated).total_seconds() < 120:
        return "running", "tuppr is done; the nodes have yet to tell their version"
    return _unfinished(cr, lagging)


def _unfinished(cr: "TupprUpgrade", lagging: tuple[str, ...]) -> "tuple[UpgradeState, str]":
    """Nodes lag behind what the resource asks for, and none is worked on."""
    if cr.phase == "Completed":
        return "failed", f"tuppr says Completed, but {', '.join(lagging)} runs another version"
    if cr.phase == "MaintenanceWindow":
        return "waiting", "maintenance window"
    if cr.reason == "WaitingForOtherUpgrade":
        return "waiting", cr.message or "waits for the other upgrade"
    if cr.reason == "PrePulling":
        return "running", cr.message
    if cr.completed_nodes:  # Pending between two batches is not a stop
        return "running", f"{len(cr.completed_nodes)} done, the next node follows"
    return "waiting", cr.message or cr.reason or cr.phase


def _why_failed(cr: "TupprUpgrade") -> str:
    errors = [f"{node.name}: {node.error}" if node.error else node.name for node in cr.failed_nodes]
    return "; ".join(errors) or cr.last_error or cr.message


def lost(
    snapshot: Snapshot, system: System, cr: "TupprUpgrade | None", approval: ApprovedCommit | None
) -> "tuple[UpgradeState, str] | None":
    """The state while the API is away in the middle of an upgrade; None when it answers, or none is under way."""
    away = silence(snapshot)
    if away is None or refused(away) or not _sends_away(snapshot, system, cr, approval):
        return None
    if gone_for(away, snapshot.at) > WORRY:
        planes = ", ".join(control_planes(snapshot)) or "the control plane"
        return "stuck", f"the API has been away for more than 10 min; look at the screen of {planes}"
    names = " ".join(reboot_expected(snapshot, system, cr, approval)) or "a control plane"
    return "running", f"{names} reboots, normal for up to 10 min"


def reboot_expected(
    snapshot: Snapshot, system: System, cr: "TupprUpgrade | None", approval: ApprovedCommit | None
) -> tuple[str, ...]:
    """The nodes that may be away now, because the upgrade reboots them: those that tuppr works on; while the API is
    away too, the only control plane. Kubernetes' own upgrade reboots none."""
    if system != "talos" or not _sends_away(snapshot, system, cr, approval):
        return ()
    working = {*cr.current_nodes, *cr.rebooting_nodes} if cr and cr.in_flight else set()
    away = silence(snapshot)
    planes = control_planes(snapshot)
    if away is not None and not refused(away) and len(planes) == 1:
        working |= set(planes)
    since = {node.name: node.since for node in _unanswered(snapshot)}
    return tuple(
        name
        for name in sorted(working)
        if not (began := since.get(name)) or (snapshot.at - began).total_seconds() <= WORRY
    )


def _unanswered(snapshot: Snapshot) -> list[TalosNode]:
    return [node for node in snapshot[Topic.TALOS].items.values() if node.problem is not None]


def _sends_away(snapshot: Snapshot, system: System, cr: "TupprUpgrade | None", approval: ApprovedCommit | None) -> bool:
    """Whether it takes nodes or the API away: by what tuppr last said; when it never said anything, by the approval."""
    if cr is not None:
        return cr.in_flight and cr.suspended is None
    unheard = silence(snapshot) is not None and snapshot[Topic.TUPPR].freshness.at is None
    late = approval is None or approval.at is None or snapshot.at - approval.at > _UNHEARD
    run: Run | None = snapshot[Topic.RUNS].items.get((approval.commit,)) if approval else None
    late = late or (run is not None and run.outcome == "done")
    return system == "talos" and unheard and not late
