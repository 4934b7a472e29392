"""A list to choose from: type to narrow, Enter takes what is under the cursor."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from console.ui import keymap
from console.ui.looks import Line, Run
from console.ui.screens.base import Place
from console.ui.screens.reading import Title
from console.ui.situation import Situation
from console.ui.widgets.arrangement import arranged
from console.ui.widgets.columns import Row
from console.ui.widgets.table import Table


class Choice(Place):
    """Gives the first part of the chosen row's key, or None. ``verb`` is what Enter does."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(("palette",))]
    PLACE = "palette"

    def __init__(self, title: Line, rows: Sequence[Row], verb: str = "takes it") -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._verb = verb
        self.table = Table(gives=1, id="text")

    def compose(self) -> ComposeResult:
        """See Screen."""
        title = Title()
        title.left = self._title
        title.right = (Run(f"type to narrow   enter {self._verb}   esc back", "muted"),)
        yield title
        yield self.table
        yield self.bottom

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self.table.show(arranged(self._rows))
        self.read(self.table)
        self.call_after_refresh(self._type)

    def _type(self) -> None:
        self.bottom.ask("›", typed=self.table.narrow_to, entered=lambda _: self.do_details(), left=self.do_close)

    def situation(self) -> Situation:
        """See Place."""
        row = self.table.current
        return Situation(self.place, self.console_app.desk.writable, row.key if row else ())

    def do_details(self) -> None:
        """Take it."""
        row = self.table.current
        self.dismiss(row.key[0] if row else None)
