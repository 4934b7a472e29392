"""Rollouts that were watched here: when each step of each node began, how each ended, how long one usually takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from console.model.updates import System

# So many of the newest ones say what is usual: machines and images change.
_LAST = 5


@dataclass(frozen=True, slots=True)
class NodeRun:
    """One node's way. ``began`` holds steps in their order, each with when it was seen to begin; ``ended``: back.

    A step without a name stands where somebody looked again after nobody had: what was before it ended unseen.
    """

    name: str
    began: tuple[tuple[str, datetime], ...] = ()
    ended: datetime | None = None

    def took(self, step: str) -> timedelta | None:
        """From the beginning of ``step`` to what came next; None when either was not seen."""
        following = [*self.began[1:], ("ended", self.ended)]
        for (name, at), (after, until) in zip(self.began, following, strict=False):
            if name == step and after and until is not None:
                return until - at
        return None

    @property
    def total(self) -> timedelta | None:
        """From the first step that was seen to the end."""
        return self.ended - self.began[0][1] if self.began and self.ended else None


@dataclass(frozen=True, slots=True)
class Run:
    """One rollout by its commit. ``outcome`` is empty while it is under way; ``warned`` is what was said meanwhile.

    ``before`` and ``target`` are versions; ``log`` are the last lines of the job of one that failed; ``failed``: at
    least once, whatever came of it.
    """

    commit: str
    title: str = ""
    system: System | None = None
    before: str = ""
    target: str = ""
    outcome: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    nodes: tuple[NodeRun, ...] = ()
    warned: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    failed: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        return (self.commit,)

    def node(self, name: str) -> NodeRun:
        """What was seen of a node."""
        return next((each for each in self.nodes if each.name == name), NodeRun(name))


def paces(runs: Iterable[Run], system: System | None) -> dict[str, timedelta]:
    """How long each step of a node takes, by those of the newest rollouts that were seen from beginning to end."""
    seen: dict[str, list[float]] = {}
    for run in sorted((r for r in runs if r.system == system and r.ended), key=lambda r: str(r.ended))[-_LAST:]:
        for node in run.nodes:
            for step, _ in node.began:
                if step and (took := node.took(step)) is not None:
                    seen.setdefault(step, []).append(took.total_seconds())
    return {step: timedelta(seconds=median(spans)) for step, spans in seen.items()}


def usual(runs: Iterable[Run], system: System | None) -> tuple[timedelta, int] | None:
    """How long a rollout of this kind takes, and of how many that is the median; None when none was seen to its end."""
    spans = [span.total_seconds() for _, span in lasted(runs, system)[-_LAST:]]
    return (timedelta(seconds=median(spans)), len(spans)) if spans else None


def lasted(runs: Iterable[Run], system: System | None) -> list[tuple[Run, timedelta]]:
    """How long each rollout of this kind took that was watched to a good end, the oldest first.

    One that had failed took as long as somebody took to look after it: it says nothing of the others.
    """
    done = [run for run in runs if run.system == system and run.outcome == "done" and not run.failed]
    spans = [(run, run.ended, run.ended - run.started) for run in done if run.started and run.ended]
    return [(run, span) for run, _, span in sorted(spans, key=lambda each: each[1])]
