"""One row for each node, of what Talos and Kubernetes say of it, and which versions differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from console.model.nodes import CONTROL_PLANE, MOVING, KubernetesNode, TalosNode
from console.model.nodetroubles import troubles
from console.model.snapshot import Snapshot, Topic
from console.model.updates import DeclaredVersion, RepositoryState, System
from console.model.version import Version

NodeState = Literal["ready", "restarting", "not ready", "unreachable", "unknown"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The versions that are asked for, ``vX.Y.Z``: by tuppr's resources as they are in the cluster (an empty one is not
    known), and by the files on main."""

    talos: str = ""
    kubernetes: str = ""
    declared: tuple[DeclaredVersion, ...] = ()

    def others(self, system: System, version: str) -> dict[str, tuple[str, ...]]:
        """Versions other than ``version``, each with the files that ask for it.

        Where files of one kind disagree, one of them is enough: a repository may hold several clusters.
        """
        found: dict[str, list[str]] = {}
        mine = [each for each in self.declared if each.system == system]
        for kind in ("resource", "config", "image"):
            places = [each for each in mine if each.kind == kind]
            if version not in {each.version for each in places}:
                for each in places:
                    found.setdefault(each.version, []).append(each.file)
        asked = self.talos if system == "talos" else self.kubernetes
        if asked and asked != version and not any(each.kind == "resource" for each in mine):
            found.setdefault(asked, [])
        return {asked: tuple(dict.fromkeys(files)) for asked, files in found.items()}


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
    """The rows of everything that is known."""
    targets = {each.system: each.target for each in snapshot[Topic.TUPPR].items.values()}
    repository: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    declared = repository.versions if repository else ()
    wanted = Wanted(targets.get("talos", ""), targets.get("kubernetes", ""), declared)
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
        *_differs("talos", row.talos_version, [other.talos_version for other in rows], wanted),
        *_differs("kubernetes", row.kubernetes_version, [other.kubernetes_version for other in rows], wanted),
        *_client_differs(row, wanted),
    ]
    return replace(row, marks=tuple(marks))


def _differs(system: System, version: str, all_versions: Sequence[str], wanted: Wanted) -> Iterable[str]:
    if not version:
        return
    what = system.capitalize()
    usual, count = Counter(each for each in all_versions if each).most_common(1)[0]
    if version != usual and count > 1:
        yield f"{what} {version}, {count} others {usual}"
    elif version != usual:
        yield f"{what} {version}, others {usual}"
    for asked, files in wanted.others(system, version).items():
        where = f" ({', '.join(files)})" if files else ""
        yield f"{what} {version}, git has {asked}{where}"


def _client_differs(row: NodeRow, wanted: Wanted) -> Iterable[str]:
    """talosctl is made for its own minor version and the one before; what git pins is to be the nodes' own version."""
    if row.talos_version:
        for each in wanted.declared:
            if (each.system, each.kind) == ("talos", "client") and each.version != row.talos_version:
                yield f"talosctl {each.version} in {each.file}, Talos {row.talos_version}"
    ours = Version.parse(row.talos.client) if row.talos else None
    theirs = Version.parse(row.talos_version)
    if ours and theirs and (ours.major, ours.minor) != (theirs.major, theirs.minor):
        yield f"talosctl {ours}, Talos {theirs}"
