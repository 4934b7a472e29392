"""Which question goes to which node next. Pure but for the places: no processes, no clock of its own.

One node's slowness must not be another's: a new node and one that did not answer share half of the places, those
that need a long wait half of these. What does not make a row worth showing leaves one place at least, so that there is
always room for what does. A node that answers at once may use every place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
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
    """A job that may be next: when, and before which others that are due at the same time. There are hundreds."""

    due: float
    rank: int
    watched: Watched
    question: Question
    patient: bool
    proven: bool


_FIRST = itemgetter(0, 1)  # by when, and by rank


class Schedule:
    """``interval`` is how many seconds a poll takes."""

    def __init__(self, places: Places, interval: float) -> None:
        self._places = places
        self._interval = interval
        self._running: list[Job] = []
        self._beside = 0  # of these, what does not make a row worth showing
        self._stretch = 1.0
        self._later = places.total - 1
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
        # Where nodes are still to be met, little else competes with that.
        new = any(watched.trust is Trust.NEW for watched in nodes)
        self._later = self._places.half // 2 if new else self._places.total - 1
        found = []
        for turn in sorted(self._turns(nodes, now), key=_FIRST):
            if job := self._begun(turn):
                found.append(job)
                if self._places.taken >= self._places.total:
                    break
        return found

    def done(self, job: Job, now: float, *, quick: bool) -> None:
        """A job ended; its question is due again after its time: sooner where ``quick`` is wanted."""
        self._running.remove(job)
        self._beside -= not job.question.first
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
        self._beside = 0

    def seconds(self, nodes: Sequence[Watched], now: float) -> float:
        """Until something becomes due, at most a minute; what waits for a place is not waited for."""
        if self._places.taken >= self._places.total:
            return 60.0
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
                yield _Turn(self.members_due, -1, watched, MEMBERS, patient=False, proven=True)
            for rank, question in self._questions(watched):
                due = watched.due.get(question.name, 0.0)
                if due > now:
                    continue
                patient = watched.trust is Trust.SUSPECT or question.name in watched.patient
                after = len(QUESTIONS) if patient else 0  # those that were never asked go first
                yield _Turn(due, rank + after, watched, question, patient, proven and not patient)

    def _questions(self, watched: Watched) -> Iterator[tuple[int, Question]]:
        """Those that are not under way. Who does not answer the first one is not asked the others."""
        silent = watched.node.problem is not None or STATUS.name in watched.unanswered
        for rank, question in enumerate(QUESTIONS[:1] if silent else QUESTIONS):
            if question.name not in watched.under_way:
                yield rank, question

    def _begun(self, turn: _Turn) -> Job | None:
        """Take a place for it, where it makes sense and one may be taken."""
        watched, question = turn.watched, turn.question
        if len(watched.under_way) >= (_PER_NODE if turn.proven else 1) or not self._allowed(turn):
            return None
        if question is MEMBERS and self.members_due == float("inf"):
            return None
        if not question.asks(watched.node) or not self._places.begin(may_hang=not turn.proven):
            return None
        job = Job(watched, question, turn.patient, turn.proven)
        self._running.append(job)
        self._beside += not question.first
        watched.under_way.add(question.name)
        if question is MEMBERS:
            self.members_due = float("inf")
        else:
            watched.due[question.name] = float("inf")
        return job

    def _allowed(self, turn: _Turn) -> bool:
        if turn.patient and sum(each.patient for each in self._running) >= max(1, self._places.half // 2):
            return False
        return turn.question.first or self._beside < self._later
