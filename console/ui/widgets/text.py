"""Text to read: scrolls, wraps nothing, finds."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual import events
from textual.message import Message

from console.ui.looks import Line, Run
from console.ui.widgets.canvas import Canvas, under_cursor


class Text(Canvas):
    """Lines with a window onto them. ``search`` marks the lines in which a word stands; some may be to be chosen."""

    class Altered(Message):
        """Window or search are others: what is told of them elsewhere is old."""

        def can_replace(self, message: Message) -> bool:
            """See Message."""
            return isinstance(message, Text.Altered)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()
        self.title: Line = ()
        self.state: Line = ()
        self.filter = ""
        self._targets: Mapping[int, Any] = {}
        self._chosen = -1
        self._found: list[int] = []
        self._at = -1  # which of those found
        self._top = 0
        self._left = 0

    def show(self, lines: Sequence[Line], *, keep: bool = False) -> None:
        """These lines; from their beginning, or where the window stands (``keep``)."""
        self.lines = lines
        if not keep:
            self._top = self._left = 0
            self._targets, self._chosen = {}, -1
        self._find()
        self._alter()

    def follow(self, lines: Sequence[Line], dropped: int) -> None:
        """These lines, of which the first ``dropped`` seen before are gone; at its end the window stays at the end."""
        at_end = self.at_end
        self._top = max(0, self._top - dropped)
        self.lines = lines
        if at_end:
            self._top = max(0, len(lines) - self.room.height)
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
        return self._top >= len(self.lines) - self.room.height

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del width
        self._top = max(0, min(self._top, len(self.lines) - height))
        found = set(self._found)
        here = self._found[self._at] if self._found and self._at >= 0 else -1
        marked = {here, self._chosen}
        lines = []
        for index in range(self._top, min(len(self.lines), self._top + height)):
            shown = _from(self.lines[index], self._left)
            mark = Run("▌" if index in found else " ", "accent")
            shown = (mark, *shown)
            lines.append(under_cursor(shown) if index in marked else shown)
        return lines

    def edges(self) -> tuple[Line, Line, Line]:
        """See Canvas."""
        return self.title, self.state, self.position()

    def position(self) -> Line:
        """``1-20 of 143``, where not everything fits; the count of what was found."""
        height = self.room.height
        runs: list[Run] = []
        if self.filter:
            runs.append(Run(f"{self._at + 1} of {len(self._found)} found  ", "accent"))
        if len(self.lines) > height:
            runs.append(
                Run(f"{self._top + 1}–{min(len(self.lines), self._top + height)} of {len(self.lines)}", "muted")
            )
        return tuple(runs)

    def plain(self) -> str:
        """All of it, to copy."""
        return "\n".join("".join(run.text for run in line) for line in self.lines)

    def narrow_to(self, text: str) -> None:
        """Search for ``text``; the window goes to the first place from here on."""
        self.filter = text
        self._find()
        if self._found:
            self._at = next((i for i, index in enumerate(self._found) if index >= self._top), 0)
            self._bring(self._found[self._at])
        self._alter()

    def clear(self) -> bool:
        """End the search; whether there was one."""
        anything = bool(self.filter)
        self.narrow_to("")
        return anything

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
        self._move(-len(self.lines))

    def do_bottom(self) -> None:
        """The end."""
        self._move(len(self.lines))

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

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Only with ``--mouse``."""
        event.stop()
        self._move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Only with ``--mouse``."""
        event.stop()
        self._move(-3)

    def _alter(self) -> None:
        self.repaint()
        self.post_message(self.Altered())

    def _move(self, by: int) -> None:
        self._top = max(0, min(self._top + by, len(self.lines) - self.room.height))
        self._alter()

    def _step(self, by: int) -> None:
        """To the next line that can be chosen; where there is none, of the window."""
        onward = [line for line in self._targets if (line - self._chosen) * by > 0]
        if not onward:
            self._move(by)
            return
        self._chosen = min(onward, key=lambda line: line * by)
        self._bring(self._chosen)
        self._alter()

    def _match(self, by: int) -> None:
        if self._found:
            self._at = (self._at + by) % len(self._found)
            if self._found[self._at] in self._targets:
                self._chosen = self._found[self._at]
            self._bring(self._found[self._at])
            self._alter()

    def _bring(self, index: int) -> None:
        height = max(1, self.room.height)
        if not self._top <= index < self._top + height:
            self._top = index - height // 2

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
