"""However ``homeconsole demo`` ends, in a real terminal: no process, no socket, no temporary folder is left."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.ending import watched
from tests.terminal import Terminal, terminal

CTRL_C = "\x03"
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
ENOUGH = 30.0  # seconds: far beyond what it takes, for machines under load
# A session's leader gets SIGHUP when its line drops, but only from its controlling terminal.
CONTROLLED = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
BROKEN = """\
import sys
from console.ui.screens.home import Home
from console.cli import main

def broken(self):
    token = "canary7Qx"
    raise RuntimeError(f"a defect at https://robot:{token}@forge.example")

Home.do_attention = broken
sys.exit(main(["demo"]))
"""


@dataclass
class Demo:
    """``homeconsole demo`` in a terminal. Everything that it starts carries a mark in its environment."""

    screen: Terminal
    mark: str
    temporary: Path
    home: Path

    def processes(self) -> list[int]:
        """All that carry the mark and are alive."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                with contextlib.suppress(OSError):
                    if self.mark.encode() in (folder / "environ").read_bytes():
                        found.append(int(folder.name))
        return found

    def children(self) -> list[int]:
        return [pid for pid in self.processes() if pid != self.screen.process.pid]

    def is_up(self) -> None:
        """Until the embedded cluster is there to be seen."""
        self.screen.sees("k8s-control-1")
        self.screen.sees("2 held")
        assert self.children()
        assert list(self.temporary.iterdir())

    def left_nothing(self) -> None:
        """All processes are gone, and what they had made."""
        while left := self.processes():
            with contextlib.suppress(ProcessLookupError), watched(left[0]) as ended:
                assert ended(), f"{left[0]} still runs"
        assert list(self.temporary.iterdir()) == []
        assert [path.name for path in self.home.iterdir()] == [".gitconfig"]


Start = Callable[..., contextlib.AbstractContextManager[Demo]]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short name: a socket's path must fit into it."""
    folder = Path(tempfile.mkdtemp(prefix="exits-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)  # what is left of one that failed may be going just now


@pytest.fixture
def start(nowhere: Shell, temporary: Path) -> Start:
    @contextlib.contextmanager
    def started(*command: str) -> Iterator[Demo]:
        mark = f"MARK_OF_THE_TEST={temporary.name}"
        name, _, value = mark.partition("=")
        words = command or (sys.executable, "-m", "console", "demo")
        environment = {**nowhere.environment, "TMPDIR": str(temporary), name: value}
        with terminal(words, columns=120, rows=40, env=environment) as screen:
            yield Demo(screen, mark, temporary, Path(nowhere.environment["HOME"]))

    return started


class TestInOrder:
    @pytest.mark.parametrize("keys", ["q", CTRL_C, ":q\r"])
    def test_by_a_key(self, start: Start, keys: str) -> None:
        with start() as demo:
            demo.is_up()
            demo.screen.presses(keys)
            assert demo.screen.ends() == 0
            assert LEAVES_ALTERNATE_SCREEN in demo.screen.raw
            demo.left_nothing()

    def test_by_a_key_before_the_cluster_is_there(self, start: Start) -> None:
        with start() as demo:
            demo.screen.sees("1 Nodes")
            os.write(demo.screen.descriptor, b"q")
            assert demo.screen.ends() == 0
            demo.left_nothing()

    def test_by_a_signal_before_the_cluster_is_there(self, start: Start) -> None:
        with start() as demo:
            demo.screen.sees("1 Nodes")
            demo.screen.process.send_signal(signal.SIGTERM)
            assert demo.screen.ends() == 128 + signal.SIGTERM
            demo.left_nothing()

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_by_a_signal(self, start: Start, number: signal.Signals) -> None:
        with start() as demo:
            demo.is_up()
            demo.screen.process.send_signal(number)
            assert demo.screen.ends() == 128 + number
            assert LEAVES_ALTERNATE_SCREEN in demo.screen.raw
            demo.left_nothing()

    def test_when_the_line_drops(self, start: Start) -> None:
        with start(sys.executable, "-c", CONTROLLED, sys.executable, "-m", "console", "demo") as demo:
            demo.is_up()
            hung_up(demo.screen)
            assert demo.screen.process.wait(ENOUGH) == 128 + signal.SIGHUP
            demo.left_nothing()

    def test_by_a_defect(self, start: Start) -> None:
        with start(sys.executable, "-c", BROKEN) as demo:
            demo.is_up()
            demo.screen.presses("!")
            assert demo.screen.ends() == 1
            assert "a defect" in demo.screen.text
            assert b"canary7Qx" not in demo.screen.raw
            assert LEAVES_ALTERNATE_SCREEN in demo.screen.raw
            demo.left_nothing()


class TestNobodyReads:
    def test_the_exit_code_is_still_the_commands(self, nowhere: Shell) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = subprocess.run(
                nowhere.command("--version"),
                env=nowhere.environment,
                cwd=nowhere.folder,
                stdout=writer,
                stderr=subprocess.PIPE,
                timeout=100,
                check=False,
            )
        finally:
            os.close(writer)
        assert (done.returncode, done.stderr) == (0, b"")


class TestKilled:
    def test_when_everything_runs(self, start: Start) -> None:
        with start() as demo:
            demo.is_up()
            demo.screen.process.kill()
            demo.screen.process.wait()
            demo.left_nothing()

    def test_while_the_cluster_is_being_started(self, start: Start) -> None:
        with start() as demo:
            while not demo.children():
                demo.screen.read(0.02)
            demo.screen.process.kill()
            demo.screen.process.wait()
            demo.left_nothing()


def hung_up(screen: Terminal) -> None:
    """Our side of the terminal is gone; the number stays taken, so that nothing else gets it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, screen.descriptor)
    os.close(nowhere)
