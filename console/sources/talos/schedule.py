"""Which question goes to which node next. Pure: no processes, no clock of its own.

One node's slowness must not be another's: a new node and one that did not answer share half of the places, those
that need a long wait half of these. A node that answers at once may use every place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from console.sources.talos.questions import MEMBERS, QUESTIONS, STATUS, Question
from console.sources.talos.watched import Trust, Watched

_PER_NODE = 3  # questions at once to one node that answers


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One process: one question to one node. ``patient`` ones get the long deadline."""

    watched: Watched
    question: Question
    patient: bool
    proven: bool


class _Turn(NamedTuple):
    """A job that may be next: when, and before which others that are due at the same time."""

    due: float
    rank: int
    watched: Watched
    question: Question
    patient: bool
    proven: bool


class Schedule:
    """``places`` is how many processes may run at once; ``interval`` how many seconds a poll takes."""

    def __init__(self, places: int, interval: float) -> None:
        self._places = max(2, places)
        self._interval = interval
        self._running: list[Job] = []
        self.members_due = 0.0

    @property
    def running(self) -> int:
        """How many jobs are under way."""
        return len(self._running)

    def next(self, nodes: Iterable[Watched], now: float) -> Job | None:
        """The job whose turn it is, taken as begun; None when nothing is due or no place is free."""
        if len(self._running) >= self._places:
            return None
        turn = min((turn for turn in self._turns(nodes) if turn.due <= now), key=_first, default=None)
        if turn is None:
            return None
        job = Job(turn.watched, turn.question, turn.patient, turn.proven)
        self._running.append(job)
        job.watched.under_way.add(job.question.name)
        if job.question is MEMBERS:
            self.members_due = float("inf")
        else:
            job.watched.due[job.question.name] = float("inf")
        return job

    def done(self, job: Job, now: float, *, moving: bool) -> None:
        """A job ended; its question is due again after its time. A node that restarts is looked at more often."""
        self._running.remove(job)
        job.watched.under_way.discard(job.question.name)
        if job.question is MEMBERS:
            self.members_due = now + MEMBERS.every * self._interval
            return
        pause = job.question.every * self._interval
        if job.question is STATUS and moving:
            pause = min(pause, max(1.0, self._interval / 3))
        if job.question.name in job.watched.patient:
            pause = max(pause, 4 * self._interval)
        if job.watched.due.get(job.question.name) == float("inf"):  # else: wanted at once, meanwhile
            job.watched.due[job.question.name] = now + pause

    def seconds(self, nodes: Iterable[Watched], now: float) -> float:
        """Until something is due; nothing that waits for a place counts."""
        return max(0.0, min((turn.due for turn in self._turns(nodes)), default=60.0) - now)

    def refresh(self, nodes: Iterable[Watched]) -> None:
        """Everything that changes is due now."""
        self.members_due = min(self.members_due, 0.0)
        for watched in nodes:
            for question in QUESTIONS:
                if not question.boot:
                    watched.due[question.name] = 0

    def _turns(self, nodes: Iterable[Watched]) -> Iterator[_Turn]:
        """Everything that there is a place for, now or later."""
        for_new, for_patient = self._room()
        for watched in nodes:
            proven = watched.trust is Trust.PROVEN
            if len(watched.under_way) >= (_PER_NODE if proven else 1):
                continue
            if proven and watched.node.problem is None:
                yield _Turn(self.members_due, -1, watched, MEMBERS, patient=False, proven=True)
            for rank, question in self._questions(watched):
                patient = watched.trust is Trust.SUSPECT or question.name in watched.patient
                if (proven or for_new) and (not patient or (for_patient and for_new)):
                    due = watched.due.get(question.name, 0.0)
                    after = len(QUESTIONS) if patient else 0  # those that were never asked go first
                    yield _Turn(due, rank + after, watched, question, patient=patient, proven=proven and not patient)

    def _questions(self, watched: Watched) -> Iterator[tuple[int, Question]]:
        """Those that make sense. Who does not answer the first one is not asked the others."""
        silent = watched.node.problem is not None or STATUS.name in watched.unanswered
        for rank, question in enumerate(QUESTIONS[:1] if silent else QUESTIONS):
            if question.name not in watched.under_way and question.asks(watched.node):
                yield rank, question

    def _room(self) -> tuple[bool, bool]:
        """Whether there is a place for a node that is not proven, and for one that needs a long wait."""
        unproven = sum(not job.proven for job in self._running)
        patient = sum(job.patient for job in self._running)
        return unproven < max(1, self._places // 2), patient < max(1, self._places // 4)


def _first(turn: _Turn) -> tuple[float, int]:
    return (turn.due, turn.rank)
