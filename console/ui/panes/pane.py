"""A pane: a table with a title, the state of its sources, and what a view gave it to show."""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import NamedTuple

from console.model.snapshot import Freshness, Life, Problem, Snapshot
from console.model.text import safe, safe_lines
from console.ui.looks import Line, Run, age, line
from console.ui.panes.kinds import Kind
from console.ui.widgets.arrangement import NOTHING, Arrangement
from console.ui.widgets.columns import Row
from console.ui.widgets.table import Table

_LIMITS = 3  # of what can't be read so many are told; the pane is for its rows


class View(NamedTuple):
    """What a pane shows now: its rows, the counts in its title, and what stands there when there are no rows.

    ``facts`` stand above the rows: what concerns all of them.
    """

    arranged: Arrangement = NOTHING
    counts: Line = ()
    empty: tuple[Line, ...] = ()
    facts: tuple[Line, ...] = ()

    @property
    def rows(self) -> Sequence[Row]:
        """In their order."""
        return self.arranged.rows


class Pane(Table):
    """One of the four: a table with a number, in a frame or filling the screen."""

    def __init__(self, kind: Kind, number: int) -> None:
        super().__init__(gives=kind.gives, yields=kind.yields, id=kind.place)
        self.kind = kind
        self.number = number
        self.counts: Line = ()
        self._problems: list[Freshness] = []
        self._limits: list[Problem] = []
        self._facts: tuple[Line, ...] = ()

    def take(self, view: View, snapshot: Snapshot) -> None:
        """Show ``view``, which was made of ``snapshot``."""
        lives = [snapshot[topic].freshness for topic in self.kind.topics]
        before = self._told()
        self._problems = _distinct(fresh for fresh in lives if fresh.problem)
        self._limits = list(dict.fromkeys(limit for fresh in lives for limit in fresh.limits))
        self.counts = view.counts
        self.empty = view.empty
        self._facts = view.facts
        if all(fresh.life is Life.WAITING for fresh in lives):
            self.empty = (line(Run(f" {self.kind.waiting}", "muted")),)
        elif self._problems and not view.rows:
            self.empty = ()
        if view.arranged is not self._all or self._told() != before:  # else only time went on: see ``tick``
            self.show(view.arranged)

    def _told(self) -> tuple[object, ...]:
        """What stands there beside the rows."""
        return self._problems, self._limits, self.counts, self.empty, self._facts

    def edges(self) -> tuple[Line, Line, Line]:
        """See Canvas."""
        title = (Run(f"{self.number} {self.kind.title}", "strong" if self.active else ""),)
        room = self.size.width - 9 - len(title[0].text)
        now = self.console_app.desk.now()
        state = self.state(self.counts)
        if sum(len(run.shown(now)) for run in state) > room:
            state = self.state(brief(self.counts))
        return title, state, self.position()

    def state(self, counts: Line) -> Line:
        """What stands at the right of the title: the counts, how old the data is, what holds rows back."""
        runs: list[Run] = []
        if self.filter or self.problems_only or self.favourites_only:
            word = f"/{self.filter}" if self.filter else "problems" if self.problems_only else "favourites"
            runs += [Run(f"{word} {len(self.rows)} of {len(self.rows) + self.hidden}", "accent"), Run("  ")]
        if self.sort:
            runs += [Run(f"by {self.sort} {'↑' if self.descending else '↓'}", "accent"), Run("  ")]
        if self.marks:
            runs += [Run(f"● {len(self.marks)} marked", "accent"), Run("  ")]
        runs += counts
        old = [fresh.at for fresh in self._problems if fresh.at]
        if old:
            runs += [Run("  data "), age(min(old), "warn"), Run(" old", "warn")]
        return tuple(runs)

    def head(self, width: int) -> list[Line]:
        """See Table. What is wrong with the sources, and what to do; what of them can't be read; facts."""
        lines: list[Line] = []
        for problem in (fresh.problem for fresh in self._problems if fresh.problem):
            first, *rest = wrap(safe(problem.message), max(20, width - 4)) or ["unknown problem"]
            lines += [(Run(" ✖ ", "bad"), Run(first, "strong")), *((Run(f"   {text}"),) for text in rest)]
            for text in safe_lines(problem.hint) if problem.hint else ():
                lines += [(Run(f"   {part}", "muted"),) for part in wrap(text, max(20, width - 4)) or [""]]
        for limit in self._limits[:_LIMITS]:
            first, *rest = wrap(safe(limit.message), max(20, width - 4)) or ["unknown problem"]
            lines += [(Run(" ▲ ", "warn"), Run(first)), *((Run(f"   {text}"),) for text in rest)]
        if len(self._limits) > _LIMITS:
            lines.append((Run(f" ▲ and {len(self._limits) - _LIMITS} more: homeconsole status tells them"),))
        lines = [*lines, ()] if lines and (self.rows or self._limits) else lines
        return [*lines, *self._facts] if self.rows else lines


def counted(parts: Iterable[tuple[str, int, str, str]]) -> Line:
    """``✖ 1  ◌ 3 blocked``: (symbol, number, word, style) of those that are not zero."""
    runs: list[Run] = []
    for symbol, number, word, style in parts:
        if number:
            text = " ".join(part for part in (symbol, str(number), word) if part)
            runs += [Run("  ")] if runs else []
            runs.append(Run(text, style))
    return tuple(runs)


def brief(counts: Line) -> Line:
    """The same without words: ``✖1 ◌3``."""
    runs: list[Run] = []
    for run in counts:
        parts = run.text.split()
        if parts:
            text = parts[0] if parts[0].isdigit() else "".join(parts[:2])
            runs += [Run(" "), run._replace(text=text)] if runs else [run._replace(text=text)]
    return tuple(runs)


def _distinct(problems: Iterable[Freshness]) -> list[Freshness]:
    """Several topics of one source have the same problem: it is told once, with the oldest data."""
    found: dict[tuple[str, str], Freshness] = {}
    for fresh in problems:
        if fresh.problem is None:
            continue
        key = (fresh.problem.kind, fresh.problem.message)
        kept = found.get(key)
        if kept is None or (fresh.at and (not kept.at or fresh.at < kept.at)):
            found[key] = fresh
    return list(found.values())
