"""What is known of the row under the cursor, beside the panes where there is room for it."""

from importlib import import_module

from textual.timer import Timer

from console.ui.looks import Line, Run
from console.ui.widgets.text import Text

_REST = 0.15  # seconds that the cursor rests before it is told what it rests on: keys held down send nothing here


class Side(Text):
    """Follows the open pane's cursor, and the world."""

    def __init__(self) -> None:
        super().__init__(id="side")
        self.framed = self.wraps = True  # nobody can go along its lines
        self._of: tuple[str, tuple[str, ...]] = ("", ())
        self._rest: Timer | None = None

    def look(self, place: str, key: tuple[str, ...]) -> None:
        """At the row with ``key`` of the pane at ``place``: at the same one at once, else when the cursor rests."""
        same, self._of = (place, key) == self._of, (place, key)
        if not self.display:
            return
        if self._rest:
            self._rest.stop()
            self._rest = None
        if same:
            self._tell(keep=True)
        else:
            self._rest = self.set_timer(_REST, self._tell)

    def on_resize(self) -> None:  # type: ignore[override]
        """Prose is wrapped anew."""
        self._tell(keep=True)

    def edges(self) -> tuple[Line, Line, Line]:
        """See Canvas."""
        _, key = self._of
        return (Run("/".join(key)),) if key else (), (), self.position()

    def _tell(self, *, keep: bool = False) -> None:
        place, key = self._of
        if not self.display or not key:
            self.show(())
            return
        about = import_module("console.ui.texts.about").ABOUT[place]  # not for the first frame
        self.show(about(key, self.console_app.scene.snapshot, max(40, self.room.width - 1)), keep=keep)
