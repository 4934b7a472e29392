"""An approved change on the embedded cluster, watched as an operator does: without a screen, and at one."""

import asyncio
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from console.demo.controllers.objects import Key
from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.settings import load
from console.wiring import Console
from tests.demo.controllers.home import TALOS, Home, Obj
from tests.ui.user import LARGE, User, using

SOON = 90.0
BRANCH = "renovate/siderolabs-talos-1.x"
KUBELET = "renovate/ghcr.io-siderolabs-kubelet-1.x"
TALOS_FILE = "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml"
CONFIGURATION = "repository:\n  interval: 3\ntalos:\n  interval: 5\n"  # often enough, and no load of its own
Told = dict[str, Any]


class Watching:
    """``homeconsole watch -o json`` as a process; each line that it wrote is looked at once, in order."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.told: list[Told] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    async def tells(self, **wanted: str) -> Told:
        """The next line whose fields hold these texts."""
        return await asyncio.to_thread(self._until, wanted)

    async def ends(self) -> tuple[int, Told]:
        """Its exit code, and the last line."""
        with contextlib.suppress(LookupError):
            await self.tells(schema="no such line")
        return await asyncio.to_thread(self._process.wait, SOON), self.told[-1]

    def kill(self) -> None:
        """At once, without a word."""
        self._process.kill()
        self._process.wait(SOON)

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _until(self, wanted: dict[str, str]) -> Told:
        with contextlib.suppress(queue.Empty):
            while line := self._lines.get(timeout=SOON):
                assert line.startswith("{"), line
                told: Told = json.loads(line)
                self.told.append(told)
                if all(text in str(told[name]) for name, text in wanted.items()):
                    return told
            raise LookupError((wanted, self.told))
        raise AssertionError((wanted, self.told))


class Journey:
    """A cluster with its repository. ``requests`` are those that the API server got, in their order."""

    def __init__(self, demo: DemoThread, folder: Path) -> None:
        self.demo = demo
        self.folder = folder
        clone = folder / "clone"
        subprocess.run(["git", "clone", "-q", str(demo.repository), str(clone)], check=True, timeout=60)
        self.house = Home(demo.cluster, clone)
        self.requests: list[str] = []
        self._note_requests()

    async def does(self, work: Callable[[], Any]) -> Any:
        """Something on the cluster's loop, a coroutine function too."""
        return await asyncio.to_thread(lambda: self.demo.call(work, timeout=SOON))

    async def published(self, commit: str) -> None:
        """Until the workflow has pushed the artifact of ``commit``."""

        async def run() -> None:
            while self.demo.site.published != commit:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.02)

        await self.does(run)

    async def goes_on(self) -> None:
        """What stood still."""
        await self.does(self.demo.world.clock.go_on)

    async def until(self, key: Key, holds: Callable[[Obj], bool]) -> None:
        """What stood still goes on; until something holds of an object."""

        async def run() -> None:
            self.demo.world.clock.go_on()
            await self.house.until(key, holds)

        await self.does(run)

    async def stops_at(self, holds: Callable[[Obj], bool], key: Key = TALOS) -> None:
        """Until something holds of an object when its status is written; from that moment on all stands still.

        What stands still may have come to it meanwhile: a pass begins by its own timer, and stops where it first waits.
        """

        async def run() -> None:
            store, clock, reached = self.demo.store, self.demo.world.clock, asyncio.Event()
            write = store.set_status

            def noted(kind: str, name: str, namespace: str, status: Obj) -> Any:
                written = write(kind, name, namespace, status)
                if (kind, namespace, name) == key and holds(self.house.get(key)):
                    clock.hold()
                    store.set_status = write
                    reached.set()
                return written

            if not clock.goes_on and holds(self.house.get(key)):
                return
            store.set_status = noted
            clock.go_on()
            await reached.wait()

        await self.does(run)

    async def approve(
        self, file: str, old: str, new: str, *, branch: str = BRANCH, ago: timedelta = timedelta(0)
    ) -> str:
        """A commit on main with an approval's trailers; the commit."""
        at = datetime.now(UTC) - ago
        message = f"""Merge {branch}: {old} → {new}

Update: {branch}
Approved-by: Ada Op <ada@home.example>
Approved-at: {at:%Y-%m-%dT%H:%M:%SZ}
Approved-via: homeconsole/test
"""
        return await self.push({file: (old, new)}, message)

    async def push(self, changes: dict[str, Any], message: str = "change") -> str:
        """A commit on main; the commit."""

        async def run() -> str:
            return await self.house.push(changes, message)

        return str(await self.does(run))

    def environment(self, name: str) -> dict[str, str]:
        """Of a console with a home of its own."""
        home = self.folder / name
        configuration = home / ".config" / "homeconsole" / "config.yaml"
        if not configuration.exists():
            configuration.parent.mkdir(parents=True)
            configuration.write_text(CONFIGURATION)
            (home / ".gitconfig").write_text("[user]\n\tname = Ada Op\n\temail = ada@home.example\n")
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
        addresses = {**self.demo.cluster.environment(), "HOMECONSOLE_TALOSCTL": str(self.demo.bin / "talosctl")}
        return {**kept, **addresses, "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}

    async def asks(self, command: str, name: str = "script") -> dict[str, Any]:
        """The answer of ``homeconsole COMMAND -o json``."""

        def run() -> dict[str, Any]:
            words = [sys.executable, "-m", "console", command, "-o", "json"]
            done = subprocess.run(
                words, env=self.environment(name), cwd=self.folder, capture_output=True, check=True, timeout=SOON
            )
            answer: dict[str, Any] = json.loads(done.stdout)
            return answer

        return await asyncio.to_thread(run)

    @contextlib.contextmanager
    def watching(self, what: str, name: str = "script") -> Iterator[Watching]:
        """``homeconsole watch WHAT -o json``."""
        command = [sys.executable, "-m", "console", "watch", what, "-o", "json"]
        with subprocess.Popen(
            command,
            env=self.environment(name),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            watching = Watching(process)
            try:
                yield watching
            finally:
                watching.kill()

    @contextlib.asynccontextmanager
    async def at_the_screen(self, size: tuple[int, int] = LARGE) -> AsyncIterator[User]:
        """A console in write mode, on the rollout that is the newest."""
        desk = Console(load({"write": True}, self.environment("operator")), folder=self.folder)
        try:
            async with using(desk, size) as user:
                await user.sees("live", "git", seconds=SOON)
                await user.presses("w")
                yield user
        finally:
            await asyncio.to_thread(desk.stop)

    def journal(self, name: str = "script") -> list[dict[str, Any]]:
        """What a console has written down."""
        file = self.folder / name / ".local" / "state" / "homeconsole" / "journal.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    def _note_requests(self) -> None:
        faults = self.demo.api.faults
        due = faults.due

        def noted(request: Any) -> Any:
            self.requests.append(f"{request.method} {request.path_qs}")
            return due(request)

        faults.due = noted


@contextlib.contextmanager
def journey(folder: Path, **topology: Any) -> Iterator[Journey]:
    """A fast cluster on which all is well."""
    with DemoThread(Topology(**{"speed": 200, "scenario": "healthy", **topology})) as demo:
        yield Journey(demo, folder)


def verbs(told: Told) -> list[str]:
    """What a line offers to do."""
    return [choice["verb"] for choice in told["choices"]]
