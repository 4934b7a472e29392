"""One node looked at closely: what talosctl tells of it beyond its row."""

from dataclasses import dataclass
from datetime import datetime

from console.model.nodes import Filesystem
from console.model.snapshot import Problem


@dataclass(frozen=True, slots=True)
class Service:
    """A service of Talos. ``state`` is Talos' word (``Running``, ``Waiting`` …), ``health`` ``OK``, ``Fail`` or ``?``.

    ``changed`` is when the state last changed, as good as the node tells (whole seconds).
    """

    name: str
    state: str
    health: str
    event: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A system extension of the node's image."""

    name: str
    version: str
    author: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk. ``size`` in bytes; ``system`` is the one that Talos is installed on."""

    name: str
    path: str
    size: int
    model: str = ""
    serial: str = ""
    transport: str = ""
    system: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of Talos. ``size`` in bytes; ``filesystem`` with what is used where it is mounted."""

    name: str
    phase: str
    kind: str
    location: str
    size: int
    format: str = ""
    mounted: Filesystem | None = None


@dataclass(frozen=True, slots=True)
class NodeEvent:
    """What happened on the node: ``kind`` is Talos' word (``SequenceEvent`` …)."""

    kind: str
    text: str
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that could not be read. ``needs`` is the role that would be enough, where the role is all that lacks."""

    part: str
    problem: Problem
    needs: str = ""


@dataclass(frozen=True, slots=True)
class NodeDetail:
    """``events`` newest first. A part that is empty and not in ``missing`` has nothing to tell."""

    name: str
    address: str
    at: datetime
    services: tuple[Service, ...] = ()
    extensions: tuple[Extension, ...] = ()
    schematic: str = ""
    addresses: tuple[str, ...] = ()
    disks: tuple[Disk, ...] = ()
    volumes: tuple[Volume, ...] = ()
    filesystems: tuple[Filesystem, ...] = ()
    kernel_arguments: tuple[str, ...] = ()
    boot_entry: str = ""
    secure_boot: bool | None = None
    platform: str = ""
    kubelet_image: str = ""
    alarms: tuple[str, ...] = ()
    events: tuple[NodeEvent, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        return (self.name,)
