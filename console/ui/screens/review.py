"""Before an approval: what changes, what was found, the exact commit, what follows. Then the approval itself."""

from collections.abc import Iterator
from importlib import import_module
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from console.model.review import OPEN_ENDS, Approval, FileEdit, Review
from console.model.snapshot import Snapshot, Topic
from console.model.step import Step
from console.model.updates import RepositoryState, Update
from console.sources.stop import Stop
from console.ui import keymap
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.scene import Scene
from console.ui.screens.acknowledging import Acknowledging
from console.ui.screens.base import Place
from console.ui.screens.dryrun import Supposing
from console.ui.screens.editing import Editing
from console.ui.screens.reading import Title
from console.ui.situation import Situation
from console.ui.texts import review as texts
from console.ui.texts.layout import prose
from console.ui.texts.rollout import progress
from console.ui.widgets.canvas import Canvas
from console.ui.widgets.text import Text

WIDE = 100
PARTS = ("findings", "changes", "diff", "commit", "rollout")
_BESIDE = ("changes", "findings")  # stand side by side where there is room; the others share the room below


class Will(Canvas):
    """What will happen, always in sight."""

    def __init__(self) -> None:
        super().__init__(id="will")
        self.lines: list[Line] = []

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        return [(Run("─" * width, "faint"),), *self.lines][:height]


