"""What a clone remembers from one run to the next: when it was fetched, pull requests, which branches came and went."""

import json
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.model.unstructured import decoded
from console.sources.errors import SourceError
from console.sources.git.pulls import Pulls

_FILE = "homeconsole.json"
_MOST_GONE = 50


@dataclass(slots=True)
class State:
    """What is remembered beside the objects. Losing it costs ages and a listing, nothing else."""

    fetched_at: datetime | None = None
    pulls: Pulls = field(default_factory=Pulls)
    seen: dict[str, datetime | None] = field(default_factory=dict)  # branches, and when they appeared here
    gone: dict[str, datetime] = field(default_factory=dict)  # branches, and when they went, oldest first

    def visit(self, branches: Collection[str], now: datetime) -> None:
        """Note which branches came and went. At the first visit nobody knows when they came."""
        is_first = self.fetched_at is None
        self.gone |= {name: now for name in self.seen if name not in branches}
        came = dict.fromkeys(branches, None if is_first else now)
        self.seen = {name: self.seen.get(name, came[name]) for name in branches}
        kept = [name for name in self.gone if name not in branches][-_MOST_GONE:]
        self.gone = {name: self.gone[name] for name in kept}

    @classmethod
    def load(cls, folder: Path) -> "State":
        """What was saved in ``folder``; nothing when there is none, or when it is damaged."""
        try:
            said: dict[str, Any] = decoded((folder / _FILE).read_text(encoding="utf-8"))
            return cls(
                _moment(said.get("fetchedAt")),
                Pulls(
                    {str(k): int(v) for k, v in said.get("pulls", {}).items()},
                    {str(k): int(v) for k, v in said.get("tries", {}).items()},
                    _moment(said.get("askedAt")),
                ),
                {str(k): _moment(v) for k, v in said.get("seen", {}).items()},
                {str(k): at for k, v in said.get("gone", {}).items() if (at := _moment(v))},
            )
        except (OSError, ValueError, AttributeError, TypeError):
            return cls()

    def save(self, folder: Path, url: str) -> None:
        """Write it whole or not at all. Raises SourceError when the disk is full."""
        said = {
            "url": url,
            "fetchedAt": _text(self.fetched_at),
            "pulls": self.pulls.numbers,
            "tries": self.pulls.tries,
            "askedAt": _text(self.pulls.asked_at),
            "seen": {name: _text(at) for name, at in self.seen.items()},
            "gone": {name: _text(at) for name, at in self.gone.items()},
        }
        new = folder / f"{_FILE}.{os.getpid()}"
        try:
            new.touch(mode=0o600)
            new.write_text(json.dumps(said), encoding="utf-8")
            new.replace(folder / _FILE)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise SourceError(
                f"The private clone can't be written: {error.strerror}",
                "Make room in the state folder.",
                kind="disk-full",
            ) from error


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
