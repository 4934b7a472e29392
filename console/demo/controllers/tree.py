"""The files of a commit, read from the bare repository with git's own plumbing."""

import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

# Nothing of the operator's own git configuration may reach the demo's repository.
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}


class Repository:
    """A bare repository whose branch is looked at often and read seldom."""

    def __init__(self, path: Path, branch: str = "main") -> None:
        self.path = path
        self.branch = branch
        self._loose = path / "refs" / "heads" / branch
        self._packed = path / "packed-refs"
        self._seen: tuple[int, ...] = ()
        self._head = ""
        self._files: dict[str, Mapping[str, bytes]] = {}

    @property
    def url(self) -> str:
        """How git reaches it from this machine."""
        return self.path.resolve().as_uri()

    @property
    def there(self) -> bool:
        """Whether it can be fetched from."""
        return (self.path / "HEAD").exists()

    def head(self) -> str:
        """The commit that the branch points to. Costs two ``stat`` while nothing moves; no process in any case."""
        stats = [_stat(path) for path in (self._loose, self._packed)]
        seen = tuple(number for s in stats if s for number in (s.st_mtime_ns, s.st_ino, s.st_size))
        if seen != self._seen:
            self._head = self._read_ref()
            self._seen = seen
        return self._head

    def at(self, moment: datetime) -> str:
        """The newest commit along the first parents that is not younger than ``moment``; the first one when all are."""
        commits = self._git("log", "--first-parent", "--format=%H %ct", self.branch).decode().split("\n")
        pairs = [(line.split()[0], int(line.split()[1])) for line in commits if line]
        return next((commit for commit, at in pairs if at <= moment.timestamp()), pairs[-1][0])

    def committed(self, commit: str) -> datetime:
        """When a commit was made."""
        return datetime.fromtimestamp(int(self._git("log", "-1", "--format=%ct", commit)), UTC)

    def folder_id(self, commit: str, folder: str) -> str:
        """The tree id of ``folder`` at ``commit``: equal as long as nothing in it changed; empty when there is none."""
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{commit}:{folder}").decode().strip()
        except subprocess.CalledProcessError:
            return ""

    def files(self, commit: str) -> Mapping[str, bytes]:
        """Path to content, links and submodules left out. The last few commits are remembered."""
        if commit not in self._files:
            while len(self._files) > 3:
                self._files.pop(next(iter(self._files)))
            self._files[commit] = self._read(commit)
        return self._files[commit]

    def _read_ref(self) -> str:
        try:
            return self._loose.read_text().strip()
        except FileNotFoundError:
            name = f" refs/heads/{self.branch}"
            try:
                lines = self._packed.read_text().splitlines()
            except FileNotFoundError:
                return self._head  # it is away; until it is back, what was there counts
            return next((line[: -len(name)] for line in lines if line.endswith(name)), self._head)

    def _read(self, commit: str) -> Mapping[str, bytes]:
        found = {}
        with tarfile.open(fileobj=io.BytesIO(self._git("archive", "--format=tar", commit))) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    found[member.name] = content.read()
        return found

    def _git(self, *arguments: str) -> bytes:
        return subprocess.run(
            ["git", "--git-dir", str(self.path), *arguments],
            env=_ENVIRONMENT,
            capture_output=True,
            check=True,
            timeout=20,
        ).stdout


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
