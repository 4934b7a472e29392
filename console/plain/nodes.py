"""``homeconsole nodes``: what Talos and Kubernetes say of each node, etcd, and the network."""

from dataclasses import dataclass

from console.model.age import since
from console.model.nodes import DaemonSet, EtcdMember, KubernetesNode, TalosNode
from console.model.snapshot import Snapshot, Topic
from console.plain.document import Document, moment, problem, schema, sources
from console.plain.table import table
from console.sources.errors import UsageError

TOPICS = (Topic.TALOS, Topic.KUBERNETES, Topic.WORKLOADS)


@dataclass(frozen=True, slots=True)
class _Node:
    """Both views of one node; at least one is there."""

    talos: TalosNode | None
    kubernetes: KubernetesNode | None

    @property
    def name(self) -> str:
        """Kubernetes' name: Talos has it too, but for a node that it could not ask."""
        return self.kubernetes.name if self.kubernetes else self.talos.name if self.talos else ""

    @property
    def address(self) -> str:
        return (self.talos and self.talos.address) or (self.kubernetes.address if self.kubernetes else "")

    @property
    def role(self) -> str:
        told = self.talos.role if self.talos else ""
        return told or ("control plane" if self.kubernetes and self.kubernetes.control_plane else "worker")

    @property
    def ready(self) -> bool:
        """Ready for all who know it."""
        talos = self.talos is None or (self.talos.ready and self.talos.problem is None)
        return talos and (self.kubernetes is None or self.kubernetes.ready)

    @property
    def unmet(self) -> list[str]:
        told = list(self.talos.unmet) if self.talos else []
        if self.kubernetes and not self.kubernetes.ready:
            told.append(f"kubernetes: {self.kubernetes.reason or 'not ready'}")
        return told


def document(snapshot: Snapshot, only: str = "") -> Document:
    """All nodes by name, or one; with what concerns the cluster as a whole."""
    found = nodes(snapshot)
    return schema("nodes") | {
        "sources": sources(snapshot, TOPICS),
        "nodes": [_document(node) for node in _chosen(found, only)],
        "etcd": _quorum(found),
        "cni": _network(snapshot),
    }


def lines(snapshot: Snapshot, only: str = "") -> list[str]:
    """The same as a table."""
    head = ("name", "role", "stage", "ready", "talos", "kubernetes", "etcd", "cpu", "memory", "up", "trouble")
    return table(head, (_cells(snapshot, node) for node in _chosen(nodes(snapshot), only)))


def nodes(snapshot: Snapshot) -> list[_Node]:
    """Both views side by side, by name: the same node has the same name or the same address."""
    kubernetes: dict[str, KubernetesNode] = {n.name: n for n in snapshot[Topic.KUBERNETES].items.values()}
    by_address = {node.address: node.name for node in kubernetes.values() if node.address}
    found = []
    for talos in snapshot[Topic.TALOS].items.values():
        name = talos.name if talos.name in kubernetes else by_address.get(talos.address, "")
        found.append(_Node(talos, kubernetes.pop(name, None)))
    found += [_Node(None, node) for node in kubernetes.values()]
    return sorted(found, key=lambda node: node.name)


def _chosen(found: list[_Node], only: str) -> list[_Node]:
    chosen = [node for node in found if not only or only in (node.name, node.address)]
    if only and not chosen:
        known = ", ".join(node.name for node in found) or "none"
        raise UsageError(f"there is no node {only!r}", f"Known nodes: {known}.", kind="not-found")
    return chosen


def _cells(snapshot: Snapshot, node: _Node) -> tuple[str, ...]:
    talos, kubernetes = node.talos, node.kubernetes
    trouble = [*node.unmet, *(talos.diagnostics if talos else ())]
    if talos and talos.problem:
        trouble.insert(0, talos.problem.message)
    return (
        node.name,
        node.role,
        talos.stage if talos else "",
        ("yes" if node.ready else "no") + (", cordoned" if kubernetes and kubernetes.cordoned else ""),
        talos.talos if talos else "",
        kubernetes.kubelet if kubernetes else "",
        _member_word(talos.etcd if talos else None),
        f"{talos.cpu[-1]:.0%}" if talos and talos.cpu else "",
        f"{talos.memory[-1]:.0%}" if talos and talos.memory else "",
        since(talos.boot if talos else None, snapshot.at),
        "; ".join(trouble),
    )


def _member_word(member: EtcdMember | None) -> str:
    if member is None:
        return ""
    return "leader" if member.leader else "learner" if member.learner else "member"


def _document(node: _Node) -> Document:
    talos, kubernetes = node.talos, node.kubernetes
    return {
        "name": node.name,
        "address": node.address,
        "role": node.role,
        "stage": talos.stage if talos else "",
        "ready": node.ready,
        "unmet": node.unmet,
        "talos": talos.talos if talos else "",
        "kubernetes": kubernetes.kubelet if kubernetes else "",
        "schematic": talos.schematic if talos else "",
        "extensions": list(talos.extensions) if talos else [],
        "cordoned": kubernetes.cordoned if kubernetes else None,
        "etcd": _member(talos.etcd if talos else None),
        "cpu": talos.cpu[-1] if talos and talos.cpu else None,
        "memory": talos.memory[-1] if talos and talos.memory else None,
        "bootedAt": moment(talos.boot if talos else None),
        "timeSynced": talos.time_synced if talos else None,
        "services": dict(talos.services) if talos else {},
        "diagnostics": list(talos.diagnostics) if talos else [],
        "error": problem(talos.problem) if talos else None,
    }


def _member(of: EtcdMember | None) -> Document | None:
    if of is None:
        return None
    return {
        "memberId": of.member_id,
        "leader": of.leader,
        "learner": of.learner,
        "dbSize": of.db_size,
        "dbInUse": of.db_in_use,
        "raftIndex": of.raft_index,
        "raftApplied": of.raft_applied,
        "errors": list(of.errors),
        "version": of.version,
    }


def _quorum(found: list[_Node]) -> Document | None:
    """Voting members: every control plane has one. ``canLose`` of those that are healthy now."""
    members = [node.talos for node in found if node.talos and node.role == "control plane"]
    if not members:
        return None
    healthy = sum(1 for m in members if m.etcd and not m.etcd.errors and not m.etcd.learner and not m.problem)
    quorum = len(members) // 2 + 1
    return {"members": len(members), "healthy": healthy, "quorum": quorum, "canLose": max(0, healthy - quorum)}


def _network(snapshot: Snapshot) -> Document | None:
    sets: list[DaemonSet] = list(snapshot[Topic.WORKLOADS].items.values())
    if not sets:
        return None
    first = min(sets, key=lambda each: each.name)
    return {"name": first.name, "version": first.version, "ready": first.ready, "desired": first.desired}
