"""The embedded home cluster as a whole: made, run, served, and gone without a trace."""

import asyncio
import contextlib
import json
import os
import shlex
import signal
import stat
import sys
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from console.demo import repository as demo_repository
from console.demo import talosctl
from console.demo.folder import private
from console.demo.repository.talos import SCHEMATIC
from console.demo.world import DemoClock, Machine, Topology, World

if TYPE_CHECKING:
    from console.demo.api.server import ApiServer
    from console.demo.api.store import ObjectStore
    from console.demo.controllers.crew import Crew
    from console.demo.controllers.site import Faults, Site

LAST_WORDS = 0.1  # real seconds in which watchers get what was written before the API server goes away


class DemoCluster:
    """``async with DemoCluster(topology) as demo``: everything answers inside, nothing is left behind.

    ``folder`` holds what clients need: ``kubeconfig``, ``talosconfig``, ``bin`` (for PATH), ``repository``.
    ``api``, ``store``, ``world`` and ``faults`` are the insides, for tests; they belong to the loop it runs on.
    """

    folder: Path
    repository: Path
    api: "ApiServer"
    store: "ObjectStore"
    world: World
    site: "Site"
    crew: "Crew"

    def __init__(self, topology: Topology, *, parent: int = 0, within: Path | None = None) -> None:
        self.topology = topology
        self._parent = parent
        self._within = within
        self._stack = contextlib.AsyncExitStack()

    @property
    def kubeconfig(self) -> Path:
        """For ``KUBECONFIG``."""
        return self.folder / "kubeconfig"

    @property
    def talosconfig(self) -> Path:
        """For ``TALOSCONFIG``."""
        return self.folder / "talosconfig"

    @property
    def bin(self) -> Path:
        """Holds ``talosctl``; goes in front of ``PATH``."""
        return self.folder / "bin"

    @property
    def faults(self) -> "Faults":
        """What goes wrong."""
        return self.site.faults

    async def __aenter__(self) -> "DemoCluster":
        async with contextlib.AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def environment(self) -> dict[str, str]:
        """What a shell needs to reach the cluster; ``PATH`` is ours and then the present one."""
        path = os.environ.get("PATH", os.defpath)
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "TALOSCONFIG": str(self.talosconfig),
            "PATH": f"{self.bin}{os.pathsep}{path}",
            "HOMECONSOLE_REPOSITORY": str(self.repository),
        }

    def entry(self) -> str:
        """The cluster as ``clusters`` in the configuration names it: YAML, in one line."""
        files = {"kubeconfig": self.kubeconfig, "talosconfig": self.talosconfig, "repository": self.repository}
        values = {"name": self.topology.name} | {key: str(path) for key, path in files.items()}
        return "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in values.items()) + "}"

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        clock = DemoClock(self.topology.speed, self.topology.frozen)
        self.folder = stack.enter_context(private(self._parent, self._within))
        self.repository = self.folder / "home-ops.git"
        self.world = make_world(self.topology, clock)
        building = asyncio.to_thread(demo_repository.build, self.repository, self.topology, clock.now())
        install = asyncio.to_thread(talosctl.install, self.folder, self.world)
        made = asyncio.gather(building, install)
        await asyncio.sleep(0)  # both begin; what follows is slow to import, and git writes the commits meanwhile
        from console.demo.api.server import ApiServer  # noqa: PLC0415
        from console.demo.controllers.crew import Crew  # noqa: PLC0415
        from console.demo.controllers.logs import pod_logs  # noqa: PLC0415
        from console.demo.controllers.site import Site  # noqa: PLC0415
        from console.demo.controllers.tree import Repository  # noqa: PLC0415
        from console.demo.seed import seed  # noqa: PLC0415

        await made
        self.site = Site(self.topology, self.world, Repository(self.repository), clock)
        self.store = self.site.store
        self.crew = Crew(self.site)
        stack.callback(self.crew.close)
        seed(self.site, self.crew)
        self.api = ApiServer(self.store, self.folder, cluster=self.world.cluster, version=self.world.kubernetes)
        self.api.logs = pod_logs(self.site)
        await self.api.start()
        stack.push_async_callback(self.api.stop)
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(self.api.kubeconfig())
        await stack.enter_async_context(talosctl.serve(self.folder, self.world))
        self.crew.nodes.on_api = self._api
        if not self.topology.frozen:
            running = asyncio.create_task(self.crew.run())
            stack.push_async_callback(_end, running)

    async def _api(self, up: bool) -> None:
        if up:
            self.store.compact()
            self.api.version = self.world.kubernetes
            await self.api.start()
            self.crew.runner.open.set()
        else:
            await asyncio.sleep(LAST_WORDS)
            self.crew.runner.open.clear()
            await self.api.stop()


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def make_world(topology: Topology, clock: DemoClock) -> World:
    """The machines, as they run when the cluster is seeded."""
    world = World(clock, topology.name, kubernetes=topology.kubernetes, talosctl=topology.talosctl)
    for number, (name, address, control_plane) in enumerate(topology.machines()):
        world.machines[name] = Machine(
            name=name,
            address=address,
            control_plane=control_plane,
            talos=topology.talos,
            kubelet=topology.kubernetes,
            schematic=SCHEMATIC,
            booted=clock.now() - timedelta(days=20, minutes=7 * number),
        )
    return world


def serve(topology: Topology, *, with_parent: bool) -> int:
    """Run a cluster until SIGINT, SIGTERM or SIGHUP; what ``homeconsole demo --serve`` does. Gives the exit code.

    Prints ``export NAME=value`` lines for a shell once everything answers. ``with_parent``: standard input is a leash;
    when its other end is gone (however the parent ended), so is the cluster.
    """
    return asyncio.run(_serve(topology, with_parent=with_parent))


async def _serve(topology: Topology, *, with_parent: bool) -> int:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)
    parent = os.getppid() if with_parent else 0
    leash = asyncio.create_task(_watch(parent, over)) if with_parent else None
    starting = asyncio.create_task(_run(topology, parent, over))
    await asyncio.wait({starting, asyncio.create_task(over.wait())}, return_when=asyncio.FIRST_COMPLETED)
    over.set()
    if leash:
        leash.cancel()
    return await starting


async def _run(topology: Topology, parent: int, over: asyncio.Event) -> int:
    async with DemoCluster(topology, parent=parent) as demo:
        for name, value in demo.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        print(f"# for clusters in the configuration:\n#   - {demo.entry()}")
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
        await over.wait()
    return 0


async def _watch(parent: int, over: asyncio.Event) -> None:
    """Set ``over`` when standard input ends, or where that is no pipe, when the parent is another one."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError, ValueError):
        if stat.S_ISFIFO(os.fstat(0).st_mode) or stat.S_ISSOCK(os.fstat(0).st_mode):
            loop.add_reader(0, _read, loop, over)
    while not over.is_set():
        await asyncio.sleep(0.5)
        if os.getppid() != parent:
            over.set()


def _read(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    if not os.read(0, 4096):
        loop.remove_reader(0)
        over.set()
