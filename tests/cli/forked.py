"""``homeconsole`` as processes of their own, forked from one that has imported what the plain commands import.

For a short command that is most of the work. Each starts with the words, the environment and the folder that it is
given, and with pipes, as any process does; only what Python itself reads at its start (``PYTHON…``, the locale) would
come too late for it.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

ROOT = Path(__file__).parents[2]
_PARTS = ("cli", "edits", "foresight", "model", "operations", "plain", "settings", "sources", "store", "wiring")
_TOO_LATE = ("PYTHON", "LC_", "LANG")
_READY, _LARGE = b"ready", 1 << 17

Ended = tuple[int, str, str]  # exit code, standard output, standard error


def may(environment: Mapping[str, str]) -> bool:
    """Whether a process with this environment can be a forked one."""
    ours = _environment()
    return all(environment.get(name) == ours.get(name) for name in {*environment, *ours} if name.startswith(_TOO_LATE))


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path, seconds: float) -> Ended:
    """As ``subprocess.run``, with nothing on standard input. Raises TimeoutExpired when it takes longer."""
    line, (out, told_out), (err, told_err) = _line(), os.pipe(), os.pipe()
    process = 0
    try:
        with _closing(told_out, told_err):
            asked = json.dumps([list(words), dict(environment), str(folder)]).encode()
            socket.send_fds(line, [asked], [told_out, told_err])
        process = int(line.recv(_LARGE))
        texts = _read({out: b"", err: b""}, time.monotonic() + seconds)
        code = int(line.recv(_LARGE))
    except BaseException as error:  # what comes over the line from now on would be taken for another's
        line.close()
        _line.cache_clear()
        if process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if isinstance(error, TimeoutError):
            raise subprocess.TimeoutExpired(list(words), seconds) from None
        raise
    finally:
        os.close(out)
        os.close(err)
    return code, texts[out].decode(), texts[err].decode()


@contextlib.contextmanager
def _closing(*descriptors: int) -> Iterator[None]:
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _read(texts: dict[int, bytes], ends: float) -> dict[int, bytes]:
    """All that comes, until both are closed. Raises TimeoutError."""
    with DefaultSelector() as selector:
        for descriptor in texts:
            selector.register(descriptor, EVENT_READ)
        while selector.get_map():
            ready = selector.select(ends - time.monotonic())
            if not ready and time.monotonic() > ends:
                raise TimeoutError
            for key, _ in ready:
                chunk = os.read(key.fd, 65536)
                texts[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
    return texts


@functools.cache
def _line() -> socket.socket:
    """To the one that forks: the words go, the process comes, then its end. It ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command, passed = [sys.executable, "-m", __name__, str(theirs.fileno())], [theirs.fileno()]
    said, told = os.pipe()  # no file: what is written to is found out at the start
    started = subprocess.Popen(
        command, env=_environment(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=told, stderr=told, pass_fds=passed
    )
    os.close(told)
    theirs.close()
    if ours.recv(_LARGE) != _READY:
        raise RuntimeError(os.read(said, _LARGE).decode())
    started.returncode = 0  # nobody waits for it
    atexit.register(ours.close)
    return ours


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT)}


def _serve(line: socket.socket) -> tuple[list[str], dict[str, str], str]:
    """In each process that was forked, what it was asked for. Ends with the line."""
    line.send(_READY)
    while True:
        asked, descriptors, *_ = socket.recv_fds(line, _LARGE, 2)
        if not asked:
            os._exit(0)
        process = os.fork()
        if not process:
            for number, descriptor in enumerate(descriptors, 1):
                os.dup2(descriptor, number)
                os.close(descriptor)
            line.close()
            words, environment, folder = json.loads(asked)
            return words, environment, folder
        for descriptor in descriptors:
            os.close(descriptor)
        line.send(str(process).encode())
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])).encode())


def _main() -> None:
    for part in _PARTS:
        package = importlib.import_module(f"console.{part}")
        for module in pkgutil.walk_packages(getattr(package, "__path__", ()), f"console.{part}."):
            importlib.import_module(module.name)
    gc.freeze()
    words, environment, folder = _serve(socket.socket(fileno=int(sys.argv.pop())))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv[1:] = words
    from console.cli import main  # noqa: PLC0415 - as __main__ does

    sys.exit(main())


if __name__ == "__main__":
    _main()
