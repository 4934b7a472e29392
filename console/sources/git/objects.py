"""Reading commits, trees and blobs, through GitPython.

A reader lives as long as one ``with``: GitPython keeps two ``git cat-file`` children for it, which end when it closes.
It is used for reading only, and never given an option or an address that comes from outside.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.sources.errors import Malformed, NotConfigured, Refused
from console.sources.git.failures import missing
from console.sources.git.runner import Repository

if TYPE_CHECKING:
    import git as gitpython

_OID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. Times in UTC."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: str
    author_email: str
    authored_at: datetime
    committer: str
    committer_email: str
    committed_at: datetime
    subject: str
    body: str
    signature: str = ""  # its format: openpgp, ssh, x509; empty when there is none

    @property
    def signed(self) -> bool:
        """Whether it carries a signature, whatever that is worth."""
        return bool(self.signature)


@contextlib.contextmanager
def opened(path: Path, *, search: bool = False) -> Iterator["gitpython.Repo"]:
    """The repository at ``path`` (or, with ``search``, around it). NotConfigured when there is none."""
    try:
        import git as gitpython  # noqa: PLC0415 - slow to import
    except ImportError as error:  # GitPython looks for git when it is imported
        raise missing("git") from error
    try:
        repository = gitpython.Repo(path, search_parent_directories=search, expand_vars=False)
    except (gitpython.exc.InvalidGitRepositoryError, gitpython.exc.NoSuchPathError) as error:
        raise NotConfigured(f"{path} is no git repository", "Give the URL or the path of the repository.") from error
    try:
        yield repository
    finally:
        repository.close()


class Reader:
    """Objects of one repository by their full names. Not thread-safe; see ``reading``."""

    def __init__(self, repository: "gitpython.Repo") -> None:
        self._repository = repository
        self._commits: dict[str, Commit] = {}

    def commit(self, oid: str) -> Commit:
        """A commit. Malformed when it is not there."""
        if oid not in self._commits:
            self._commits[oid] = self._read(oid)
        return self._commits[oid]

    def size(self, oid: str) -> int:
        """A blob's size in bytes. Malformed when it is not there."""
        return self._header(oid)[1]

    def blob(self, oid: str) -> bytes:
        """A blob's bytes. Malformed when it is not there."""
        self._header(oid)
        return bytes(self._repository.odb.stream(bytes.fromhex(oid)).read())

    def at(self, commit: str, path: str) -> bytes:
        """The file ``path`` at ``commit``. Refused with kind ``not-found`` when there is none."""
        from git import Blob  # noqa: PLC0415 - slow to import

        self._header(commit)
        try:
            found = self._repository.commit(commit).tree / path
        except (KeyError, ValueError) as error:
            raise Refused(f"{path} is not in {commit[:12]}", kind="not-found") from error
        if not isinstance(found, Blob):
            raise Refused(f"{path} is not a file in {commit[:12]}", kind="not-found")
        return self.blob(found.hexsha)

    def _header(self, oid: str) -> tuple[str, int]:
        if not _OID.fullmatch(oid):
            raise Malformed(f"{oid!r} is no object name")
        try:
            found = self._repository.odb.info(bytes.fromhex(oid))
        except ValueError as error:
            raise Malformed(
                f"{oid[:12]} is missing from the repository",
                "A shallow clone lacks it: git fetch --unshallow.",
                kind="missing-objects",
            ) from error
        return found.type.decode("ascii"), found.size

    def _read(self, oid: str) -> Commit:
        kind, _ = self._header(oid)
        if kind != "commit":
            raise Malformed(f"{oid[:12]} is a {kind}, not a commit")
        found = self._repository.commit(oid)
        message = found.message if isinstance(found.message, str) else found.message.decode(errors="replace")
        subject, _, body = message.strip("\n").partition("\n")
        return Commit(
            oid,
            found.tree.hexsha,
            tuple(parent.hexsha for parent in found.parents),
            found.author.name or "",
            found.author.email or "",
            _moment(found.authored_date),
            found.committer.name or "",
            found.committer.email or "",
            _moment(found.committed_date),
            subject,
            body.strip("\n"),
            _format(found.gpgsig or ""),
        )


@contextlib.contextmanager
def reading(repository: Repository) -> Iterator[Reader]:
    """A reader for ``repository``."""
    with opened(repository.path) as ours:
        ours.git.update_environment(**repository.git.environment(operator=False))
        ours.git.set_persistent_git_options(git_dir=str(repository.path))
        yield Reader(ours)


def _format(signature: str) -> str:
    """git's own test (gpg-interface.c): by the first line."""
    if "BEGIN SSH SIGNATURE" in signature:
        return "ssh"
    if "BEGIN SIGNED MESSAGE" in signature:
        return "x509"
    return "openpgp" if signature else ""


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # a commit may claim any time
        return datetime.fromtimestamp(0, UTC)
