"""One node under watch: what is known of it, what is asked of it next, and how far it can be trusted to answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from console.model.nodes import MOVING, EtcdMember, TalosNode
from console.model.snapshot import Problem
from console.sources.errors import SourceError
from console.sources.talos import facts
from console.sources.talos.classify import QUESTION
from console.sources.talos.questions import CPU, ETCD, MEMORY, QUESTIONS, STATUS, Question

HISTORY = 20
_NAMED = {question.name: question for question in QUESTIONS}

_MOVES_FOR = timedelta(minutes=10)  # away after a reboot for longer than this is not a reboot any more
_MOVING_HINT = "Normal while it restarts: usually back within 4 minutes. Worry after 10."


class Trust(Enum):
    """Whether a node is likely to answer in time."""

    NEW = "new"
    PROVEN = "proven"
    SUSPECT = "suspect"  # did not answer a short wait; gets a long one


@dataclass(slots=True, eq=False)
class Watched:
    """``due`` is when each question is asked next (monotonic seconds), ``under_way`` those that are asked now."""

    node: TalosNode
    target: str  # what talosctl is given
    trust: Trust = Trust.NEW
    under_way: set[str] = field(default_factory=set)
    error: SourceError | None = None  # the last one that concerned the node
    due: dict[str, float] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=lambda: {question.name for question in QUESTIONS})
    patient: set[str] = field(default_factory=set)  # questions that need a long wait
    readings: dict[str, facts.Reading] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all that makes sense to ask was asked once, or asking makes no sense."""
        return self.node.problem is not None or not any(_NAMED[name].asks(self.node) for name in self.unanswered)

    @property
    def showable(self) -> bool:
        """Whether what makes a row was asked once, or asking makes no sense."""
        return self.node.problem is not None or not any(
            _NAMED[name].first and _NAMED[name].asks(self.node) for name in self.unanswered
        )

    def moving(self, now: datetime) -> bool:
        """Whether it restarts, or was about to when it was last heard of."""
        if self.node.stage not in MOVING and (self.node.ready or not self.node.stage):
            return False
        return self.node.asked is None or now - self.node.asked < _MOVES_FOR

    def answered(self, question: Question, text: str, now: datetime) -> None:
        """Take in an answer. Raises Malformed."""
        fields = self._history(question, text) if question.fields is None else question.fields(text)
        known = replace(self.node, **fields, asked=now)
        if question is STATUS:
            if self.node.boot is not None and known.boot != self.node.boot:
                self._booted()
            known = replace(known, problem=None, since=None)
            self.error = None
        self.node = replace(known, forbidden=tuple(name for name in known.forbidden if name != question.name))
        self.unanswered.discard(question.name)

    def told(self, talos: str, later: float) -> None:
        """Discovery knows the version: the node itself is asked ``later``, or after a boot."""
        self.node = replace(self.node, talos=talos)
        if "version" in self.unanswered:
            self.unanswered.discard("version")
            self.due["version"] = later

    def failed(self, question: Question, error: SourceError, now: datetime) -> None:
        """Take in that it did not answer: the node's trouble, or only the question's."""
        self.unanswered.discard(question.name)
        if question is STATUS or (error.kind not in QUESTION and error.kind != "timeout"):
            self.error = error
            self._lost(error.problem, now)
        elif error.kind == "forbidden":
            self.node = replace(self.node, forbidden=tuple(sorted({*self.node.forbidden, question.name})))
        elif question is ETCD and error.kind != "not-here":
            self.node = replace(self.node, etcd=_silent(self.node.etcd, error.message))
        if error.kind == "timeout" and question is not STATUS:
            self.patient.add(question.name)

    def _lost(self, problem: Problem, now: datetime) -> None:
        if problem.kind in {"unreachable", "timeout"} and self.moving(now):
            problem = problem._replace(hint=_MOVING_HINT)
        since = self.node.since if self.node.problem else now
        self.node = replace(self.node, problem=problem, since=since)

    def _booted(self) -> None:
        """Everything may be another now; counters begin anew."""
        self.readings.clear()
        self.patient.clear()
        for question in QUESTIONS:
            if question.boot or question.name == "services":
                self.due[question.name] = 0

    def _history(self, question: Question, text: str) -> facts.Fields:
        if question is CPU:
            return {"cpu": self._rising("cpu", facts.cpu_reading(text))}
        if question is MEMORY:
            reading = facts.memory_reading(text)
            return {"memory": self._latest("memory", reading, reading.busy, reading.total)}
        return {}

    def _rising(self, name: str, reading: facts.Reading) -> tuple[float, ...]:
        """Of a counter: the share since the reading before; the first one is the share since boot."""
        before = self.readings.get(name)
        if before is None or reading.total < before.total:
            return self._latest(name, reading, reading.busy, reading.total)
        return self._latest(name, reading, reading.busy - before.busy, reading.total - before.total)

    def _latest(self, name: str, reading: facts.Reading, part: float, whole: float) -> tuple[float, ...]:
        history: tuple[float, ...] = getattr(self.node, name)
        before = self.readings.get(name)
        if whole <= 0 or (before is not None and before.key == reading.key):
            return history
        self.readings[name] = reading
        return (*history, min(1.0, max(0.0, part / whole)))[-HISTORY:]


def _silent(before: EtcdMember | None, message: str) -> EtcdMember:
    """A member that does not tell: what it last was, with the reason among its errors."""
    known = before or EtcdMember("", leader=False, learner=False, db_size=0, db_in_use=0, raft_index=0, raft_applied=0)
    return replace(known, errors=(message,))
