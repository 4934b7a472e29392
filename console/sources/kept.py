"""What was worked out from things that do not change by themselves, kept in a file: the next run has it at once.

A value is of the classes that are named, days and moments, tuples, and what JSON has. Losing the file costs time,
nothing else.
"""

import contextlib
import json
import os
import threading
from dataclasses import fields
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import console
from console.model.unstructured import decoded

_TIMES = {each.__name__: each.fromisoformat for each in (date, datetime)}


class Kept:
    """One value in ``file``, with all that it followed from as its key."""

    def __init__(self, file: Path, *classes: type) -> None:
        self._file = file
        self._classes = {each.__name__: each for each in classes}

    def read(self, key: object) -> Any:
        """What was kept for ``key``, by this very code; None where there is nothing, or nothing that can be read."""
        try:
            found = decoded(self._file.read_text(encoding="ascii"))
            return self._read(found["value"]) if found["key"] == _digest(key) else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, key: object, value: Any) -> None:
        """Keep it, whole or not at all. What can't be written costs no more than the time to work it out anew."""
        new = self._file.with_suffix(f"{self._file.suffix}.{os.getpid()}-{threading.get_ident()}")
        try:
            new.touch(mode=0o600)
            new.write_text(json.dumps({"key": _digest(key), "value": value}, default=self._written), encoding="ascii")
            new.replace(self._file)
        except (OSError, TypeError, KeyError):  # the last two: of a class that was not named
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)

    def _written(self, value: Any) -> Any:
        """Of what JSON does not have; tuples are lists there."""
        name = type(value).__name__
        if name in _TIMES:
            return {name: value.isoformat()}
        return {name: [getattr(value, each.name) for each in fields(self._classes[name])]}

    def _read(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(self._read, value))
        if not isinstance(value, dict):
            return value
        ((name, inside),) = value.items()
        return _TIMES[name](inside) if name in _TIMES else self._classes[name](*self._read(inside))


def _digest(key: object) -> str:
    return sha256(repr((console.__version__, _code(), key)).encode(errors="surrogatepass")).hexdigest()


def _code() -> list[tuple[str, int, int]]:
    """Each file that has a part in it: who changes one does not get what the old one made. By size too, since some
    ways to install give every file the same time.
    """
    found = list[tuple[str, int, int]]()
    for part in ("model", "edits", "sources", "sources/git", "operations"):
        with os.scandir(Path(__file__).parents[1] / part) as files:
            found += [(f.path, f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.name.endswith(".py")]
    return sorted(found)
