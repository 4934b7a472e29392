"""Resources about the cluster, Kubernetes, services, network and disks."""

import hashlib
from collections.abc import Iterator

from console.demo.talosctl.resources.kinds import Item, Kind, at
from console.demo.talosctl.resources.machine import extensions_of
from console.demo.world import Machine, World

CONTROL_PLANE_PODS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


def member_id(machine: Machine) -> str:
    """The etcd member id, 16 hexadecimal digits."""
    return hashlib.sha256(f"etcd {machine.name}".encode()).hexdigest()[:16]


def _members(world: World, _machine: Machine) -> Iterator[Item]:
    for name, member in sorted(world.machines.items()):
        node_id = hashlib.sha256(name.encode()).hexdigest()[:43]
        spec: dict[str, object] = {
            "nodeId": node_id,
            "addresses": [member.address],
            "hostname": name,
            "machineType": "controlplane" if member.control_plane else "worker",
            "operatingSystem": f"Talos ({member.talos})",
        }
        if member.control_plane:
            spec["controlPlane"] = {"port": 6443}
        yield Item(name, spec)


def _etcd_members(_world: World, machine: Machine) -> Iterator[Item]:
    if machine.control_plane and machine.stage == "running":
        yield Item("local", {"memberID": member_id(machine)})


def service_names(machine: Machine) -> list[str]:
    """The services that the machine runs, by name."""
    names = ["apid", "auditd", "containerd", "cri", "dashboard", "kubelet", "machined", "syslogd", "udevd"]
    names += ["etcd", "trustd"] if machine.control_plane else []
    names += ["ext-iscsid"] if any(name == "iscsi-tools" for name, *_ in extensions_of(machine)) else []
    return sorted(names)


def service_health(machine: Machine, name: str) -> tuple[bool, bool | None]:
    """(running, healthy) of a service; healthy is None where it has no check."""
    reasons = " ".join(reason for condition, reason in machine.unmet if condition == "services")
    if f"{name} not running" in reasons:
        return False, False
    if name.startswith("ext-") or name in {"dashboard", "auditd", "syslogd"}:
        return True, None
    return True, f"{name} not healthy" not in reasons


def _services(_world: World, machine: Machine) -> Iterator[Item]:
    for name in service_names(machine):
        running, healthy = service_health(machine, name)
        yield Item(name, {"running": running, "healthy": bool(healthy), "unknown": healthy is None})


def _hostname(_world: World, machine: Machine) -> Iterator[Item]:
    yield Item("hostname", {"hostname": machine.name, "domainname": ""})


def _nodename(_world: World, machine: Machine) -> Iterator[Item]:
    yield Item("nodename", {"nodename": machine.name, "hostnameVersion": "2", "skipNodeRegistration": False})


def _node_status(_world: World, machine: Machine) -> Iterator[Item]:
    role = {"node-role.kubernetes.io/control-plane": ""} if machine.control_plane else {}
    spec = {
        "nodename": machine.name,
        "nodeReady": all(name != "nodeReady" for name, _ in machine.unmet),
        "unschedulable": machine.cordoned,
        "labels": {"kubernetes.io/hostname": machine.name} | role,
        "annotations": {"extensions.talos.dev/schematic": machine.schematic},
        "podCIDRs": ["10.42.0.0/24"],
    }
    yield Item(machine.name, spec)


def _kubelet(_world: World, machine: Machine) -> Iterator[Item]:
    yield Item("kubelet", {"image": f"ghcr.io/siderolabs/kubelet:{machine.kubelet}"})


def _static_pods(_world: World, machine: Machine) -> Iterator[Item]:
    if not machine.control_plane or machine.stage != "running":
        return
    reasons = " ".join(reason for condition, reason in machine.unmet if condition == "staticPods")
    for pod in CONTROL_PLANE_PODS:
        ready = "False" if pod in reasons else "True"
        conditions = [{"type": kind, "status": ready} for kind in ("Ready", "ContainersReady", "PodScheduled")]
        yield Item(f"kube-system/{pod}-{machine.name}", {"phase": "Running", "conditions": conditions})


def _pod_ready(spec: object) -> object:
    conditions = spec.get("conditions", []) if isinstance(spec, dict) else []
    return next((c["status"] for c in conditions if c["type"] == "Ready"), "")


def _addresses(_world: World, machine: Machine) -> Iterator[Item]:
    for name in ("accumulative", "current", "default", "routed"):
        more = [] if name in {"default", "routed"} else ["10.42.0.1/24"]
        yield Item(name, {"addresses": [f"{machine.address}/24", *more], "sortAlgorithm": "v1"})


_DISKS = (
    ("nvme0n1", 512_110_190_592, "512 GB", "SAMSUNG MZVL2512", "nvme"),
    ("sda", 1_000_204_886_016, "1.0 TB", "CT1000MX500SSD1", "sata"),
)


def _disks(_world: World, machine: Machine) -> Iterator[Item]:
    for name, size, pretty, model, transport in _DISKS:
        serial = hashlib.sha256(f"{machine.name} {name}".encode()).hexdigest()[:12].upper()
        spec = {
            "dev_path": f"/dev/{name}",
            "size": size,
            "pretty_size": pretty,
            "io_size": 512,
            "sector_size": 512,
            "readonly": False,
            "cdrom": False,
            "model": model,
            "serial": serial,
            "bus_path": "/pci0000:00/0000:00:1d.0/0000:01:00.0/nvme" if transport == "nvme" else "/pci0000:00/ata1",
            "sub_system": "/sys/class/block",
            "transport": transport,
            "symlinks": [f"/dev/disk/by-id/{transport}-{model.replace(' ', '_')}_{serial}"],
        }
        yield Item(name, spec)


