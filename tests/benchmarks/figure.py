"""One figure of the benchmarks: what was measured in several runs, beside its floor or its peer in the same runs."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Bound(StrEnum):
    """How a goal is meant."""

    TIMES = "times"  # at most so many times what stands beside it
    MOST = "most"
    LEAST = "least"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be."""

    bound: Bound
    value: float

    def __str__(self) -> str:
        if self.bound is Bound.TIMES:
            return f"≤ {self.value:g} ×"
        return f"{'≤' if self.bound is Bound.MOST else '≥'} {self.value:,.6g}"

    def is_met(self, figure: "Figure") -> bool:
        """Whether the median of the runs keeps it."""
        if self.bound is Bound.TIMES:
            return figure.ratio is not None and figure.ratio <= self.value
        middle = statistics.median(figure.ours)
        return middle <= self.value if self.bound is Bound.MOST else middle >= self.value


def times(value: float) -> Goal:
    """At most ``value`` times what stands beside it."""
    return Goal(Bound.TIMES, value)


def most(value: float) -> Goal:
    """At most ``value``, in the figure's unit."""
    return Goal(Bound.MOST, value)


def least(value: float) -> Goal:
    """At least ``value``, in the figure's unit."""
    return Goal(Bound.LEAST, value)


@dataclass(frozen=True, slots=True)
class Figure:
    """``ours`` and ``theirs`` have a value for each run, in ``unit``, which says of times whether they are wall or CPU.

    ``why``: what remains where the goal is missed, and why; of what was not measured, why not.
    """

    what: str
    unit: str
    ours: Sequence[float] = ()
    beside: str = ""
    theirs: Sequence[float] = ()
    goal: Goal | None = None
    why: str = ""

    @property
    def ratio(self) -> float | None:
        """The median over the runs of ours to theirs: other work on the machine distorts both of a run alike."""
        pairs = zip(self.ours, self.theirs, strict=False)
        ratios = [ours / theirs for ours, theirs in pairs if theirs]
        return statistics.median(ratios) if ratios else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is kept; None without a goal, or where nothing was measured."""
        return self.goal.is_met(self) if self.goal and self.ours else None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "what": self.what,
            "unit": self.unit,
            "runs": list(self.ours),
            "median": statistics.median(self.ours) if self.ours else None,
            "beside": self.beside,
            "besideRuns": list(self.theirs),
            "besideMedian": statistics.median(self.theirs) if self.theirs else None,
            "ratio": self.ratio,
            "goal": str(self.goal) if self.goal else "",
            "met": self.is_met,
            "why": self.why,
        }


def unmeasured(what: str, why: str) -> Figure:
    """What could not be measured on this machine."""
    return Figure(what, "", why=why)


def paired(runs: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """(ours, theirs) of runs that measured both."""
    listed = list(runs)
    return [ours for ours, _ in listed], [theirs for _, theirs in listed]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that is not below ``share`` of them."""
    return sorted(values)[max(0, -int(-len(values) * share // 1) - 1)]
