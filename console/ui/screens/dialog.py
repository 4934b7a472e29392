"""A question before something that reaches far. The default is No, and Enter alone never does anything."""

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from console.ui.looks import Line, Run
from console.ui.messages import Entered, Left
from console.ui.screens.leaving import Leaving
from console.ui.texts.layout import prose
from console.ui.widgets.prompt import Prompt

_WIDEST = 72


class Box(Prompt):
    """The question in a frame; below it the word to type, or y and N."""

    def __init__(self, title: str, said: list[Line], typed: str, *, free: bool, asks: str, notice: bool) -> None:
        super().__init__("Type " + typed + " to go on:" if typed else asks if free else "")
        self.framed = self.active = True
        self._title = title
        self.said = said
        self.asks = bool(typed) or free
        self.notice = notice
        self.wrong = ""
        self.shows = False

    def edges(self) -> tuple[Line, Line, Line]:
        """See Canvas."""
        foot = "enter    esc leaves it" if self.asks else "y yes    n or esc leaves it"
        foot = "enter or esc: back" if self.notice else foot
        foot += "    tab dry run" if self.shows else ""
        return (Run(self._title, "strong"),), self._cluster, (Run(foot, "muted"),)

    @property
    def _cluster(self) -> Line:
        """What is asked is asked of this cluster."""
        name = self.console_app.desk.cluster
        return (Run(name, "accent"),) if name and not self.notice else ()

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        if self.notice:
            return self.said[:height]
        below: list[Line] = [()]
        if self.asks:
            below += super().draw(width, 1)
        else:
            below.append((Run(" Go on? "), Run("y/N", "accent")))
        if self.wrong:
            below.append((Run(f" {self.wrong}", "warn"),))
        return [*self.said[: max(0, height - len(below))], *below]  # the question stays, however long the text


class Dialog(Leaving[str | None], ModalScreen[str | None]):
    """Gives what was typed (``"y"`` for a plain yes), or None for No.

    With ``typed`` exactly that word is needed; with ``free`` any text will do, but there must be one: ``asks`` for it.
    A ``notice`` asks nothing. ``shows`` is the dry run, for tab.
    """

    AUTO_FOCUS = ""

    def __init__(
        self,
        title: str,
        text: str,
        *,
        typed: str = "",
        free: bool = False,
        asks: str = "Why:",
        notice: bool = False,
        shows: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._shows = shows
        self._typed = typed
        self._title = title
        self._text = text
        self._free = free
        self._asks = asks
        self._notice = notice

    def compose(self) -> ComposeResult:
        """See Screen."""
        width = min(_WIDEST, self.app.size.width - 4)
        said = prose(self._text, width - 3, "", 1)
        box = Box(self._title, said, self._typed, free=self._free, asks=self._asks, notice=self._notice)
        box.shows = self._shows is not None
        box.styles.width = width
        box.styles.height = min(len(said) + (2 if self._notice else 5), self.app.size.height - 2)
        yield box

    def on_key(self, event: events.Key) -> None:
        """Without a word to type: y is yes; n, q and escape are no; everything else, a stray Enter too, is nothing."""
        box = self.query_one(Box)
        if self._shows and event.key == "tab":
            event.stop()
            self._shows()
        elif box.asks:
            box.key(event)
        elif box.notice and event.key == "enter":
            event.stop()
            self.dismiss(None)
        elif event.key in ("y", "n", "N", "escape", "q"):
            event.stop()
            self.dismiss("y" if event.key == "y" else None)

    def on_paste(self, event: events.Paste) -> None:
        """Only where there is something to type."""
        event.stop()
        box = self.query_one(Box)
        if box.asks:
            box.paste(event.text)

    def on_entered(self, message: Entered) -> None:
        """Only the right word goes on."""
        message.stop()
        box = self.query_one(Box)
        if self._typed and message.text.strip() != self._typed:
            box.wrong = f"That is not {self._typed}."
            box.repaint()
        elif not message.text.strip():
            box.wrong = "A word is needed; esc leaves it."
            box.repaint()
        else:
            self.dismiss(message.text.strip())

    def on_left(self, message: Left) -> None:
        """No."""
        message.stop()
        self.dismiss(None)
