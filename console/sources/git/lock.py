"""One writer of a clone at a time, also among processes."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from console.sources.errors import SourceError, TimedOut
from console.sources.stop import Stop


@contextlib.contextmanager
def locked(path: Path, seconds: float, stop: Stop | None = None) -> Iterator[None]:
    """While inside, nobody else has the lock ``path``. TimedOut after ``seconds`` of waiting for it; SourceError
    where there can be none.

    The kernel gives the lock back when its holder dies. git does not inherit it.
    """
    stop = stop or Stop()
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unlockable(path, error) from error
    try:
        deadline = time.monotonic() + seconds
        while not _taken(descriptor, path):
            if time.monotonic() > deadline:
                raise TimedOut(
                    "Another homeconsole keeps the private clone busy", "It is tried again soon.", kind="busy"
                )
            if stop.wait(0.05):
                raise SourceError("Stopped", kind="stopped")
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks
        raise _unlockable(path, error) from error
    return True


def _unlockable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"The lock {path} can't be taken ({error.strerror})", "Make room, or mend its rights.", kind="state"
    )


def sweep(folder: Path) -> None:
    """Remove git's own lock files, left by one that was killed. Only while the lock above is held."""
    for name in ("packed-refs.lock", "config.lock", "shallow.lock", "HEAD.lock", "FETCH_HEAD.lock"):
        (folder / name).unlink(missing_ok=True)
    for left in (folder / "refs").rglob("*.lock"):
        left.unlink(missing_ok=True)
