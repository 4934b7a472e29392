"""A node upgrade, node by node: pull, drain, install, reboot, back."""

from dataclasses import dataclass
from datetime import datetime

from console.model.nodes import KubernetesNode, TalosNode
from console.model.patience import silence as away
from console.model.rollout import Choice
from console.model.snapshot import Life, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import System
from console.model.upgrades import TupprUpgrade, resource, versions
from console.operations.leg import Leg

_TELLING = 120.0  # seconds in which a node that tuppr calls done tells its version: it is asked every 15 s
_GOING = frozenset({"rebooting", "booting", "shutting down", "upgrading"})


@dataclass(frozen=True, slots=True)
class _Node:
    """All that is known of one node."""

    name: str
    version: str
    target: str
    talos: TalosNode | None
    kubernetes: KubernetesNode | None
    current: bool  # what Kubernetes says of it is not from before a silence

    @property
    def back(self) -> bool:
        """It runs the target and is ready, by every side that could be asked."""
        talos_fine = self.talos is None or (self.talos.problem is None and self.talos.stage in {"", "running"})
        node = self.kubernetes
        node_fine = node is None or (self.current and node.ready and not node.cordoned)
        return self.version == self.target and talos_fine and node_fine

    @property
    def gone(self) -> bool:
        return self.talos is not None and (self.talos.problem is not None or self.talos.stage in _GOING)


def _nodes(snapshot: Snapshot, system: System, target: str) -> list[_Node]:
    talos: dict[str, TalosNode] = {n.name: n for n in snapshot[Topic.TALOS].items.values()}
    kubernetes: dict[str, KubernetesNode] = {n.name: n for n in snapshot[Topic.KUBERNETES].items.values()}
    by_address = {n.address: n for n in talos.values()}
    found = versions(snapshot, system)
    return [
        _Node(
            name,
            version,
            target,
            talos.get(name) or (by_address.get(kubernetes[name].address) if name in kubernetes else None),
            kubernetes.get(name),
            current=snapshot[Topic.KUBERNETES].freshness.life is Life.LIVE,
        )
        for name, version in sorted(found.items())
    ]


def each_node(snapshot: Snapshot, system: System, target: str) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """The steps of every node: pull, drain, install, reboot, back; for Kubernetes its kubelet."""
    cr = resource(snapshot, system)
    cr = cr if cr and cr.target == target else None
    nodes = _nodes(snapshot, system, target)
    if system == "kubernetes":
        return tuple((n.name, (_kubelet(n, cr),)) for n in nodes)
    quiet = (snapshot.at - cr.updated).total_seconds() if cr and cr.updated else 0.0
    return tuple((n.name, _talos_steps(n, cr, told=quiet > _TELLING)) for n in nodes)


def _kubelet(node: _Node, cr: TupprUpgrade | None) -> Step:
    if node.version == node.target:
        ready = node.kubernetes is None or node.kubernetes.ready
        return Step("kubelet", StepState.DONE if ready else StepState.RUNNING, node.version)
    working = cr is not None and cr.in_flight
    return Step("kubelet", StepState.RUNNING if working else StepState.WAITING, node.version)


_STEPS = ("pull", "drain", "install", "reboot", "back")


def _talos_steps(node: _Node, cr: TupprUpgrade | None, *, told: bool) -> tuple[Step, ...]:
    """``told``: what tuppr said last is old enough for the nodes to have said it too."""
    failure = next((f for f in cr.failed_nodes if f.name == node.name), None) if cr else None
    if failure:
        return _up_to("back", node, StepState.FAILED, failure.error or "failed")
    if node.back:
        return _up_to("back", node, StepState.DONE, node.version)
    if cr is None or not cr.seen or (node.name not in cr.current_nodes and node.name not in cr.rebooting_nodes):
        return _untouched(node, cr, told=told)
    return _now(node, cr)