class Reviewing(Acknowledging, Editing, Supposing, Place):
    """Review ``branch`` and approve it."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(("review",))]
    PLACE = "review"

    def __init__(self, branch: str) -> None:
        super().__init__()
        self._branch = branch
        self._review: Review | None = None
        self._noted: Review | None = None  # its refusal is in the journal
        self.edits: dict[str, FileEdit] = {}
        self._problem: list[Line] = []
        self._moved = ""
        self._carried = ""  # main moved elsewhere, and it was looked at again
        self._asked = ""  # the main on which it was last looked at again
        self._looking = False
        self._steps: dict[str, Step] = {}
        self._writing = False
        self._known: frozenset[str] = frozenset()  # commits of the rollouts before this approval
        self._part = "findings"
        self.title_line = Title()
        self.views = {part: Text(id=part) for part in PARTS}
        self.will = Will()

    def compose(self) -> ComposeResult:
        """See Screen."""
        yield self.title_line
        yield Horizontal(*(self.views[part] for part in _BESIDE), id="beside")
        for part in PARTS:
            if part not in _BESIDE:
                yield self.views[part]
        yield self.will
        yield self.bottom

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self._read()

    def on_resize(self) -> None:
        """Side by side, or one part at a time."""
        if self.is_mounted:
            self._arrange()
            self._fill()

    def situation(self) -> Situation:
        """See Place."""
        review = self._review
        found = {"fix": review and self.offering(review), "window": review and self.waiting(review)}
        offers = frozenset(name for name, there in found.items() if there)
        return super().situation()._replace(update=review.update if review else None, offers=offers)

    def supposed(self) -> tuple[Review, ...]:
        """See Supposing."""
        return (self._review,) if self._review else ()

    def _read(self) -> None:
        self._review, self._moved, self._carried, self._problem, self._steps = None, "", "", [], {}
        self._looking = False
        self._fill()
        edits, windows, desk = tuple(self.edits.values()), self.windows, self.console_app.desk
        self.console_app.work.ask(
            "review", lambda: desk.review(self._branch, edits=edits, windows=windows), self._answered
        )

    def _answered(self, ended: Ended) -> None:
        if not self.is_mounted:
            return
        if ended.error:
            error = ended.error
            self._problem = [(Run(" ✖ ", "bad"), Run(error.message, "strong")), *prose(error.hint, 76, "muted", 3)]
        else:
            self._review = ended.result
        self._fill()
        self._look(self.console_app.desk.snapshot())

    # What is shown

    def take(self, scene: Scene) -> None:
        """See Place: did what is reviewed move?"""
        self._look(scene.snapshot)

    def _look(self, snapshot: Snapshot) -> None:
        review = self._review
        if review is None or self._writing or self._moved:
            return
        self._moved = moved(review, snapshot)
        main = main_of(snapshot)
        if self._moved:
            self._fill()
        elif main and main.head not in {texts.base(review), self._asked}:
            self._look_again(review, main)

    def _look_again(self, review: Review, main: RepositoryState) -> None:
        """Main moved: elsewhere, then it goes on; or where it matters, then it must be read again."""
        if review.refusal or review.noop:
            self._main_moved(review, main)
            return
        self._asked, self._looking = main.head, True
        desk = self.console_app.desk

        def answered(ended: Ended) -> None:
            if self.is_mounted and self._review is review and not self._writing:
                self._looking = False
                self._main_moved(review, main, ended)

        self.console_app.work.ask("review", lambda: desk.again(review), answered)

    def _main_moved(self, review: Review, main: RepositoryState, ended: Ended | None = None) -> None:
        went = f"{texts.base(review)[:7]} → {main.head[:7]}"
        if ended and not ended.error:
            self._review = ended.result
            if texts.base(ended.result) != texts.base(review):  # else the panes were behind, not the review
                self._carried = f"{main.branch} moved elsewhere, {went}; looked at again: the same change."
        else:
            why = ended.error.message if ended and ended.error else ""
            self._moved = f"{main.branch} moved while you looked, {went}. {why}".rstrip()
        self._fill()
        self._look(self.console_app.desk.snapshot())

    def _fill(self) -> None:
        width = self.size.width
        review = self._review
        self.title_line.left, self.title_line.below = texts.heading(self._branch, review)
        self.title_line.right = self._walk()
        self.title_line.repaint()
        for part, view in self.views.items():
            room = width // 2 - 4 if part in _BESIDE and width >= WIDE else width - 4
            view.title = (Run(part, "strong"),)
            view.show(texts.part(part, review, room) if review else self._waiting(), keep=review is not None)
        self.will.lines = self._will()
        self.will.styles.height = len(self.will.lines) + 1
        self.will.repaint()
        self.bottom.repaint()
        self._arrange()

    def _waiting(self) -> list[Line]:
        return self._problem or [(Run(f" reading {self._branch} and checking it", "muted"),)]

    def _walk(self) -> Line:
        if self.size.width >= WIDE:
            return ()
        number = PARTS.index(self._part) + 1
        return (Run(f"   {self._part} ", "accent"), Run(f"‹{number} of {len(PARTS)}›", "muted"))

    def _will(self) -> list[Line]:
        width = self.size.width - 2
        if self._moved:
            return [*prose(f"✖ {self._moved}", width, "bad", 1)[:4], (Run(" ctrl-r reads it again", "strong"),)]
        if self._steps:
            return [line for step in self._steps.values() for line in progress(step, width)][-8:]
        carried = prose(self._carried, width, "accent", 1) if self._carried else []
        return [*carried, *texts.will(self._review, width)] if self._review else [()]

    def _arrange(self) -> None:
        wide = self.size.width >= WIDE
        below = self._part if self._part not in _BESIDE else "commit"
        beside = self.query_one("#beside")
        beside.display = wide or self._part in _BESIDE
        for part, view in self.views.items():
            view.framed = wide
            view.display = part in _BESIDE or part == below if wide else part == self._part
        self.read(self.views[self._part])

    # Keys

    def do_next_part(self) -> None:
        """The next part."""
        self._turn(1)

    def do_previous_part(self) -> None:
        """The part before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self._part = PARTS[(PARTS.index(self._part) + by) % len(PARTS)]
        self._arrange()
        self._fill()

    def do_refresh(self) -> None:
        """Read it again."""
        if not self._writing:
            self._read()
            self.say(Run("looking again", "muted"))

    def changeable(self) -> Review | None:
        """See Editing."""
        if self._review is None or self._writing:
            self.say(Run("edit: it has not been read yet" if self._review is None else "edit: it is written", "warn"))
            return None
        return self._review

    def review_again(self) -> None:
        """See Editing."""
        self._read()

    def do_approve(self) -> None:
        """Ask for the word, then write the commit."""
        self._look(self.console_app.desk.snapshot())
        reason = self._why_not()
        review, desk = self._review, self.console_app.desk
        if reason or review is None:
            self.say(Run(reason, "warn"))
            if review and review.refusal and not self._moved and review is not self._noted:
                self._noted = review
                self.console_app.work.ask("refusal", lambda: desk.refused(review), lambda _: None)
            return
        title, text = texts.question(review)
        if review.unanswered:
            self.console_app.confirm(title, texts.blockers(review), free=True, then=self._overridden)
        else:
            self.console_app.confirm(
                title, text, typed="" if review.noop else review.typed, then=lambda _: self._approve(review)
            )

    def _overridden(self, reason: str) -> None:
        """Blockers were answered with a reason, which goes into the commit: what is confirmed then has it."""
        if self._review is None or not reason:
            self.say(Run("approve: blockers need a reason", "warn"))
            return
        self._review = import_module("console.operations.review").overridden(self._review, reason)
        self._fill()
        self.do_approve()

    def _why_not(self) -> str:
        if self._writing:
            return "approve: it is being written"
        if self._moved:
            return "approve: it moved while you looked; ctrl-r reads it again"
        if self._looking:
            return "approve: main has moved, it is being looked at again"
        if self._review is None:
            return "approve: it has not been read yet"
        return f"approve: {self._review.refusal}" if self._review.refusal else ""

    def _approve(self, review: Review) -> None:
        self._look(self.console_app.desk.snapshot())
        if self._moved or self._looking or review is not self._review:
            self.say(Run(self._why_not() or "approve: main moved meanwhile; look again, then a", "warn"))
            return
        self._write(review)

    def _write(self, review: Review, *, aside: bool = False) -> None:
        self._writing = True
        self._known = frozenset(each.commit for each in self.console_app.scene.rollouts)
        desk, done = self.console_app.desk, list[Approval]()

        def steps(stop: Stop) -> Iterator[Step]:
            done.append((yield from desk.approve(review, stop, aside=aside)))

        self.console_app.work.follow(
            f"approval of {self._branch}",
            steps,
            self._stepped,
            lambda ended: self._approved(ended, review, done, aside=aside or review.recording),
        )

    def _stepped(self, step: Step) -> None:
        self._steps[step.name] = step
        if self.is_mounted:
            self._fill()

    def _approved(self, ended: Ended, review: Review, approvals: list[Approval], *, aside: bool) -> None:
        self._writing = False
        desk = self.console_app.desk
        if ended.error:
            self._moved = ended.error.message
            outcome = "it is not known whether it is approved" if ended.error.kind in OPEN_ENDS else "not approved"
            self.console_app.tell(f"{outcome}: {ended.error.message}", "bad")
            if self.is_mounted:
                self._fill()
            if self.is_current and ended.error.kind == "protected" and not aside:
                title, text = texts.protected(ended.error.message)
                self.console_app.confirm(title, text, then=lambda _: self._write(review, aside=True))
            return
        desk.refresh(Topic.REPOSITORY)
        current, (done,) = self.is_current, approvals
        if current:
            self.dismiss()
        if done.outcome == "noop":
            self.console_app.tell(f"nothing was written: {done.reason}", "good")
        elif done.branch:
            waits = "another operator completes" if review.recording else "open a pull request from"
            self.console_app.tell(f"pushed: {waits} {done.branch}", "good")
        else:
            if current:
                self.console_app.open("rollout", "Following", self._branch, self._known)
            else:
                self.console_app.tell(f"approved: {self._branch}", "good")
            if desk.hastens:
                label = f"reconcile {done.commit[:7]}"
                self.console_app.verbs.run(label, lambda stop: desk.hasten(done.commit, stop))


def moved(review: Review, snapshot: Snapshot) -> str:
    """How the branch moved since the review was made, in a sentence; empty when it did not."""
    if review.update.own:  # there is no branch
        return ""
    update: Update | None = snapshot[Topic.UPDATES].items.get((review.update.branch,))
    if snapshot[Topic.UPDATES].freshness.at and update is None:
        return f"{review.update.branch} is gone from the remote."
    if update and update.head != review.update.head:
        return f"{update.branch} moved from {review.update.head[:7]} to {update.head[:7]} while you looked."
    return ""


def main_of(snapshot: Snapshot) -> RepositoryState | None:
    """The repository, with where its main stands."""
    found: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    return found
