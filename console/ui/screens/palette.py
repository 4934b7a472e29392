"""All commands of a place: type to narrow, Enter to do."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from console.ui import keymap
from console.ui.actions import Action
from console.ui.looks import Run
from console.ui.screens.base import Place
from console.ui.screens.reading import Title
from console.ui.situation import Situation
from console.ui.widgets.arrangement import arranged
from console.ui.widgets.bottom import Bottom
from console.ui.widgets.columns import Row
from console.ui.widgets.table import Table

_NOT_HERE = frozenset(("palette", "command", "back", "quit"))


class Palette(Place):
    """Gives the id of the action chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(("palette",))]
    PLACE = "palette"

    def __init__(self, situation: Situation) -> None:
        super().__init__()
        self._of = situation
        self.table = Table(gives=1, id="text")

    def compose(self) -> ComposeResult:
        """See Screen."""
        title = Title()
        title.left = (Run("Commands  ", "accent"), Run(self._of.place, "strong"))
        title.right = (Run("type to narrow   enter does it   esc back", "muted"),)
        yield title
        yield self.table
        yield Bottom()

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        chosen = [action for action in keymap.at(self._of.place) if action.group != "move"]
        self.table.show(arranged([self._row(action) for action in chosen if action.id not in _NOT_HERE]))
        self.read(self.table)
        self.call_after_refresh(self._type)

    def _type(self) -> None:
        self.bottom.ask("›", typed=self.table.narrow_to, entered=lambda _: self.do_details(), left=self.do_close)

    def _row(self, action: Action) -> Row:
        reason = action.refusal(self._of)
        return Row(
            (action.id,),
            (
                Run(action.label, "muted" if reason else "strong"),
                Run(action.help, "muted" if reason else ""),
                Run(action.shown_keys, "accent"),
                Run(reason, "warn"),
            ),
            problem=bool(reason),
            find=f"{action.label} {action.help} {action.command}".lower(),
            name=action.label,
        )

    def situation(self) -> Situation:
        """See Place."""
        row = self.table.current
        return Situation(self.place, self.console_app.desk.writable, row.key if row else ())

    def do_details(self) -> None:
        """Do it."""
        row = self.table.current
        self.dismiss(row.key[0] if row else None)
