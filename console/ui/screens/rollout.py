"""What was approved, on its way: from the commit to the last node, also while the API is away."""

from console.model.rollout import Rollout
from console.model.snapshot import Life, Snapshot, Topic
from console.ui.looks import Line, Run, age
from console.ui.scene import Scene
from console.ui.screens.reading import Reading
from console.ui.texts import rollout as texts


class Following(Reading):
    """Follows the rollout of ``branch``, or the newest; tab goes to the others.

    ``known`` are the commits of the rollouts before the approval: a branch's name comes again with the next version.
    Until the one of ``branch`` is there it is waited for, and no other is shown in its place.
    """

    PLACE = "rollout"

    def __init__(self, branch: str = "", known: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._branch = branch
        self._known = known
        self._awaited = bool(branch)
        self._at = 0
        self._all: tuple[Rollout, ...] = ()

    def take(self, scene: Scene) -> None:
        """See Place."""
        before = self._all[self._at].commit if self._all else ""
        self._all = scene.rollouts
        places = {rollout.commit: index for index, rollout in enumerate(self._all)}
        self._at = places.get(before, 0)
        if self._awaited:
            mine = (i for i, each in enumerate(self._all) if each.branch == self._branch)
            arrived = next((i for i in mine if self._all[i].commit not in self._known), None)
            self._awaited = arrived is None
            self._at = arrived or 0
        super().take(scene)

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        left: Line = (Run("Rollout  ", "accent"),)
        if self._awaited:
            return (*left, Run(self._branch, "strong")), ()
        if self._all:
            left = (*left, *texts.headline(self._all[self._at]))
        many = (Run(f"‹{self._at + 1} of {len(self._all)}›", "muted"),) if len(self._all) > 1 else ()
        return left, many

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        lines = list(_away(snapshot))
        if self._awaited:
            return [*lines, (Run(f" ✔ {self._branch} is written; main is being fetched.", ""),)]
        if self._all:
            return [*lines, *texts.describe(self._all[self._at], width)]
        return [*lines, (Run(" Nothing was approved lately.", "muted"),)]

    def do_next_part(self) -> None:
        """The next rollout."""
        self._turn(1)

    def do_previous_part(self) -> None:
        """The rollout before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self._all:
            self._at = 0 if self._awaited else (self._at + by) % len(self._all)
            self._awaited = False
            self.take(self.console_app.scene)


def _away(snapshot: Snapshot) -> list[Line]:
    """What can't be asked now, and since when."""
    lines: list[Line] = []
    for topic, name in ((Topic.KUBERNETES, "The Kubernetes API"), (Topic.TALOS, "Talos")):
        fresh = snapshot[topic].freshness
        if fresh.life in (Life.STALE, Life.FAILED):
            lines.append((Run(f" ▲ {name} has been away for ", "warn"), age(fresh.since, "warn"), Run(".", "warn")))
    return [*lines, ()] if lines else []
