"""One child process: in its own session, with a deadline, bounded output, and an end for it and all it started."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from console.sources.stop import Stop

_TICK = 0.1  # seconds between looks at the deadline and at ``stop`` while nothing is heard
_GRACE = 5.0  # seconds from SIGTERM to SIGKILL
_LAST_WORDS = 64 * 1024  # bytes of standard error that are kept
_CHUNK = 256 * 1024

# Waits for the console to say that all is well. End of file instead means that the console was killed.
_WATCH = 'read -r _ || kill -s KILL -- "-$0"'


End = Literal["exited", "expired", "stopped", "overflow"]


@dataclass(frozen=True, slots=True)
class Done:
    """How a child ended: by itself (``exited``), by our deadline, by ``stop``, or because it said too much."""

    code: int
    out: bytes
    err: str
    end: End = "exited"


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float,
    limit: int,
    stop: Stop | None = None,
    watched: bool = False,
    whole: bool = False,
) -> Done:
    """Run ``argv`` to its end. ``timeout`` in seconds, ``limit`` in bytes of standard output.

    The child has no terminal: a session of its own, and ``stdin`` or nothing at its standard input. When it must end
    early, its whole process group gets SIGTERM, then SIGKILL. ``watched``: it ends also when we are killed.
    ``whole``: what it leaves running in its group gets SIGKILL too (git may leave ssh's master, and a tidying).
    Raises OSError when it can't be started.
    """
    with (
        subprocess.Popen(  # the child's pipes are read without waiting, so a silent one can't hold us
            list(argv),
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            bufsize=0,
        ) as process,
        _outlived(process.pid) if watched else contextlib.nullcontext(),
    ):
        talk = _Talk(process, stdin, limit, time.monotonic() + timeout, stop)
        try:
            end = talk.until_end()
        except BaseException:
            _signal(process.pid, signal.SIGKILL)
            raise
        if whole:
            _signal(process.pid, signal.SIGKILL)
        code = process.wait()
    return Done(code, bytes(talk.out), bytes(talk.err).decode(errors="replace"), end)


class _Talk:
    """What goes in and what comes out of one child."""

    def __init__(
        self, process: subprocess.Popen[bytes], stdin: bytes, limit: int, deadline: float, stop: Stop | None
    ) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self._process = process
        self._rest = memoryview(stdin)
        self._limit = limit
        self._deadline = deadline
        self._stop = stop
        self._end: End = "exited"
        self._kill_at = 0.0

    def until_end(self) -> End:
        """Listen until the child is gone; the reason why."""
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            while selector.get_map():
                gone = self._process.poll() is not None  # before it is listened: its last words may still come
                ready = selector.select(_TICK)
                for key, _ in ready:
                    self._serve(selector, key.fileobj)  # type: ignore[arg-type]
                if not ready and gone:
                    break  # gone, but something it left behind (ssh's master) still holds the pipe
                self._hasten()
        while self._process.poll() is None:  # the pipes are closed, and it is still there
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_TICK)
            self._hasten()
        if self._end != "exited":
            _signal(self._process.pid, signal.SIGKILL)  # what it started and did not take along
        return self._end

    def _hasten(self) -> None:
        if self._kill_at:
            if time.monotonic() > self._kill_at:
                _signal(self._process.pid, signal.SIGKILL)
        elif self._must_end():
            _signal(self._process.pid, signal.SIGTERM)
            self._kill_at = time.monotonic() + _GRACE

    def _must_end(self) -> bool:
        if len(self.out) > self._limit:
            self._end = "overflow"
        elif self._stop is not None and self._stop.is_set():
            self._end = "stopped"
        elif time.monotonic() > self._deadline:
            self._end = "expired"
        return self._end != "exited"

    def _register(self, selector: selectors.BaseSelector) -> None:
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
        if self._process.stdin:
            os.set_blocking(self._process.stdin.fileno(), False)
            selector.register(self._process.stdin, selectors.EVENT_WRITE)

    def _serve(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        if stream is self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._rest = self._rest[os.write(stream.fileno(), self._rest[:_CHUNK]) :]
                if self._rest:
                    return
        else:
            read = os.read(stream.fileno(), _CHUNK)
            if stream is self._process.stdout and len(self.out) <= self._limit:
                self.out += read
            elif stream is self._process.stderr:
                self.err += read
                del self.err[:-_LAST_WORDS]
            if read:
                return
        selector.unregister(stream)
        stream.close()


@contextlib.contextmanager
def _outlived(group: int) -> Iterator[None]:
    """While inside, the process group is killed when this process is (SIGKILL leaves us no other way).

    PR_SET_PDEATHSIG would not do: it does not reach git's own children (ssh), and it fires when the thread ends.
    """
    with subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        bufsize=0,
    ) as watch:
        try:
            yield
        finally:
            if watch.stdin:
                with contextlib.suppress(BrokenPipeError):
                    watch.stdin.write(b"well\n")


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
