"""Rows in an order, with all that follows from it. Made beside the screen's loop where there are thousands of them."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import NamedTuple

from console.ui.widgets.columns import Row, Widths, widths


class Arrangement(NamedTuple):
    """``keys`` are the rows'; ``first`` is the first line of each row, its heading's if it has one, and one more at the
    end.
    """

    rows: Sequence[Row]
    keys: Sequence[tuple[str, ...]]
    first: Sequence[int]
    widths: Widths

    def place(self, key: tuple[str, ...]) -> int | None:
        """The number of the row with ``key``, if there is one."""
        try:
            return self.keys.index(key)
        except ValueError:
            return None

    def is_headed(self, index: int) -> bool:
        """Whether a heading stands above that row."""
        return self.first[index + 1] - self.first[index] > 1 + len(self.rows[index].below)


def arranged(rows: Sequence[Row], *, grouped: bool = True) -> Arrangement:
    """``rows`` as they stand; without ``grouped`` no headings."""
    first, line, over = [0], 0, ""
    for row in rows:
        line += (grouped and row.group not in ("", over)) + 1 + len(row.below)
        over = row.group
        first.append(line)
    return Arrangement(rows, [row.key for row in rows], first, widths(rows))


NOTHING = arranged(())


def matching(rows: Sequence[Row], words: Sequence[str]) -> list[Row]:
    """Those in which every word stands; where there are none, those whose name spells the words."""
    found = [row for row in rows if all(_stands_in(row, word) for word in words)]
    return found or [row for row in rows if all(_is_spelt(row, word) for word in words)]


def first(rows: Sequence[Row], favourites: Collection[tuple[str, ...]]) -> list[Row]:
    """``rows`` with the favourites before their like: of the same group, and as well or ill as they."""
    alike = (list(run) for _, run in groupby(rows, key=lambda row: (row.group, row.problem)))
    return [row for run in alike for row in sorted(run, key=lambda row: row.key not in favourites)]


def _stands_in(row: Row, word: str) -> bool:
    """Whether ``word`` does; with ``!`` before it, whether it does not. A lone ``!`` is being typed."""
    if word.startswith("!"):
        return len(word) == 1 or not _stands_in(row, word[1:])
    find, tags = row.terms
    return word in find or (":" in word and word in tags)


def _is_spelt(row: Row, word: str) -> bool:
    """The same, or, for want of anything better, whether the letters of ``word`` come in their order in the name."""
    if _stands_in(row, word):
        return True
    letters = iter(row.name.lower())
    return word.isalnum() and all(letter in letters for letter in word)


ORDERS = {
    "name": lambda row: row.name,
    "age": lambda row: -row.moment.timestamp() if row.moment else 0.0,
    "status": lambda row: row.rank,
    "blocks": lambda row: -row.blocks,
}
