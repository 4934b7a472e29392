"""Several updates approved as a queue: the summary to read, the question, then one line of outcome for each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from console.model.review import Review
from console.model.snapshot import Snapshot
from console.model.step import Step
from console.sources.errors import HomeconsoleError
from console.sources.stop import Stop
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.screens.dryrun import Supposing
from console.ui.screens.reading import Reading
from console.ui.texts import queue as texts


class Queue(Supposing, Reading):
    """Review ``branches``, then approve those that may be approved among others."""

    PLACE = "queue"

    def __init__(self, branches: Sequence[str]) -> None:
        super().__init__()
        self._branches = branches
        self._reviews: list[Review] = []
        self._left: list[tuple[str, str]] = []  # branch and why it is not among them
        self._read = False

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self._look_at_all()

    def do_refresh(self) -> None:
        """Review them all again."""
        self._look_at_all()
        self.say(Run("looking again", "muted"))

    def _look_at_all(self) -> None:
        self._reviews, self._left, self._read = [], [], False
        self.take(self.console_app.scene)
        self.console_app.work.ask("review", self._look, self._answered)

    def _look(self) -> tuple[list[Review], list[tuple[str, str]]]:
        desk, good, left = self.console_app.desk, [], []
        for branch in self._branches:
            try:
                review = desk.review(branch)
            except HomeconsoleError as error:
                left.append((branch, error.message))
                continue
            why = desk.alone(review)
            if why:
                left.append((branch, why))
            else:
                good.append(review)
        return good, left

    def _answered(self, ended: Ended) -> None:
        if not self.is_mounted:
            return
        self._read = True
        if ended.error:
            self._left = [(branch, ended.error.message) for branch in self._branches]
        else:
            self._reviews, self._left = ended.result
        self.take(self.console_app.scene)

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        return texts.heading(len(self._reviews), len(self._left), read=self._read)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        if not self._read:
            return [(Run(f" reading {len(self._branches)} updates and checking them", "muted"),)]
        return texts.lines(self._reviews, self._left, width)

    def supposed(self) -> Sequence[Review]:
        """See Supposing."""
        return self._reviews

    def do_approve(self) -> None:
        """Ask once, then one after the other."""
        if not self._reviews:
            self.say(
                Run("approve: none of them can be approved among others" if self._read else "approve: wait", "warn")
            )
            return
        title, text = texts.question(self._reviews)
        self.console_app.confirm(title, text, then=lambda _: self._begin())

    def _begin(self) -> None:
        desk, reviews = self.console_app.desk, self._reviews
        names = {each.update.branch: texts.called(each) for each in reviews}

        def steps(stop: Stop) -> Iterator[Step]:
            return (replace(step, name=names.get(step.name, step.name)) for step in desk.approve_all(reviews, stop))

        self.dismiss()
        self.console_app.open("many", "Many", f"approve {len(reviews)} updates", steps)
