"""What needs the operator now, worst first: the line above all panes."""

from dataclasses import dataclass
from typing import Literal

from console.model.snapshot import Snapshot, Topic


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs the operator, and where it is: ``topic`` and ``key`` of the value it is about."""

    severity: Literal["bad", "act", "note"]  # ✖ broken, ▲ a decision waits, · worth knowing
    text: str
    topic: Topic
    key: tuple[str, ...] = ()


def attention(snapshot: Snapshot) -> tuple[Attention, ...]:
    """Everything that needs the operator now, worst first. Empty when all is well."""
    del snapshot
    return ()
