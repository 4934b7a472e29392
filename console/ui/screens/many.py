"""One thing done to many objects: a line of outcome for each."""

from collections.abc import Callable, Iterator

from console.model.snapshot import Snapshot
from console.model.step import Step, StepState
from console.sources.stop import Stop
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.screens.reading import Reading
from console.ui.texts.layout import prose
from console.ui.texts.rollout import MARKS
from console.ui.work import Job

_TOTAL = "all"  # the name of the last step, see Desk.bulk


class Many(Reading):
    """Begins ``steps`` when it opens. ``label`` says what is done to how many."""

    PLACE = "many"

    def __init__(self, label: str, steps: Callable[[Stop], Iterator[Step]]) -> None:
        super().__init__()
        self._label = label
        self._begin = steps
        self._steps: dict[str, Step] = {}
        self._job: Job | None = None
        self._end: Ended | None = None

    def on_mount(self) -> None:
        """See Place."""
        self._job = self.console_app.work.follow(self._label, self._begin, self._stepped, self._ended)
        super().on_mount()

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        stopping = self._job is not None and self._job.stop.is_set()
        keys = "esc back" if self._end else "stopping" if stopping else "esc stops it   q leaves it running"
        return (Run(self._label, "strong"), *self._outcome()), (Run(keys, "muted"),)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        lines: list[Line] = []
        if self._end and self._end.error:
            error = self._end.error
            lines += [(Run(" ✖ ", "bad"), Run(error.message, "strong")), *prose(error.hint, width, "muted", 3)]
        for step in self._steps.values():
            symbol, style = MARKS[step.state]
            first = (Run(f" {symbol} ", style), Run(step.name, "muted" if step.state is StepState.DONE else ""))
            said = Run(f"  {step.text}", "muted" if step.state is not StepState.FAILED else "")
            fits = len(step.name) + len(step.text) + 6 <= width and "\n" not in step.text
            lines += [(*first, said)] if fits else [first, *prose(step.text, width, "", 6)]
        return lines

    def do_back(self) -> None:
        """What runs is stopped first."""
        if self._job and not self._end:
            self._job.stop.set()
            self.take(self.console_app.scene)
        else:
            super().do_back()

    def _outcome(self) -> Line:
        total = self._end.result if self._end else None
        if isinstance(total, Step):
            symbol, style = MARKS[total.state]
            return (Run(f"   {symbol} {total.text}", style),)
        ended = sum(step.state not in (StepState.WAITING, StepState.RUNNING) for step in self._steps.values())
        return () if self._end else (Run(f"   ▶ {ended} of {len(self._steps)}", "accent"),)

    def _stepped(self, step: Step) -> None:
        if step.name != _TOTAL:
            self._steps[step.name] = step
        if self.is_mounted:
            self.take(self.console_app.scene)

    def _ended(self, ended: Ended) -> None:
        self._end = ended
        if self.is_mounted:
            self.take(self.console_app.scene)
        if not self.is_current:
            said = ended.error.message if ended.error else ended.result.text if ended.result else ""
            well = isinstance(ended.result, Step) and ended.result.state is StepState.DONE
            self.console_app.tell(f"{'✔' if well else '✖'} {self._label}: {said}", "good" if well else "bad")
