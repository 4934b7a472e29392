"""What operations need of the repository. ``sources.git`` has it; nothing here knows how git is run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from console.model.updates import RepositoryState, Update
from console.sources.stop import Stop


class Merge(Protocol):
    """The three-way merge of two commits: the tree it gives, or the paths that conflict."""

    @property
    def tree(self) -> str:
        """The merged tree's id; empty when there are conflicts."""

    @property
    def conflicts(self) -> Sequence[str]: ...


class Identity(Protocol):
    """Who commits, from the operator's own git configuration."""

    @property
    def name(self) -> str: ...

    @property
    def email(self) -> str: ...

    @property
    def signature(self) -> str:
        """How commits are signed, as it is shown (``ssh, SHA256:…``); empty when they are not."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A remote branch that goes, and where it must stand for that (the lease)."""

    branch: str
    head: str


class Repository(Protocol):
    """A private bare clone. Names of branches are those of the remote, as of the last ``fetch``.

    Every call has a deadline and raises SourceError; ``push`` raises Refused when the remote declines.
    """

    @property
    def url(self) -> str: ...

    @property
    def branch(self) -> str: ...

    def fetch(self, stop: Stop) -> None:
        """Bring everything up to date, and prune."""

    def scan(self) -> tuple[RepositoryState, list[Update]]:
        """What the last fetch brought."""

    def tip(self, branch: str) -> str | None:
        """Where the remote's ``branch`` stands, or None when there is no such branch."""

    def read(self, commit: str, path: str) -> bytes:
        """One file. ``commit`` may be a tree."""

    def files(self, commit: str) -> Sequence[str]:
        """Every file's path. ``commit`` may be a tree."""

    def diff(self, base: str, head: str) -> list[str]:
        """What ``head`` changes since it left ``base`` (three dots), by lines; secrets masked."""

    def changed(self, base: str, head: str) -> Sequence[str]:
        """The paths in which two commits (or trees) differ (two dots)."""

    def patch_id(self, base: str, head: str) -> str:
        """``git patch-id --stable`` of ``base...head``."""

    def merge_tree(self, ours: str, theirs: str) -> Merge:
        """``git merge-tree --write-tree``."""

    def tree(self, commit: str) -> str:
        """The id of a commit's tree."""

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether ``of`` contains ``commit``."""

    def identity(self) -> Identity:
        """Who commits here. NotConfigured when git knows neither name nor address."""

    def commit_tree(self, tree: str, parents: Sequence[str], message: str, *, at: datetime, author_of: str = "") -> str:
        """Write a commit by ``identity`` at ``at``, signed as it is set up; its id.

        ``author_of``: keep the author of that commit (for a squash).
        """

    def message(self, commit: str) -> str:
        """A commit's message, as it is stored."""

    def parents(self, commit: str) -> Sequence[str]:
        """A commit's parents."""

    def push(self, commit: str, expected: str, deletion: Deletion | None, stop: Stop) -> None:
        """Atomically move the remote's ``branch`` from ``expected`` to ``commit`` and delete; each leased.

        Refused with kind ``moved`` when a lease does not hold (nothing was changed then), ``protected`` for a
        protected branch, ``declined`` for a hook, ``read-only`` when we may not write.
        """
