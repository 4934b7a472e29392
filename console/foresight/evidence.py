"""What the rules may look at: the update, the repository before and after it, and the cluster if it can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.foresight.places import Place
from console.model.snapshot import Snapshot, Topic
from console.model.updates import System, Update
from console.model.upgrades import versions
from console.model.version import Version


@dataclass(frozen=True, slots=True)
class Move:
    """One system's way: ``old`` is what main holds, ``new`` what it will hold."""

    system: System
    old: Version
    new: Version


@dataclass(frozen=True, slots=True)
class Evidence:
    """``before`` and ``after`` are the places on main and on main with the update; ``pending`` all other updates.

    ``snapshot`` is None when the cluster was not looked at: rules about it are then skipped.
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
        topic = next((t for t in (Topic.KUBERNETES, Topic.TUPPR, Topic.FLUX) if not self.read(t)), None)
        return f"the Kubernetes API can't be read: {self.unread(topic)}" if topic else ""

    def running(self, system: System) -> tuple[Version, ...]:
        """The versions that run, lowest first; what main holds when the cluster was not asked."""
        found = set(versions(self.snapshot, system).values()) if self.snapshot else set()
        texts = found or {p.version for p in self.before if p.system == system and p.kind == "resource"}
        texts = texts or {p.version for p in self.before if p.system == system and p.kind != "client"}
        return tuple(sorted(v for v in map(Version.parse, texts) if v))
