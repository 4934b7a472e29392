"""Marks the repository's updates with what holds them, whenever they are read."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from console.model.hold import Hold
from console.model.snapshot import Problem
from console.model.updates import RepositoryState, Update
from console.operations.journal import Journal
from console.operations.ports import Repository
from console.operations.records import recorded
from console.sources.errors import HomeconsoleError
from console.sources.kept import Kept


class Marking:
    """Holds of the files are read once for each main, by whichever run (``kept``), those of the journal each time.
    ``limited`` hears what is not.
    """

    def __init__(
        self,
        repository: Callable[[], Repository],
        journal: Journal,
        limited: Callable[[tuple[Problem, ...]], None],
        kept: Kept | None = None,
    ) -> None:
        self._repository = repository
        self._journal = journal
        self._limited = limited
        self._kept = kept
        self._known: tuple[str, tuple[Hold, ...]] = ("", ())

    def __call__(self, state: RepositoryState, updates: Sequence[Update]) -> tuple[RepositoryState, list[Update]]:
        """Both with what holds them. What can't be read holds nothing and is told: updates are shown all the same."""
        try:
            if self._known[0] != state.head:
                self._known = (state.head, self._held(state.head))
            found = (*self._known[1], *recorded(self._journal, state.url))
        except HomeconsoleError as error:
            self._limited((Problem(error.kind, f"What is held can't be read: {error.message}", error.hint),))
            return state, list(updates)
        self._limited(())
        return replace(state, holds=found), marked(updates, found)

    def _held(self, head: str) -> tuple[Hold, ...]:
        found: tuple[Hold, ...] | None = self._kept.read(head) if self._kept else None
        if found is None:
            from console.operations.holding import holds  # noqa: PLC0415 - where it was not read before

            found = holds(self._repository(), head)
            if self._kept:
                self._kept.write(head, found)
        return found


def marked(updates: Sequence[Update], found: Sequence[Hold]) -> list[Update]:
    """``updates`` with what holds each: a hold of ours before what the files say of its system."""
    return [_marked(update, found) for update in updates]


def _marked(update: Update, found: Sequence[Hold]) -> Update:
    mine = [hold for hold in found if hold.concerns(update) and hold.kind not in {"window", "dashboard"}]
    if not mine:
        return update
    first = min(mine, key=lambda hold: (hold.kind != "own", hold.kind))
    since = first.since.isoformat(timespec="seconds") if first.since else ""
    return replace(update, hold_reason=first.told, hold_by=first.by, hold_since=since)
