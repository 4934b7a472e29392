"""The last line: the keys that apply, or what happens, or what one types. One widget, so that nothing moves."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from console.ui import keymap
from console.ui.actions import ACTIONS, Action
from console.ui.looks import Line, Run
from console.ui.messages import Entered, Left, Typed
from console.ui.situation import Situation
from console.ui.widgets.prompt import Prompt

Answer = Callable[[str], None]


class Told(NamedTuple):
    """Something that was said, and when; ``lasting``: of what went on, until something else is said."""

    at: datetime
    said: Line
    lasting: bool


_STAYS = {"bad": timedelta(minutes=2), "": timedelta(seconds=30)}  # then the keys are back; seen at the next look


class Bottom(Prompt):
    """Keys, until something is said (``say``) or asked (``ask``)."""

    def __init__(self) -> None:
        super().__init__(id="bottom")
        self.situation: Callable[[], Situation] | None = None
        self._said: Line = ()
        self._lasting = False
        self._until = datetime.max.replace(tzinfo=UTC)
        self._typed: Answer | None = None
        self._entered: Answer | None = None
        self._left: Callable[[], None] | None = None
        self.asking = False

    # What happens

    def say(self, said: Line, *, lasting: bool = False) -> None:
        """Stands until the next key, but not for long; ``lasting``, for what goes on: until something else is said."""
        self._said, self._lasting = said, lasting
        stays = _STAYS["bad" if any(run.style == "bad" for run in said) else ""]
        self._until = datetime.max.replace(tzinfo=UTC) if lasting else self.console_app.desk.now() + stays
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
        left, right = keys(self.situation(), width, self.console_app.table) if self.situation else ((), ())
        if self._said and self.console_app.desk.now() < self._until:
            left = (Run(" "), *self._said)
            right = _last(right, width - _size(left) - 2)
            if _size(left) > width:
                left = _cut(left, self._whole(), width)
        return [(*left, Run(" " * (width - _size(left) - _size(right))), *right)]

    def _whole(self) -> Line:
        """Which key tells the whole of it."""
        place = self.situation().place if self.situation else ""
        action = next(each for each in self.console_app.table if each.id == "messages")
        shown = action.shown_keys.partition(" ")[0] or f":{action.command}"
        return (Run("… "), Run(f"{shown} ", "accent"), Run("whole ", "muted")) if place in action.where else (Run("…"),)


def _cut(line: Line, end: Line, width: int) -> Line:
    """``line`` with ``end`` in ``width`` cells."""
    room, kept = width - _size(end), list[Run]()
    for run in line:
        cells = min(cell_len(run.text), max(0, room))
        kept.append(run._replace(text=set_cell_size(run.text, cells)))
        room -= cells
    return (*kept, *end)


def keys(situation: Situation, width: int, table: Sequence[Action] = ACTIONS) -> tuple[Line, Line]:
    """What applies to what is chosen, and at the right what always does; ``?`` at the end.

    Which of them have room, and where, depends on the place alone: from row to row only those that change are written.
    """
    chosen, always = keymap.in_footer(situation.place, table)
    help_ = (Run("? ", "accent"), Run("help", "muted")) if situation.place != "help" else ()
    room = width - 2 - len("? help")
    fitting = set[str]()
    for action in (*chosen, *always):
        size = _size(_key(action))
        if size <= room and (action in chosen or not action.refusal(situation)):
            fitting.add(action.id)
            room -= size
    left = [_blank(each) if each.refusal(situation) else _key(each) for each in chosen if each.id in fitting]
    right = [_key(each) for each in always if each.id in fitting]
    return (Run(" "), *chain.from_iterable(left)), (*chain.from_iterable(right), *help_, Run(" "))


def _last(line: Line, width: int) -> Line:
    """The end of ``line``, by whole keys: as many as there is room for."""
    runs = list(line)
    while runs and _size(tuple(runs)) > width:
        del runs[:2]
    return tuple(runs)


def _key(action: Action) -> Line:
    key, _, label = (action.hint or f"{action.shown_keys.split(' ')[0]} {action.label}").partition(" ")
    return Run(f"{key} ", "accent"), Run(f"{label}  ", "muted")


def _blank(action: Action) -> Line:
    return (Run(" " * _size(_key(action)), "muted"),)


def _size(line: Line) -> int:
    return sum(cell_len(run.text) for run in line)
