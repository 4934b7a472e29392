"""When the operator last looked at a repository: what came and went since then is news."""

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from console.model.updates import RepositoryState, Update


class Visits:
    """A file beside the clone that holds the end of the last visit. ``last`` is that of the one before this."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.last = _read(file)

    def end(self, now: datetime) -> None:
        """The operator leaves. What can't be written costs no more than marks that stay."""
        new = self._file.with_suffix(f".visit.{os.getpid()}")
        with contextlib.suppress(OSError):
            new.touch(mode=0o600)
            new.write_text(now.isoformat(), encoding="ascii")
            new.replace(self._file)


def _read(file: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(file.read_text(encoding="ascii").strip()).astimezone(UTC)
    except (OSError, ValueError):
        return None


def remembered(updates: Iterable[Update], seen: Mapping[str, datetime | None], state: RepositoryState) -> list[Update]:
    """Each with when it appeared here, and marked where that was since the last visit."""
    return [_remembered(update, seen.get(update.branch), state) for update in updates]


def _remembered(update: Update, came: datetime | None, state: RepositoryState) -> Update:
    if came is None:
        return update
    news = state.is_news(came) and update.state != "applied"
    return replace(update, first_seen=came, marks=(*(("new",) if news else ()), *update.marks))
