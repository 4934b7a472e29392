"""Commits as a ``git fast-import`` stream: one child process makes the whole repository."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_SECONDS = 30

# The operator's own git configuration has no part in it: the same inputs give the same commits on every machine.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a commit."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit to write. ``files`` maps a path to its text, or to None where the file goes away.

    ``parents`` are marks (``:7``) or commit ids; the first one is where ``files`` apply.
    """

    author: Person
    committer: Person
    when: datetime
    message: str
    files: Mapping[str, str | None]
    parents: Sequence[str] = ()


class Stream:
    """Collects commits and refs; ``load`` hands them to git."""

    def __init__(self) -> None:
        self._parts: list[bytes] = [b"feature done\n"]
        self._marks = 0

    def commit(self, commit: Commit, ref: str) -> str:
        """Add a commit to ``ref``; gives its mark."""
        self._marks += 1
        mark = f":{self._marks}"
        stamp = f"{int(commit.when.timestamp())} +0000"
        self._line(f"commit {ref}")
        self._line(f"mark {mark}")
        self._line(f"author {commit.author.name} <{commit.author.email}> {stamp}")
        self._line(f"committer {commit.committer.name} <{commit.committer.email}> {stamp}")
        self._data(commit.message)
        for position, parent in enumerate(commit.parents):
            self._line(f"{'merge' if position else 'from'} {parent}")
        for path, text in sorted(commit.files.items()):
            self._line(f"D {path}" if text is None else f"M 100644 inline {path}")
            if text is not None:
                self._data(text)
        self._line("")
        return mark

    def ref(self, name: str, at: str) -> None:
        """Let ref ``name`` stand at mark or commit ``at``; an empty ``at`` takes it away."""
        self._line(f"reset {name}")
        self._line(f"from {at or '0' * 40}")
        self._line("")

    def load(self, repository: Path) -> dict[str, str]:
        """Write everything into the bare ``repository``; gives the commit id of each mark."""
        marks = repository / "marks"
        self._parts.append(b"done\n")
        git(repository, "fast-import", "--quiet", "--force", f"--export-marks={marks}", data=b"".join(self._parts))
        pairs = (line.split() for line in marks.read_text().splitlines())
        found = {mark: commit for mark, commit in pairs}  # noqa: C416 - says what the pairs are
        marks.unlink()
        return found

    def _line(self, text: str) -> None:
        self._parts.append(text.encode() + b"\n")

    def _data(self, text: str) -> None:
        data = text.encode()
        self._parts.append(b"data %d\n%s\n" % (len(data), data))


def git(repository: Path, *words: str, data: bytes = b"") -> bytes:
    """What ``git`` prints, run on the bare ``repository``. Raises CalledProcessError, TimeoutExpired."""
    command = ["git", f"--git-dir={repository}", *words]
    return subprocess.run(
        command, input=data, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, timeout=_SECONDS
    ).stdout
