"""Rows as text: columns as wide as they must be, every value made safe."""

from collections.abc import Iterable, Sequence

from console.model.text import safe, width

GAP = 2


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines: the head in capitals, then the rows. An empty value is ``-``; the last column is as long as it likes."""
    body = [[safe(cell) or "-" for cell in row] for row in rows]
    every = [[name.upper() for name in head], *body]
    widths = [max(width(row[column]) for row in every) for column in range(len(head))]
    return [_line(row, widths) for row in every]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    last = len(row) - 1
    cells = (
        cell if column == last else cell + " " * (widths[column] - width(cell) + GAP) for column, cell in enumerate(row)
    )
    return "".join(cells).rstrip()
