"""What goes wrong around a console in its life, and what simply happens. Everything is mended again."""

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from console.demo.controllers.objects import Key
from console.demo.thread import DemoThread

# In front of the stand-in: what an operating system, a network or a bad disk make of a client.
_TALOSCTL = """#!/bin/sh
case "$(cat {mode} 2>/dev/null)" in
  hangs) exec sleep 300 ;;
  fails) printf 'rpc error: \\033]0;owned\\007 code = Unavailable\\n' >&2; exit 1 ;;
  raves) head -c 20000 /dev/urandom; exit 0 ;;
esac
exec {real} "$@"
"""
_API = (
    lambda faults: faults.answer(410, 3),
    lambda faults: faults.answer(429, 3, retry_after=1),
    lambda faults: faults.answer(503, 5),
    lambda faults: faults.garble("<html>\x1b[2J", 4),
    lambda faults: faults.hang(6),
    lambda faults: faults.drop(100, 4),
    lambda faults: faults.cut_watches(),
    lambda faults: faults.end_watches(),
)


@dataclass
class Trouble:
    """On one embedded cluster. ``chance`` is the only source of what happens: the same seed, the same life."""

    demo: DemoThread
    folder: Path
    chance: random.Random

    def __post_init__(self) -> None:
        self._mode = self.folder / "talosctl-mode"
        self.talosctl = self.folder / "talosctl"
        self.talosctl.write_text(_TALOSCTL.format(mode=self._mode, real=self.demo.bin / "talosctl"))
        self.talosctl.chmod(0o755)
        self._away = self.demo.repository.with_suffix(".away")
        self._proposals = 0

    def strikes(self) -> str:
        """Something happens; what, for the log."""
        happening = self.chance.choice(self._happenings())
        return f"{happening.__name__.lstrip('_')} {happening() or ''}".strip()

    def ends(self) -> None:
        """All is well again."""
        self._talosctl_recovers()
        if self._away.exists():
            self._away.rename(self.demo.repository)
        self.demo.call(self._machines_recover)
        if self.demo.world.api_up:
            self.demo.call(self.demo.api.start)

    def _happenings(self) -> list[Callable[[], str | None]]:
        return [
            self._api_goes,
            self._api_misbehaves,
            self._api_misbehaves,
            self._history_is_compacted,
            self._talosctl_misbehaves,
            self._node_goes,
            self._node_is_slow,
            self._remote_goes,
            self._release_fails,
            self._proposal_comes,
            self.ends,
            self.ends,
        ]

    def _api_goes(self) -> None:
        self.demo.call(self.demo.api.stop)

    def _api_misbehaves(self) -> str:
        number = self.chance.randrange(len(_API))
        self.demo.call(lambda: _API[number](self.demo.api.faults))
        return str(number)

    def _history_is_compacted(self) -> None:
        def compact() -> None:
            self.demo.store.compact()
            self.demo.api.faults.cut_watches()

        self.demo.call(compact)

    def _talosctl_misbehaves(self) -> str:
        mode = self.chance.choice(("hangs", "fails", "raves"))
        self._mode.write_text(mode)
        return mode

    def _talosctl_recovers(self) -> None:
        self._mode.unlink(missing_ok=True)

    def _machine(self) -> str:
        return str(self.chance.choice(sorted(self.demo.world.machines)))

    def _node_goes(self) -> str:
        name = self._machine()
        self.demo.call(lambda: setattr(self.demo.world.machines[name], "reachable", False))
        return name

    def _node_is_slow(self) -> str:
        name = self._machine()
        self.demo.call(lambda: setattr(self.demo.world.machines[name], "slow", 3.0))
        return name

    def _remote_goes(self) -> None:
        if self.demo.repository.exists():
            self.demo.repository.rename(self._away)

    def _release_fails(self) -> str:
        def fail() -> str:
            faults = self.demo.site.faults.releases
            found = self.chance.choice(self._releases())["metadata"]
            key = Key("HelmRelease", found["namespace"], found["name"])
            if key in faults:
                del faults[key]
                return f"{key.name} no more"
            faults[key] = "Helm upgrade failed: \x1b[2Jtimed out"
            return key.name

        return str(self.demo.call(fail))

    def _releases(self) -> list[dict[str, dict[str, str]]]:
        return sorted(self.demo.store.list("HelmRelease"), key=lambda each: each["metadata"]["name"])

    def _proposal_comes(self) -> str:
        """A branch of Renovate's, or the oldest of those goes."""
        if not self.demo.repository.exists():
            return "not: no remote"
        self._proposals += 1
        if self._proposals > 5 and self.chance.random() < 0.7:
            self._git("update-ref", "-d", f"refs/heads/renovate/soak-{self._proposals - 5}")
        commit = self._git("commit-tree", "main^{tree}", "-p", "main", "-m", f"fix(deps): soak {self._proposals}")
        self._git("update-ref", f"refs/heads/renovate/soak-{self._proposals}", commit)
        return str(self._proposals)

    def proposals(self) -> list[int]:
        """The numbers of those that are there."""
        refs = self._git("for-each-ref", "--format=%(refname:lstrip=-1)", "refs/heads/renovate/soak-*")
        return [int(name.removeprefix("soak-")) for name in refs.split()]

    def _git(self, *words: str) -> str:
        command = [
            "git",
            "-c",
            "user.name=Soak",
            "-c",
            "user.email=soak@home.example",
            f"--git-dir={self.demo.repository}",
            *words,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def _machines_recover(self) -> None:
        for machine in self.demo.world.machines.values():
            if machine.stage == "running":
                machine.reachable, machine.slow = True, 0
        self.demo.api.faults.release()
