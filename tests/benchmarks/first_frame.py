"""Start to first frame: ``homeconsole demo`` beside a bare Textual app with one label, both measured in one run.

``python -m tests.benchmarks.first_frame [--runs N] [--json FILE]``. Floor: at most 1.5 times the bare app.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.terminal import terminal

_BARE = """
from textual.app import App, ComposeResult
from textual.widgets import Label

class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Label("first frame")

Bare().run()
"""


def first_frame(command: list[str], word: str) -> float:
    """Seconds from starting ``command`` until ``word`` is on the screen."""
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
        began = time.perf_counter()
        with terminal(command, env=env) as screen:
            screen.sees(word)
            took = time.perf_counter() - began
            screen.presses("q")
        return took


def main() -> None:
    """Run both in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    commands = {
        "bare Textual app": ([sys.executable, "-c", _BARE], "first frame"),
        "homeconsole demo": ([sys.executable, "-m", "console", "demo"], "Nodes"),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.runs):
        for name, (command, word) in commands.items():
            times[name].append(first_frame(command, word))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(
            f"{name:20} median {medians[name] * 1000:6.0f} ms   {min(values) * 1000:6.0f} … {max(values) * 1000:6.0f}"
        )
    ratio = medians["homeconsole demo"] / medians["bare Textual app"]
    print(f"ratio {ratio:.2f} (floor 1.5)")
    if options.json:
        options.json.write_text(json.dumps({"seconds": times, "ratio": ratio}, indent=2) + "\n")


if __name__ == "__main__":
    main()
