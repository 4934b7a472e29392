"""What is known at one instant, and how fresh each part of it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol


class Topic(StrEnum):
    """A kind of fact. Each has its own source and its own freshness; none waits for another."""

    TALOS = "talos"  # model.nodes.TalosNode by name
    KUBERNETES = "kubernetes"  # model.nodes.KubernetesNode by name
    WORKLOADS = "workloads"  # model.nodes.DaemonSet by (namespace, name)
    FLUX = "flux"  # model.flux.FluxObject by FluxKey
    TUPPR = "tuppr"  # model.upgrades.TupprUpgrade by (kind, name)
    REPOSITORY = "repository"  # model.updates.RepositoryState, one
    UPDATES = "updates"  # model.updates.Update by branch
    ASSESSMENTS = "assessments"  # model.finding.Preflight by branch
    APPROVALS = "approvals"  # model.review.UnfinishedApproval by id
    EVIDENCE = "evidence"  # model.evidence: JobLog, Blocker, Happened
    RUNS = "runs"  # model.runs.Run by commit


class Keyed(Protocol):
    """A frozen value that names itself. Keys are tuples, so that a prefix of one names a part of a topic."""

    @property
    def key(self) -> tuple[str, ...]: ...


class Problem(NamedTuple):
    """Why a source can't be read: what is wrong, and what to do about it.

    ``kind`` is a stable word for scripts: ``unreachable timeout forbidden unauthorized certificate-expired wrong-ca
    missing-tool not-configured malformed …``.
    """

    kind: str
    message: str
    hint: str = ""


class Life(StrEnum):
    """How current a topic is."""

    WAITING = "waiting"  # asked, nothing came yet
    LIVE = "live"
    STALE = "stale"  # data from before the problem
    FAILED = "failed"  # a problem, and no data


class Freshness(NamedTuple):
    """``at`` is when the data was last known to be current, ``since`` when the present life began (both UTC).

    ``limits`` are the parts that can't be read while the rest of the topic can.
    """

    life: Life = Life.WAITING
    at: datetime | None = None
    since: datetime | None = None
    problem: Problem | None = None
    limits: tuple[Problem, ...] = ()


class Table(NamedTuple):
    """The values of one topic by key. ``items`` is never changed after it was handed out."""

    items: Mapping[tuple[str, ...], Any] = MappingProxyType({})
    freshness: Freshness = Freshness()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All topics at one instant (``at``, UTC)."""

    at: datetime
    tables: Mapping[Topic, Table]

    def __getitem__(self, topic: Topic) -> Table:
        return self.tables.get(topic, _EMPTY)


_EMPTY = Table()
