"""The base of everything drawn here: lines of runs, compared with those on the terminal; differences are sent."""

from typing import TYPE_CHECKING, cast

from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from console.ui.looks import Line, Looks, Run

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


_PLAIN = frozenset(("", "muted", "faint", "strong"))


class Canvas(Widget):
    """Give the lines in ``draw``; call ``repaint`` whenever they may have changed.

    Who has the keys is ``active``, set by the screen. Textual's own focus paints the whole screen when it changes.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._kept: dict[Line, Strip] = {}  # of the last drawing, those that time does not change
        self._kept_for: tuple[Looks, int] | None = None  # what they were drawn for
        self._drawn = Size(0, 0)
        self.framed = False
        self.active = False

    @property
    def console_app(self) -> "ConsoleApp":
        """The app, by its type."""
        return cast("ConsoleApp", self.app)

    @property
    def room(self) -> Size:
        """Cells inside the frame, or of the whole widget where there is none."""
        width, height = self.size
        return Size(max(0, width - 2), max(0, height - 2)) if self.framed else Size(width, height)

    def draw(self, width: int, height: int) -> list[Line]:
        """The lines to show; fewer than ``height`` leaves the rest blank."""
        raise NotImplementedError

    def activate(self, *, active: bool) -> None:
        """Take the keys, or give them up."""
        if active != self.active:
            self.active = active
            self.repaint()

    def edges(self) -> tuple[Line, Line, Line]:
        """What stands in the frame: above at the left, above at the right, below at the right."""
        return (), (), ()

    def repaint(self) -> None:
        """Draw again the lines that differ from those drawn last."""
        size = self.size
        if not size.area or not self.is_attached or not self.screen.is_current:
            self._drawn = Size(0, 0)  # out of sight: drawn when it is seen again
            return
        new = self._strip_lines(size)
        if size != self._drawn:
            self._strips, self._drawn = new, size
            self.refresh()
            return
        lines = [y for y, (before, strip) in enumerate(zip(self._strips, new, strict=True)) if before != strip]
        self._strips = new
        if lines:
            self.refresh(*(Region(0, y, size.width, 1) for y in lines))

    def render_line(self, y: int) -> Strip:
        """See Widget."""
        if self._drawn != self.size:
            self._strips, self._drawn = self._strip_lines(self.size), self.size
        return self._strips[y]

    def on_resize(self, event: events.Resize) -> None:
        """Another size is another drawing, unless it was drawn for this size already."""
        del event
        self.repaint()

    def on_unmount(self) -> None:
        """Gone for good: see ``Leaving.on_unmount``."""
        self._strips, self._kept, self._drawn = [], {}, Size(0, 0)
        self.refresh()

    def _strip_lines(self, size: Size) -> list[Strip]:
        looks, now = self.console_app.looks, self.console_app.desk.now()
        width, height = self.room
        lines = self.draw(width, height)[:height]
        lines += [()] * (height - len(lines))
        kept = self._kept if self._kept_for == (looks, width) else {}
        strips = [kept.get(runs) or looks.strip(runs, width, now) for runs in lines]
        self._kept_for, self._kept = (looks, width), dict(filter(_lasts, zip(lines, strips, strict=True)))
        framed = self._in_frame(strips, size.width) if self.framed else strips
        return framed[: size.height]  # a frame alone has two lines: one of them is too many for a widget of one

    def _in_frame(self, strips: list[Strip], width: int) -> list[Strip]:
        looks, now = self.console_app.looks, self.console_app.desk.now()
        title, state, foot = self.edges()
        edge = "accent" if self.active else "faint"
        bar = looks.strip((Run("│", "faint"),), 1, now)
        above = looks.edge(("╭─", "─╮"), title, state, style=edge, width=width, now=now)
        below = looks.edge(("╰─", "─╯"), (), foot, style="faint", width=width, now=now)
        return [above, *(Strip.join((bar, strip, bar)) for strip in strips), below]


def _lasts(drawn: tuple[Line, Strip]) -> bool:
    """Whether a line looks the same at any time: it has no age in it."""
    return not any(run.moment for run in drawn[0])


def under_cursor(runs: Line) -> Line:
    """The same line under the cursor: quiet text becomes plain there, which reads better and takes fewer bytes."""
    return tuple(run._replace(style="+" if run.style in _PLAIN else f"{run.style}+") for run in runs)
