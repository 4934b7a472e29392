"""What a command of the operator's own says, once it has ended."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.model.redaction import redacted
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
    """Runs ``command`` with each of ``words`` (argv, environment), one after the other; leaving it ends what runs.

    One that writes is an operation: it ends before its time only after a question.
    """

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
        if self._job and not self._job.operation:
            self._job.stop.set()

    def do_refresh(self) -> None:
        """Run it again, unless it still does; what writes or is asked about is begun anew from where it was."""
        if self._command.confirm or self._command.writes:
            self.console_app.tell(f"{self._command.name}: go back, and begin it there once more", "muted")
        elif self._job is None:
            self._begin()

    def do_close(self) -> None:
        """At once, but for what writes: that is stopped after a question."""
        job = self._job
        if job is None or not job.operation:
            super().do_close()
            return
        text = f"{job.label} still runs, and it writes.\nLeaving stops it where it is."
        self.console_app.confirm("Leave", text, then=lambda _: self._leave(job))

    def _leave(self, job: Job) -> None:
        job.stop.set()
        self.dismiss()

    def _begin(self) -> None:
        self._said, self._error = [], None
        work, writes = self.console_app.work, self._command.writes
        self._job = work.watch(self._command.name, self._run, self._saw, self._ended, operation=writes)

    def _run(self, stop: Stop) -> Iterator[Said]:
        desk = self.console_app.desk
        for argv, env in self._words:
            yield argv, *desk.run_own(self._command, argv, env, stop)
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
            lines += [(Run(f"$ {redacted(shlex.join(argv))}", "muted"),), *((Run(line),) for line in said)]
            if wrong:
                lines.append((Run("✖ ", "bad"), Run(wrong, "strong")))
        if self._error:
            hint = prose(self._error.hint, width, "muted", 2) if self._error.hint else []
            lines += [(Run("✖ ", "bad"), Run(self._error.message, "strong")), *hint]
        return lines or [(Run(" It has said nothing yet." if self._job else " It said nothing.", "muted"),)]
