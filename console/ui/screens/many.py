"""One thing done to many objects: a line of outcome for each."""

from collections.abc import Callable, Iterator

from console.model.snapshot import Snapshot
from console.model.step import Step, StepState
from console.sources.stop import Stop
from console.ui.looks import Line, Run
from console.ui.outcomes import Outcomes
from console.ui.screens.reading import Reading
from console.ui.texts.layout import prose
from console.ui.texts.rollout import MARKS


class Returned(Reading):
    """Looks at outcomes that there are already, under way or at their end."""

    PLACE = "many"

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__()
        self._outcomes = outcomes

    def on_mount(self) -> None:
        """See Place."""
        self._outcomes.changed = self._changed
        super().on_mount()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._outcomes.changed = None

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        this = self._outcomes
        going = "stopping" if this.job.stop.is_set() else "esc stops it   q leaves it running"
        keys = "esc back" if this.end else going
        return (Run(this.label, "strong"), *self._outcome()), (Run(keys, "muted"),)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        lines: list[Line] = []
        end = self._outcomes.end
        if end and end.error:
            error = end.error
            lines += [(Run(" ✖ ", "bad"), Run(error.message, "strong")), *prose(error.hint, width, "muted", 3)]
        for step in self._outcomes.steps.values():
            symbol, style = MARKS[step.state]
            first = (Run(f" {symbol} ", style), Run(step.name, "muted" if step.state is StepState.DONE else ""))
            said = Run(f"  {step.text}", "muted" if step.state is not StepState.FAILED else "")
            fits = len(step.name) + len(step.text) + 6 <= width and "\n" not in step.text
            lines += [(*first, said)] if fits else [first, *prose(step.text, width, "", 6)]
        return lines

    def do_back(self) -> None:
        """What runs is stopped first."""
        this = self._outcomes
        if this.end or this.job.stop.is_set():
            super().do_back()
        else:
            this.job.stop.set()
            self.take(self.console_app.scene)

    def _outcome(self) -> Line:
        this = self._outcomes
        total = this.end.result if this.end else None
        if isinstance(total, Step):
            symbol, style = MARKS[total.state]
            return (Run(f"   {symbol} {total.text}", style),)
        return () if this.end else (Run(f"   ▶ {this.settled} of {len(this.steps)}", "accent"),)

    def _changed(self) -> None:
        if self.is_mounted:
            self.take(self.console_app.scene)


class Many(Returned):
    """Begins ``steps`` when it opens. ``label`` says what is done to how many."""

    def __init__(self, label: str, steps: Callable[[Stop], Iterator[Step]]) -> None:
        Reading.__init__(self)
        self._label = label
        self._begin = steps

    def on_mount(self) -> None:
        """See Place."""
        app = self.console_app
        self._outcomes = app.outcomes = Outcomes(app, self._label, self._begin)
        super().on_mount()
