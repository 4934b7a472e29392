"""Text to read: scrolls, wraps on demand, finds; lines of it can be selected."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual import events
from textual.message import Message

from console.ui.looks import Line, Run
from console.ui.widgets.canvas import Canvas, under_cursor
from console.ui.widgets.window import Window


class Text(Canvas):
    """Lines with a window onto them. ``search`` marks the lines in which a word stands; some may be to be chosen."""

    class Altered(Message):
        """Window, search or selection are others: what is told of them elsewhere is old."""

        def can_replace(self, message: Message) -> bool:
            """See Message."""
            return isinstance(message, Text.Altered)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()
        self.title: Line = ()
        self.state: Line = ()
        self.filter = ""
        self.wraps = False
        self._window = Window(self._rows, lambda: len(self.lines), lambda: self.room.height)
        self._wrapped: dict[int, list[Line]] = {}
        self._wrapped_at = 0  # this width
        self._targets: Mapping[int, Any] = {}
        self._chosen = -1
        self._found: list[int] = []
        self._at = -1  # which of those found
        self._left = 0
        self._selection: tuple[int, int] | None = None  # from where, and to the line that moves

    def show(self, lines: Sequence[Line], *, keep: bool = False) -> None:
        """These lines; from their beginning, or where the window stands (``keep``)."""
        self.lines = lines
        self._wrapped = {}
        if not keep:
            self._window.go(0)
            self._left = 0
            self._targets, self._chosen = {}, -1
            self._selection = None
        self._shift(0)
        self._find()
        self._alter()

    def follow(self, lines: Sequence[Line], dropped: int) -> None:
        """These lines, of which the first ``dropped`` seen before are gone; at its end the window stays at the end."""
        at_end = self._window.at_end and not self._selection
        top = self._window.top - dropped
        self.lines = lines
        self._wrapped = {}
        self._shift(dropped)
        if at_end or dropped:
            self._window.go(len(lines) if at_end else top)
        self._find()
        self._alter()

    def offer(self, targets: Mapping[int, Any]) -> None:
        """What the lines with these numbers stand for: up and down go from one of them to the next."""
        self._targets = targets
        if self._chosen not in targets:
            self._chosen = min(targets, default=-1)
        self._alter()

    @property
    def chosen(self) -> Any:
        """What the chosen line stands for; None where nothing can be chosen."""
        return self._targets.get(self._chosen)

    @property
    def at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self._window.at_end

    @property
    def selected(self) -> range:
        """The numbers of the lines that are selected; none where nothing is."""
        return range(min(self._selection), max(self._selection) + 1) if self._selection else range(0)

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del height
        self._wrap_at(width)
        self._window.settle()
        found, selected = set(self._found), self.selected
        here = self._found[self._at] if self._found and self._at >= 0 else -1
        marked = {here, self._chosen} if not self._selection else set()
        lines = []
        for index, row in self._window.seen():
            mark = Run("▌" if index in found or (self._selection and index == self._selection[1]) else " ", "accent")
            shown = (mark, *(row if self.wraps else _from(row, self._left)))
            lines.append(under_cursor(shown) if index in marked or index in selected else shown)
        return lines

    def edges(self) -> tuple[Line, Line, Line]:
        """See Canvas."""
        return self.title, self.state, self.position()

    def position(self) -> Line:
        """``1–20 of 143``, where not everything fits; what is selected, and the count of what was found."""
        self._wrap_at(self.room.width)
        runs: list[Run] = []
        if self._selection:
            count = len(self.selected)
            runs.append(Run(f"{count} line{'s' if count > 1 else ''} selected, c copies  ", "accent"))
        if self.filter:
            runs.append(Run(f"{self._at + 1} of {len(self._found)} found  ", "accent"))
        if self.wraps and self.active:  # who has the keys can end it
            runs.append(Run("wrapped  ", "accent"))
        seen = [index for index, _ in self._window.seen()]
        if seen and len(set(seen)) < len(self.lines):
            runs.append(Run(f"{seen[0] + 1}–{seen[-1] + 1} of {len(self.lines)}", "muted"))
        return tuple(runs)

    def plain(self) -> str:
        """What is selected, else all of it: to copy, to keep."""
        lines = [self.lines[index] for index in self.selected] if self._selection else self.lines
        now = self.console_app.desk.now()
        return "\n".join("".join(run.shown(now) for run in line).rstrip() for line in lines)

    def narrow_to(self, text: str) -> None:
        """Search for ``text``; the window goes to the first place from here on."""
        self.filter = text
        self._find()
        if self._found:
            self._at = next((i for i, index in enumerate(self._found) if index >= self._window.top), 0)
            self._window.bring(self._found[self._at])
        self._alter()

    def clear(self) -> bool:
        """End the selection, or else the search; whether there was one."""
        anything = bool(self._selection or self.filter)
        if self._selection:
            self._selection = None
            self._alter()
        else:
            self.narrow_to("")
        return anything

    # Keys

    def do_next_match(self) -> None:
        """The next place."""
        self._match(1)

    def do_previous_match(self) -> None:
        """The place before."""
        self._match(-1)

    def do_down(self) -> None:
        """One line."""
        self._step(1)

    def do_up(self) -> None:
        """One line."""
        self._step(-1)

    def do_top(self) -> None:
        """The beginning."""
        self._move(-len(self.lines), whole=True)

    def do_bottom(self) -> None:
        """The end."""
        self._move(len(self.lines), whole=True)

    def do_page_down(self) -> None:
        """A screenful."""
        self._move(max(1, self.room.height - 1))

    def do_page_up(self) -> None:
        """A screenful."""
        self._move(-max(1, self.room.height - 1))

    def do_right(self) -> None:
        """Further along long lines."""
        self._left += 8
        self._alter()

    def do_left(self) -> None:
        """Back along long lines."""
        self._left = max(0, self._left - 8)
        self._alter()

    def do_wrap(self) -> None:
        """Long lines on several, or each on its own."""
        self.wraps = not self.wraps
        self._left, self._wrapped = 0, {}
        self._window.go(self._window.top)
        self._alter()

    def do_select(self) -> None:
        """From this line on, up to where one goes; again: nothing any more."""
        here = self._found[self._at] if self._found else self._chosen
        seen = {index for index, _ in self._window.seen()}
        if self._selection or not seen:
            self._selection = None
        else:
            start = here if here in seen else min(seen)
            self._selection = start, start
        self._alter()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Only with ``--mouse``."""
        event.stop()
        self._move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Only with ``--mouse``."""
        event.stop()
        self._move(-3)

    # Details

    def _rows(self, index: int) -> Sequence[Line]:
        """Those that the line of that number takes."""
        if not self.wraps:
            return (self.lines[index],)
        if index not in self._wrapped:
            from console.ui.widgets.wrapping import wrapped  # noqa: PLC0415 - only where it is asked for

            self._wrapped[index] = wrapped(self.lines[index], self._wrapped_at - 1, self.console_app.desk.now())
        return self._wrapped[index]

    def _wrap_at(self, width: int) -> None:
        if width != self._wrapped_at:
            self._wrapped_at, self._wrapped = width, {}

    def _alter(self) -> None:
        self.repaint()
        self.post_message(self.Altered())

    def _shift(self, dropped: int) -> None:
        """The first lines are gone, or there are fewer."""
        if self._selection:
            last = len(self.lines) - 1
            start, end = (max(0, min(last, line - dropped)) for line in self._selection)
            self._selection = (start, end) if last >= 0 else None

    def _move(self, by: int, *, whole: bool = False) -> None:
        """The window; while something is selected its end. ``whole``: to the very beginning or end."""
        if self._selection:
            start, end = self._selection
            self._select(start, end + by)
        elif whole:
            self._window.go(len(self.lines) if by > 0 else 0)
        else:
            self._window.move(by)
        self._alter()

    def _select(self, start: int, end: int) -> None:
        self._selection = start, max(0, min(end, len(self.lines) - 1))
        self._window.bring(self._selection[1])

    def _step(self, by: int) -> None:
        """To the next line that can be chosen; where there is none, of the window."""
        onward = [line for line in self._targets if (line - self._chosen) * by > 0]
        if not onward or self._selection:
            self._move(by)
            return
        self._chosen = min(onward, key=lambda line: line * by)
        self._window.bring(self._chosen)
        self._alter()

    def _match(self, by: int) -> None:
        if self._found:
            self._at = (self._at + by) % len(self._found)
            if self._found[self._at] in self._targets:
                self._chosen = self._found[self._at]
            if self._selection:
                self._select(self._selection[0], self._found[self._at])
            self._window.bring(self._found[self._at])
            self._alter()

    def _find(self) -> None:
        wanted = self.filter.lower()
        self._found = (
            [i for i, line in enumerate(self.lines) if wanted in "".join(run.text for run in line).lower()]
            if wanted
            else []
        )
        self._at = min(max(self._at, 0), len(self._found) - 1)


def _from(runs: Line, left: int) -> Line:
    """The line without its first ``left`` characters."""
    if not left:
        return runs
    kept: list[Run] = []
    for run in runs:
        if left >= len(run.text) and not run.moment:
            left -= len(run.text)
            continue
        kept.append(run if run.moment else run._replace(text=run.text[left:]))
        left = 0
    return tuple(kept)
