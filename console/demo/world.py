"""The truth of the embedded cluster: its machines, its time. Controllers change it; API server and talosctl show it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


class DemoClock:
    """Time that runs at its own pace: waits are ``speed`` times shorter, timestamps are the present's.

    A frozen clock stands still at ``frozen``: its waits never end. For pictures and snapshot tests. ``behind``: so far
    in the past everything happens, until it is set back to nothing: then it was long ago.
    """

    def __init__(self, speed: float = 20, frozen: datetime | None = None) -> None:
        self.speed = speed
        self.frozen = frozen
        self.behind = timedelta()
        self._going = asyncio.Event()
        self._going.set()

    def now(self) -> datetime:
        """The present, in UTC, whole seconds."""
        return self.frozen or datetime.now(UTC).replace(microsecond=0) - self.behind

    def hold(self) -> None:
        """Nothing goes on where it waits now, until ``go_on``."""
        self._going.clear()

    def go_on(self) -> None:
        """See ``hold``."""
        self._going.set()

    def ago(self, **parts: float) -> datetime:
        """A moment before the present: ``ago(minutes=14)``."""
        return self.now() - timedelta(**parts)

    @property
    def goes_on(self) -> bool:
        """See ``hold``."""
        return self._going.is_set()

    async def sleep(self, seconds: float) -> None:
        """Wait for what would be ``seconds`` in life."""
        if self.frozen:
            await asyncio.Event().wait()
        await asyncio.sleep(seconds / self.speed)
        await self._going.wait()


@dataclass(slots=True)
class Machine:
    """One Talos node as it really is."""

    name: str
    address: str
    control_plane: bool
    talos: str  # vX.Y.Z that it runs
    kubelet: str  # vX.Y.Z
    schematic: str
    booted: datetime
    stage: str = "running"
    reachable: bool = True  # apid answers (and, on a single control plane, the API server)
    ready: bool = True
    cordoned: bool = False
    unmet: list[tuple[str, str]] = field(default_factory=list)
    slow: float = 0  # seconds that every answer takes more
    db_size: int = 45_000_000
    disk_used: float = 0.41  # of /var, as a fraction of 1

    @property
    def is_back(self) -> bool:
        """Whether it is up and fine: what one waits for after a reboot."""
        return self.reachable and self.ready and self.stage == "running"


@dataclass(slots=True)
class World:
    """All machines, by name, and the shared clock. ``revision`` counts changes."""

    clock: DemoClock
    cluster: str = "home"
    machines: dict[str, Machine] = field(default_factory=dict)
    kubernetes: str = "v1.36.2"
    talosctl: str = "1.13"  # which client the stand-in is

    @property
    def control_planes(self) -> list[Machine]:
        """The control-plane machines, by name."""
        return [m for _, m in sorted(self.machines.items()) if m.control_plane]

    @property
    def api_up(self) -> bool:
        """Whether any control plane serves the Kubernetes API."""
        return any(m.reachable for m in self.control_planes)


@dataclass(frozen=True, slots=True)
class Topology:
    """What ``homeconsole demo`` was asked for."""

    name: str = "home"
    nodes: int = 1
    source: str = "oci"  # or "git"
    talosctl: str = "1.13"
    scenario: str = "held"
    scale: int = 0
    speed: float = 20
    frozen: datetime | None = None

    # The versions that the cluster starts with, and those that wait.
    talos: str = "v1.13.7"
    talos_next: str = "v1.13.8"
    kubernetes: str = "v1.36.2"
    kubernetes_next: str = "v1.36.3"
    flux: str = "v2.9.3"

    def machines(self) -> list[tuple[str, str, bool]]:
        """(name, address, control plane): one or three control planes, workers beyond that."""
        control = 1 if self.nodes < 3 else 3
        names = [f"k8s-control-{i + 1}" if i < control else f"k8s-worker-{i - control + 1}" for i in range(self.nodes)]
        return [(name, f"10.0.0.{11 + i}", i < control) for i, name in enumerate(names)]
