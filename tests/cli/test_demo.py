"""The demo in a terminal: however it ends, nothing is left of it."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.ending import watched
from tests.terminal import Terminal, terminal

CTRL_C = "\x03"


def pressed(key: str) -> Callable[[Terminal], object]:
    return lambda screen: os.write(screen.descriptor, key.encode())


def sent(number: signal.Signals) -> Callable[[Terminal], object]:
    return lambda screen: os.kill(screen.process.pid, number)


ENDS = {
    "q": (pressed("q"), 0),
    "ctrl-c": (pressed(CTRL_C), 0),
    "SIGTERM": (sent(signal.SIGTERM), 128 + signal.SIGTERM),
    "SIGHUP": (sent(signal.SIGHUP), 128 + signal.SIGHUP),
    "SIGKILL": (sent(signal.SIGKILL), -signal.SIGKILL),
}


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files, with a name that is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="hc-", dir="/tmp") as folder:
        yield Path(folder)


@contextmanager
def demo(temporary: Path) -> Iterator[Terminal]:
    """``homeconsole demo``, with temporary files of its own."""
    command = [sys.executable, "-m", "console", "demo"]
    with terminal(command, columns=140, rows=45, env={"TMPDIR": str(temporary)}) as screen:
        yield screen


def running(temporary: Path) -> list[int]:
    """The processes that have these temporary files, from /proc."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if f"TMPDIR={temporary}".encode() in variables:
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("end", ENDS)
def test_ended_while_everything_is_live_it_leaves_neither_process_nor_folder(temporary: Path, end: str) -> None:
    act, code = ENDS[end]
    with demo(temporary) as screen, ExitStack() as stack:
        screen.sees("k8s-control-1", 60)
        screen.sees("live  git", 60)
        assert list(temporary.glob("homeconsole-demo-*"))
        processes = running(temporary)
        assert len(processes) >= 2
        ended = [stack.enter_context(watched(pid)) for pid in processes if pid != screen.process.pid]
        act(screen)
        assert screen.ends(30) == code
        assert all(each() for each in ended)
    assert not running(temporary)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("end", ["q", "SIGTERM", "SIGKILL"])
def test_ended_while_the_cluster_still_starts_it_leaves_neither_process_nor_folder(temporary: Path, end: str) -> None:
    act, code = ENDS[end]
    with demo(temporary) as screen, ExitStack() as stack:
        screen.sees("? help")
        ended = [stack.enter_context(watched(pid)) for pid in running(temporary) if pid != screen.process.pid]
        act(screen)
        assert screen.ends(30) == code
        assert all(each() for each in ended)
    assert not running(temporary)
    assert not list(temporary.iterdir())
