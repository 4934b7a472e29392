"""A list that costs little over a thin line: rows by key, the cursor by key, only lines that changed are sent."""

from collections.abc import Sequence

from textual import events
from textual.message import Message

from console.model.text import safe
from console.ui.looks import Line, Run
from console.ui.widgets.arrangement import NOTHING, ORDERS, Arrangement, arranged, first, matching
from console.ui.widgets.canvas import Canvas, under_cursor
from console.ui.widgets.columns import Columns, Row, columns, laid_out

Key = tuple[str, ...]


class Table(Canvas):
    """Shows rows; knows cursor, filter, order and marks. What the rows mean is another's business."""

    class Altered(Message):
        """Cursor, filter, marks or rows are others: what is told of them elsewhere is old."""

        def can_replace(self, message: Message) -> bool:
            """See Message."""
            return isinstance(message, Table.Altered)

    def __init__(self, *, gives: int = 0, yields: int | None = None, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._gives = gives
        self._yields = yields
        self._all = NOTHING
        self._shown = NOTHING  # those that the filter lets through, in order
        self._layout: tuple[int, Columns] = (-1, Columns())
        self._at = 0
        self._top = 0
        self.empty: Sequence[Line] = ()  # stands in their place
        self.filter = ""
        self.problems_only = False
        self.sort = ""  # "", "name", "age", "status", "blocks"; the order given when empty
        self.descending = False
        self.marks: set[Key] = set()
        self._range_from: Key | None = None
        self.favourites: frozenset[Key] = frozenset()  # they stand before their like
        self.favourites_only = False

    # What is shown

    def show(self, rows: Arrangement) -> None:
        """These are the rows now. The cursor stays on its row, or near where that was."""
        if rows is self._all:
            self.repaint()
            return
        self._all = rows
        if self.marks:
            self.marks.intersection_update(rows.keys)
        self.refill()

    def forget(self) -> None:
        """No rows, and nothing that was done to them."""
        self.filter, self.problems_only, self.favourites_only, self.sort, self.descending = "", False, False, "", False
        self.marks, self._range_from, self._at, self._top = set(), None, 0, 0
        self.show(NOTHING)

    def prefer(self, favourites: frozenset[Key]) -> None:
        """These rows are favourites."""
        if favourites != self.favourites:
            self.favourites = favourites
            self.refill()

    def refill(self) -> None:
        """Filter and order anew."""
        before = self.current
        self._shown = self._chosen_rows()
        self._layout = (-1, Columns())
        if before:
            there = self._shown.place(before.key)
            there = self._at if there is None else there
            # What went into another group (approved, gone) leaves the cursor where the work goes on.
            if self.sort or there >= len(self.rows) or self.rows[there].group == before.group:
                self._at = there
        self._at = max(0, min(self._at, len(self.rows) - 1))
        self._alter()

    def _chosen_rows(self) -> Arrangement:
        if not (self.filter or self.problems_only or self.sort or self.favourites or self.favourites_only):
            return self._all
        rows = [row for row in self._all.rows if row.problem or not self.problems_only]
        rows = [row for row in rows if row.key in self.favourites or not self.favourites_only]
        rows = matching(rows, self.filter.lower().split())
        if self.sort:
            rows.sort(key=ORDERS[self.sort], reverse=self.descending)
        elif self.favourites:
            rows = first(rows, self.favourites)
        return arranged(rows, grouped=not self.sort)

    @property
    def rows(self) -> Sequence[Row]:
        """Those that the filter lets through, in order."""
        return self._shown.rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self._at] if self._at < len(self.rows) else None

    @property
    def chosen(self) -> list[Row]:
        """The marked rows, else the one under the cursor."""
        marked = [row for row in self.rows if row.key in self.marks] if self.marks else []
        return marked or [row for row in [self.current] if row]

    @property
    def hidden(self) -> int:
        """How many rows the filter holds back."""
        return len(self._all.rows) - len(self.rows)

    @property
    def absence(self) -> Sequence[Line]:
        """What stands in the place of rows: that none matches, where there would be some."""
        if not self.hidden:
            return self.empty
        what = f"Nothing matches {safe(self.filter)}" if self.filter else "No problems"
        what = "No favourites; * makes one" if self.favourites_only and not self.filter else what
        return [(Run(f" {what}, esc clears", "muted"),)]

    @property
    def lines(self) -> int:
        """Lines that everything takes."""
        return len(self.head(self.room.width)) + (self._shown.first[-1] if self.rows else len(self.absence))

    def on_resize(self, event: events.Resize) -> None:
        """See Canvas. What fits now is told elsewhere."""
        super().on_resize(event)
        self.post_message(self.Altered())

    def head(self, width: int) -> list[Line]:
        """What stands above the rows and does not scroll."""
        del width
        return []

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        head = self.head(width)
        if not self.rows:
            return [*head, *self.absence]
        head = head[: max(0, height - 1)]
        self._scroll(height - len(head))
        layout = self._columns(width - 2)
        now = self.console_app.desk.now()
        lines: list[Line] = []
        index = self._row_at(self._top)
        skip = self._top - self._shown.first[index]
        while index < len(self.rows) and len(lines) < height - len(head) + skip:
            row = self.rows[index]
            marked = row.key in self.marks
            sign = "●" if marked else "★" if row.key in self.favourites else " "
            top = (Run(sign, "accent"), *laid_out(row, layout, now))
            if index == self._at and self.active:
                top = under_cursor((Run("▌" if sign == " " else sign, "accent"), *top[1:]))
            lines.extend([(Run(f" {row.group}", "accent"),)] if self._shown.is_headed(index) else [])
            lines.append(top)
            lines.extend((Run("   "), *below) for below in row.below)
            index += 1
        return [*head, *lines[skip:]]

    def position(self) -> Line:
        """``12 of 143``, where not everything fits."""
        if not self.rows or self.lines <= self.room.height:
            return ()
        return (Run(f"{self._at + 1} of {len(self.rows)}", "muted"),)

    # What the operator does

    def go(self, index: int) -> None:
        """The cursor to the row of that number, or the nearest."""
        index = max(0, min(index, len(self.rows) - 1))
        if index != self._at:
            self._at = index
            self._alter()

    def go_to(self, key: Key) -> bool:
        """The cursor to the row with ``key``; whether there is one that the filter lets through."""
        there = self._shown.place(key)
        if there is not None:
            self.go(there)
        return there is not None

    def do_down(self) -> None:
        """One row."""
        self.go(self._at + 1)

    def do_up(self) -> None:
        """One row."""
        self.go(self._at - 1)

    def do_top(self) -> None:
        """The first row."""
        self.go(0)

    def do_bottom(self) -> None:
        """The last row."""
        self.go(len(self.rows) - 1)

    def do_page_down(self) -> None:
        """A screenful."""
        self._page(1)

    def do_page_up(self) -> None:
        """A screenful."""
        self._page(-1)

    def do_mark(self) -> None:
        """Mark or unmark, and go on to the next row."""
        if self.current:
            self.marks ^= {self.current.key}
            self._range_from = self.current.key
            if self._at + 1 < len(self.rows):
                self.go(self._at + 1)
            else:
                self._alter()

    def do_mark_range(self) -> None:
        """Mark everything from the last mark to here."""
        if not self.current:
            return
        start = self._shown.place(self._range_from or self.current.key)
        low, high = sorted((self._at if start is None else start, self._at))
        self.marks |= {row.key for row in self.rows[low : high + 1]}
        self._range_from = self.current.key
        self._alter()

    def do_problems(self) -> None:
        """Only problems, or everything again."""
        self.problems_only = not self.problems_only
        self.refill()

    def do_favourites(self) -> None:
        """Only favourites, or everything again."""
        self.favourites_only = not self.favourites_only
        self.refill()

    def do_sort_name(self) -> None:
        """By name; again turns the order, a third time gives the first order back."""
        self._sort("name")

    def do_sort_age(self) -> None:
        """By age, as above."""
        self._sort("age")

    def do_sort_status(self) -> None:
        """By status, as above."""
        self._sort("status")

    def do_sort_blocks(self) -> None:
        """By how much it blocks, the most first; as above."""
        self._sort("blocks")

    def narrow_to(self, text: str) -> None:
        """Only rows in which every word of ``text`` stands; with ``!`` before it, those in which it does not.

        Where none is left, those whose name has the letters in their order: ``grfn`` finds ``grafana``. The cursor
        goes to the first.
        """
        changed, self.filter = text != self.filter, text
        self.refill()
        if changed and text:
            self.go(0)

    def clear(self) -> bool:
        """Take back the filter, or else the marks; whether there was anything to take back."""
        narrowed = bool(self.filter or self.problems_only or self.favourites_only)
        anything = narrowed or bool(self.marks)
        self.filter, self.problems_only, self.favourites_only = "", False, False
        if not narrowed:
            self.marks.clear()
        if anything:
            self.refill()
        return anything

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Only with ``--mouse``."""
        event.stop()
        self.go(self._at + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Only with ``--mouse``."""
        event.stop()
        self.go(self._at - 3)

    def on_click(self, event: events.Click) -> None:
        """Only with ``--mouse``: the cursor goes there."""
        y = event.y - (1 if self.framed else 0) - len(self.head(self.room.width)) + self._top
        if self.rows and 0 <= y < self._shown.first[-1]:
            self.go(self._row_at(y))

    # Details

    def _alter(self) -> None:
        self.repaint()
        self.post_message(self.Altered())

    def _page(self, sign: int) -> None:
        """A screenful of lines, but always another row: one may be higher than the screen."""
        lines = max(1, self.room.height - len(self.head(self.room.width)) - 1)
        if self.rows:
            there = self._row_at(max(0, min(self._shown.first[-1] - 1, self._shown.first[self._at] + sign * lines)))
            self.go(there if there != self._at else self._at + sign)

    def _sort(self, by: str) -> None:
        if self.sort != by:
            self.sort, self.descending = by, False
        elif not self.descending:
            self.descending = True
        else:
            self.sort = ""
        self.refill()

    def _columns(self, width: int) -> Columns:
        if self._layout[0] != width:
            self._layout = (width, columns(self._shown.widths, width, self._gives, self._yields))
        return self._layout[1]

    def _row_at(self, at_line: int) -> int:
        low, high = 0, len(self.rows) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._shown.first[middle] <= at_line else (low, middle - 1)
        return low

    def _scroll(self, height: int) -> None:
        """The cursor's row in sight, nothing empty below the last one."""
        first, end = self._shown.first[self._at], self._shown.first[self._at + 1]
        top = min(self._top, first)
        top = max(top, min(first, end - height))
        self._top = max(0, min(top, self._shown.first[-1] - height))
