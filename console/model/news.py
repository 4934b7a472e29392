"""Which ends and halts of rollouts are news: each is told once, and once more when it went on in between."""

from collections.abc import Iterable

from console.model.rollout import Outcome, Rollout
from console.model.text import safe

TOLD: frozenset[Outcome] = frozenset({"done", "failed", "stuck"})
_HALTS: frozenset[Outcome] = frozenset({"failed", "stuck"})
_LONGEST = 200  # characters of a sentence in a notification


class News:
    """Remembers the outcomes that were seen, and at which nodes. What stands so at the first look is no news."""

    def __init__(self) -> None:
        self._seen: dict[str, set[Outcome]] = {}
        self._where: dict[str, frozenset[str]] = {}

    def of(self, rollouts: Iterable[Rollout]) -> list[Rollout]:
        """Those that are done, have failed or hang now, and were not so before."""
        found = []
        for rollout in rollouts:
            seen, before = self._seen.get(rollout.commit), self._where.get(rollout.commit)
            where = self._where[rollout.commit] = rollout.where
            if seen is None:
                self._seen[rollout.commit] = {rollout.outcome}
                continue
            if rollout.outcome == "running" or (before and where and before != where):
                seen -= _HALTS
            if rollout.outcome not in seen:
                seen.add(rollout.outcome)
                if rollout.outcome in TOLD:
                    found.append(rollout)
        return found


def headline(rollout: Rollout) -> str:
    """``Talos v1.13.8 failed``."""
    return safe(f"{rollout.title} {rollout.outcome}", _LONGEST)


def sentence(rollout: Rollout) -> str:
    """Why, if there is something to say."""
    return safe(rollout.note, _LONGEST)
