"""Rows of cells laid out in columns. Pure: values in, lines out."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from console.ui.looks import Line, Run, clean

_AGE = 5  # the longest age, 2m30s: it grows without moving its neighbours
_NAME, _NOTE = 26, 16  # cells that the two columns which give way keep as long as the other one can give
_PAIR = 17  # v1.13.7 → v1.13.8
_LEAST = 10


class Row(NamedTuple):
    """A value as it is shown: ``cells`` in columns, and lines ``below`` them. Of thousands of values few have one at a
    time: it is made when it is drawn or looked through.

    ``find`` is what the filter looks through, ``tags`` (``kind:kustomization``) where words with a colon are to be
    found as well, or both come ``late``. ``name``, ``moment``, ``rank`` (0 is the worst) and ``blocks`` are what is
    sorted by.
    """

    key: tuple[str, ...]
    cells: tuple[Run, ...]
    below: tuple[Line, ...] = ()
    problem: bool = False
    find: str = ""
    name: str = ""
    moment: datetime | None = None
    rank: int = 0
    group: str = ""  # the heading above the first row of the same group, in the order given
    tags: str = ""
    blocks: int = 0
    late: Callable[[], tuple[str, str]] | None = None

    @property
    def widths(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Cells that its columns take: with their texts in full, in short."""
        whole = tuple(_AGE if run.moment else _cells(run.text) for run in self.cells)
        short = (_cells(run.short) if run.short else cells for run, cells in zip(self.cells, whole, strict=True))
        return whole, tuple(short)

    @property
    def terms(self) -> tuple[str, str]:
        """What the filter looks through: ``find`` and ``tags``."""
        return self.late() if self.late else (self.find, self.tags)


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)  # which keeps thousands of texts


class Columns(NamedTuple):
    """Widths of the columns and the gap between them; a column without one is not shown."""

    widths: tuple[int, ...] = ()
    gap: int = 2


class Widths(NamedTuple):
    """What the columns of some rows would take: with their texts in full, in short; which of them are ages."""

    whole: tuple[int, ...] = ()
    short: tuple[int, ...] = ()
    ages: tuple[bool, ...] = ()


def widths(rows: Sequence[Row]) -> Widths:
    """The widest cell of each column."""
    return widest({row.widths for row in rows}, rows[0]) if rows else Widths()


def widest(taken: Iterable[tuple[tuple[int, ...], tuple[int, ...]]], like: Row) -> Widths:
    """The same, where it is known how wide the rows are; they have their columns ``like`` this one."""
    whole, short = (tuple(map(max, zip(*each, strict=True))) for each in zip(*taken, strict=True))
    return Widths(whole, short, tuple(bool(run.moment) for run in like.cells))


def columns(taken: Widths, width: int, gives: int, yields: int | None = None) -> Columns:
    """The widths in ``width`` cells. Where room is scarce the short texts stand in, then the last column and ``gives``
    give way; ``yields``, which says what the row is about, is cut after them.
    """
    if not taken.whole:
        return Columns()
    brief = [whole if column == yields else short for column, (whole, short) in enumerate(zip(*taken[:2], strict=True))]
    for natural, gap in ((list(taken.whole), 2), (brief, 2), (brief, 1)):
        if sum(natural) + gap * (len(natural) - 1) <= width:
            return Columns(tuple(natural), gap)
    fitted = _Fitting([min(cells, width * 2 // 5) for cells in brief[:-1]] + brief[-1:], width)
    fitted.take(-1, _NOTE)
    fitted.take(gives, _NAME)
    fitted.take(-1, _LEAST)
    fitted.take(gives, _NOTE)
    if fitted.over > 0:  # a note of a few letters says nothing
        fitted.drop(-1)
    if yields is not None:
        fitted.take(yields, _PAIR)
    fitted.take(gives, _LEAST)
    for column in (column for column, is_age in enumerate(taken.ages) if is_age and fitted.over > 0):
        fitted.drop(column)
    if yields is not None:
        fitted.take(yields, _LEAST)
    fitted.give(gives, brief[gives])
    return Columns(tuple(fitted.widths), 1)


class _Fitting:
    """Widths with gaps of one cell, and how much they are still over the room."""

    def __init__(self, widths: list[int], room: int) -> None:
        self.widths = widths
        self.over = sum(widths) + len(widths) - 1 - room

    def take(self, column: int, least: int) -> None:
        """As much as needed, down to ``least``."""
        spare = max(0, min(self.over, self.widths[column] - least))
        self.widths[column] -= spare
        self.over -= spare

    def drop(self, column: int) -> None:
        """All of it, and its gap."""
        self.over -= self.widths[column] + 1
        self.widths[column] = 0

    def give(self, column: int, most: int) -> None:
        """What was taken too much."""
        spare = max(0, min(-self.over, most - self.widths[column]))
        self.widths[column] += spare
        self.over += spare


def _cut(text: str, width: int) -> str:
    """``text`` in ``width`` cells. Of ``namespace/name`` the name stays: beginnings are alike, ends tell apart."""
    namespace, slash, name = text.partition("/")
    if slash and namespace and name and " " not in text:
        return "…" + set_cell_size(text[::-1], width - 1)[::-1]
    return set_cell_size(text, width - 1) + "…"


def laid_out(row: Row, layout: Columns, now: datetime) -> Line:
    """The first line of ``row``."""
    runs: list[Run] = []
    for run, width in zip(row.cells, layout.widths, strict=True):
        if not width:
            continue
        text = run.shown(now)
        if cell_len(text) > width and run.short:
            text = clean(run.short)
        if cell_len(text) > width:
            text = _cut(text, width)
        pad = " " * (width - cell_len(text) + layout.gap)
        runs.append(Run(f"{pad[: -layout.gap]}{text}{pad[-layout.gap :]}" if run.moment else text + pad, run.style))
    if runs:
        runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip(" "))
    return tuple(runs)
