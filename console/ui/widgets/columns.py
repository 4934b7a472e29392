"""Rows of cells laid out in columns. Pure: values in, lines out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from console.ui.looks import Line, Run, clean

_AGE = 5  # the longest age, 2m30s: it grows without moving its neighbours
_NAME, _NOTE = 20, 16  # cells that the two columns which give way keep as long as the other one can give
_LEAST = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A value as it is shown: ``cells`` in columns, and lines ``below`` them.

    ``find`` is what the filter looks through, ``tags`` (``kind:kustomization``) where words with a colon are to be
    found as well; ``name``, ``moment``, ``rank`` (0 is the worst) and ``blocks`` are what is sorted by.
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
    widths: tuple[int, ...] = field(init=False, compare=False, repr=False)
    short_widths: tuple[int, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        whole = tuple(_AGE if run.moment else cell_len(run.text) for run in self.cells)
        short = tuple(cell_len(run.short) if run.short else cells for run, cells in zip(self.cells, whole, strict=True))
        object.__setattr__(self, "widths", whole)
        object.__setattr__(self, "short_widths", short)


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns and the gap between them; ``short`` says that the short texts stand in."""

    widths: tuple[int, ...] = ()
    gap: int = 2
    short: bool = False


@dataclass(frozen=True, slots=True)
class Widths:
    """What the columns of some rows would take: with their texts in full, in short; which of them are ages."""

    whole: tuple[int, ...] = ()
    short: tuple[int, ...] = ()
    ages: tuple[bool, ...] = ()


def widths(rows: Sequence[Row]) -> Widths:
    """The widest cell of each column."""
    if not rows:
        return Widths()
    return Widths(
        _widest({row.widths for row in rows}),
        _widest({row.short_widths for row in rows}),
        tuple(bool(run.moment) for run in rows[0].cells),
    )


def _widest(taken: set[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(max, zip(*taken, strict=True)))


def columns(taken: Widths, width: int, gives: int, yields: int | None = None) -> Columns:
    """The widths in ``width`` cells. Column ``gives`` and the last one give way when room is scarce; before ``gives``
    does, column ``yields``.
    """
    if not taken.whole:
        return Columns()
    natural: list[int] = []
    for short, gap in ((False, 2), (True, 2), (True, 1)):
        natural = list(taken.short if short else taken.whole)
        if sum(natural) + gap * (len(natural) - 1) <= width:
            return Columns(tuple(natural), gap, short)
    natural = [*(min(cells, width * 2 // 5) for cells in natural[:-1]), natural[-1]]
    over = sum(natural) + len(natural) - 1 - width
    order = [(-1, _NOTE), (gives, _NAME), (-1, _LEAST), (gives, _NOTE)]
    if yields is not None:
        order[1:1] = [(yields, _NOTE), (-1, _LEAST), (yields, _LEAST)]
    for column, least in order:
        spare = max(0, min(over, natural[column] - least))
        natural[column] -= spare
        over -= spare
    if over > 0:  # a note of a few letters says nothing
        over -= natural[-1] + 1
        natural[-1] = 0
    spare = max(0, min(over, natural[gives] - _LEAST))
    natural[gives] -= spare
    if over > spare:  # last of all go the ages
        natural = [0 if is_age else cells for is_age, cells in zip(taken.ages, natural, strict=True)]
    return Columns(tuple(natural), 1, short=True)


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
        text = clean(run.short) if layout.short and run.short and not run.moment else run.shown(now)
        if not width:
            continue
        if cell_len(text) > width:
            text = _cut(text, width)
        pad = " " * (width - cell_len(text) + layout.gap)
        runs.append(Run(f"{pad[: -layout.gap]}{text}{pad[-layout.gap :]}" if run.moment else text + pad, run.style))
    if runs:
        runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip(" "))
    return tuple(runs)
