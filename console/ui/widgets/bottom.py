"""The last line: the keys that apply, or what happens, or what one types. One widget, so that nothing moves."""

from collections.abc import Callable, Sequence

from console.ui import keymap
from console.ui.looks import Line, Run
from console.ui.messages import Entered, Left, Typed
from console.ui.widgets.prompt import Prompt

Answer = Callable[[str], None]


class Bottom(Prompt):
    """Keys, until something is said (``say``) or asked (``ask``)."""

    def __init__(self) -> None:
        super().__init__(id="bottom")
        self.place = ""
        self._said: Line = ()
        self._lasting = False
        self._typed: Answer | None = None
        self._entered: Answer | None = None
        self._left: Callable[[], None] | None = None
        self.asking = False

    # What happens

    def say(self, said: Line, *, lasting: bool = False) -> None:
        """Stands until the next key, or (``lasting``, for what goes on) until something else is said."""
        self._said, self._lasting = said, lasting
        self.repaint()

    def hush(self) -> None:
        """A key was pressed: what was said has been read."""
        if self._said and not self._lasting:
            self._said = ()
            self.repaint()

    @property
    def said(self) -> str:
        """What stands there now."""
        return "".join(run.text for run in self._said)

    # What one types

    def ask(
        self,
        mark: str,
        *,
        text: str = "",
        hint: str = "",
        complete: Callable[[str], Sequence[str]] | None = None,
        typed: Answer | None = None,
        entered: Answer | None = None,
        left: Callable[[], None] | None = None,
    ) -> None:
        """Take the keys until Enter or Escape."""
        self.mark, self.hint, self.text = mark, hint, text
        self._complete = complete or (lambda _: ())
        self._cursor = len(text)
        self._typed, self._entered, self._left = typed, entered, left
        self.asking = True
        self.repaint()

    def done(self) -> None:
        """Give the keys back."""
        self.asking = False
        self.repaint()

    def on_typed(self, message: Typed) -> None:
        """As one types."""
        message.stop()
        if self._typed:
            self._typed(message.text)

    def on_entered(self, message: Entered) -> None:
        """Enter."""
        message.stop()
        self.done()
        if self._entered:
            self._entered(message.text)

    def on_left(self, message: Left) -> None:
        """Escape."""
        message.stop()
        self.done()
        if self._left:
            self._left()

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        if self.asking:
            return super().draw(width, height)
        if self._said:
            return [(Run(" "), *self._said)]
        return [keys(self.place, width)]


def keys(place: str, width: int) -> Line:
    """As many of the place's keys as fit; ``?`` always."""
    runs: list[Run] = [Run(" ")]
    room = width - len(" ? help ")
    for action in keymap.in_footer(place):
        shown = f"{action.shown_keys.split(' ')[0]} "
        size = len(shown) + len(action.label) + 2
        if size > room:
            break
        runs += [Run(shown, "accent"), Run(f"{action.label}  ", "muted")]
        room -= size
    if place != "help":
        runs += [Run("? ", "accent"), Run("help", "muted")]
    return tuple(runs)
