"""What operations need of the repository: ``sources.git.Mirror`` is one."""

from __future__ import annotations  # what is only named here is not loaded for it

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from console.model.updates import RepositoryState, Update
    from console.sources.git.identity import Identity
    from console.sources.git.merge import Merge
    from console.sources.git.objects import Commit
    from console.sources.git.proposal import Proposal
    from console.sources.git.push import Pushed, RefUpdate
    from console.sources.git.writing import Author
    from console.sources.stop import Stop


class Repository(Protocol):
    """A private bare clone. Commits and trees are named by full ids; branches stand where the last fetch saw them.

    Every call has a deadline and raises SourceError.
    """

    @property
    def url(self) -> str: ...

    @property
    def branch(self) -> str: ...

    def fetch(self, stop: Stop | None = None) -> bool:
        """Bring everything up to date, and prune."""

    def scan(self, stop: Stop | None = None) -> tuple[RepositoryState, list[Update]]:
        """What the last fetch brought."""

    def head(self) -> str:
        """Main. NotConfigured when there is none."""

    def branches(self) -> dict[str, str]:
        """The update branches and where they stand."""

    def asides(self) -> dict[str, str]:
        """Our own branches ``homeconsole/approve/*`` and where they stand."""

    def commit(self, oid: str) -> Commit:
        """One commit."""

    def export(self, tree: str, folder: Path, stop: Stop | None = None) -> None:
        """Write the files of a tree, or a commit's, into an empty folder."""

    def files(self, tree: str) -> list[str]:
        """The paths of all files in a tree, or a commit's."""

    def contents(self, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes of many files in a tree, or a commit's, by path; those that are not there are left out."""

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """The paths in which two trees, or commits, differ, both ends of a rename."""

    def diff(self, base: str, head: str) -> list[str]:
        """What ``head`` changes since it left ``base`` (three dots), by lines; secrets masked."""

    def patch_id(self, base: str, head: str) -> str:
        """``git patch-id --stable`` of the same."""

    def reaches(self, commit: str, ancestor: str) -> bool:
        """Whether ``ancestor`` is in the history of ``commit``."""

    def taken_back(self, commit: str) -> bool:
        """Whether main reverts ``commit``, and that revert was not taken back itself."""

    def merge_tree(self, base: str, head: str, stop: Stop | None = None) -> Merge:
        """``git merge-tree --write-tree``."""

    def edited_tree(self, tree: str, files: Mapping[str, bytes | None], stop: Stop | None = None) -> str:
        """``tree`` with some files written anew or (None) removed."""

    def proposal(self, base: str, head: str) -> Proposal:
        """The versions that ``head`` moves since it left ``base``."""

    def newest(self, commit: str, path: str) -> str:
        """The newest commit, up to ``commit`` along its first parents, that touched ``path``; empty for none."""

    def blame(self, commit: str, path: str, line: int) -> str:
        """The commit that wrote ``line`` (1-based) of a file; empty where that can't be told."""

    def identity(self) -> Identity:
        """Who commits here. NotConfigured when git knows neither name nor address."""

    def signer(self, oid: str) -> str:
        """Who signed a commit, as far as the signature holds here; empty otherwise."""

    def commit_tree(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        *,
        committer: Identity,
        author: Author | None = None,
        at: datetime | None = None,
        stop: Stop | None = None,
    ) -> str:
        """Write a commit, signed as the operator's git is set up; its id. Refused when it can't be signed."""

    def push_command(self, updates: Sequence[RefUpdate]) -> str:
        """The push as it would be typed."""

    def push(self, updates: Sequence[RefUpdate], *, dry_run: bool = False, stop: Stop | None = None) -> Pushed:
        """One atomic push, every ref leased."""


class Lineage(Protocol):
    """What a trace asks of the repository: only what is read. Every call has a deadline and raises SourceError."""

    def commit(self, oid: str) -> Commit:
        """One commit."""

    def newest(self, commit: str, path: str) -> str:
        """The newest commit, up to ``commit`` along its first parents, that touched ``path``; empty for none."""

    def files(self, tree: str) -> list[str]:
        """The paths of all files in a tree, or a commit's."""

    def contents(self, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes of many files in a tree, or a commit's, by path; those that are not there are left out."""
