"""Bytes to the terminal at 80×24 in true colours, beside the budgets that hold for a thin line."""

import os
import signal
import sys
from collections.abc import Iterator

from tests.benchmarks.figure import Figure, most
from tests.terminal import Terminal, terminal

_BUDGETS = {
    "start": 25_000,
    "cursor move": 600,
    "one row changed": 400,
    "a page on": 8_000,
    "idle between two steps of an age": 0,
}
_BETWEEN_LOOKS = 6.0  # seconds: longer than from one look at the ages to the next


def measure(runs: int) -> Iterator[Figure]:
    """One figure for each budget."""
    counted = [_count() for _ in range(min(runs, 3))]
    for what, budget in _BUDGETS.items():
        yield Figure(f"bytes: {what}", "bytes", [each[what] for each in counted], goal=most(budget))


def _count() -> dict[str, float]:
    env = {"COLORTERM": "truecolor"}
    with terminal([sys.executable, "-m", "tests.ui.program"], env=env) as screen:
        screen.sees("✔ ready")
        screen.quiet()
        found: dict[str, float] = {"start": screen.written}
        screen.presses("2")
        found["cursor move"] = max(screen.presses("j") for _ in range(5))
        found["one row changed"] = _changed(screen)
        found["a page on"] = screen.presses("\x06")
        found["idle between two steps of an age"] = screen.quiet(_BETWEEN_LOOKS)
        return found


def _changed(screen: Terminal) -> int:
    before = screen.written
    os.kill(screen.process.pid, signal.SIGUSR1)
    screen.sees("another message")
    screen.quiet()
    return screen.written - before
