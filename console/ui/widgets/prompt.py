"""One line to type into: the command line, the filter, the word that confirms. Nothing blinks."""

from collections.abc import Callable, Sequence

from textual import events

from console.ui.looks import Line, Run, clean
from console.ui.messages import Entered, Left, Typed
from console.ui.widgets.canvas import Canvas

_LONGEST = 400


class Prompt(Canvas):
    """Posts Typed, Entered and Left. ``complete`` gives what the last word could be."""

    def __init__(
        self,
        mark: str = "",
        *,
        complete: Callable[[str], Sequence[str]] | None = None,
        hint: str = "",
        text: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.mark = mark
        self.hint = hint
        self.text = text
        self._complete = complete or (lambda _: ())
        self._cursor = len(text)

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del height
        room = max(1, width - len(self.mark) - 4)
        start = max(0, self._cursor - room)
        before, after = self.text[start : self._cursor], self.text[self._cursor : start + room]
        runs = [
            Run(f" {self.mark}{' ' if self.mark[1:] else ''}", "accent"),
            Run(before),
            Run("▏", "accent"),
            Run(after),
        ]
        words = self._complete(self.text)
        if words:
            runs.append(Run("   " + "  ".join(words[:8]), "muted"))
        elif self.hint and not self.text:
            runs.append(Run(f"  {self.hint}", "muted"))
        return [tuple(runs)]

    def key(self, event: events.Key) -> None:
        """Edit; whatever it does not know goes no further either, so that no key acts while one types."""
        if event.key in _PASSED:
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.post_message(Entered(self.text))
        elif event.key == "escape" or (event.key == "backspace" and not self.text):
            self.post_message(Left())
        elif event.key in _EDITS:
            self._set(*_EDITS[event.key](self.text, self._cursor))
        elif event.key == "tab":
            words = self._complete(self.text)
            if words:
                whole = f"{self.text[: self.text.rfind(' ') + 1]}{words[0]} "
                self._set(whole, len(whole))
        elif event.is_printable and event.character:
            self._insert(event.character)

    def paste(self, text: str) -> None:
        """The first line of it."""
        self._insert(clean(text.split("\n", maxsplit=1)[0].strip("\r")))

    def _insert(self, text: str) -> None:
        whole = self.text[: self._cursor] + text + self.text[self._cursor :]
        self._set(whole[:_LONGEST], min(self._cursor + len(text), _LONGEST))

    def _set(self, text: str, cursor: int) -> None:
        changed = text != self.text
        self.text, self._cursor = text, max(0, min(cursor, len(text)))
        self.repaint()
        if changed:
            self.post_message(Typed(text))


# These act on what stands behind the prompt: one types a filter and moves in what it leaves.
_PASSED = frozenset(("ctrl+c", "ctrl+z", "up", "down", "pageup", "pagedown"))


def _erase_word(text: str, at: int) -> tuple[str, int]:
    kept = text[:at].rstrip()
    kept = kept[: kept.rfind(" ") + 1]
    return kept + text[at:], len(kept)


_EDITS: dict[str, Callable[[str, int], tuple[str, int]]] = {
    "backspace": lambda text, at: (text[: max(0, at - 1)] + text[at:], at - 1),
    "delete": lambda text, at: (text[:at] + text[at + 1 :], at),
    "left": lambda text, at: (text, at - 1),
    "right": lambda text, at: (text, at + 1),
    "home": lambda text, _: (text, 0),
    "ctrl+a": lambda text, _: (text, 0),
    "end": lambda text, _: (text, len(text)),
    "ctrl+e": lambda text, _: (text, len(text)),
    "ctrl+u": lambda text, at: (text[at:], 0),
    "ctrl+k": lambda text, at: (text[:at], at),
    "ctrl+w": _erase_word,
}
