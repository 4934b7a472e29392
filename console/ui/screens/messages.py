"""What stood in the last line: whole, with when it was said, the newest first."""

from console.model.snapshot import Snapshot
from console.ui.looks import Line, Run
from console.ui.screens.reading import Reading
from console.ui.widgets.wrapping import wrapped


class Messages(Reading):
    """Of this run."""

    PLACE = "messages"

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        return (Run("Told in the last line", "strong"),), ()

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        now, told = self.console_app.desk.now(), reversed(self.console_app.told)
        lines = [(Run(f" {each.at:%H:%M:%S}  ", "muted"), *each.said) for each in told]
        return [part for line in lines for part in wrapped(line, width, now)] or [(Run(" Nothing yet.", "muted"),)]
