"""The console on a filled desk as a program of its own, for tests in a pseudo-terminal.

Words on its standard input can't reach it (that is the terminal); signals can: SIGUSR1 changes one row, SIGUSR2 has
the upgrade fail that is under way with ``--rollout``. ``--controlled``: its terminal's keys send signals, as a
shell's do.
"""

import fcntl
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType

from console.model.flux import FluxKey
from console.model.snapshot import Topic
from console.model.step import Step, StepState
from console.sources.stop import Stop
from console.ui import run
from tests.ui.desk import GRAFANA, Desk
from tests.ui.test_rollout import FAILED, on_its_way


class Program(Desk):
    """Reconciles until it is told to stop."""

    def reconcile(
        self, key: FluxKey, *, with_source: bool, stop: Stop, force: bool = False, reset: bool = False
    ) -> Iterator[Step]:
        del key, with_source, force, reset
        yield Step("pass", StepState.RUNNING, "running on and on", self.now())
        stop.wait(60)
        yield Step("pass", StepState.FAILED, "stopped", self.now())


def main() -> int:
    """Run it; at the end say what is left."""
    desk = on_its_way() if "--rollout" in sys.argv else Program()
    if "--controlled" in sys.argv:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def change(number: int, frame: FrameType | None) -> None:
        del number, frame
        found = desk.store.table(Topic.FLUX).items[GRAFANA]
        desk.store.put(Topic.FLUX, [found._replace(message="another message")])

    def fail(number: int, frame: FrameType | None) -> None:
        del number, frame
        desk.store.put(Topic.TUPPR, [replace(each, **FAILED) for each in desk.store.table(Topic.TUPPR).items.values()])

    signal.signal(signal.SIGUSR1, change)
    signal.signal(signal.SIGUSR2, fail)
    code = run(desk, ascii_only="--ascii" in sys.argv or None)
    threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    print(f"stopped {desk.stopped}, code {code}, threads {threads}")
    return code


if __name__ == "__main__":
    sys.exit(main())
