"""What all screens share: a place, the last line, and how a key finds what it does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.binding import BindingType

from console.ui import keymap
from console.ui.actions import ACTIONS
from console.ui.looks import Run
from console.ui.scene import Scene
from console.ui.screens.leaving import Leaving
from console.ui.situation import Situation
from console.ui.widgets.bottom import Bottom
from console.ui.widgets.canvas import Canvas
from console.ui.widgets.table import Table
from console.ui.widgets.text import Text

if TYPE_CHECKING:
    from console.model.flux import FluxKey
    from console.ui.app import ConsoleApp

_HINT = "every word, or its letters in order; !word: must not stand in it"
_HINTS = {"flux": "words, letters in order, !words, kind: ns: status: source:"}


class Place(Leaving[Any]):
    """A screen of ours. ``PLACE`` names it; keys are those of the table for it."""

    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = ""
    PLACE: ClassVar[str] = "help"

    def __init__(self) -> None:
        super().__init__()
        self.bottom = Bottom()  # the last line; each screen puts it there
        self._reader: Table | Text | None = None

    @property
    def console_app(self) -> "ConsoleApp":
        """The app, by its type."""
        return cast("ConsoleApp", self.app)

    @property
    def is_mounted(self) -> bool:
        """Whether it stands. Textual's own stays true of a screen that was left: an answer may still come for it."""
        return super().is_mounted and self.is_attached and self in self.app.screen_stack

    @property
    def place(self) -> str:
        """Where the operator is, for the table of actions."""
        return self.PLACE

    @property
    def reader(self) -> Table | Text | None:
        """What the cursor keys move."""
        return self._reader

    def read(self, reader: Table | Text) -> None:
        """Give it the keys."""
        before, self._reader = self._reader, reader
        if before is not None and before is not reader:
            before.activate(active=False)
        reader.activate(active=True)

    def on_key(self, event: events.Key) -> None:
        """While something is asked, keys are typed."""
        if self.bottom.asking:
            self.bottom.key(event)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted is text to type, never keys to press."""
        event.stop()
        if self.bottom.asking:
            self.bottom.paste(event.text)

    def situation(self) -> Situation:
        """For the table of actions: may this be done here and now?"""
        return Situation(self.place, self.console_app.desk.writable)

    @property
    def flux_keys(self) -> "list[FluxKey]":
        """The Flux objects that are chosen here."""
        return []

    @property
    def marked_updates(self) -> list[str]:
        """The branches that are marked here."""
        return []

    @property
    def commit(self) -> str:
        """The approved commit that the screen is about, if it is about one."""
        return ""

    def take(self, scene: Scene) -> None:
        """Something changed."""

    def tick(self) -> None:
        """Time went on: ages may have reached their next step."""
        for canvas in self.query(Canvas):
            canvas.repaint()

    def on_mount(self) -> None:
        """The last line knows its keys; the operator may have keys of their own."""
        if self.console_app.table is not ACTIONS:
            self._bindings = keymap.rebound(self._bindings, self.console_app.table)
        self.bottom.situation = self.situation
        self.take(self.console_app.scene)

    def on_screen_resume(self) -> None:
        """What changed while another screen stood before this one."""
        if self.is_mounted:
            self.take(self.console_app.scene)
            self.tick()

    def say(self, *runs: Run, lasting: bool = False) -> None:
        """A line for the operator; it can be read again, and whole."""
        self.bottom.say(runs, lasting=lasting)
        self.console_app.remember(runs, lasting=lasting)

    def hush(self) -> None:
        """A key was pressed: what was said has been read."""
        self.bottom.hush()

    def find(self, name: str) -> Callable[[], None] | None:
        """Who does it: what is read here, else this screen, else what works anywhere."""
        for owner in (self.reader, self, self.console_app.verbs):
            method = getattr(owner, f"do_{name}", None)
            if method is not None:
                return cast("Callable[[], None]", method)
        return None

    # What works on every screen

    def do_filter(self) -> None:
        """Filter a list, search in a text, as one types."""
        reader = self.reader
        if reader is not None:
            self.bottom.ask(
                "/",
                text=reader.filter,
                hint=_HINTS.get(self.place, _HINT) if isinstance(reader, Table) else "search",
                typed=reader.narrow_to,
                left=lambda: reader.narrow_to(""),
            )

    do_search = do_filter

    def do_command(self) -> None:
        """A command by name."""
        self.bottom.ask(
            ":",
            complete=lambda text: self.console_app.verbs.completions(self.place, text.lstrip()),
            entered=self.console_app.command,
        )

    def do_back(self) -> None:
        """First what narrows the view, then the screen itself."""
        reader = self.reader
        if reader is None or not reader.clear():
            self.do_close()

    def do_close(self) -> None:
        """Back, whatever is narrowed."""
        self.dismiss()

    def do_copy(self) -> None:
        """The whole text, or what of it is selected."""
        reader = self.reader
        if isinstance(reader, Text):
            self.app.copy_to_clipboard(reader.plain())
            count = len(reader.selected)
            what = f"{count} line{'s' if count > 1 else ''}" if count else "the text"
            if count:
                reader.do_select()
            self.say(Run(f"copied {what} to the clipboard"))
