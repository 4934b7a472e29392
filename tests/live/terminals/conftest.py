"""The console at the far end of ssh."""

import shlex
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.live.sshd import Sshd
from tests.terminal import Terminal, terminal

REPOSITORY = Path(__file__).parents[3]
Far = Callable[..., AbstractContextManager[Terminal]]


def python(*words: str) -> str:
    """A command line for a shell at the far end: this Python, on these tests."""
    return f"cd {shlex.quote(str(REPOSITORY))} && exec {shlex.join([sys.executable, *words])}"


PROGRAM = python("-m", "tests.ui.program")  # the console on a filled desk


@pytest.fixture
def far(sshd: Sshd) -> Far:
    """``far(command)``: a terminal here, in which ssh runs ``command`` there. What ``env`` says gets there too."""

    def made(
        command: str = PROGRAM, *, columns: int = 80, rows: int = 24, **env: str
    ) -> AbstractContextManager[Terminal]:
        sshd.start()
        env = {"LC_ALL": "C.UTF-8"} | env
        sent = [word for name in env if name != "TERM" for word in ("-o", f"SendEnv={name}")]
        words = [*sshd.command, "-tt", *sent, "box", command]
        return terminal(words, columns=columns, rows=rows, env={"COLORTERM": "", **env})

    return made
