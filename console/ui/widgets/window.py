"""Where in a text one looks: a line, and how many of the rows that it takes are above the window."""

from collections.abc import Callable, Iterator, Sequence

from console.ui.looks import Line

Rows = Callable[[int], Sequence[Line]]


class Window:
    """``rows`` gives those that a line takes, ``count`` says how many lines there are."""

    def __init__(self, rows: Rows, count: Callable[[], int], height: Callable[[], int]) -> None:
        self._rows = rows
        self._count = count
        self._height = height
        self.top = 0
        self._above = 0

    def seen(self) -> Iterator[tuple[int, Line]]:
        """The rows in sight, each with the number of its line."""
        room, skip = self._height(), self._above
        for index in range(self.top, self._count()):
            for row in self._rows(index)[skip:]:
                if not room:
                    return
                yield index, row
                room -= 1
            skip = 0

    @property
    def at_end(self) -> bool:
        """Whether the last row is in sight."""
        return (self.top, self._above) >= self._last()

    def go(self, line: int) -> None:
        """``line`` at the top, or as near as nothing below the end is empty."""
        self.top, self._above = max(0, line), 0
        self.settle()

    def settle(self) -> None:
        """Nothing empty below the end: lines may have gone, or the window grew."""
        self.top, self._above = max((0, 0), min((self.top, self._above), self._last()))

    def move(self, by: int) -> None:
        """So many rows on, or back."""
        top, above = self.top, self._above + by
        while above < 0 and top > 0:
            top -= 1
            above += len(self._rows(top))
        while top < self._count() and above >= len(self._rows(top)):
            above -= len(self._rows(top))
            top += 1
        self.top, self._above = top, max(0, above)
        self.settle()

    def bring(self, line: int) -> None:
        """``line`` in sight."""
        if line not in {index for index, _ in self.seen()}:
            self.go(line - self._height() // 2)

    def _last(self) -> tuple[int, int]:
        """Where the last row is at the bottom."""
        room = self._height()
        for index in range(self._count() - 1, -1, -1):
            size = len(self._rows(index))
            if size >= room:
                return index, size - room
            room -= size
        return 0, 0
