"""What was approved, refused and undone here: an append-only file in which every record carries the hash of the last.

One JSON object a line, in a file of mode 0600 in a folder of mode 0700, written under a lock and synced to the disk
before anything else happens. A line that a crash cut short stays as it is; the chain goes on over it.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from console.model.unstructured import decoded
from console.sources.errors import HomeconsoleError, Refused
from console.sources.folder import make_private
from console.sources.stop import Stop

_ORIGIN = "0" * 64


@dataclass(frozen=True, slots=True)
class Record:
    """One line. ``id`` names the approval (hold, revert) that it belongs to; ``line`` is 1-based.

    ``event``: ``approved committed pushed refused noop failed``, or ``torn`` for a line that can't be read.
    """

    event: str
    id: str
    at: datetime | None
    data: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    intact: bool = True  # the chain holds up to here


class JournalError(HomeconsoleError):
    """The journal can't be read or written."""

    kind = "journal"


class Journal:
    """The file ``folder/journal.jsonl``. Thread-safe, and safe between processes."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = folder / "journal.jsonl"
        self._now = now

    def append(self, event: str, id: str, **data: Any) -> None:  # noqa: A002 - the record's own word
        """Add a record; it is on the disk when this returns. Refused when it can't be: then nothing may be done."""
        try:
            with self._locked() as file:
                last = _last_line(file)
                record = {
                    "event": event,
                    "id": id,
                    "at": self._now().isoformat(timespec="seconds"),
                    **data,
                    "previous": hashlib.sha256(last).hexdigest() if last is not None else _ORIGIN,
                }
                torn = last is not None and not _ends(file)
                line = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
                _write(file, b"\n" + line if torn else line)
        except OSError as error:
            raise Refused(
                f"The journal {self.path} can't be written ({error.strerror}): nothing is done that is not recorded.",
                "Make room, or mend its rights.",
                kind="journal",
            ) from error

    def records(self) -> list[Record]:
        """All of it, oldest first; empty when there is none yet."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise JournalError(f"The journal {self.path} can't be read ({error.strerror})") from error
        if lines and not lines[-1]:
            lines.pop()
        return list(_records(lines))

    @contextmanager
    def exclusive(self, stop: Stop, seconds: float = 60) -> Iterator[None]:
        """One approval at a time on this machine. Refused when another one takes longer than ``seconds``."""
        place = self.path.parent / "approve.lock"
        try:
            make_private(place.parent)
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused(
                f"The lock {place} can't be made ({error.strerror}): nothing is done that another may do too.",
                "Make room, or mend its rights.",
                kind="journal",
            ) from error
        try:
            _take(descriptor, stop, seconds)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        folder = self.path.parent
        make_private(folder)
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            if new:
                _sync_folder(folder)


def _take(descriptor: int, stop: Stop, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline or stop.wait(0.05):
                raise Refused("Another approval is under way on this machine.", "Wait for it.", kind="busy") from None
        else:
            return


def _write(file: IO[bytes], line: bytes) -> None:
    """All of ``line`` and on the disk, or an OSError: a full disk may take a part, which stays as a torn line."""
    written = 0
    while written < len(line):
        written += file.write(line[written:]) or 0
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ends(file: IO[bytes]) -> bool:
    """Whether the last line is whole."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _last_line(file: IO[bytes]) -> bytes | None:
    """The last line without its end, or None in an empty file."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        return None
    tail = b""
    while size:
        step = min(size, 65536)
        size -= step
        file.seek(size)
        tail = (file.read(step) or b"") + tail
        body = tail.removesuffix(b"\n")
        if b"\n" in body:
            return body.rsplit(b"\n", 1)[1]
    return tail.removesuffix(b"\n")


def _records(lines: list[bytes]) -> Iterator[Record]:
    previous, intact = _ORIGIN, True
    for number, line in enumerate(lines, 1):
        try:
            data = decoded(line)
            told = data.pop("previous")
            words = _text(data.pop("event")), _text(data.pop("id"))
            record = Record(*words, datetime.fromisoformat(data.pop("at")), data, number)
        except (ValueError, KeyError, AttributeError, TypeError):
            record, told = Record("torn", "", None, {}, number), previous
        intact = intact and told == previous
        previous = hashlib.sha256(line).hexdigest()
        yield Record(record.event, record.id, record.at, record.data, number, intact)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
