"""How changes stand to each other: which can't influence each other, which collide, which belong together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from console.model.updates import Update
from console.model.version import normal
from console.sources.git.files import FileChange
from console.sources.git.proposal import Proposal


def apart(moved: Sequence[FileChange], branch: Sequence[FileChange]) -> bool:
    """Whether two sets of changes can have no influence on each other's merge.

    They share no path, and no path of one is a folder of the other; a removed file may be half of a renamed folder,
    which moves what the other side adds, so with one of those nothing is certain.
    """
    if any(change.status == "D" for change in (*moved, *branch)):
        return False
    ours, theirs = {c.path for c in moved}, {c.path for c in branch}
    return not (ours & theirs or ours & _folders(theirs) or theirs & _folders(ours))


def _folders(paths: set[str]) -> set[str]:
    return {path[:i] for path in paths for i, letter in enumerate(path) if letter == "/"}


def related(updates: list[Update], proposals: Mapping[str, Proposal]) -> list[Update]:
    """Each with the branches that touch the same lines, and those that belong together."""
    touching: dict[tuple[str, str], list[str]] = defaultdict(list)
    moving: dict[tuple[str, str], list[str]] = defaultdict(list)
    for update in updates:
        if _is_done(update):
            continue
        for spot in proposals[update.branch].spots if update.branch in proposals else ():
            touching[spot].append(update.branch)
        for target in _targets(update):
            moving[target].append(update.branch)
    known = {update.branch: update for update in updates}
    related = []
    for update in updates:
        overlaps = _others(update, proposals[update.branch].spots if update.branch in proposals else (), touching)
        pairs = tuple(
            each for each in _others(update, _targets(update), moving) if not _of_two_clusters(update, known[each])
        )
        marks = (*update.marks, *(["overlaps"] if overlaps else []), *(["pair"] if pairs else []))
        related.append(replace(update, overlaps=overlaps, pairs=pairs, marks=marks))
    return related


def _is_done(update: Update) -> bool:
    """What main has, or went beyond, stands in nobody's way."""
    return update.state == "applied" or update.is_superseded


def _of_two_clusters(one: Update, other: Update) -> bool:
    """Whether each moves a resource of tuppr's own, of which a cluster has one."""
    first, second = _resources(one), _resources(other)
    return bool(first and second) and first.isdisjoint(second)


def _resources(update: Update) -> frozenset[str]:
    return frozenset(c.file for c in update.changes if c.path == f"spec.{update.system}.version")


def _targets(update: Update) -> set[tuple[str, str]]:
    return {(update.system, normal(c.new)) for c in update.changes} if update.system else set()


def _others(
    update: Update, keys: Iterable[tuple[str, str]], index: Mapping[tuple[str, str], list[str]]
) -> tuple[str, ...]:
    if _is_done(update):
        return ()
    return tuple(sorted({branch for key in keys for branch in index.get(key, ())} - {update.branch}))
