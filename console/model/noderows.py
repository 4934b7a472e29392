"""One row for each node, of what Talos and Kubernetes say of it, and which versions differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from console.model.nodes import CONTROL_PLANE, MOVING, KubernetesNode, TalosNode
from console.model.nodetroubles import troubles
from console.model.snapshot import Snapshot, Topic
from console.model.version import Version

NodeState = Literal["ready", "restarting", "not ready", "unreachable", "unknown"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The versions that git asks for, ``vX.Y.Z``; an empty one is not known."""

    talos: str = ""
    kubernetes: str = ""


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node as both APIs know it; either may be missing.

    ``state`` is the one word for it; ``reasons`` say why it is not ``ready``. ``marks`` are what is not well though it
    runs, and versions that differ: from the other nodes, from git, from our talosctl.
    """

    name: str
    address: str
    role: str
    state: NodeState
    reasons: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    talos: TalosNode | None = None
    kubernetes: KubernetesNode | None = None

    @property
    def key(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def ready(self) -> bool:
        """Whether it runs, and both APIs call it ready."""
        return self.state == "ready"

    @property
    def stage(self) -> str:
        """Talos' word for where it is; ``unknown`` when Talos has not told."""
        return (self.talos.stage if self.talos else "") or "unknown"

    @property
    def talos_version(self) -> str:
        """The running Talos: as it says itself, else as it told Kubernetes."""
        return (self.talos.talos if self.talos else "") or _from_image(self.kubernetes)

    @property
    def kubernetes_version(self) -> str:
        """The kubelet's version."""
        return (self.kubernetes.kubelet if self.kubernetes else "") or (self.talos.kubelet if self.talos else "")

    @property
    def cordoned(self) -> bool:
        """Whether Kubernetes gives it no new pods."""
        return self.kubernetes is not None and self.kubernetes.cordoned


def _from_image(node: KubernetesNode | None) -> str:
    """``Talos (v1.13.7)`` as a version."""
    inside = node.os_image.partition("(")[2].partition(")")[0] if node else ""
    return inside if Version.parse(inside) else ""


def rows_of(snapshot: Snapshot) -> tuple[NodeRow, ...]:
    """The rows of everything that is known; git's versions are those of the upgrades that it declares."""
    targets = {each.system: each.target for each in snapshot[Topic.TUPPR].items.values()}
    wanted = Wanted(targets.get("talos", ""), targets.get("kubernetes", ""))
    return node_rows(snapshot[Topic.TALOS].items.values(), snapshot[Topic.KUBERNETES].items.values(), wanted)


def node_rows(
    talos: Iterable[TalosNode], kubernetes: Iterable[KubernetesNode], wanted: Wanted | None = None
) -> tuple[NodeRow, ...]:
    """One row for each node, control planes first. They are the same node by name, else by address."""
    left = {node.name: node for node in kubernetes}
    pairs: list[tuple[TalosNode | None, KubernetesNode | None]] = []
    for known in talos:
        other = left.pop(known.name, None)
        if other is None:
            same = next((node for node in left.values() if node.address and node.address == known.address), None)
            other = left.pop(same.name) if same else None
        pairs.append((known, other))
    rows = [_row(one, other) for one, other in [*pairs, *((None, node) for node in left.values())]]
    rows.sort(key=lambda row: (row.role != CONTROL_PLANE, row.name))
    return tuple(_marked(row, rows, wanted or Wanted()) for row in rows)


def _row(talos: TalosNode | None, kubernetes: KubernetesNode | None) -> NodeRow:
    name = kubernetes.name if kubernetes else talos.name if talos else ""
    address = (talos.address if talos else "") or (kubernetes.address if kubernetes else "")
    role = talos.role if talos else ""
    if kubernetes and not role:
        role = CONTROL_PLANE if kubernetes.control_plane else "worker"
    state, reasons = _state(talos, kubernetes)
    return NodeRow(name, address, role, state, reasons, (), talos, kubernetes)


def _state(talos: TalosNode | None, kubernetes: KubernetesNode | None) -> tuple[NodeState, tuple[str, ...]]:
    reasons: list[str] = []
    if kubernetes and not kubernetes.ready:
        reasons.append(f"Kubernetes: {kubernetes.reason or 'not ready'}")
    if talos is None:
        ready = kubernetes is not None and kubernetes.ready
        return ("ready" if ready else "not ready"), tuple(reasons)
    if talos.problem is not None:
        moving = talos.stage in MOVING and talos.problem.kind in {"unreachable", "timeout"}
        return ("restarting" if moving else "unreachable"), (talos.problem.message, *reasons)
    if talos.asked is None:
        return "unknown", ("not asked yet", *reasons)
    if talos.stage != "running":  # in most other stages Talos calls itself ready
        state: NodeState = "restarting" if talos.stage in MOVING else "not ready"
        return state, (f"stage {talos.stage or 'unknown'}", *talos.unmet, *reasons)
    if not talos.ready or reasons:
        return "not ready", (*talos.unmet, *reasons)
    return "ready", ()


def _marked(row: NodeRow, rows: Sequence[NodeRow], wanted: Wanted) -> NodeRow:
    marks = [
        *(troubles(row.talos) if row.talos else ()),
        *_differs("Talos", row.talos_version, [other.talos_version for other in rows], wanted.talos),
        *_differs(
            "Kubernetes", row.kubernetes_version, [other.kubernetes_version for other in rows], wanted.kubernetes
        ),
        *_client_differs(row),
    ]
    return replace(row, marks=tuple(marks))


def _differs(what: str, version: str, all_versions: Sequence[str], wanted: str) -> Iterable[str]:
    if not version:
        return
    usual, count = Counter(each for each in all_versions if each).most_common(1)[0]
    if version != usual and count > 1:
        yield f"{what} {version}, {count} others {usual}"
    elif version != usual:
        yield f"{what} {version}, others {usual}"
    if wanted and version != wanted:
        yield f"{what} {version}, git has {wanted}"


def _client_differs(row: NodeRow) -> Iterable[str]:
    """talosctl is made for its own minor version and the one before."""
    ours = Version.parse(row.talos.client) if row.talos else None
    theirs = Version.parse(row.talos_version)
    if ours and theirs and (ours.major, ours.minor) != (theirs.major, theirs.minor):
        yield f"talosctl {ours}, Talos {theirs}"
