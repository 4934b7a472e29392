"""An approval from the confirmation to the result, beside the very git commands that it runs, run bare.

Both begin from the same folders, in turns; the repository has 15,000 commits and 1,200 apps.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.model.review import Review
from console.operations.approve import approve
from console.operations.journal import Journal
from console.operations.preflight import preflight
from console.operations.review import review
from console.sources import process
from console.sources.git.mirror import Mirror
from console.sources.process import Done
from console.sources.stop import Stop
from tests.benchmarks.figure import Figure, paired, times
from tests.benchmarks.scan import build

NOW = datetime(2026, 8, 22, 12, tzinfo=UTC)
BRANCH = "renovate/app1000-1.x"


@dataclass
class Tape:
    """The git commands of an approval, as they were started."""

    calls: list[tuple[list[str], Mapping[str, str], Path | None, bytes]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def run(self, argv: Any, *, env: Any, cwd: Any = None, stdin: bytes = b"", **how: Any) -> Done:
        """As ``process.run``, noted down."""
        self.calls.append((list(argv), dict(env), cwd, stdin))
        done = _run(argv, env=env, cwd=cwd, stdin=stdin, **how)
        self.codes.append(done.code)
        return done

    def replay(self) -> float:
        """The same again by themselves, with the same ends; seconds."""
        codes = []
        began = time.perf_counter()
        for argv, env, cwd, stdin in self.calls:
            how: dict[str, Any] = {"input": stdin} if stdin else {"stdin": subprocess.DEVNULL}
            codes.append(subprocess.run(argv, env=env, cwd=cwd, capture_output=True, check=False, **how).returncode)
        took = time.perf_counter() - began
        assert codes == self.codes, "the bare commands did not do the same"
        return took


_run = process.run


class Bench:
    """The repository, our clone of it, and both as they were before each approval."""

    def __init__(self, folder: Path) -> None:
        os.environ["GIT_CONFIG_GLOBAL"] = str(folder / "gitconfig")
        (folder / "gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@home.example\n")
        self.world, self.kept, self.folder = folder / "world", folder / "kept", folder
        self.world.mkdir()
        build(self.world / "remote.git")
        self._mirror().fetch()
        shutil.copytree(self.world, self.kept, symlinks=True)

    def _mirror(self) -> Mirror:
        return Mirror(str(self.world / "remote.git"), "main", ("renovate/",), self.world / "state", now=lambda: NOW)

    def _restore(self) -> None:
        shutil.rmtree(self.world)
        shutil.copytree(self.kept, self.world, symlinks=True)

    def round(self) -> tuple[float, float]:
        """Milliseconds of an approval, and of its commands run bare."""
        self._restore()
        mirror = self._mirror()
        made = self._reviewed(mirror)
        journal = Journal(self.world / "journal", lambda: NOW)
        tape = Tape()
        process.run = tape.run
        began = time.perf_counter()
        for _ in approve(made, mirror, journal, lambda: NOW, Stop()):
            pass
        ours = time.perf_counter() - began
        process.run = _run
        self._restore()
        return 1000 * ours, 1000 * tape.replay()

    @staticmethod
    def _reviewed(mirror: Mirror) -> Review:
        mirror.fetch()
        update = next(each for each in mirror.scan()[1] if each.branch == BRANCH)
        return review(update, preflight(update, mirror, None, NOW), mirror, now=NOW, via="benchmark")


def measure(runs: int) -> Iterator[Figure]:
    """One figure."""
    with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder:
        bench = Bench(Path(folder))
        ours, bare = paired(bench.round() for _ in range(runs))
    yield Figure("approval, confirmed to pushed", "ms wall", ours, "its git commands, run bare", bare, times(1.3))
