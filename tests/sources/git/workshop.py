"""Repositories made by real git, for tests: a remote, branches, and the operator's surroundings."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.model.updates import Update
from console.sources.git.mirror import Mirror
from console.sources.git.runner import Git

BOT = ("home-bot[bot]", "1+home-bot[bot]@users.noreply.github.com")
OPERATOR = ("Ada", "ada@example.org")
NOW = datetime(2026, 8, 22, 12, tzinfo=UTC)

Files = Mapping[str, str | bytes | None]


@dataclass
class Workshop:
    """A bare ``remote`` with a branch ``main``, and a ``home`` with the operator's git configuration."""

    folder: Path

    def __post_init__(self) -> None:
        self.more: dict[str, str] = {}
        self.home = self.folder / "home"
        self.home.mkdir()
        self.configure("user.name", OPERATOR[0])
        self.configure("user.email", OPERATOR[1])
        self.remote = self.folder / "remote.git"
        self.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(self.remote), at=self.folder)

    @property
    def environ(self) -> dict[str, str]:
        """The operator's environment: nothing of the machine's own git configuration."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "SSH_"))}
        return kept | {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            **self.more,
        }

    def configure(self, key: str, value: str) -> None:
        """Set the operator's own git configuration."""
        subprocess.run(["git", "config", "--file", str(self.home / "gitconfig"), key, value], check=True, timeout=30)

    def git(self, *args: str, at: Path | None = None, stdin: bytes | None = None, env: Files | None = None) -> str:
        """Run git on the remote (or in ``at``); what it prints."""
        more = {k: str(v) for k, v in (env or {}).items()}
        done = subprocess.run(
            ["git", "-C", str(at or self.remote), *args],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=60,
            env=self.environ | more,
        )
        assert done.returncode == 0, (args, done.stderr.decode(errors="replace"))
        return done.stdout.decode(errors="replace").strip()

    def commit(
        self,
        branch: str,
        files: Files,
        message: str = "change",
        *,
        onto: str | None = None,
        by: tuple[str, str] = BOT,
        committer: tuple[str, str] | None = None,
        also: tuple[str, ...] = (),
        modes: Mapping[str, str] | None = None,
        body: str = "",
    ) -> str:
        """A commit on ``branch`` of the remote, after its tip (or on ``onto``; empty: on nothing); its id."""
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        parents = [parent for parent in (self.tip(ref) if onto is None else onto, *also) if parent]
        text = (message + ("\n\n" + body if body else "")).encode()
        stream = [f"reset {ref}\n\ncommit {ref}\n".encode()]
        stream.append(f"author {by[0]} <{by[1]}> 1787220000 +0000\n".encode())
        stream.append(f"committer {(committer or by)[0]} <{(committer or by)[1]}> 1787223600 +0000\n".encode())
        stream.append(_data(text))
        for number, parent in enumerate(parents):
            stream.append(f"{'merge' if number else 'from'} {parent}\n".encode())
        for path, content in files.items():
            mode = (modes or {}).get(path, "100644")
            if content is None:
                stream.append(f"D {path}\n".encode())
            elif mode == "160000":
                stream.append(f"M 160000 {content!s} {path}\n".encode())
            else:
                stream.append(f"M {mode} inline {path}\n".encode())
                stream.append(_data(content.encode() if isinstance(content, str) else content))
        self.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))
        return self.tip(ref)

    def tip(self, ref: str) -> str:
        """The commit of a branch, empty when there is none."""
        full = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
        return self.git("for-each-ref", "--format=%(objectname)", full)

    def mirror(self, url: str = "", branch: str = "main", prefixes: tuple[str, ...] = ("renovate/",)) -> Mirror:
        """The console's side."""
        return Mirror(
            url or str(self.remote),
            branch,
            prefixes,
            self.folder / "state",
            git=Git(environ=self.environ),
            now=lambda: NOW,
        )

    def scanned(self, mirror: Mirror | None = None) -> dict[str, Update]:
        """All updates by branch, freshly fetched."""
        mirror = mirror or self.mirror()
        mirror.fetch()
        return {update.branch: update for update in mirror.scan()[1]}


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def oci(tag: str, name: str = "grafana", digest: str = "") -> str:
    """An OCIRepository."""
    pinned = f"\n    digest: sha256:{digest}" if digest else ""
    return (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n"
        f"metadata:\n  name: {name}\n  namespace: observability\n"
        f"spec:\n  interval: 15m\n  ref:\n    tag: {tag}{pinned}\n  url: oci://ghcr.io/charts/{name}\n"
    )