def _now(node: _Node, cr: TupprUpgrade) -> tuple[Step, ...]:
    """The steps of a node that is being worked on."""
    if cr.phase == "Draining":
        return _up_to("drain", node, StepState.RUNNING)
    if cr.phase == "Rebooting" or node.gone or node.name in cr.rebooting_nodes:
        down = node.gone or (node.kubernetes is not None and not node.kubernetes.ready)
        if not down and node.version == node.target:
            return _up_to("back", node, StepState.RUNNING)
        stage = node.talos.stage if node.talos else ""
        return _up_to("reboot", node, StepState.RUNNING, stage if stage in _GOING else "")
    return _up_to("install", node, StepState.RUNNING)


def _untouched(node: _Node, cr: TupprUpgrade | None, *, told: bool) -> tuple[Step, ...]:
    if cr and cr.seen and node.name in cr.completed_nodes and node.version != node.target:
        if not told:
            return _up_to("back", node, StepState.RUNNING, "has yet to tell its version")
        return _up_to("back", node, StepState.FAILED, f"came back with {node.version}")
    pulled = cr is not None and cr.seen and node.name in cr.pulled_nodes
    pulling = cr is not None and cr.seen and cr.reason == "PrePulling"
    first = StepState.DONE if pulled else StepState.RUNNING if pulling else StepState.WAITING
    return (Step("pull", first), *(Step(name, StepState.WAITING) for name in _STEPS[1:]))


def _up_to(name: str, node: _Node, state: StepState, text: str = "") -> tuple[Step, ...]:
    """``name`` is in ``state``, what comes before it is done, what comes after waits."""
    at = _STEPS.index(name)
    steps = [Step(n, StepState.DONE if i < at else StepState.WAITING) for i, n in enumerate(_STEPS)]
    steps[at] = Step(name, state, text)
    if name == "install" and node.kubernetes and not node.kubernetes.cordoned:
        # talosctl 1.13 drains after the install; nothing has been drained yet.
        steps[1] = Step("drain", StepState.WAITING, "after the install")
    return tuple(steps)


def verified(snapshot: Snapshot, system: System, target: str, since: datetime | None) -> Leg:
    """Whether every node shows the version and is ready."""
    nodes = _nodes(snapshot, system, target)
    if not nodes:
        return Leg(Step("verified", StepState.WAITING, "no node could be asked"))
    old = [f"{n.name} runs {n.version}" for n in nodes if n.version != target]
    if old:
        return Leg(Step("verified", StepState.WAITING, ", ".join(old)))
    missing = [n.name for n in nodes if not n.back]
    if missing:
        return Leg(Step("verified", StepState.RUNNING, f"{', '.join(missing)}: not ready yet"))
    if away(snapshot):
        return Leg(Step("verified", StepState.RUNNING, "the cluster can't be asked now"))
    return _etcd(snapshot, nodes, f"{_count(len(nodes))} ready at {target}", since)


def _count(number: int) -> str:
    return "node" if number == 1 else f"{number} nodes"


def _etcd(snapshot: Snapshot, nodes: list[_Node], text: str, since: datetime | None) -> Leg:
    """The last word is etcd's: a member that has just started may still report errors."""
    members = [(n.name, n.talos.etcd) for n in nodes if n.talos and n.talos.etcd]
    sick = [f"{name}: {'; '.join(m.errors) or 'a learner yet'}" for name, m in members if m.errors or m.learner]
    if not sick:
        return Leg(Step("verified", StepState.DONE, f"{text}, etcd healthy" if members else text, since))
    late = since is not None and (snapshot.at - since).total_seconds() > 300
    step = Step("verified", StepState.RUNNING, f"{text}, etcd reports {', '.join(sick)}")
    note = f"The nodes are there, but etcd reports errors: {', '.join(sick).rstrip('.')}."
    return Leg(
        step, "stuck" if late else "running", note, (Choice("look", "read the member's log: talosctl logs etcd"),)
    )
