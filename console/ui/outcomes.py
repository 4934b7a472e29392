"""One thing done to many objects, and what became of each so far; it goes on when nobody looks."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from console.model.step import Step, StepState
from console.sources.stop import Stop
from console.ui.messages import Ended
from console.ui.work import Job

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp

_TOTAL = "all"  # the name of the last step, see Desk.bulk


class Outcomes:
    """Begins ``steps``. ``label`` says what is done to how many; ``changed`` is called for who looks."""

    def __init__(self, app: "ConsoleApp", label: str, steps: Callable[[Stop], Iterator[Step]]) -> None:
        self._app = app
        self.label = label
        self.steps: dict[str, Step] = {}
        self.end: Ended | None = None
        self.changed: Callable[[], None] | None = None
        self.job: Job = app.work.follow(label, steps, self._stepped, self._ended)

    @property
    def settled(self) -> int:
        """How many have an outcome."""
        return sum(step.state not in (StepState.WAITING, StepState.RUNNING) for step in self.steps.values())

    def _stepped(self, step: Step) -> None:
        if step.name != _TOTAL:
            self.steps[step.name] = step
        if self.changed:
            self.changed()

    def _ended(self, ended: Ended) -> None:
        self.end = ended
        if self.changed:
            self.changed()
            return
        said = ended.error.message if ended.error else ended.result.text if ended.result else ""
        well = isinstance(ended.result, Step) and ended.result.state is StepState.DONE
        self._app.tell(f"{'✔' if well else '✖'} {self.label}: {said}   O shows each", "good" if well else "bad")
