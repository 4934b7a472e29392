"""Draining a node: cordon it, evict its pods, mind the PodDisruptionBudgets."""

from collections.abc import Iterable
from typing import ClassVar

from console.demo.api.store import Change
from console.demo.controllers.nodes import Nodes
from console.demo.controllers.objects import Key, Obj, key_of
from console.demo.controllers.site import Site
from console.demo.controllers.workloads import is_ready
from console.demo.world import Machine

DRAIN = 8.0  # seconds when nothing is in the way
PATIENCE = 600.0  # seconds that a blocked eviction is tried again


class Budgets:
    """The disruption controller: how many pods of each budget may go now."""

    kinds: ClassVar[frozenset[str]] = frozenset(("PodDisruptionBudget", "Pod"))

    def __init__(self, site: Site) -> None:
        self.site = site

    def concerns(self, change: Change) -> Iterable[Key]:
        """The budget itself, and those whose pods changed."""
        obj = change.new.object
        if change.kind == "PodDisruptionBudget":
            if change.type != "DELETED":
                yield key_of(obj)
            return
        for budget in self.site.store.list("PodDisruptionBudget", obj["metadata"]["namespace"]):
            if _selects(budget, obj):
                yield key_of(budget)

    def first(self) -> Iterable[tuple[Key, float]]:
        """All, once."""
        return [(key_of(obj), 0.0) for obj in self.site.store.list("PodDisruptionBudget")]

    async def reconcile(self, key: Key) -> float | None:
        """Count."""
        self.count(key)
        return None

    def count(self, key: Key) -> None:
        """Write the status of one budget."""
        budget = self.site.get(key)
        if budget is None:
            return
        pods = [p for p in self.site.store.list("Pod", key.namespace) if _selects(budget, p)]
        healthy, expected = sum(is_ready(p) for p in pods), len(pods)
        spec = budget["spec"]
        if "maxUnavailable" in spec:
            desired = max(0, expected - _number(spec["maxUnavailable"], expected))
        else:
            desired = _number(spec.get("minAvailable", 0), expected)
        status = {
            "observedGeneration": budget["metadata"]["generation"],
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "disruptionsAllowed": max(0, healthy - desired),
            "expectedPods": expected,
        }
        self.site.store.set_status(key.kind, key.name, key.namespace, status)


class Drain:
    """What ``talosctl`` and tuppr do before a node reboots."""

    def __init__(self, site: Site, nodes: Nodes) -> None:
        self.site = site
        self.nodes = nodes

    async def drain(self, machine: Machine) -> bool:
        """Cordon and evict; False when a budget stands in the way for all of ``PATIENCE``.

        On the only node pods have nowhere to go: they stay.
        """
        self.nodes.cordon(machine, on=True)
        for pod, budget in self.blockers(machine.name):
            told = f"Cannot evict pod as it would violate the pod's disruption budget {budget}"
            self.site.event(pod, "EvictionBlocked", told, component="talosctl", warning=True)
        await self.site.sleep(DRAIN)
        if not await self.site.until(lambda: not self.blockers(machine.name), every=5, at_most=PATIENCE):
            return False
        if len(self.site.world.machines) > 1:
            for pod in self.evictable(machine.name):
                self.site.event(pod, "Evicted", "Evicted by drain", component="talosctl")
                self.site.remove(key_of(pod))
        return True

    def evictable(self, node: str) -> list[Obj]:
        """The pods that must leave a node: all but those of DaemonSets and of Jobs."""
        found = []
        for pod in self.site.store.list("Pod"):
            owners = {o["kind"] for o in pod["metadata"].get("ownerReferences") or ()}
            if pod["spec"].get("nodeName") == node and owners and not owners & {"DaemonSet", "Job", "Node"}:
                found.append(pod)
        return found

    def blockers(self, node: str) -> list[tuple[Obj, str]]:
        """Pods that may not be evicted now, each with the name of its budget."""
        found = []
        for pod in self.evictable(node):
            for budget in self.site.store.list("PodDisruptionBudget", pod["metadata"]["namespace"]):
                allowed = (budget.get("status") or {}).get("disruptionsAllowed", 0)
                if allowed < 1 and _selects(budget, pod):
                    found.append((pod, budget["metadata"]["name"]))
        return found


def _selects(budget: Obj, pod: Obj) -> bool:
    wanted = (budget["spec"].get("selector") or {}).get("matchLabels") or {}
    return bool(wanted) and wanted.items() <= (pod["metadata"].get("labels") or {}).items()


def _number(value: object, of: int) -> int:
    text = str(value)
    return -(-of * int(text[:-1]) // 100) if text.endswith("%") else int(text)
