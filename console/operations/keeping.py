"""What the console remembers for the operator, in one small file of the state folder. Nothing secret is in it."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from console.model.own import SCOPES, Kept, View
from console.model.unstructured import decoded
from console.sources.errors import Refused
from console.sources.folder import make_private

_PATIENCE = 5.0  # seconds that another console gets to write


class Keeping:
    """``kept.json`` (mode 0600) in ``folder``. Views hold for every cluster, favourites for the one called so."""

    def __init__(self, folder: Path, cluster: str, patience: float = _PATIENCE) -> None:
        self._path = folder / "kept.json"
        self._cluster = cluster
        self._patience = patience

    def read(self) -> Kept:
        """What is remembered. A file that can't be made out is as good as none, until something is to be changed."""
        try:
            return self._known(self._document())
        except (OSError, ValueError):
            return Kept()

    def _known(self, document: Mapping[str, Any]) -> Kept:
        views = tuple(filter(None, map(_view, _list(document.get("views")))))
        mine = document.get("favourites")
        rows = _list(mine.get(self._cluster)) if isinstance(mine, dict) else []
        return Kept(views, frozenset(tuple(map(str, row)) for row in rows if isinstance(row, list) and row))

    def change(self, change: Callable[[Kept], Kept]) -> Kept:
        """``change`` what is remembered now, by another console too, and write it. Refused when it can't be written,
        and where what is there can't be made out: that is set aside, so that nothing is written over it.
        """
        try:
            with self._locked():
                document = self._whole()
                new = change(self._known(document))
                known = document.get("favourites")
                favourites = {**(known if isinstance(known, dict) else {}), self._cluster: sorted(new.favourites)}
                self._write({"views": [view._asdict() for view in new.views], "favourites": favourites})
        except OSError as error:
            told = f"{self._path} can't be read or written: {error.strerror}"
            raise Refused(told, "Nothing is remembered.") from error
        return new

    def _document(self) -> Mapping[str, Any]:
        """OSError where it can't be read, ValueError where it is none of ours."""
        try:
            found = decoded(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        if not isinstance(found, dict):
            raise ValueError(self._path)  # noqa: TRY004 - as of a text that is no JSON
        return found

    def _whole(self) -> Mapping[str, Any]:
        try:
            return self._document()
        except ValueError:
            aside = self._path.with_suffix(".json.broken")
            self._path.replace(aside)
            told = f"{self._path} can't be made out; it is {aside.name} now, and views and favourites begin anew."
            raise Refused(told, "Mend it and give it its name back, or do this once more.") from None

    def _write(self, document: Mapping[str, Any]) -> None:
        new = self._path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - with its mode from the start
            json.dump(document, file, indent=1)
        new.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_private(self._path.parent)
        with open(os.open(self._path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:  # noqa: PTH123
            deadline = time.monotonic() + self._patience
            while not _taken(lock):
                if time.monotonic() > deadline:
                    raise Refused(f"Another homeconsole keeps {self._path} busy.", "Try again.", kind="busy")
                time.sleep(0.05)
            yield


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _view(entry: Any) -> View | None:
    try:
        view = View(**entry)
    except TypeError:
        return None
    texts = (view.name, view.pane, view.filter, view.sort)
    return view if all(isinstance(each, str) for each in texts) and view.pane in SCOPES else None
