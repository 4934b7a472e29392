"""The console inside tmux at the far end of ssh: what tmux makes of it, and a line that is cut while it goes on."""

import os
import shlex
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.parts import part
from tests.live.terminals.conftest import PROGRAM, Far
from tests.live.terminals.test_over_ssh import END, PASTE, clean


@dataclass
class Tmux:
    """A server of its own; ``pid`` has the process of what runs in it."""

    folder: Path
    default: str

    def command(self, *words: str) -> str:
        base = ["tmux", "-u", "-S", str(self.folder / "socket"), "-f", str(self.folder / "conf")]
        return shlex.join([*base, *words])

    @property
    def started(self) -> str:
        run = f"echo $$ > {shlex.quote(str(self.folder / 'pid'))}; {PROGRAM}"
        return f"exec {self.command('new-session', run)}"

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())


@pytest.fixture(params=["tmux-256color", "screen"])
def tmux(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tmux]:
    part("tmux")
    (tmp_path / "conf").write_text(f"set -g default-terminal {request.param}\nset -g status off\n")
    made = Tmux(tmp_path, request.param)
    yield made
    os.system(f"{made.command('kill-server')} 2>/dev/null")  # noqa: S605 - what a failed test left


def test_it_is_what_it_is_elsewhere(far: Far, tmux: Tmux) -> None:
    with far(tmux.started) as screen:
        screen.sees("✔ ready", 60)
        screen.quiet(1)
        screen.presses("2")
        moves = [screen.presses("j") for _ in range(7)]
        assert [count for count in moves if not 0 < count <= 600] == []
        before = clean(screen)
        written = screen.written
        os.kill(tmux.pid, signal.SIGUSR1)
        screen.sees("another message", 60)
        screen.quiet()
        assert 0 < screen.written - written <= 400
        assert clean(screen) != before
        screen.resize(40, 10)
        screen.sees("1 Nodes", 60)
        assert max(map(len, clean(screen).split("\n"))) <= 40
        screen.resize(80, 24)
        screen.sees("8 of 39", 60)
        assert clean(screen).count("▌") == 1
        screen.presses(f"/{PASTE}graf\rq{END}")
        screen.sees("/graf▏", 60)
        screen.presses("\x1b")
        screen.sees("1 of 39", 60)  # tmux waits whether something follows
        screen.quiet(1)
        assert screen.quiet(6) == 0
        screen.presses("q")
        assert screen.ends(60) == 0
        assert "[exited]" in screen.text


def test_a_cut_line_leaves_it_running_and_another_one_finds_it(far: Far, tmux: Tmux) -> None:
    with far(tmux.started) as screen:
        screen.sees("✔ ready", 60)
        screen.presses("2jj")
        before = clean(screen)
        os.kill(screen.process.pid, signal.SIGKILL)
    with far(f"exec {tmux.command('attach', '-d')}", columns=80, rows=24) as screen:
        screen.sees(before, 60)
        screen.presses("q")
        assert screen.ends(60) == 0
