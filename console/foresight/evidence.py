"""What the rules may look at: the update, the repository before and after it, and the cluster if it can be asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.foresight.clusters import shared
from console.foresight.conditions import Unasked
from console.foresight.places import Place
from console.foresight.rule import Step
from console.foresight.tree import Tree
from console.model.snapshot import Life, Snapshot, Topic
from console.model.updates import Change, System, Update
from console.model.upgrades import versions
from console.model.version import Version

Live = Callable[[str, str], Sequence[Mapping[str, Any]]]


def offline(_api: str, _kind: str) -> Sequence[Mapping[str, Any]]:
    """Where there is no cluster to ask."""
    raise Unasked("offline: the cluster was not asked")


@dataclass(frozen=True, slots=True)
class Move:
    """One system's way: ``old`` is what main holds, ``new`` what it will hold."""

    system: System
    old: Version
    new: Version


@dataclass(frozen=True, slots=True)
class Evidence:
    """``before`` and ``after`` are the places on main and on main with the update; ``pending`` all other updates.

    ``snapshot`` is None when the cluster was not looked at: rules about it are then skipped. ``tree`` is main with the
    update, all of its files that a rule may look at. ``live`` gives the objects of (apiVersion, kind) in the cluster
    now; none where it knows no such kind; Unasked when it can't be asked.
    """

    update: Update
    now: datetime
    moves: tuple[Move, ...] = ()
    before: tuple[Place, ...] = ()
    after: tuple[Place, ...] = ()
    pending: Sequence[Update] = ()
    touched: tuple[str, ...] = ()  # files in which main and the merged tree differ
    diff: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    tree: Tree = field(default_factory=Tree)
    live: Live = offline

    @property
    def steps(self) -> tuple[Step, ...]:
        """What moves: the systems from the oldest that runs, and every package of the update."""
        nodes = [Step(m.system, min((m.old, *self.running(m.system))), m.new) for m in self.moves]
        return (*nodes, *(step for change in self.update.changes if (step := _step(change))))

    def move(self, system: System) -> Move | None:
        """How the update moves ``system``."""
        return next((m for m in self.moves if m.system == system), None)

    def read(self, topic: Topic) -> bool:
        """Whether the cluster was asked about ``topic``, now or a while ago."""
        return self.snapshot is not None and self.snapshot[topic].freshness.at is not None

    def unread(self, topic: Topic) -> str:
        """Why not."""
        if self.snapshot is None:
            return "offline: the cluster was not asked"
        problem = self.snapshot[topic].freshness.problem
        return problem.message if problem else "not read yet"

    def blind(self) -> str:
        """Why the cluster of a node upgrade is not known; empty where it is, and where it was not to be asked."""
        if self.snapshot is None or not (self.update.system or self.moves):
            return ""
        asked = (Topic.KUBERNETES, Topic.TUPPR, Topic.FLUX)
        if topic := next((t for t in asked if not self.read(t)), None):
            return f"the Kubernetes API can't be read: {self.unread(topic)}"
        if topic := next((t for t in asked if self.snapshot[t].freshness.life is Life.STALE), None):
            return f"what is known of the cluster is old: {self.unread(topic)}"
        return ""

    def running(self, system: System) -> tuple[Version, ...]:
        """The versions that run, lowest first; what main holds when the cluster was not asked."""
        found = set(versions(self.snapshot, system).values()) if self.snapshot else set()
        move = self.move(system)
        if not found and move:
            return (move.old,)
        return tuple(sorted(v for v in map(Version.parse, found or self._held(system)) if v))

    def _held(self, system: System) -> set[str]:
        """What main holds, nearest to what changes: a repository may hold several clusters, examples, and the past."""
        for kinds in ({"resource"}, {"config"}, {"image"}):
            places = [p for p in self.before if p.system == system and p.kind in kinds]
            if places:
                near = {p: max((shared(p.file, file) for file in self.touched), default=0) for p in places}
                nearest = [p for p in places if near[p] == max(near.values())]
                return {max(nearest, key=lambda p: Version.parse(p.version) or _NONE).version}
        return set()


_NONE = Version(0, 0)


def _step(change: Change) -> Step | None:
    old, new = (Version.parse(text.partition("@")[0]) for text in (change.old, change.new))
    return Step(change.name, old, new) if old and new and old != new else None
