"""Rows in an order, with all that follows from it. Made beside the screen's loop where there are thousands of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.ui.widgets.columns import Row, Widths, widths


@dataclass(frozen=True, slots=True)
class Arrangement:
    """``places`` gives a key's number; ``first`` the first line of each row, its heading's if it has one, and one more
    at the end; ``headed``: whether a heading stands above the row.
    """

    rows: Sequence[Row]
    places: dict[tuple[str, ...], int]
    first: list[int]
    headed: list[bool]
    widths: Widths


def arranged(rows: Sequence[Row], *, grouped: bool = True) -> Arrangement:
    """``rows`` as they stand; without ``grouped`` no headings."""
    headed: list[bool] = []
    first, line, over = [0], 0, ""
    for row in rows:
        heads = grouped and row.group not in ("", over)
        over = row.group
        line += heads + 1 + len(row.below)
        headed.append(heads)
        first.append(line)
    return Arrangement(rows, {row.key: index for index, row in enumerate(rows)}, first, headed, widths(rows))


NOTHING = arranged(())
