"""The one place that starts ``talosctl``, by the ``sh`` library: own deadline, own process group, none left behind."""

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from console.sources.errors import MissingTool, TimedOut
from console.sources.stop import Stop

_MOST = 16_777_216  # bytes of output that are read; no answer of talosctl that is asked for here comes near
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended, and all that it printed."""

    code: int
    out: str
    err: str


class Ended(Exception):  # noqa: N818
    """A stream ended with an error: what it printed to stderr."""


def find(executable: str) -> str:
    """The full path of ``executable``. Raises MissingTool."""
    path = shutil.which(executable)
    if path is None:
        raise MissingTool(
            f"{executable} was not found{'' if os.sep in executable else ' on PATH'}.",
            "Install talosctl, of the same minor version as the nodes: https://docs.siderolabs.com/talos "
            "(mise, brew and most package managers have it), or name it in the configuration as talos.talosctl.",
        )
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow the links of version managers


class Processes:
    """Starts one executable, again and again. Thread-safe; ``kill`` ends all that run."""

    def __init__(self, executable: str, environment: Mapping[str, str] | None = None) -> None:
        import sh  # noqa: PLC0415 - late: only once something is asked

        self._environment = {**os.environ, **(environment or {})}
        self._lock = threading.Lock()
        self._running: dict[int, Any] = {}
        self._ended = threading.Event()
        command: Any = sh.Command(find(executable))
        self._command: Callable[..., Any] = command.bake(
            _bg=True,
            _bg_exc=False,
            _new_group=True,
            _tty_in=False,
            _tty_out=False,
            _return_cmd=True,
            _ok_code=list(range(-64, 256)),  # what an exit code means is for the caller to say
            _env=self._environment,
            _close_fds=False,  # ours are all closed on exec (PEP 446); looking for them costs each child milliseconds
            _preexec_fn=_die_with_parent(),
        )

    @property
    def running(self) -> int:
        """How many run now."""
        return len(self._running)

    def run(self, arguments: Sequence[str], deadline: float) -> Outcome:
        """Wait for one process. Raises TimedOut when it was killed after ``deadline`` seconds."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as none:  # noqa: PTH123
            with self._started(arguments, none, out, err) as process:
                late = threading.Event()
                timer = threading.Timer(deadline, _both(late.set, lambda: _kill(process)))
                timer.daemon = True
                timer.start()
                try:
                    code = int(process.wait().process.exit_code)
                finally:
                    timer.cancel()
            if late.is_set() and code < 0:
                raise TimedOut(f"No answer within {deadline:g} s.")
            if self._ended.is_set() and code < 0:
                raise TimedOut("Stopped.")
            return Outcome(code, _text(out), _text(err))

    def lines(self, arguments: Sequence[str], stop: Stop) -> Iterator[str]:
        """Lines of stdout as they come, until the end or ``stop``. Raises Ended when it ended by itself, not well."""
        reader, writer = os.pipe()
        with (
            os.fdopen(reader, "rb") as source,
            os.fdopen(writer, "wb") as sink,
            tempfile.TemporaryFile() as err,
            open(os.devnull, "rb") as none,  # noqa: PTH123
            self._started(arguments, none, sink, err) as process,
            stop.closing(lambda: _kill(process)),
        ):
            sink.close()
            for line in source:
                yield line.decode("utf-8", "replace").rstrip("\n")
            code = int(process.wait().process.exit_code)
            if code and not stop.is_set():
                raise Ended(_text(err))

    def kill(self) -> None:
        """End all that run, and start no more."""
        with self._lock:
            self._ended.set()
            running = tuple(self._running.values())
        for process in running:
            _kill(process)

    @contextlib.contextmanager
    def _started(self, arguments: Sequence[str], none: IO[bytes], out: IO[bytes], err: IO[bytes]) -> Iterator[Any]:
        if self._ended.is_set():
            raise TimedOut("Stopped.")
        # Without the lock: a start takes milliseconds, most of them waiting until the child has become talosctl.
        process = self._command(*arguments, _in=none, _out=out, _err=err)
        with self._lock:
            self._running[process.pid] = process
        try:
            if self._ended.is_set():  # meanwhile; ``kill`` may not have seen it
                _kill(process)
            yield process
        finally:
            _kill(process)
            process.wait()
            with self._lock:
                self._running.pop(process.pid, None)


def _kill(process: Any) -> None:
    """The whole group: the executable may be a wrapper that started another. Not once its number may be another's."""
    if process.process.exit_code is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _both(*calls: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        for call in calls:
            call()

    return run


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(_MOST).decode("utf-8", "replace")


def _die_with_parent() -> Callable[[], None] | None:
    """For the child, before it becomes talosctl: a SIGKILL of the console must not leave it behind (Linux only).

    The signal is bound to the thread that starts the process, which waits for it.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return bind
