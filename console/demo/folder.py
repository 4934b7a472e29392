"""The demo's private folder: locked while its process lives, swept by the next demo when it does not."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "homeconsole-demo-"
_LONGEST = 60  # characters: the socket in it must fit into 104 (sun_path on macOS)
_YOUNG = 30.0  # seconds in which a folder may still be without its lock


def base() -> Path:
    """Where the folders are made."""
    folder = Path(tempfile.gettempdir())
    return folder if len(str(folder)) <= _LONGEST else Path("/tmp")  # noqa: S108 - mkdtemp makes it private


@contextlib.contextmanager
def private(parent: int = 0, within: Path | None = None) -> Iterator[Path]:
    """A new folder, 0700 and locked, gone at the end. What dead demos left beside it is swept first.

    ``parent`` is the process for which this demo runs: when it is gone, the next demo ends this one.
    """
    within = within or base()
    sweep(within)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within))
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(lock, json.dumps({"pid": os.getpid(), "parent": parent}).encode())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep(within: Path) -> list[Path]:
    """Remove the folders of demos that are dead, and end demos whose console is; the folders that are gone."""
    gone = []
    for folder in sorted(within.glob(f"{PREFIX}*")):
        with contextlib.suppress(OSError):
            stat = folder.lstat()
            ours = stat.st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()
            if ours and _is_dead(folder, stat.st_mtime):
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder)
    return gone


def _is_dead(folder: Path, changed: float) -> bool:
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return time.time() - changed > _YOUNG
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _end_orphan(os.pread(lock, 200, 0))
        return False
    finally:
        os.close(lock)
    return True


def _end_orphan(written: bytes) -> None:
    """End the demo that holds a lock when the process for which it runs is gone. It removes its folder itself."""
    with contextlib.suppress(ValueError, KeyError, TypeError, ProcessLookupError, PermissionError):
        owner = json.loads(written)
        if owner["parent"] and not _lives(owner["parent"]):
            os.kill(owner["pid"], signal.SIGTERM)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
