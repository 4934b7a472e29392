"""A fast embedded cluster for tests: what is pushed, what is waited for."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from console.demo.cluster import DemoCluster
from console.demo.controllers.objects import Key
from console.demo.world import Topology

FAST = 2000.0
PATIENCE = 40.0  # seconds: far beyond what anything takes, for machines under load
TALOS = Key("TalosUpgrade", "", "talos")
KUBERNETES = Key("KubernetesUpgrade", "", "kubernetes")
TALOS_FILE = "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml"
KUBERNETES_FILE = "kubernetes/apps/system/tuppr/upgrades/kubernetesupgrade.yaml"

Obj = dict[str, Any]


class Home:
    """A running cluster and a clone of its repository."""

    def __init__(self, demo: DemoCluster, clone: Path) -> None:
        self.demo = demo
        self.clone = clone

    def get(self, key: Key) -> Obj:
        """An object that is there."""
        obj = self.demo.store.get(key.kind, key.name, key.namespace)
        assert obj is not None, key
        return obj

    async def until(self, key: Key, holds: Callable[[Obj], bool]) -> Obj:
        """Wait until something holds of an object; the object then."""
        subscription = self.demo.store.watch({key.kind})
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    obj = self.demo.store.get(key.kind, key.name, key.namespace)
                    if obj is not None and holds(obj):
                        return obj
                    await subscription.take()
        except TimeoutError:
            raise AssertionError(f"never: {self.demo.store.get(key.kind, key.name, key.namespace)}") from None
        finally:
            subscription.close()

    async def gone(self, key: Key) -> None:
        """Wait until an object is no longer there."""
        subscription = self.demo.store.watch({key.kind})
        try:
            async with asyncio.timeout(PATIENCE):
                while self.demo.store.get(key.kind, key.name, key.namespace):
                    await subscription.take()
        finally:
            subscription.close()

    @contextlib.asynccontextmanager
    async def phases(self, key: Key) -> AsyncIterator[list[str]]:
        """While inside, the phases (with their reason, where it is another word) that an upgrade goes on to."""
        seen: list[str] = []
        last = phase(self.get(key))
        subscription = self.demo.store.watch({key.kind})

        async def follow() -> None:
            nonlocal last
            async for _, obj in subscription:
                if obj["metadata"]["name"] == key.name and phase(obj) != last:
                    last = phase(obj)
                    seen.append(last)

        task = asyncio.create_task(follow())
        try:
            yield seen
            await asyncio.sleep(0)
        finally:
            subscription.close()
            await task

    async def push(self, changes: Mapping[str, tuple[str, str] | str | None], message: str = "change") -> str:
        """Change files (a replacement, a whole text, or None to remove), commit, push to main; the commit."""
        return await asyncio.to_thread(self._push, changes, message)

    async def merge(self, branch: str) -> str:
        """Merge a Renovate branch into main, as an approval does; the commit."""

        def work() -> str:
            self._git("fetch", "-q", "origin")
            self._git("merge", "-q", "--no-edit", f"origin/{branch}")
            self._git("push", "-q", "origin", "HEAD:main")
            return self._git("rev-parse", "HEAD")

        return await asyncio.to_thread(work)

    def _push(self, changes: Mapping[str, tuple[str, str] | str | None], message: str) -> str:
        for name, change in changes.items():
            path = self.clone / name
            if change is None:
                path.unlink()
            elif isinstance(change, str):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(change)
            else:
                text = path.read_text()
                assert change[0] in text, (name, change[0])
                path.write_text(text.replace(*change))
        self._git("add", "-A")
        self._git("commit", "-q", "-m", message)
        self._git("push", "-q", "origin", "HEAD:main")
        return self._git("rev-parse", "HEAD")

    def _git(self, *words: str) -> str:
        who = ["-c", "user.name=Operator", "-c", "user.email=operator@home.internal", "-c", "gc.auto=0"]
        command = ["git", "-C", str(self.clone), *who, *words]
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=30).stdout.strip()


def phase(obj: Obj) -> str:
    """``Phase``, or ``Phase/Reason`` where the reason is another word."""
    status = obj.get("status") or {}
    word = str(status.get("phase", ""))
    reason = next((c["reason"] for c in status.get("conditions", ()) if c["type"] == "Progressing"), word)
    return word if reason == word else f"{word}/{reason}"


def ready(obj: Obj) -> tuple[str, str, str]:
    """The Ready condition: status, reason, message."""
    for item in (obj.get("status") or {}).get("conditions", ()):
        if item["type"] == "Ready":
            return item["status"], item["reason"], item["message"]
    return "", "", ""


def conditions(obj: Obj) -> dict[str, tuple[str, str]]:
    """Status and reason of every condition, by type."""
    return {c["type"]: (c["status"], c["reason"]) for c in (obj.get("status") or {}).get("conditions", ())}


@contextlib.asynccontextmanager
async def home(tmp_path: Path, **topology: Any) -> AsyncIterator[Home]:
    """A cluster at high speed with a clone of its repository; no controller may fail while it runs."""
    wanted = Topology(**{"speed": FAST, "scenario": "healthy", **topology})
    async with DemoCluster(wanted) as demo:
        clone = tmp_path / "clone"
        command = ["git", "clone", "-q", str(demo.repository), str(clone)]
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=30)
        yield Home(demo, clone)
        assert demo.crew.runner.failures == []
