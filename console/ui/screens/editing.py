"""On the review: a finding's fix, the maintenance windows, the operator's own editor; then it is reviewed again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from console.model.finding import Finding
from console.model.hold import Hold
from console.model.review import FileEdit, Review
from console.model.snapshot import Topic
from console.model.updates import RepositoryState
from console.ui.looks import Run
from console.ui.messages import Ended
from console.ui.texts import edit as texts

if TYPE_CHECKING:
    from console.ui.screens.base import Place as Base
else:
    Base = object


class Editing(Base):
    """The part of the review that changes what is reviewed. ``edits`` are kept until it is left."""

    edits: Mapping[str, FileEdit] = {}
    windows = False  # the upgrade's maintenance windows go too

    def changeable(self) -> Review | None:
        """The review, when it can be changed now; says why when it can't."""
        raise NotImplementedError

    def review_again(self) -> None:
        """With the edits as they are now."""
        raise NotImplementedError

    def offering(self, review: Review) -> list[Finding]:
        """Those of its findings that bring a fix."""
        return [finding for finding in review.preflight.findings if finding.status == "fail" and finding.fix]

    def waiting(self, review: Review) -> list[Hold]:
        """The maintenance windows in main's files that its upgrade waits for."""
        main: RepositoryState | None = self.console_app.desk.snapshot()[Topic.REPOSITORY].items.get(("repository",))
        held = main.holds if main else ()
        return [hold for hold in held if hold.kind == "window" and hold.system == review.update.system]

    def do_window(self) -> None:
        """Take them away with the version, after a question; or let them stay after all."""
        review = self.changeable()
        if review is None:
            return
        if self.windows:
            self._wait_or_not(windows=False)
        else:
            title, text = texts.windows(self.waiting(review), review.target)
            self.console_app.confirm(title, text, then=lambda _: self._wait_or_not(windows=True))

    def _wait_or_not(self, *, windows: bool) -> None:
        self.windows = windows
        self.review_again()
        self.say(Run(f"the maintenance windows {'go' if windows else 'stay'}: read what will be written", "muted"))

    def do_take_fix(self) -> None:
        """The first fix that is offered, after a look at it."""
        review = self.changeable()
        if review is None:
            return
        offering = self.offering(review)
        if not offering:
            self.say(Run("fix: no finding offers one", "warn"))
            return
        first = offering[0]
        title, text = texts.fix(first, len(offering) - 1)
        self.console_app.confirm(title, text, then=lambda _: self._take(review, first))

    def _take(self, review: Review, finding: Finding) -> None:
        desk, fix = self.console_app.desk, finding.fix
        if fix:
            self.console_app.work.ask("fix", lambda: desk.fixed(review, fix), self._changed)

    def do_edit(self) -> None:
        """Ask for the file, then open it."""
        review = self.changeable()
        if review is not None:
            files = texts.files(review)
            self.console_app.confirm(
                "Edit a file",
                texts.choice(files),
                free=True,
                asks="Which:",
                then=lambda word: self._open(review, word, files),
            )

    def _open(self, review: Review, word: str, files: tuple[str, ...]) -> None:
        path = files[int(word) - 1] if word.isdecimal() and 0 < int(word) <= len(files) else word
        desk = self.console_app.desk

        def answered(ended: Ended) -> None:
            if ended.error:
                self._changed(ended)
            elif self.is_current:
                self._hand_over(path, ended.result)

        self.console_app.work.ask("file", lambda: desk.planned(review, path), answered)

    def _hand_over(self, path: str, data: bytes) -> None:
        from console.ui.editor import edited, lend  # noqa: PLC0415 - only where it is asked for

        def back(ended: Ended) -> None:
            if ended.error:
                self._changed(ended)
            elif ended.result == data:
                self.say(Run(f"edit: {path} is as it was", "muted"))
            else:
                self._keep(FileEdit(path, ended.result, data))

        lend(self.console_app, "edit", lambda guest: edited(guest, path, data), back)

    def _changed(self, ended: Ended) -> None:
        if ended.error:
            self.say(Run(f"edit: {ended.error.message} {ended.error.hint}".rstrip(), "bad"))
        elif self.is_mounted:
            self._keep(ended.result)

    def _keep(self, edit: FileEdit) -> None:
        first = self.edits.get(edit.path)
        if first:  # an edit of the edit: the file below is still the one that the first was made from
            edit = replace(edit, made_from=first.made_from)
        self.edits = {**self.edits, edit.path: edit}
        self.review_again()
