"""Work that takes time tells of itself in steps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StepState(StrEnum):
    """Of a step: not yet, now, went well, went wrong, was left out."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of progress. The same ``name`` again replaces the line. ``at`` is when this state began (UTC)."""

    name: str
    state: StepState
    text: str = ""
    at: datetime | None = None
    detail: tuple[str, ...] = ()
