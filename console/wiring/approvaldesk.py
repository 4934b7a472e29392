"""What the desk does about approvals: review, approve one or several, tell what was approved before."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from abc import abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from console import __version__
from console.model.snapshot import Snapshot, Topic
from console.sources.errors import HomeconsoleError, Refused, UsageError
from console.sources.stop import Stop
from console.wiring.rolloutdesk import RolloutDesk

if TYPE_CHECKING:
    from console.model.finding import Preflight
    from console.model.history import History
    from console.model.review import Approval, FileEdit, Past, Review
    from console.model.step import Step
    from console.model.updates import Own, RepositoryState, Update
    from console.operations.hooks import Hooks
    from console.operations.journal import Journal
    from console.operations.offers import Offer

VIA = f"homeconsole/{__version__}"


class ApprovalDesk(RolloutDesk):
    """The part of ``ui.ports.Desk`` that is about approvals."""

    @abstractmethod
    def _checked(self, update: Update, snapshot: Snapshot) -> Preflight:
        """The findings for an update."""

    @abstractmethod
    def update(self, name: str) -> Update:
        """The update that ``name`` means."""

    @property
    def journal(self) -> Journal:
        """What was approved, refused and undone here."""
        from console.operations.journal import Journal  # noqa: PLC0415 - late

        return Journal(self.settings.state, self.now)

    @contextmanager
    def noting(self, own: Own, name: str, head: str = "", *, supposed: bool = False) -> Iterator[None]:
        """What is refused inside, before anything was begun, goes into the journal too: where anything may be written
        at all, and it was not only ``supposed`` (a dry run). ``own`` as ``Update`` has it."""
        try:
            yield
        except Refused as refusal:
            if self.writable and not supposed:
                said = {"branch": name, "head": head, "own": own, "reason": refusal.message, "kind": refusal.kind}
                with suppress(HomeconsoleError):  # why it was refused matters more than that it can't be recorded
                    self.journal.append("refused", head[:12] or name, **said)
            raise

    def review(
        self,
        branch: str,
        *,
        squash: bool | None = None,
        reason: str = "",
        edits: Sequence[FileEdit] = (),
        windows: bool = False,
    ) -> Review:
        """See Desk. ``squash``: else as configured. ``reason`` answers what blocks it. ``windows``: they go too."""
        offer = self._offer(branch, windows=windows)
        notes = offer.notes
        return self._reviewed(offer.update, squash=squash, reason=reason, edits=edits, notes=notes, windows=windows)

    def _offer(self, name: str, *, windows: bool = False) -> Offer:
        """The update that ``name`` means, or a version without a branch."""
        from console.operations.offers import Offer  # noqa: PLC0415 - late

        try:
            return Offer(self.update(name))
        except UsageError:
            offer = None if self.past(name) else self.target(name, windows=windows)
            if offer is None:
                raise
            return offer

    def target(self, name: str, *, windows: bool = False) -> Offer | None:
        """The proposal that ``talos@v1.14.0`` means where no branch offers it; None for any other name."""
        from console.model.moves import wanted  # noqa: PLC0415 - late
        from console.operations import offers  # noqa: PLC0415

        asked = wanted(name)
        return offers.target(self._bound.mirror, *asked, windows=windows) if asked else None

    def _reviewed(
        self,
        update: Update,
        *,
        squash: bool | None = None,
        reason: str = "",
        edits: Sequence[FileEdit] = (),
        notes: Sequence[str] = (),
        windows: bool = False,
    ) -> Review:
        from dataclasses import replace  # noqa: PLC0415 - late

        from console.operations.offers import taken_along  # noqa: PLC0415
        from console.operations.own import combined, same_below  # noqa: PLC0415
        from console.operations.review import review  # noqa: PLC0415

        snapshot, mirror = self.snapshot(), self._bound.mirror
        lifted, told = taken_along(mirror, update, windows=windows)
        same_below(mirror, update, lifted, edits)
        both = tuple({edit.path: edit for edit in (*lifted, *edits)}.values())
        checked = self._checked(combined(mirror, update, both) if both else update, snapshot)
        made = review(
            update,
            replace(checked, head=update.head),
            mirror,
            now=self.now(),
            via=VIA,
            squash=self.settings.squash if squash is None else squash,
            reason=reason,
            checks=self.settings.checks,
            approvers=self.settings.approvers,
            edits=both,
            separate=self.settings.edits == "separate",
            notes=(*notes, *told),
            snapshot=snapshot,
        )
        return replace(made, windows=windows)

    def again(self, review: Review) -> Review:
        """See Desk."""
        from console.operations import order as orders  # noqa: PLC0415 - late
        from console.operations.unmoved import as_reviewed  # noqa: PLC0415

        mirror = self._bound.mirror
        as_reviewed(orders.order(review, mirror.url, mirror.branch, self.now()), mirror, self.now())
        squash, reason, edits, windows = review.squash, review.reason, review.edits, review.windows
        offer = self._offer(review.update.branch, windows=windows)
        notes = offer.notes
        return self._reviewed(offer.update, squash=squash, reason=reason, edits=edits, notes=notes, windows=windows)

    def refused(self, review: Review) -> None:
        """See Desk."""
        update = review.update
        with suppress(Refused), self.noting(update.own, update.branch, update.head):
            raise Refused(review.refusal)

    def alone(self, review: Review) -> str:
        """See Desk."""
        from console.operations.several import alone  # noqa: PLC0415 - late

        return alone(review)

    def approve(self, review: Review, stop: Stop, *, aside: bool = False) -> Generator[Step, None, Approval]:
        """See Desk."""
        from console.operations.approve import approve  # noqa: PLC0415 - late

        self._must_write()
        approving = approve(review, self._bound.mirror, self.journal, self.now, stop, aside=aside)
        result = yield from self._hooks.around(approving, review, self.journal, self.now, stop)
        self.refresh(Topic.UPDATES)
        return result

    def approve_all(self, reviews: Sequence[Review], stop: Stop) -> Iterator[Step]:
        """See Desk."""
        from console.operations.several import several  # noqa: PLC0415 - late

        self._must_write()
        yield from several(
            reviews,
            self._bound.mirror,
            self._again,
            self.journal,
            now=self.now,
            stop=stop,
            hooks=self._hooks,
            then=lambda pushed: self.hastened(pushed, stop),
        )
        self.refresh(Topic.UPDATES)

    @property
    def _hooks(self) -> Hooks:
        from console.operations.hooks import Hooks  # noqa: PLC0415 - late

        settings = self.settings
        folder = settings.config_file.parent
        return Hooks(settings.before, settings.after, folder, self.cluster)

    def _again(self, branch: str) -> Review:
        """A review on main as the last fetch left it, whether the panes show that yet or not."""
        _, updates = self._bound.mirror.scan()
        found = next((update for update in updates if update.branch == branch), None)
        return self._reviewed(found or self.update(branch))

    def past(self, name: str, head: str = "") -> Past | None:
        """What main has of an update whose branch is gone; None for nothing."""
        from console.operations.past import past  # noqa: PLC0415 - late

        state: RepositoryState | None = self.store.table(Topic.REPOSITORY).items.get(("repository",))
        return past(name, head, state, self._bound.mirror, self.settings.prefixes) if state else None

    def history(self) -> History:
        """What was approved, held, reverted and refused: by the journal, and on main as far as it was read."""
        from console.operations.history import history  # noqa: PLC0415 - late

        state: RepositoryState | None = self.store.table(Topic.REPOSITORY).items.get(("repository",))
        known = frozenset(state.history) if state else frozenset[str]()

        def on_main(commit: str) -> bool:
            return commit in known or (state is not None and self._bound.mirror.reaches(state.head, commit))

        return history(str(self.journal.path), self.journal.records(), state.approvals if state else (), on_main)
