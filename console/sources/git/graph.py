"""Where branches left the main branch, and how far each has gone since: counted here for all of them at once.

One ``git rev-list`` for main and one for all branches replaces a walk for each of them (``rev-list --left-right``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.sources.git.runner import Repository
from console.sources.stop import Stop


@dataclass(frozen=True, slots=True)
class Fork:
    """``ahead`` are the commits of a branch that main lacks, newest first; ``behind`` how many of main's it lacks.

    ``points`` are the commits of main that it grew from: one as a rule, more when main was merged into it, none when
    the histories are unrelated (or cut off).
    """

    ahead: tuple[str, ...]
    behind: int
    points: tuple[str, ...]


class Trunk:
    """The commits of main, children before parents."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._parents: list[tuple[str, ...]] = []
        self._index: dict[str, int] = {}
        for line in lines:
            commit, *parents = line.split()
            self._index[commit] = len(self._parents)
            self._parents.append(tuple(parents))

    @classmethod
    def read(cls, repository: Repository, head: str, stop: Stop | None = None) -> "Trunk":
        """All commits that ``head`` reaches."""
        out = repository.out("rev-list", "--topo-order", "--parents", head, stop=stop)
        return cls(out.decode("ascii").splitlines())

    def __contains__(self, commit: str) -> bool:
        return commit in self._index

    def __len__(self) -> int:
        return len(self._parents)

    def newest(self, commits: Iterable[str]) -> str:
        """The one of ``commits`` that comes first."""
        return min(commits, key=self._index.__getitem__)

    def missing_from(self, points: Sequence[Sequence[str]]) -> list[int]:
        """For each group of commits: how many commits of main none of the group reaches."""
        starts = [min((self._index[p] for p in group), default=len(self)) for group in points]
        order = sorted(range(len(points)), key=starts.__getitem__)
        counts = [0] * len(points)
        seen: set[int] = set()  # named as a parent by a commit before the present place
        place = 0
        for number in order:
            while place < starts[number]:
                seen.discard(place)
                seen.update(self._index[p] for p in self._parents[place] if p in self._index)
                place += 1
            counts[number] = place + self._strangers(place, {self._index[p] for p in points[number]}, set(seen))
        return counts

    def _strangers(self, place: int, reached: set[int], others: set[int]) -> int:
        """How many commits from ``place`` on are only reached from ``others``, which are waited for."""
        count = 0
        others -= reached
        while others and place < len(self):
            parents = {self._index[p] for p in self._parents[place] if p in self._index}
            if place in reached:
                reached.discard(place)
                reached |= parents
                others -= parents
            elif place in others:
                others.discard(place)
                others |= parents - reached
                count += 1
            place += 1
        return count


def forks(
    repository: Repository, trunk: Trunk, head: str, tips: Sequence[str], stop: Stop | None = None
) -> dict[str, Fork]:
    """How each of ``tips`` stands to main, whose head is ``head``."""
    if not tips:
        return {}
    stdin = "".join(f"{tip}\n" for tip in tips) + f"^{head}\n"
    out = repository.out("rev-list", "--topo-order", "--parents", "--stdin", stdin=stdin.encode(), stop=stop)
    outside: dict[str, tuple[str, ...]] = {}
    for line in out.decode("ascii").splitlines():
        commit, *parents = line.split()
        outside[commit] = tuple(parents)
    walks = [_walk(tip, outside, trunk) for tip in tips]
    behind = trunk.missing_from([points for _, points in walks])
    return {tip: Fork(ahead, count, points) for tip, (ahead, points), count in zip(tips, walks, behind, strict=True)}


def _walk(tip: str, outside: dict[str, tuple[str, ...]], trunk: Trunk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commits from ``tip`` down to main, and the commits of main where that ends."""
    ahead: dict[str, None] = {}
    points: dict[str, None] = {}
    waiting = [tip]
    while waiting:
        commit = waiting.pop()
        if commit in outside:
            if commit not in ahead:
                ahead[commit] = None
                waiting += outside[commit]
        elif commit in trunk:
            points[commit] = None
    return tuple(ahead), tuple(points)
