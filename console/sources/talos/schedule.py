"""Which question goes to which node next. Pure: no processes, no clock of its own.

One node's slowness must not be another's: a new node and one that did not answer share half of the places, those
that need a long wait half of these. A node that answers at once may use every place.
"""

from collections.abc import Iterable
from dataclasses import dataclass

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
        ready = [(due, rank, job) for due, rank, job in self._candidates(nodes) if due <= now and self._fits(job)]
        if not ready:
            return None
        _, _, job = min(ready, key=lambda each: each[:2])
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
        return max(0.0, min((due for due, _, job in self._candidates(nodes) if self._fits(job)), default=60.0) - now)

    def refresh(self, nodes: Iterable[Watched]) -> None:
        """Everything that changes is due now."""
        self.members_due = min(self.members_due, 0.0)
        for watched in nodes:
            for question in QUESTIONS:
                if not question.boot:
                    watched.due[question.name] = 0

    def _candidates(self, nodes: Iterable[Watched]) -> Iterable[tuple[float, int, Job]]:
        for watched in nodes:
            proven = watched.trust is Trust.PROVEN
            if len(watched.under_way) >= (_PER_NODE if proven else 1):
                continue
            if proven and watched.node.problem is None:
                yield self.members_due, -1, Job(watched, MEMBERS, patient=False, proven=True)
            for rank, question in enumerate(QUESTIONS):
                # Whoever does not answer the first question is not asked the others.
                if question is not STATUS and (watched.node.problem or STATUS.name in watched.unanswered):
                    continue
                if question.name in watched.under_way or not question.asks(watched.node):
                    continue
                patient = watched.trust is Trust.SUSPECT or question.name in watched.patient
                due = watched.due.get(question.name, 0.0)
                yield due, rank, Job(watched, question, patient=patient, proven=proven and not patient)

    def _fits(self, job: Job) -> bool:
        if job.proven:
            return True
        if job.patient and sum(each.patient for each in self._running) >= max(1, self._places // 4):
            return False
        return sum(not each.proven for each in self._running) < max(1, self._places // 2)
