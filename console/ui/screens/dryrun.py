"""What would be done, and how: to be read before it is confirmed, also where nothing may be written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot
from console.ui.looks import Line, Run
from console.ui.screens.reading import Reading
from console.ui.texts import dryrun as texts

if TYPE_CHECKING:
    from console.ui.screens.base import Place as Base
else:
    Base = object


class DryRun(Reading):
    """Of what was planned; it was all computed when it was."""

    PLACE = "dry run"

    def __init__(self, planned: Sequence[texts.Planned]) -> None:
        super().__init__()
        self._planned = planned

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        return texts.heading(self._planned)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        return texts.lines(self._planned, width)


class Supposing(Base):
    """The part of a screen that has a dry run; there ``n`` is its key, and a search goes on by ``N`` alone."""

    def supposed(self) -> Sequence[texts.Planned]:
        """What would be done; empty while it has not been read."""
        raise NotImplementedError

    def do_dry_run(self) -> None:
        """Show it."""
        planned = self.supposed()
        if planned:
            self.console_app.open("dryrun", "DryRun", planned)
        else:
            self.say(Run("dry run: nothing to show yet", "warn"))

    def do_next_found(self) -> None:
        """The next place found."""
        found = self.find("next_match")
        if found:
            found()
