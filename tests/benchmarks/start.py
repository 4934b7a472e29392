"""From starting a program to what it shows: the console, its panes, the embedded cluster."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from console.ui.panes.kinds import KINDS
from tests.benchmarks.figure import Figure, most, times
from tests.benchmarks.programs import CONSOLE, Cost, command, demo, home, shown

_BARE = """
from textual.app import App, ComposeResult
from textual.widgets import Label

class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Label("first frame")

Bare().run()
"""
_BARE_APP = "a bare Textual app with one label"


def measure(runs: int) -> Iterator[Figure]:
    """First frame, panes, demo."""
    with home() as env:
        ours, bare = _first_frames(runs, env)
        why = "what remains: our own modules, and four panes to lay out and draw where the bare app has one label"
        for name in ("wall", "cpu"):
            yield Figure(
                "start to first frame",
                f"ms {name.replace('cpu', 'CPU')}",
                [getattr(each, name) for each in ours],
                _BARE_APP,
                [getattr(each, name) for each in bare],
                times(1.25),
                why,
            )
        frame = [each.wall for each in ours]
        with demo(env) as served:
            yield _panes(runs, served, frame)
        yield _serving(runs, env)


def _first_frames(runs: int, env: Mapping[str, str]) -> tuple[list[Cost], list[Cost]]:
    found: tuple[list[Cost], list[Cost]] = ([], [])
    for run in range(runs + 1):
        pair = (
            shown([*CONSOLE, "demo"], env, KINDS[-1].title),
            shown([sys.executable, "-c", _BARE], env, "first frame"),
        )
        if run:
            found[0].append(pair[0])
            found[1].append(pair[1])
    return found


def _panes(runs: int, env: Mapping[str, str], frame: Sequence[float]) -> Figure:
    """With a repository that was fetched before, as on every visit but the first."""
    waiting = [kind.waiting for kind in KINDS]
    ours, floor = [], []
    for run in range(runs + 1):
        took = shown(CONSOLE, env, "ready", waiting, (140, 45)).wall
        imports = sum(_imported(name, env) for name in ("kubernetes", "git"))
        if run:
            ours.append(took)
            floor.append(1.5 * frame[run - 1] + imports)
    beside = "1.5 × first frame + import kubernetes + import git"
    why = "what remains: TLS, discovery and the lists, some ten processes of talosctl for the node, and drawing it all"
    return Figure("start to all panes filled", "ms wall", ours, beside, floor, times(1), why)


def _imported(name: str, env: Mapping[str, str]) -> float:
    """Milliseconds that an import takes."""
    code = f"import time; began = time.perf_counter(); import {name}; print(time.perf_counter() - began)"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env={**os.environ, **env}, capture_output=True, text=True, check=True)
    return 1000 * float(done.stdout)


def _serving(runs: int, env: Mapping[str, str]) -> Figure:
    """Of ``homeconsole demo --serve``, to the words that say where it answers; Python's own start taken off."""
    ours = []
    for run in range(runs + 1):
        began = time.perf_counter()
        with contextlib.ExitStack() as stack:
            stack.enter_context(demo(env))
            took = 1000 * (time.perf_counter() - began)
        if run:
            ours.append(took - command([sys.executable, "-c", "pass"], env).wall)
    why = "imports of the API server, while git writes the commits; then a past that is lived through once"
    return Figure("demo: start to serving", "ms wall", ours, goal=most(1000), why=why)
