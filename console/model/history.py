"""What was done here and what main says of it: approvals, holds, reverts, and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from console.model.runs import Run

Action = Literal["approve", "hold", "release", "revert"]
Outcome = Literal["pushed", "proposed", "noop", "refused", "recorded", "unfinished"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One of them; ``recorded``: a hold, or its end, that stands in the journal alone.

    ``journal`` and ``main``: who tells of it (``main``: main holds ``commit`` now).

    ``id`` names it in the journal. ``reason``: why it was refused, or why it was approved although something blocked
    it. ``trailers`` are those of the commit, each key with its values in order.
    """

    at: datetime | None
    action: Action
    update: str
    outcome: Outcome
    commit: str = ""
    by: str = ""
    reason: str = ""
    head: str = ""
    base: str = ""
    patch_id: str = ""
    tree: str = ""
    id: str = ""
    journal: bool = False
    main: bool = False
    rollout: Run | None = None  # how it went, where this machine watched it
    trailers: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """All entries, newest first. ``altered`` is the first line (1-based) from which on the journal's chain is broken.

    ``torn``: lines that a crash cut short.
    """

    path: str
    records: int = 0
    altered: int | None = None
    torn: tuple[int, ...] = ()
    entries: tuple[Entry, ...] = ()
