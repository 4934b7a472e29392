"""An approval from the confirmation to the result, beside the very git commands that it runs, run bare.

``python -m tests.benchmarks.approval [--json FILE] [--rounds N]``. Floor: at most 1.3 times the bare commands. Both
begin from the same folders, one after the other, in turns; the repository has 15,000 commits and 1,200 apps.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.model.review import Review
from console.operations.approve import approve
from console.operations.journal import Journal
from console.operations.preflight import preflight
from console.operations.review import review
from console.sources.git import process
from console.sources.git.mirror import Mirror
from console.sources.git.process import Done
from console.sources.stop import Stop
from tests.benchmarks.updates import build

FLOOR = 1.3
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

    def round(self) -> tuple[float, float, int]:
        """Seconds of an approval, of its commands run bare, and how many those are."""
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
        return ours, tape.replay(), len(tape.calls)

    @staticmethod
    def _reviewed(mirror: Mirror) -> Review:
        mirror.fetch()
        update = next(each for each in mirror.scan()[1] if each.branch == BRANCH)
        return review(update, preflight(update, mirror, None, NOW), mirror, now=NOW, via="benchmark")


def main() -> int:
    """Print, and fail above the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder:
        bench = Bench(Path(folder))
        rounds = [bench.round() for _ in range(options.rounds)]
    ratios = [ours / bare for ours, bare, _ in rounds]
    told = {
        "approval": statistics.median(ours for ours, _, _ in rounds),
        "bare commands": statistics.median(bare for _, bare, _ in rounds),
        "ratio": statistics.median(ratios),
        "commands": rounds[0][2],
    }
    for name, value in told.items():
        print(f"{name:16} {value:8.3f}")
    if options.json:
        options.json.write_text(json.dumps(told))
    return 0 if told["ratio"] <= FLOOR else 1


if __name__ == "__main__":
    raise SystemExit(main())
