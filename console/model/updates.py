"""Pending Renovate updates, read from git alone. A branch is a proposal; what is done is named by its commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

UpdateType = Literal["major", "minor", "patch", "digest", "pin", "replacement", "unknown"]
UpdateState = Literal["ready", "conflict", "applied", "unknown"]
System = Literal["talos", "kubernetes"]


@dataclass(frozen=True, slots=True)
class Change:
    """One version that a branch moves, and where. ``path`` is the YAML path (``spec.ref.tag``), ``line`` 1-based."""

    name: str
    old: str
    new: str
    type: UpdateType
    datasource: str = ""
    file: str = ""
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Update:
    """One proposal. ``head`` and ``base`` are full commit ids; ``base`` is main as it was when this was computed."""

    branch: str
    head: str
    base: str
    title: str
    state: UpdateState
    author: str = ""
    committed_at: datetime | None = None
    ahead: int = 0
    behind: int = 0
    pull: int | None = None
    conflicts: tuple[str, ...] = ()
    why: str = ""  # for state unknown
    modified: bool = False  # someone other than the bot committed onto it
    kind: Literal["dependency", "lockfile", "config"] = "dependency"
    changes: tuple[Change, ...] = ()
    type: UpdateType = "unknown"
    breaking: bool = False
    files: tuple[str, ...] = ()
    system: System | None = None  # the change moves the version that nodes run
    hold_reason: str = ""
    hold_by: str = ""
    hold_since: str = ""
    signature: Literal["good", "bad", "unverified", "none"] = "none"
    marks: tuple[str, ...] = ()  # superseded, overlaps, unusual …

    @property
    def key(self) -> tuple[str, ...]:
        return (self.branch,)

    @property
    def id(self) -> str:
        """The branch name: means the proposal that is pending now."""
        return self.branch


@dataclass(frozen=True, slots=True)
class ApprovedCommit:
    """A commit on main that an approval wrote, read back from its trailers and its own diff."""

    commit: str
    branch: str
    title: str
    at: datetime | None
    by: str
    changes: tuple[Change, ...] = ()
    files: tuple[str, ...] = ()
    system: System | None = None


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """The repository that holds the cluster: ``url`` without credentials, ``head`` of ``branch``, when it was fetched.

    ``history`` are the newest commits of the branch along its first parents, newest first, at most 200;
    ``approvals`` those of them that carry our trailers.
    """

    url: str
    branch: str
    head: str
    fetched_at: datetime | None
    history: tuple[str, ...] = ()
    approvals: tuple["ApprovedCommit", ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        return ("repository",)
