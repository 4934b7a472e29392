"""Where an object comes from that is none of Flux' own: its owners, what applied it, its source, its commit."""

from typing import ClassVar

from console.model.flux import FluxKey
from console.model.snapshot import Snapshot
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.screens.fluxdetails import failed, onward
from console.ui.screens.reading import Reading
from console.ui.texts import fluxdetail


class Origin(Reading):
    """A Pod, a Deployment, a ConfigMap; asked for when it opens."""

    PLACE: ClassVar[str] = "origin"

    def __init__(self, key: FluxKey) -> None:
        super().__init__()
        self._key = key
        self._lines: list[Line] = [(Run(" asking where it comes from", "muted"),)]

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self._ask()

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        return (Run(self._key.ref, "strong"),), (Run("enter opens what is chosen", "muted"),)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot, width
        return self._lines

    def do_onward(self) -> None:
        """Details of what is chosen."""
        onward(self.console_app, self.text.chosen)

    def do_refresh(self) -> None:
        """Ask again."""
        self._ask()
        self.say(Run("looking again", "muted"))

    def _ask(self) -> None:
        desk, key = self.console_app.desk, self._key
        self.console_app.work.ask("trace", lambda: desk.trace(key), self._answered)

    def _answered(self, ended: Ended) -> None:
        if not self.is_mounted:
            return
        width = max(40, self.size.width - 2)
        found = [] if ended.error else fluxdetail.trace(ended.result, width)
        self._lines = failed(ended.error, width) if ended.error else [each for each, _ in found]
        self.take(self.console_app.scene)
        self.text.offer({number: key for number, (_, key) in enumerate(found) if key and key != self._key})
