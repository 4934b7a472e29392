"""On the review: go on in spite of a finding, with a reason, for this update at this commit."""

from typing import TYPE_CHECKING

from console.model.finding import Finding, Preflight
from console.model.review import Review
from console.ui.looks import Run
from console.ui.messages import Ended

if TYPE_CHECKING:
    from console.ui.screens.base import Place as Base
else:
    Base = object


class Acknowledging(Base):
    """The part of the review that answers findings one by one, the worst first."""

    def changeable(self) -> Review | None:
        """See Editing."""
        raise NotImplementedError

    def review_again(self) -> None:
        """See Editing."""
        raise NotImplementedError

    def do_acknowledge(self) -> None:
        """The worst finding that is not answered yet, after its reason was typed."""
        review = self.changeable()
        if review is None:
            return
        left = unanswered(review.preflight)
        if not left:
            self.say(Run("acknowledge: no blocker or warning is left", "muted"))
            return
        first = left[0]
        more = f"\n\n{len(left) - 1} more follow." if len(left) > 1 else ""
        text = f"{first.title}\n{first.detail}{more}\n\nWhy go on? The reason holds for this commit only."
        self.console_app.confirm("Acknowledge", text, free=True, then=lambda why: self._answer(review, first, why))

    def _answer(self, review: Review, finding: Finding, reason: str) -> None:
        if not reason.strip():
            self.say(Run("acknowledge: it takes a reason", "warn"))
            return
        desk = self.console_app.desk
        self.console_app.work.ask(
            "acknowledge", lambda: desk.acknowledge(review.preflight, {finding.rule: reason}), self._answered_one
        )

    def _answered_one(self, ended: Ended) -> None:
        if not self.is_mounted:
            return
        if ended.error:
            self.say(Run(f"acknowledge: {ended.error.message} {ended.error.hint}", "bad"))
            return
        self.review_again()


def unanswered(checked: Preflight) -> list[Finding]:
    """What stands against it and was not acknowledged: blockers, what could not be asked and must be, warnings."""
    return [*checked.failing("block"), *checked.unseen, *checked.failing("warn")]
