"""Which question goes to which node next. Pure but for the places: no processes, no clock of its own.

One node's slowness must not be another's: a new node and one that did not answer share half of the places, those
that need a long wait half of these. What does not make a row worth showing may take half of the places, so that there
is always room for what does. A node that answers at once may use every place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from console.sources.talos.places import Places
from console.sources.talos.questions import MEMBERS, QUESTIONS, STATUS, Question
from console.sources.talos.watched import Trust, Watched

_PER_NODE = 3  # questions at once to one node that answers
_MANY = 16  # nodes, from which on what is not needed first is asked less often: the load stays that of so many


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
    job: Job


class Schedule:
    """``interval`` is how many seconds a poll takes."""

    def __init__(self, places: Places, interval: float) -> None:
        self._places = places
        self._interval = interval
        self._running: list[Job] = []
        self._stretch = 1.0
        self._later = places.half
        self.members_due = 0.0

    @property
    def running(self) -> int:
        """How many jobs are under way."""
        return len(self._running)

    def take(self, nodes: Sequence[Watched], now: float) -> list[Job]:
        """The jobs whose turn it is and that there is a place for, taken as begun."""
        self._stretch = max(1.0, len(nodes) / _MANY)
        if self._places.taken >= self._places.total:
            return []
        turns = sorted(self._turns(nodes, now), key=_first)
        # Where nodes are still to be met, little else competes with that.
        new = any(turn.job.watched.trust is Trust.NEW for turn in turns)
        self._later = self._places.half // 2 if new else self._places.half
        return [turn.job for turn in turns if self._begun(turn.job)]

    def done(self, job: Job, now: float, *, quick: bool) -> None:
        """A job ended; its question is due again after its time: sooner where ``quick`` is wanted."""
        self._running.remove(job)
        self._places.end(may_hang=not job.proven)
        job.watched.under_way.discard(job.question.name)
        if job.question is MEMBERS:
            self.members_due = now + MEMBERS.every * self._interval
        elif job.watched.due.get(job.question.name) == float("inf"):  # else: wanted at once, meanwhile
            job.watched.due[job.question.name] = now + self._pause(job, quick)

    def clear(self) -> None:
        """Nothing is under way any more."""
        for job in self._running:
            self._places.end(may_hang=not job.proven)
        self._running.clear()

    def seconds(self, nodes: Sequence[Watched], now: float) -> float:
        """Until something becomes due, at most a minute; what waits for a place is not waited for."""
        later = [
            due
            for watched in nodes
            for _, question in self._questions(watched)
            if (due := watched.due.get(question.name, 0.0)) > now
        ]
        if self.members_due > now:
            later.append(self.members_due)
        return min(60.0, min(later, default=now + 60.0) - now)

    def refresh(self, nodes: Sequence[Watched]) -> None:
        """Everything that changes is due now."""
        self.members_due = min(self.members_due, 0.0)
        for watched in nodes:
            for question in QUESTIONS:
                if not question.boot:
                    watched.due[question.name] = 0

    def _pause(self, job: Job, quick: bool) -> float:
        pause = job.question.every * self._interval * (1.0 if job.question.first else self._stretch)
        if quick and job.question.quick:
            pause = min(pause, max(1.0, self._interval / 3))
        return max(pause, 4 * self._interval) if job.question.name in job.watched.patient else pause

    def _turns(self, nodes: Sequence[Watched], now: float) -> Iterator[_Turn]:
        """Everything that is due, whether there is a place for it or not."""
        for watched in nodes:
            proven = watched.trust is Trust.PROVEN
            if proven and watched.node.problem is None and self.members_due <= now:
                yield _Turn(self.members_due, -1, Job(watched, MEMBERS, patient=False, proven=True))
            for rank, question in self._questions(watched):
                due = watched.due.get(question.name, 0.0)
                if due > now:
                    continue
                patient = watched.trust is Trust.SUSPECT or question.name in watched.patient
                after = len(QUESTIONS) if patient else 0  # those that were never asked go first
                yield _Turn(due, rank + after, Job(watched, question, patient, proven=proven and not patient))

    def _questions(self, watched: Watched) -> Iterator[tuple[int, Question]]:
        """Those that make sense. Who does not answer the first one is not asked the others."""
        silent = watched.node.problem is not None or STATUS.name in watched.unanswered
        for rank, question in enumerate(QUESTIONS[:1] if silent else QUESTIONS):
            if question.name not in watched.under_way and question.asks(watched.node):
                yield rank, question

    def _begun(self, job: Job) -> bool:
        """Take a place for ``job``, where one may be taken."""
        watched = job.watched
        if len(watched.under_way) >= (_PER_NODE if job.proven else 1) or not self._allowed(job):
            return False
        if job.question is MEMBERS and self.members_due == float("inf"):
            return False
        if not self._places.begin(may_hang=not job.proven):
            return False
        self._running.append(job)
        watched.under_way.add(job.question.name)
        if job.question is MEMBERS:
            self.members_due = float("inf")
        else:
            watched.due[job.question.name] = float("inf")
        return True

    def _allowed(self, job: Job) -> bool:
        if job.patient and sum(each.patient for each in self._running) >= max(1, self._places.half // 2):
            return False
        return job.question.first or sum(not each.question.first for each in self._running) < self._later


def _first(turn: _Turn) -> tuple[float, int]:
    return (turn.due, turn.rank)
