"""The machines as Node objects, and what happens to both while a machine reboots."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar

from console.demo.api.store import Change
from console.demo.controllers.objects import Key, Obj, digest, stamp, uid
from console.demo.controllers.site import Site
from console.demo.world import Machine

COMPONENT = "node-controller"
CONTROL = "node-role.kubernetes.io/control-plane"

# Seconds of a reboot, as a home machine takes them (talos.md §3: unreachable 1 to 4 minutes).
STOPPING = 12.0  # services end; apid still answers
GRACE = 20.0  # until the node counts as gone; part of the time below
DOWN = 75.0  # firmware and kernel
BOOTING = 20.0  # services start: apid, etcd, the API server
JOINING = 14.0  # static pods, kubelet
INSTALL = 40.0


class Nodes:
    """Keeps Node objects and machines alike. ``api`` says whether the API server serves."""

    kinds: ClassVar[frozenset[str]] = frozenset(("Node",))

    def __init__(self, site: Site) -> None:
        self.site = site
        self.on_api: Callable[[bool], Awaitable[None]] | None = None  # told when the API server goes and comes

    def concerns(self, change: Change) -> Iterable[Key]:
        """A node that someone cordoned: the machine knows it too."""
        if change.type != "DELETED":
            name = change.new.object["metadata"]["name"]
            machine = self.site.world.machines.get(name)
            if machine and machine.cordoned != bool((change.new.object.get("spec") or {}).get("unschedulable")):
                yield Key("Node", "", name)

    def first(self) -> Iterable[tuple[Key, float]]:
        """Nothing."""
        return ()

    async def reconcile(self, key: Key) -> float | None:
        """Take over who may be scheduled."""
        node, machine = self.site.get(key), self.site.world.machines.get(key.name)
        if node and machine:
            machine.cordoned = bool((node.get("spec") or {}).get("unschedulable"))
        return None

    def add(self, machine: Machine) -> None:
        """Register a machine."""
        roles = {CONTROL: ""} if machine.control_plane else {}
        self.site.store.create(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": machine.name,
                    "labels": {
                        "kubernetes.io/hostname": machine.name,
                        "kubernetes.io/os": "linux",
                        "kubernetes.io/arch": "amd64",
                        **roles,
                    },
                    "annotations": {"extensions.talos.dev/schematic": machine.schematic},
                },
                "spec": {"podCIDR": f"10.42.{len(self.site.store.list('Node'))}.0/24"},
                "status": self._status(machine, None),
            }
        )

    def show(self, machine: Machine) -> None:
        """Write what the machine is now into its Node."""
        node = self.site.store.get("Node", machine.name)
        if node is not None:
            self.site.store.set_status("Node", machine.name, "", self._status(machine, node))

    def cordon(self, machine: Machine, *, on: bool) -> None:
        """Let no new pods come, or let them come again."""
        machine.cordoned = on
        node = self.site.store.get("Node", machine.name)
        if node is None:
            return
        name = "node.kubernetes.io/unschedulable"
        taints = [t for t in (node.get("spec") or {}).get("taints") or () if t["key"] != name]
        if on:
            taints.append({"key": name, "effect": "NoSchedule", "timeAdded": stamp(self.site.now())})
        spec = {"unschedulable": True if on else None, "taints": taints or None}
        self.site.store.patch("Node", machine.name, "", {"spec": spec})
        word = "NodeNotSchedulable" if on else "NodeSchedulable"
        self._event(machine, word, f"Node {machine.name} status is now: {word}", component="kubelet")

    async def reboot(self, machine: Machine, talos: str = "") -> None:
        """Through a reboot: stopping, away, booting, back, with version ``talos`` unless a fault keeps the old one.

        Stages are those of the API of Talos 1.13 and newer (talos.md §3). With ``never_back`` it stays away.
        """
        site, world = self.site, self.site.world
        machine.stage, machine.ready, machine.unmet = "rebooting", True, []
        self._event(machine, "Rebooted", f"Node {machine.name} is going to reboot", component="talos")
        await site.sleep(STOPPING)
        machine.reachable = False
        if not world.api_up:
            await self._api(up=False)
        await site.sleep(GRACE)
        machine.ready = False
        self.show(machine)
        self._event(machine, "NodeNotReady", f"Node {machine.name} status is now: NodeNotReady")
        while machine.name in site.faults.never_back:
            await site.sleep(10)
        await site.sleep(DOWN - GRACE)
        if talos and machine.name not in site.faults.boots_old:
            machine.talos = talos
        machine.booted = site.now()
        machine.stage, machine.ready = "booting", False
        machine.unmet = [("services", "etcd not healthy, kubelet not running"), _not_ready(machine)]
        # apid answers first, the API server only when etcd and its static pod run.
        others = any(m.reachable for m in world.control_planes)
        machine.reachable = True
        await site.sleep(BOOTING)
        if not others:
            await self._api(up=True)
        machine.unmet = [("staticPods", f"kube-system/kube-apiserver-{machine.name} not ready"), _not_ready(machine)]
        if not machine.control_plane:
            machine.unmet = [("services", "kubelet not healthy"), _not_ready(machine)]
        machine.stage = "running"
        await site.sleep(JOINING)
        machine.ready, machine.unmet = True, []
        self.show(machine)
        self._event(machine, "NodeReady", f"Node {machine.name} status is now: NodeReady", component="kubelet")

    async def _api(self, *, up: bool) -> None:
        if self.on_api:
            await self.on_api(up)

    def _event(self, machine: Machine, reason: str, message: str, *, component: str = COMPONENT) -> None:
        node = self.site.store.get("Node", machine.name)
        if node is not None:
            self.site.event(node, reason, message, component=component)

    def _status(self, machine: Machine, node: Obj | None) -> Obj:
        old = {c["type"]: c for c in ((node or {}).get("status") or {}).get("conditions") or ()}
        return {
            "addresses": [
                {"type": "InternalIP", "address": machine.address},
                {"type": "Hostname", "address": machine.name},
            ],
            "capacity": _RESOURCES,
            "allocatable": _RESOURCES,
            "conditions": [self._condition(machine, kind, old.get(kind)) for kind in _PRESSURES],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": uid("boot", machine.name, stamp(machine.booted)),
                "containerRuntimeVersion": "containerd://2.2.1",
                "kernelVersion": f"6.18.{int(digest(machine.talos)[:2], 16) % 30}-talos",
                "kubeProxyVersion": "",
                "kubeletVersion": machine.kubelet,
                "machineID": digest("machine", machine.name)[:32],
                "operatingSystem": "linux",
                "osImage": f"Talos ({machine.talos})",
                "systemUUID": uid("system", machine.name),
            },
        }

    def _condition(self, machine: Machine, kind: str, old: dict[str, Any] | None) -> Obj:
        good, reason, message = _PRESSURES[kind]
        status = good
        if not machine.ready and not machine.reachable:
            status, reason, message = "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."
        elif kind == "Ready" and not machine.ready:
            status, reason, message = "False", "KubeletNotReady", "container runtime network not ready"
        now = stamp(self.site.now())
        since = old["lastTransitionTime"] if old and old["status"] == status else now
        # A real kubelet renews the heartbeat every few minutes; here only a change does.
        beat = old["lastHeartbeatTime"] if old and old["status"] == status else now
        return {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": since,
            "lastHeartbeatTime": beat,
        }


def _not_ready(machine: Machine) -> tuple[str, str]:
    return "nodeReady", f'node "{machine.name}" is not ready'


_RESOURCES = {"cpu": "8", "memory": "32768Mi", "pods": "250", "ephemeral-storage": "480Gi"}
_PRESSURES = {
    "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
}
