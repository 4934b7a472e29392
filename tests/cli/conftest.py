"""Plain commands as an operator runs them: real processes, against the embedded cluster."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.answers import check
from tests.cli import forked


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer, which is as its schema says."""
        answer = json.loads(self.out)
        check(answer)
        return answer


@dataclass
class Shell:
    """Where commands are run: a folder that is no checkout, and the variables that are set."""

    folder: Path
    environment: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "console", *words]

    def run(self, *words: str, extra: Mapping[str, str] | None = None, folder: Path | None = None) -> Ran:
        environment = {**self.environment, **(extra or {})}
        if forked.may(environment):
            return Ran(*forked.run(words, environment, folder or self.folder, 100))
        done = subprocess.run(
            self.command(*words),
            env=environment,
            cwd=folder or self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def git(self, *words: str) -> str:
        repository = self.environment["HOMECONSOLE_REPOSITORY"]
        return subprocess.run(
            ["git", f"--git-dir={repository}", *words], capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()


def environment(home: Path, demo: DemoThread | None = None) -> dict[str, str]:
    """Nothing but what a shell has; the demo's addresses when there is one."""
    variables = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    variables |= {"HOME": str(home), "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2])}
    (home / ".gitconfig").write_text("[user]\n\tname = Ada Op\n\temail = ada@home.example\n")
    return {**variables, **(demo.cluster.environment() if demo else {})}


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoThread]:
    with DemoThread(Topology()) as running:
        yield running


@pytest.fixture
def shell(demo: DemoThread, tmp_path: Path) -> Shell:
    """On the embedded cluster."""
    home, folder = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    folder.mkdir()
    return Shell(folder, environment(home, demo))


@pytest.fixture
def nowhere(tmp_path: Path) -> Shell:
    """Where nothing is configured."""
    home, folder = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    folder.mkdir()
    return Shell(folder, environment(home))


@pytest.fixture
def nowhere_env(tmp_path: Path) -> dict[str, str]:
    """What a shell has where nothing is configured."""
    home = tmp_path / "nobody"
    home.mkdir()
    return environment(home)
