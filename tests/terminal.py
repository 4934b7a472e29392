"""The real program in a pseudo-terminal: what it draws, how many bytes that takes, and what it leaves behind."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyte


@dataclass
class Terminal:
    """A program under a pseudo-terminal of ``columns`` × ``rows``. ``written`` counts the bytes it has sent."""

    process: subprocess.Popen[bytes]
    descriptor: int
    screen: pyte.Screen
    stream: pyte.ByteStream
    written: int = 0
    raw: bytearray = field(default_factory=bytearray)

    def read(self, seconds: float) -> bytes:
        """What the program writes next, at most one chunk; empty when nothing came in ``seconds`` or it has ended."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return b""
        try:
            chunk = os.read(self.descriptor, 65536)
        except OSError:  # EIO: the program has closed its side
            return b""
        self.written += len(chunk)
        self.raw += chunk
        self.stream.feed(chunk)
        return chunk

    @property
    def text(self) -> str:
        """The screen as lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def sees(self, text: str, seconds: float = 30) -> None:
        """Read until ``text`` is on the screen."""
        self._until(lambda: text in self.text, text, seconds)

    def is_titled(self, text: str, seconds: float = 60) -> None:
        """Read until ``text`` is the terminal's title."""
        self._until(lambda: self.screen.title == text, text, seconds)

    def _until(self, holds: Callable[[], bool], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what!r} is not on the screen:\n{self.text}")
            if not self.read(0.2) and self.process.poll() is not None and not self.read(0):
                raise AssertionError(f"ended with {self.process.returncode} before {what!r}:\n{self.text}")

    def quiet(self, seconds: float = 0.4) -> int:
        """Read until nothing has come for ``seconds``; how many bytes came."""
        before = self.written
        while self.read(seconds):
            pass
        return self.written - before

    def presses(self, keys: str) -> int:
        """Send ``keys``, read until quiet; how many bytes came back."""
        os.write(self.descriptor, keys.encode())
        return self.quiet()

    def resize(self, columns: int, rows: int) -> None:
        """As when the window changes."""
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def ends(self, seconds: float = 15) -> int:
        """Read until the program has ended; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            self.read(0.1)
            if time.monotonic() > deadline:
                raise AssertionError(f"still running:\n{self.text}")
        while self.read(0):
            pass
        return self.process.returncode


@contextlib.contextmanager
def terminal(
    command: Sequence[str],
    *,
    columns: int = 80,
    rows: int = 24,
    env: Mapping[str, str] | None = None,
    echoes: bool = True,
) -> Iterator[Terminal]:
    """Run ``command`` in a pseudo-terminal, a session of its own; whatever is left of it at the end is killed.

    Unless it ``echoes``, keys typed while somebody has the terminal who does not care are not to be seen there.
    """
    ours, theirs = pty.openpty()
    if not echoes:
        modes = termios.tcgetattr(theirs)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # The terminal's own size counts, not that of the one in which the tests run.
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
            "COLUMNS": "",
            "LINES": "",
        },
    )
    os.close(theirs)
    screen = pyte.Screen(columns, rows)
    try:
        yield Terminal(process, ours, screen, pyte.ByteStream(screen))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)
