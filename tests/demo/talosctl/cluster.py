"""Machines for tests: a world of its own in a thread, its talosctl over the real socket."""

import asyncio
import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from console.demo.talosctl import install, serve
from console.demo.talosctl.identity import LIFETIME
from console.demo.world import DemoClock, Machine, Topology, World

T = TypeVar("T")
SCHEMATIC = "4a0d65c669d46663f377e7161e50cfd570c401f26fd9e7bda34a0216b6f1922b"
FROZEN = datetime(2026, 8, 20, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A served world. ``change`` runs a function on its loop, where nothing else happens meanwhile."""

    folder: Path
    world: World
    loop: asyncio.AbstractEventLoop

    @property
    def talosconfig(self) -> Path:
        return self.folder / "talosconfig"

    @property
    def executable(self) -> str:
        return str(self.folder / "bin" / "talosctl")

    def change(self, action: Callable[[World], T]) -> T:
        done: Future[T] = Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(action(self.world)))
        return done.result(10)

    def machine(self, name: str) -> Machine:
        return self.world.machines[name]

    def talosctl(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the stand-in as a shell would."""
        variables = {**os.environ, "TALOSCONFIG": str(self.talosconfig), **environment}
        return subprocess.run(
            [self.executable, *arguments], capture_output=True, text=True, timeout=30, check=False, env=variables
        )


def world(nodes: int = 1, *, talosctl: str = "1.13", clock: DemoClock | None = None) -> World:
    """Healthy machines, booted five hours ago."""
    made = World(clock or DemoClock(), talosctl=talosctl)
    for name, address, control_plane in Topology(nodes=nodes).machines():
        booted = made.clock.now() - timedelta(hours=5)
        made.machines[name] = Machine(name, address, control_plane, "v1.13.7", "v1.36.2", SCHEMATIC, booted)
    return made


@contextlib.contextmanager
def serving(
    folder: Path, made: World, *, roles: tuple[str, ...] = ("os:reader",), valid: timedelta = LIFETIME
) -> Iterator[Cluster]:
    """The world's talosctl answers while inside."""
    install(folder, made, roles=roles, valid=valid)
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    end = asyncio.Event()

    async def serve_until_end() -> None:
        async with serve(folder, made):
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve_until_end(),), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield Cluster(folder, made, loop)
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(60)
        loop.close()
        assert not thread.is_alive()
