"""The app's side towards the terminal: its colours, its driver, what is written to it, and its end."""

import asyncio
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from rich.console import RenderableType
from rich.text import Text as RichText
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.driver import Driver
from textual.filter import LineFilter, NoColor
from textual.screen import Screen

from console.model.text import printable
from console.ui.frame import Frame
from console.ui.inorder import InOrder
from console.ui.looks import Looks, theme
from console.ui.palettes import PALETTES

if TYPE_CHECKING:
    from console.ui.terminal import Terminal

_PATIENCE = 3.0  # seconds that who has the terminal gets to end, at each of three signals


class OnTerminal(InOrder):
    """An app that draws as ours does. ``take_terminal`` is for ``on_mount``."""

    def __init__(self, *, ascii_only: bool, palette: str) -> None:
        super().__init__()
        self.looks = Looks(ascii_only=ascii_only)
        self.wear(palette)
        self.animation_level = "none"
        self.frame = Frame()
        self._ends: int | None = None
        self.next_guests: deque[Callable[[], None]] = deque()  # each lends the terminal

    def wear(self, palette: str) -> None:
        """Draw in these colours from now on; a terminal with sixteen has but its own."""
        few = self.no_color or self.console.color_system in ("standard", None)
        self.palette = "terminal" if few else palette
        self.looks = Looks(PALETTES[self.palette], ascii_only=self.looks.ascii_only)
        worn = theme(self.palette)
        if worn:
            self.register_theme(worn)
        self.theme = worn.name if worn else "ansi-dark"

    def get_driver_class(self) -> type[Driver]:
        """See App."""
        return cast("type[Driver]", import_module("console.ui.terminal").Terminal)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """See App. Without colours: the terminal's own two; Textual would make greys, or black on black, of them."""
        return [NoColor()] if self.no_color else super().get_line_filters()

    def take_terminal(self) -> None:
        """Its signals end the app; after the shell had it, it is drawn whole."""
        self.app_resume_signal.subscribe(self, self._resumed)
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.end, 128 + number)
            self._ask_no_focus()

    def end(self, code: int) -> None:
        """End with this exit code; who has the terminal ends first, and gives it back. Asked again: at once."""
        guest, again, self._ends = self.guest, self._ends is not None, code
        if guest is None or again:
            self.exit(code)
            return
        guest.hang_up()
        later = asyncio.get_running_loop().call_later
        later(_PATIENCE, guest.send, signal.SIGTERM)
        later(2 * _PATIENCE, guest.send, signal.SIGKILL)
        later(3 * _PATIENCE, self.end, code)

    @property
    def ends(self) -> bool:
        """Whether it was asked to end."""
        return self._ends is not None

    def taken_back(self) -> None:
        """The terminal is ours again; what had to wait for that goes on."""
        if self._ends is not None:
            self.exit(self._ends)
        elif self.next_guests and self.guest is None:
            self.next_guests.popleft()()

    @property
    def has_terminal(self) -> bool:
        """Whether the terminal is still there: it may go without a SIGHUP (nohup, a terminal that is not ours)."""
        import termios  # noqa: PLC0415 - not for the first frame

        try:
            return self.is_headless or bool(termios.tcgetattr(0))
        except termios.error:
            return False

    def emit(self, sequence: str) -> None:
        """What draws nothing, straight to the terminal: between two frames, or while it is lent."""
        if self._driver is not None and not self.is_headless:
            cast("Terminal", self._driver).tell(sequence)

    def _ask_no_focus(self) -> None:
        """Nothing comes of the terminal's focus; told in pieces over a slow line it would be taken for typing."""
        self.emit("\x1b[?1004l")

    def _fatal_error(self) -> None:
        """See App: what ended it, and none of the values it was working with."""
        if error := sys.exception():
            crash = import_module("console.model.crash")
            self._exit_renderables.append(RichText(crash.report(error)))
        self._close_messages_no_wait()

    def copy_to_clipboard(self, text: str) -> None:
        """See App. What is pasted somewhere, into a shell even, is only what was to be seen."""
        super().copy_to_clipboard("\n".join(map(printable, text.split("\n"))))

    def _resumed(self, app: App[Any]) -> None:
        """Back from the shell, which wrote over everything."""
        self._ask_no_focus()
        self.frame.forget()
        app.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """A window that shrank and grew again at once has its size of before, and has lost what stood at its edges."""
        if event.size == self.frame.size:
            self.frame.forget()
            self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """See App. Only what differs from the last frame is written.

        From a window's change until its screen is laid out anew, what that still paints belongs to the size of before:
        it would wrap, and be taken for what stands there. The new layout paints everything.
        """
        update: object = renderable
        if isinstance(update, CompositorUpdate) and screen.outer_size != self.size:
            return
        if isinstance(update, CompositorUpdate) and not self._batch_count:  # in a batch nothing is written
            update = self.frame.difference(update, self.size)
        super()._display(screen, cast("RenderableType | None", update))
