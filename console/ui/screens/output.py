"""What a command of the operator's own says, once it has ended."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot
from console.sources.errors import HomeconsoleError
from console.sources.stop import Stop
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.screens.reading import Reading
from console.ui.texts.layout import prose
from console.ui.work import Job

if TYPE_CHECKING:
    from console.model.own import Command

Said = tuple[list[str], list[str], str]  # argv, lines, what is wrong


class Output(Reading):
    """Runs ``command`` with each of ``words`` (argv, environment), one after the other; leaving it ends what runs."""

    PLACE = "output"

    def __init__(self, command: "Command", words: list[tuple[list[str], dict[str, str]]]) -> None:
        super().__init__()
        self._command = command
        self._words = words
        self._said: list[Said] = []
        self._error: HomeconsoleError | None = None
        self._job: Job | None = None

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self._begin()

    def on_unmount(self) -> None:
        """Nobody reads what it says."""
        if self._job:
            self._job.stop.set()

    def do_refresh(self) -> None:
        """Run it again, unless it still does; what is asked about is asked about again from where it was begun."""
        if self._job is None and not self._command.confirm:
            self._begin()

    def _begin(self) -> None:
        self._said, self._error = [], None
        self._job = self.console_app.work.watch(self._command.name, self._run, self._saw, self._ended)

    def _run(self, stop: Stop) -> Iterator[Said]:
        desk = self.console_app.desk
        for argv, env in self._words:
            yield argv, *desk.run_own(argv, env, self._command.seconds, stop)
            if stop.is_set():
                return

    def _saw(self, said: Said) -> None:
        self._said.append(said)
        self._show()

    def _ended(self, ended: Ended) -> None:
        self._job, self._error = None, ended.error
        self._show()

    def _show(self) -> None:
        if self.is_mounted:
            self.take(self.console_app.scene)

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        state = Run("▶ running", "accent") if self._job else Run("has ended", "muted")
        return (Run(f"{self._command.name}  ", "accent"), Run(self._command.says, "strong")), (state,)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        lines: list[Line] = []
        for argv, said, wrong in self._said:
            lines += [(Run(f"$ {shlex.join(argv)}", "muted"),), *((Run(line),) for line in said)]
            if wrong:
                lines.append((Run("✖ ", "bad"), Run(wrong, "strong")))
        if self._error:
            hint = prose(self._error.hint, width, "muted", 2) if self._error.hint else []
            lines += [(Run("✖ ", "bad"), Run(self._error.message, "strong")), *hint]
        return lines or [(Run(" It has said nothing yet." if self._job else " It said nothing.", "muted"),)]
