"""A screen with one text: a line that says what it is, the text, the keys."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from console.model.snapshot import Snapshot
from console.ui import keymap
from console.ui.looks import Line, Run, clean
from console.ui.scene import Scene
from console.ui.screens.base import Place
from console.ui.situation import TEXTS
from console.ui.widgets.canvas import Canvas
from console.ui.widgets.text import Text


class Title(Canvas):
    """What this screen shows, and under it a rule with what there is to say of the text."""

    def __init__(self) -> None:
        super().__init__(id="title")
        self.left: Line = ()
        self.right: Line = ()
        self.below: Line = ()

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        now = self.console_app.desk.now()
        spare = width - sum(len(run.shown(now)) for run in (*self.left, *self.right)) - 3
        first = (Run(" "), *self.left, *((Run(" " * (spare + 1)), *self.right) if spare >= 0 else ()))
        rest = (*self.below, *(self.right if spare < 0 else ()))
        cluster = self.console_app.desk.cluster
        named = (Run("─ ", "faint"), Run(clean(cluster), "muted"), Run(" ", "faint")) if cluster else ()
        size = sum(len(run.shown(now)) for run in (*named, *rest))
        rule = Run("─" * max(0, width - size - (2 if rest else 0)), "faint")
        return [first, (*named, rule, *((Run(" "), *rest, Run(" ")) if rest else ()))][:height]


class Reading(Place):
    """Subclasses give ``title`` and ``lines``; both are asked again whenever something changed."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(TEXTS)]

    def __init__(self) -> None:
        super().__init__()
        self.title_line = Title()
        self.text = Text(id="text")

    def compose(self) -> ComposeResult:
        """See Screen."""
        yield self.title_line
        yield self.text
        yield self.bottom

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self.read(self.text)

    def on_text_altered(self) -> None:
        """The rule above tells where in the text one is."""
        self.title_line.below = self.text.position()
        self.title_line.repaint()

    def heading(self) -> tuple[Line, Line]:
        """What stands above at the left and at the right."""
        raise NotImplementedError

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """The text."""
        raise NotImplementedError

    def take(self, scene: Scene) -> None:
        """See Place. The window stays where it is."""
        self.title_line.left, self.title_line.right = self.heading()
        self.title_line.repaint()
        self.text.show(self.lines(scene.snapshot, max(40, self.size.width - 2)), keep=True)

    def on_resize(self) -> None:
        """Prose is wrapped anew."""
        if self.is_mounted:
            self.take(self.console_app.scene)
