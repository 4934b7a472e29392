"""Nodes: what the Talos API says, and what Kubernetes says. ``noderows`` makes one row of both."""

from dataclasses import dataclass
from datetime import datetime

from console.model.snapshot import Problem

CONTROL_PLANE = "control plane"
# The stages of a node that is about to restart, or restarts.
MOVING = frozenset({"booting", "installing", "rebooting", "shutting down", "resetting", "upgrading"})


@dataclass(frozen=True, slots=True)
class EtcdMember:
    """One member of etcd as that member itself reports it. Sizes in bytes."""

    member_id: str
    leader: bool
    learner: bool
    db_size: int
    db_in_use: int
    raft_index: int
    raft_applied: int
    errors: tuple[str, ...] = ()
    version: str = ""
    leader_id: str = ""


@dataclass(frozen=True, slots=True)
class Filesystem:
    """One that is mounted from a disk of its own or a partition. Sizes in bytes, as good as talosctl's 10 MB."""

    device: str
    mount: str
    size: int
    used: int

    @property
    def share(self) -> float:
        """What is used, as a fraction of 1."""
        return self.used / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class TalosNode:
    """One node as the Talos API knows it. With a ``problem`` it could not be asked; the rest is then the last known.

    ``stage`` is Talos MachineStatus' word: ``unknown booting installing maintenance running rebooting "shutting down"
    resetting upgrading``; ``unmet`` are the unmet conditions as ``name: reason``.
    CPU and memory are fractions of 1, newest last, at most 20 of each.
    """

    name: str
    address: str
    role: str = ""  # "control plane" or "worker"
    stage: str = ""
    ready: bool = False
    unmet: tuple[str, ...] = ()
    talos: str = ""
    schematic: str = ""
    extensions: tuple[str, ...] = ()
    etcd: EtcdMember | None = None
    cpu: tuple[float, ...] = ()
    memory: tuple[float, ...] = ()
    boot: datetime | None = None
    time_synced: bool | None = None
    services: tuple[tuple[str, str], ...] = ()  # (name, "running/healthy" word)
    diagnostics: tuple[str, ...] = ()
    asked: datetime | None = None  # when it last answered; None until it has
    problem: Problem | None = None
    since: datetime | None = None  # when the problem began
    kubelet: str = ""  # vX.Y.Z; told by Talos 1.14 and newer
    static_pods: tuple[tuple[str, bool], ...] = ()  # (name, ready) of the control plane's
    forbidden: tuple[str, ...] = ()  # what the role of our certificate may not ask
    certificate: datetime | None = None  # until when our certificate is valid
    client: str = ""  # our talosctl, vX.Y.Z
    filesystems: tuple[Filesystem, ...] = ()
    pending: bool = False  # whether something was not asked yet that makes sense to ask

    @property
    def key(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True)
class KubernetesNode:
    """One Node object of the Kubernetes API."""

    name: str
    address: str
    kubelet: str  # vX.Y.Z
    os_image: str  # "Talos (v1.13.7)"
    ready: bool
    reason: str = ""
    cordoned: bool = False
    control_plane: bool = False
    outdated: bool = False  # tuppr's taint: lags behind the TalosUpgrade
    upgrading: bool = False  # tuppr's label, while its job runs
    created: datetime | None = None

    @property
    def key(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True)
class DaemonSet:
    """A DaemonSet that tells about the network: ready of desired, and the version of its image."""

    namespace: str
    name: str
    desired: int
    ready: int
    version: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return (self.namespace, self.name)
