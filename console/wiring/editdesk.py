"""What the desk does about edits of our own: versions without a branch, holds, releases, the way back."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from console.model.snapshot import Topic
from console.sources.errors import Refused, UsageError
from console.sources.stop import Stop
from console.wiring.approvaldesk import ApprovalDesk

if TYPE_CHECKING:
    from datetime import date

    from console.model.finding import Fix
    from console.model.intent import Intent
    from console.model.review import Approval, FileEdit, Review
    from console.model.step import Step
    from console.model.updates import Update
    from console.operations.offers import Offer


class EditDesk(ApprovalDesk):
    """The part of ``ui.ports.Desk`` that is about edits of our own."""

    def plan_hold(self, branch: str, *, reason: str, until: date | None = None, supposed: bool = False) -> Intent:
        """See Desk. What is refused is in the journal, unless it is only ``supposed``."""
        from console.operations.intent import hold  # noqa: PLC0415 - late

        update, today = self.update(branch), self.now().date()
        mirror = self._bound.mirror
        with self.noting("hold", update.branch, update.head, supposed=supposed):
            return hold(mirror, self.journal, update, self._offered, reason=reason, until=until, today=today)

    def plan_release(self, name: str, *, supposed: bool = False) -> Intent:
        """See Desk; ``supposed`` as above."""
        from console.operations.intent import release  # noqa: PLC0415 - late

        update: Update | None = None
        with contextlib.suppress(UsageError):  # Renovate takes the branch of what is held away
            update = self.update(name)
        with self.noting("release", name, supposed=supposed):
            return release(self._bound.mirror, self.journal, name, update, self._offered)

    def plan_revert(self, commit: str, *, reason: str = "", supposed: bool = False) -> Intent:
        """See Desk; ``supposed`` as above."""
        from console.operations.intent import revert  # noqa: PLC0415 - late

        def offered(offer: Offer) -> Review:
            return self._reviewed(offer.update, reason=reason, notes=offer.notes)  # it answers what blocks it too

        with self.noting("revert", commit, supposed=supposed):
            return revert(self._bound.mirror, commit, offered, reason=reason, today=self.now().date())

    def carry_out(self, intent: Intent, stop: Stop) -> Iterator[Step]:
        """See Desk."""
        done = yield from self.carrying_out(intent, stop)
        if done.outcome == "pushed" and done.commit and not done.branch:
            yield from self.hastened((done.commit,), stop)

    def carrying_out(self, intent: Intent, stop: Stop) -> Generator[Step, None, Approval]:
        """The same, and what came of it as the generator's value."""
        from console.operations.intent import carried_out  # noqa: PLC0415 - late

        self._must_write()
        result = yield from carried_out(intent, self._bound.mirror, self.journal, self.now, stop)
        self.refresh(Topic.UPDATES)
        return result

    def fixed(self, review: Review, fix: Fix) -> FileEdit:
        """See Desk."""
        from console.edits.patch import applied  # noqa: PLC0415 - late
        from console.model.review import FileEdit  # noqa: PLC0415

        data = self.planned(review, fix.file)
        return FileEdit(fix.file, applied(data, fix.diff), data)

    def planned(self, review: Review, path: str) -> bytes:
        """See Desk."""
        found = self._bound.mirror.contents(review.commit.tree, [path])
        if path not in found:
            raise Refused(f"There is no file {path} in what would be on main.", kind="not-found")
        return found[path]

    def _offered(self, offer: Offer) -> Review:
        """A proposal of ours, reviewed."""
        return self._reviewed(offer.update, notes=offer.notes)
