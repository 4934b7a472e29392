"""A node, whole: its row followed as it changes, and a close look at it, which takes seconds."""

from contextlib import ExitStack, suppress

from console.model.nodedetail import NodeDetail
from console.model.snapshot import Snapshot
from console.sources.errors import HomeconsoleError
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.screens.reading import Reading
from console.ui.situation import Situation
from console.ui.texts.about import about_node
from console.ui.texts.layout import prose


class NodeDetails(Reading):
    """While it is open the node is followed as it changes."""

    PLACE = "nodes details"

    def __init__(self, of: str, key: tuple[str, ...], part: str) -> None:
        del of, part  # there is one
        super().__init__()
        self._key = key
        self._detail: NodeDetail | None = None
        self._error: HomeconsoleError | None = None
        self._asked = False  # and not answered yet
        self._open = ExitStack()

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        with suppress(HomeconsoleError):  # before the start nobody follows anything
            self._open.enter_context(self.console_app.desk.attending(self._key[0]))
        self._ask()

    def on_unmount(self) -> None:
        """It is not followed any more."""
        self._open.close()

    def situation(self) -> Situation:
        """See Place."""
        return Situation(self.place, self.console_app.desk.writable, self._key)

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        return (Run(self._key[0], "strong"),), (Run("l logs", "muted"),)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        lines = about_node(self._key, snapshot, width, self._detail)
        if not lines:
            return [(Run(" It is gone: the last look did not find it any more.", "warn"),)]
        if self._error:
            lines += [(), (Run("✖ ", "bad"), Run(f"A closer look failed: {self._error.message}", "strong"))]
            lines += prose(self._error.hint, width, "muted") if self._error.hint else []
        elif self._asked and self._detail is None:
            lines += [(), (Run("Looking closer: services, disks, boot, events", "muted"),)]
        return lines

    # Keys

    def do_describe(self) -> None:
        """Look closely again."""
        self.do_refresh()

    def do_refresh(self) -> None:
        """Ask again; what was told stays meanwhile."""
        self.console_app.desk.refresh()
        self._ask()

    def do_logs(self) -> None:
        """Its logs, as they come."""
        self.console_app.open("log", "NodeLog", self._key[0])

    def _ask(self) -> None:
        if self._asked:
            return
        self._asked = True
        desk, name = self.console_app.desk, self._key[0]
        self.console_app.work.ask("node", lambda: desk.node(name), self._answered)

    def _answered(self, ended: Ended) -> None:
        self._asked, self._error = False, ended.error
        if ended.error is None:
            self._detail = ended.result
        if self.is_mounted:
            self.take(self.console_app.scene)
