"""Marks the repository's updates with what holds them, whenever they are read."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from console.model.hold import Hold
from console.model.snapshot import Problem
from console.model.updates import RepositoryState, Update
from console.operations.holding import holds, marked
from console.operations.journal import Journal
from console.operations.ports import Repository
from console.operations.records import recorded
from console.sources.errors import HomeconsoleError


class Marking:
    """Holds of the files are read once for each main, those of the journal each time. ``limited`` hears what is not."""

    def __init__(
        self, repository: Callable[[], Repository], journal: Journal, limited: Callable[[tuple[Problem, ...]], None]
    ) -> None:
        self._repository = repository
        self._journal = journal
        self._limited = limited
        self._known: tuple[str, tuple[Hold, ...]] = ("", ())

    def __call__(self, state: RepositoryState, updates: Sequence[Update]) -> tuple[RepositoryState, list[Update]]:
        """Both with what holds them. What can't be read holds nothing and is told: updates are shown all the same."""
        try:
            if self._known[0] != state.head:
                self._known = (state.head, holds(self._repository(), state.head))
            found = (*self._known[1], *recorded(self._journal, state.url))
        except HomeconsoleError as error:
            self._limited((Problem(error.kind, f"What is held can't be read: {error.message}", error.hint),))
            return state, list(updates)
        self._limited(())
        return replace(state, holds=found), marked(updates, found)
