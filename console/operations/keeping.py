"""What the console remembers for the operator, in one small file of the state folder. Nothing secret is in it."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from console.model.own import SCOPES, Kept, View
from console.sources.errors import Refused
from console.sources.folder import make_private


class Keeping:
    """``kept.json`` (mode 0600) in ``folder``. Views hold for every cluster, favourites for the one called so."""

    def __init__(self, folder: Path, cluster: str) -> None:
        self._path = folder / "kept.json"
        self._cluster = cluster

    def read(self) -> Kept:
        """What is remembered. A file that can't be made out is as good as none."""
        document = self._document()
        views = tuple(filter(None, map(_view, _list(document.get("views")))))
        mine = document.get("favourites")
        rows = _list(mine.get(self._cluster)) if isinstance(mine, dict) else []
        return Kept(views, frozenset(tuple(map(str, row)) for row in rows if isinstance(row, list) and row))

    def change(self, change: Callable[[Kept], Kept]) -> Kept:
        """``change`` what is remembered now, by another console too, and write it. Refused when it can't be written."""
        try:
            with self._locked():
                new, document = change(self.read()), self._document()
                known = document.get("favourites")
                favourites = {**(known if isinstance(known, dict) else {}), self._cluster: sorted(new.favourites)}
                self._write({"views": [asdict(view) for view in new.views], "favourites": favourites})
        except OSError as error:
            raise Refused(f"{self._path} can't be written: {error.strerror}", "Nothing is remembered.") from error
        return new

    def _document(self) -> Mapping[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, document: Mapping[str, Any]) -> None:
        new = self._path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - with its mode from the start
            json.dump(document, file, indent=1)
        new.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_private(self._path.parent)
        with open(os.open(self._path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:  # noqa: PTH123
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _view(entry: Any) -> View | None:
    try:
        view = View(**entry)
    except TypeError:
        return None
    texts = (view.name, view.pane, view.filter, view.sort)
    return view if all(isinstance(each, str) for each in texts) and view.pane in SCOPES else None
