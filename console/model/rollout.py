"""The way of an approved change, from the commit to the last node."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from console.model.step import Step, StepState
from console.model.updates import System

Outcome = Literal["running", "stuck", "failed", "done", "superseded"]


# What an operator can do about a rollout that hangs or failed; "look" and "mend" are for hands, the rest is done here.
Verb = Literal["wait", "release", "reset", "suspend", "revert", "reconcile", "resume", "logs", "look", "mend"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to do, and what it will do."""

    verb: Verb
    text: str
    system: System | None = None  # whose resource, where it is not that of the rollout itself

    def __str__(self) -> str:
        return f"{self.verb}: {self.text}"


@dataclass(frozen=True, slots=True)
class Rollout:
    """``steps`` are commit, artifact, applied, then tuppr or workloads, verified; ``nodes`` the steps of each node.

    ``note`` says in a sentence what is normal now, or what to do; ``choices`` what the operator can do when it is stuck
    or has failed, each with what it does.
    """

    commit: str
    branch: str
    title: str
    outcome: Outcome
    steps: tuple[Step, ...] = ()
    nodes: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    note: str = ""
    choices: tuple[Choice, ...] = ()
    system: System | None = None
    target: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    before: str = ""
    usual: timedelta | None = None
    compared: int = 0
    log: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        return (self.commit,)

    @property
    def where(self) -> frozenset[str]:
        """The nodes that something is being done to."""
        return frozenset(name for name, steps in self.nodes if any(s.state is StepState.RUNNING for s in steps))

    @property
    def reason(self) -> str:
        """The note without the part of it that is another one every minute."""
        return self.note.partition(" No news for ")[0]