def _system_disk(_world: World, _machine: Machine) -> Iterator[Item]:
    yield Item("system-disk", {"diskID": "nvme0n1", "devPath": "/dev/nvme0n1"})


_VOLUMES = (
    ("EPHEMERAL", "/dev/nvme0n1p6", 508_000_000_000, "508 GB", "xfs"),
    ("STATE", "/dev/nvme0n1p5", 104_857_600, "105 MB", "xfs"),
)


def _volumes(_world: World, _machine: Machine) -> Iterator[Item]:
    for name, location, size, pretty, filesystem in _VOLUMES:
        spec = {"phase": "ready", "type": "partition", "location": location, "parentLocation": "/dev/nvme0n1"}
        yield Item(name, spec | {"size": size, "prettySize": pretty, "filesystem": filesystem})


def _nothing(_world: World, _machine: Machine) -> Iterator[Item]:
    return iter(())


def _sensitive(full: str, display: str, namespace: str, *aliases: str) -> Kind:
    return Kind(full, display, namespace, "", _nothing, aliases=aliases, sensitive=True)


KINDS = (
    Kind(
        "Members.cluster.talos.dev",
        "Member",
        "cluster",
        "cluster.MemberController",
        _members,
        (
            ("Hostname", at("hostname")),
            ("Machine Type", at("machineType")),
            ("OS", at("operatingSystem")),
            ("Addresses", at("addresses")),
        ),
    ),
    Kind(
        "EtcdMembers.etcd.talos.dev",
        "EtcdMember",
        "etcd",
        "etcd.MemberController",
        _etcd_members,
        (("Member ID", at("memberID")),),
    ),
    Kind(
        "Services.v1alpha1.talos.dev",
        "Service",
        "runtime",
        "v1alpha1.ServiceController",
        _services,
        (("Running", at("running")), ("Healthy", at("healthy")), ("Health Unknown", at("unknown"))),
        ("svc",),
    ),
    Kind(
        "HostnameStatuses.net.talos.dev",
        "HostnameStatus",
        "network",
        "network.HostnameSpecController",
        _hostname,
        (("Hostname", at("hostname")), ("Domainname", at("domainname"))),
        ("hostname",),
    ),
    Kind(
        "Nodenames.kubernetes.talos.dev",
        "Nodename",
        "k8s",
        "k8s.NodenameController",
        _nodename,
        (("Nodename", at("nodename")),),
    ),
    Kind(
        "NodeStatuses.kubernetes.talos.dev",
        "NodeStatus",
        "k8s",
        "k8s.NodeStatusController",
        _node_status,
        (("Ready", at("nodeReady")), ("Unschedulable", at("unschedulable"))),
    ),
    Kind(
        "KubeletStatuses.kubernetes.talos.dev",
        "KubeletStatus",
        "k8s",
        "k8s.KubeletServiceController",
        _kubelet,
        (("Image", at("image")),),
        since=(1, 14),
    ),
    Kind(
        "StaticPodStatuses.kubernetes.talos.dev",
        "StaticPodStatus",
        "k8s",
        "k8s.KubeletStaticPodController",
        _static_pods,
        (("Ready", _pod_ready),),
        ("podstatus",),
    ),
    Kind(
        "NodeAddresses.net.talos.dev",
        "NodeAddress",
        "network",
        "network.NodeAddressController",
        _addresses,
        (("Addresses", at("addresses")), ("SortAlgorithm", at("sortAlgorithm"))),
    ),
    Kind(
        "Disks.block.talos.dev",
        "Disk",
        "runtime",
        "block.DisksController",
        _disks,
        (
            ("Size", at("pretty_size")),
            ("Read Only", at("readonly")),
            ("Transport", at("transport")),
            ("Rotational", at("rotational")),
            ("WWID", at("wwid")),
            ("Model", at("model")),
            ("Serial", at("serial")),
        ),
    ),
    Kind(
        "SystemDisks.block.talos.dev",
        "SystemDisk",
        "runtime",
        "block.SystemDiskController",
        _system_disk,
        (("Disk", at("diskID")),),
    ),
    Kind(
        "VolumeStatuses.block.talos.dev",
        "VolumeStatus",
        "runtime",
        "block.VolumeManagerController",
        _volumes,
        (
            ("Type", at("type")),
            ("Phase", at("phase")),
            ("Location", at("location")),
            ("Size", at("prettySize")),
        ),
    ),
    _sensitive("MachineConfigs.config.talos.dev", "MachineConfig", "config", "mc", "machineconfig"),
    _sensitive("KubeletSpecs.kubernetes.talos.dev", "KubeletSpec", "k8s"),
    _sensitive("KubeletConfigs.kubernetes.talos.dev", "KubeletConfig", "k8s"),
    _sensitive("APIServerConfigs.kubernetes.talos.dev", "APIServerConfig", "controlplane"),
    _sensitive("VolumeConfigs.block.talos.dev", "VolumeConfig", "runtime"),
)
