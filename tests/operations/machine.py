"""A machine that approves, against real git, and one that is killed while it does."""

import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

from console.model.review import Approval, Review
from console.model.step import Step
from console.model.updates import Update
from console.operations.approve import Steps, approve
from console.operations.journal import Journal
from console.operations.preflight import preflight
from console.operations.review import review
from console.sources.git.mirror import Mirror
from console.sources.stop import Stop
from tests.operations.remote import TALOS_BRANCH, Remote

NOW = datetime(2026, 8, 22, 18, 23, 11, tzinfo=UTC)
VIA = "homeconsole/0.1.0"


@dataclass
class Machine:
    """One machine that approves: its own clone, journal and clock."""

    clone: Mirror
    journal: Journal
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now

    def update(self, branch: str) -> Update:
        self.clone.fetch(Stop())
        return next(u for u in self.clone.scan()[1] if u.branch == branch)

    def review(self, branch: str = TALOS_BRANCH, **how: Any) -> Review:
        update = self.update(branch)
        found = preflight(update, self.clone, None, self.now)
        return review(update, found, self.clone, now=self.now, via=VIA, **how)

    def approve(
        self,
        made: Review,
        step: str = "",
        meanwhile: Callable[[], object] = lambda: None,
        stop: Stop | None = None,
        *,
        aside: bool = False,
    ) -> tuple[list[Step], Approval]:
        steps = approve(made, self.clone, self.journal, self.clock, stop or Stop(), aside=aside)
        return drain(steps, step, meanwhile)

    def events(self) -> list[str]:
        return [record.event for record in self.journal.records()]


def drain(steps: Steps, step: str = "", meanwhile: Callable[[], object] = lambda: None) -> tuple[list[Step], Approval]:
    """All steps and the result; ``meanwhile`` happens once, when ``step`` has been told."""
    seen: list[Step] = []

    result: list[Approval] = []

    def kept() -> Generator[Step, None, None]:
        result.append((yield from steps))

    for told in kept():
        if told.name == step and step not in [s.name for s in seen]:
            meanwhile()
        seen.append(told)
    return seen, result[0]


def at_the_same_instant(first: Machine, second: Machine, **how: Any) -> list[Approval]:
    """What comes of both when each approves the same update; neither pushes before both have made their commit."""
    second.now += timedelta(seconds=1)
    both = [(machine, machine.review(**how)) for machine in (first, second)]
    gate, results = Barrier(2, timeout=60), list[Approval]()

    def run(machine: Machine, made: Review) -> None:
        results.append(machine.approve(made, "commit", gate.wait)[1])

    threads = [Thread(target=run, args=each) for each in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def clone(remote: Remote, folder: Path, url: str = "") -> Mirror:
    return Mirror(url or remote.url, "main", ("renovate/",), folder, now=lambda: NOW)


def kill(remote: Remote, machine: Machine, branch: str, step: str, *, aside: bool = False) -> None:
    """Approve in a process of its own, which kills itself with SIGKILL when it has told of ``step``."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.operations.machine import Machine, approve, clone, NOW\n"
        "from tests.operations.remote import Remote\n"
        "from console.operations.journal import Journal\n"
        "from console.sources.stop import Stop\n"
        "url, folder, branch, last, aside = sys.argv[1:]\n"
        "folder, remote = Path(folder), Remote(Path(), Path(), url)\n"
        "here = Machine(clone(remote, folder), Journal(folder / 'state', lambda: NOW))\n"
        "made = here.review(branch)\n"
        "for step in approve(made, here.clone, here.journal, here.clock, Stop(), aside=bool(aside)):\n"
        "    if step.name == last and (last != 'push' or step.state == 'done'):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folder = machine.journal.path.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program, remote.url, str(folder), branch, step, "yes" if aside else ""],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
