"""What concerns the cluster as a whole: etcd's quorum, the pod network, Flux' version."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.model.flux import FluxObject
from console.model.noderows import NodeRow
from console.model.nodes import CONTROL_PLANE, DaemonSet, TalosNode
from console.model.nodetroubles import LAG
from console.model.version import Version


@dataclass(frozen=True, slots=True)
class EtcdFacts:
    """Voting members, how many of them are well, how many must be (``n // 2 + 1``), how many more may be lost."""

    members: int
    healthy: int
    quorum: int
    can_lose: int
    trouble: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """``3 of 3, can lose 1``. Where no member is known to be well, that is not known to be lost either."""
        if not self.healthy:
            return f"0 of {self.members} known to be well"
        lose = f"can lose {self.can_lose}" if self.can_lose else "can lose none"
        return f"{self.healthy} of {self.members}, {lose}"

    @property
    def words(self) -> str:
        """The same with what it means where there is only one."""
        return f"{self.text}: an upgrade means downtime" if self.members == 1 else self.text


def etcd_facts(rows: Iterable[NodeRow]) -> EtcdFacts | None:
    """The quorum as the control planes tell; None where Talos told of no control plane."""
    nodes = [row.talos for row in rows if row.role == CONTROL_PLANE and row.talos]
    voters = [node for node in nodes if not (node.etcd and node.etcd.learner)]
    if not voters:
        return None
    trouble: list[str] = []
    healthy = 0
    for node in nodes:
        bad = _etcd_trouble(node)
        trouble += [f"{node.name}: {each}" for each in bad]
        healthy += not bad and node in voters
    leaders = {node.etcd.leader_id for node in nodes if node.etcd and not node.problem and node.etcd.leader_id}
    if len(leaders) > 1:
        trouble.append("members name different leaders")
    quorum = len(voters) // 2 + 1
    return EtcdFacts(len(voters), healthy, quorum, max(0, healthy - quorum), tuple(trouble))


def _etcd_trouble(node: TalosNode) -> tuple[str, ...]:
    if node.problem:
        return ("does not answer",)
    if node.etcd is None:
        return ("no etcd member",)
    lag = node.etcd.raft_index - node.etcd.raft_applied
    return (
        *node.etcd.errors,
        *(("learner",) if node.etcd.learner else ()),
        *((f"{lag} entries behind",) if lag > LAG else ()),
    )


# The DaemonSets of the network plugins, by name: what each is called.
_CNI = {
    "cilium": "Cilium",
    "kube-flannel": "Flannel",
    "kube-flannel-ds": "Flannel",
    "calico-node": "Calico",
    "canal": "Canal",
    "kube-router": "kube-router",
    "antrea-agent": "Antrea",
    "weave-net": "Weave Net",
}


@dataclass(frozen=True, slots=True)
class Cni:
    """The pod network: ready of desired nodes, and the version of its image."""

    name: str
    version: str
    ready: int
    desired: int

    @property
    def healthy(self) -> bool:
        """Whether it is ready on each node."""
        return self.desired > 0 and self.ready >= self.desired


def cni(daemonsets: Iterable[DaemonSet]) -> Cni | None:
    """The network plugin among ``daemonsets``; None when none is known."""
    found = {each.name: each for each in daemonsets if each.name in _CNI}
    for name, title in _CNI.items():
        if name in found:
            each = found[name]
            return Cni(title, each.version, each.ready, each.desired)
    return None


# Who knows it, the better one first.
_OPERATOR = ("FluxReport", "FluxInstance")


def flux_version(objects: Iterable[FluxObject]) -> str:
    """``v2.9.3``, as the Flux Operator reports it, or says that it installed it; empty where there is none."""
    known = [each for each in objects if each.key.kind in _OPERATOR]
    known.sort(key=lambda each: _OPERATOR.index(each.key.kind))
    told = (text.partition("@")[0] for each in known for text in (each.revision, each.attempted_revision))
    return next((str(version) for version in map(Version.parse, told) if version), "")
