"""A small cluster repository with Renovate branches: a bare remote, and others who push to it meanwhile."""

import functools
import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RESOURCE = "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml"
TALENV = "talos/talenv.yaml"
IMMICH = "kubernetes/apps/media/immich/app/helmrelease.yaml"
OTHER = "kubernetes/apps/observability/grafana/app/helmrelease.yaml"
TALOS_BRANCH = "renovate/siderolabs-talos-1.x"
IMMICH_BRANCH = "renovate/ghcr.io-immich-app-immich-server-2.x"
BOT = "home-bot[bot] <1+home-bot[bot]@users.noreply.github.com>"
SOMEONE = "Someone <someone@example.org>"

_FILES = {
    RESOURCE: """\
apiVersion: tuppr.home-operations.com/v1alpha1
kind: TalosUpgrade
metadata:
  name: talos
spec:
  talos:
    # renovate: datasource=custom.talos-factory depName=siderolabs/talos
    version: v1.13.7
""",
    TALENV: """\
# renovate: datasource=custom.talos-factory depName=siderolabs/talos
talosVersion: v1.13.7
# renovate: datasource=docker depName=ghcr.io/siderolabs/kubelet
kubernetesVersion: v1.36.2
""",
    IMMICH: """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: immich
spec:
  values:
    image:
      repository: ghcr.io/immich-app/immich-server
      tag: v2.4.1
""",
    OTHER: "kind: HelmRelease\nmetadata:\n  name: grafana\nspec: {}\n",
}


def git(*words: str, at: Path, env: dict[str, str] | None = None, text: str | None = None) -> str:
    """Run git there; its output. Raises CalledProcessError with what it said."""
    done = subprocess.run(
        ["git", *words],
        cwd=at,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"GIT_TERMINAL_PROMPT": "0"} | (env or {}),
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
    return done.stdout


@dataclass(frozen=True, slots=True)
class Remote:
    """``bare`` is what everyone pushes to, ``work`` someone else's checkout of it; ``url`` is how machines reach it."""

    bare: Path
    work: Path
    url: str

    def tip(self, branch: str = "main") -> str:
        """Where a branch stands, or an empty text."""
        found = git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}", at=self.bare)
        return found.strip()

    def branches(self) -> list[str]:
        return git("for-each-ref", "--format=%(refname:short)", "refs/heads", at=self.bare).split()

    def commits(self, branch: str = "main") -> list[str]:
        """The subjects along the first parents, newest first."""
        return git("log", "--first-parent", "--format=%s", branch, at=self.bare).splitlines()

    def message(self, commit: str = "main") -> str:
        return git("log", "-1", "--format=%B", commit, at=self.bare)

    def field(self, template: str, commit: str = "main") -> str:
        return git("log", "-1", f"--format={template}", commit, at=self.bare).strip()

    def file(self, path: str, commit: str = "main") -> str:
        return git("show", f"{commit}:{path}", at=self.bare)

    def push(self, path: str, text: str, *, branch: str = "main", subject: str = "Change") -> str:
        """Someone else's change of one file is on a branch; the new commit."""
        return self.commit({path: text}, branch, subject)

    def commit(self, files: Mapping[str, str], branch: str, subject: str, *, onto: str = "", by: str = SOMEONE) -> str:
        """Someone else's commit is on a branch, after its tip (or on the branch ``onto``); its id."""
        lines = f"commit refs/heads/{branch}\nmark :1\ncommitter {by} {int(time.time())} +0000\n{_data(subject)}"
        lines += f"from refs/heads/{onto or branch}^0\n"
        lines += "".join(f"M 100644 inline {_quoted(path)}\n{_data(text)}" for path, text in files.items())
        return git("fast-import", "--quiet", "--done", at=self.bare, text=f"{lines}get-mark :1\ndone\n").strip()

    def delete(self, branch: str) -> None:
        git("update-ref", "-d", f"refs/heads/{branch}", at=self.bare)

    def rewind(self, branch: str = "main") -> None:
        git("update-ref", f"refs/heads/{branch}", f"refs/heads/{branch}~1", at=self.bare)

    def hook(self, name: str, script: str) -> None:
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


def introduce() -> None:
    """The operator's name, in the home folder of this test alone."""
    home = Path(os.environ["HOME"])
    assert home != Path(pwd.getpwuid(os.getuid()).pw_dir), "this is somebody's home"
    (home / ".gitconfig").write_text("[user]\n\tname = Ada L\n\temail = ada@example.org\n")


def build(folder: Path) -> Remote:
    """The remote with two commits on main and two Renovate branches."""
    for name, content in _made().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    bare = folder / "home-ops.git"
    return Remote(bare, folder / "someone", str(bare))


@functools.cache
def _made() -> Mapping[str, bytes]:
    """All files of both folders by their path: git makes them once."""
    with tempfile.TemporaryDirectory() as made:
        _make(Path(made))
        return {str(path.relative_to(made)): path.read_bytes() for path in Path(made).rglob("*") if path.is_file()}


def _make(folder: Path) -> None:
    bare, work = folder / "home-ops.git", folder / "someone"
    git("init", "-q", "--bare", "--template=", "-b", "main", str(bare), at=folder)
    git("init", "-q", "--template=", "-b", "main", str(work), at=folder)
    git("config", "user.name", "Someone", at=work)
    git("config", "user.email", "someone@example.org", at=work)
    git("remote", "add", "origin", "../home-ops.git", at=work)
    for path, text in _FILES.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
    git("add", "-A", at=work)
    git("commit", "-q", "-m", "Begin", at=work)
    git("commit", "-q", "--allow-empty", "-m", "Second", at=work)
    git("push", "-q", "origin", "main", at=work)
    remote = Remote(bare, work, str(bare))
    subject = "Update siderolabs/talos (v1.13.7 ➔ v1.13.8)"
    _propose(remote, TALOS_BRANCH, subject, "v1.13.7", "v1.13.8", RESOURCE, TALENV)
    subject = "fix(container): update image ghcr.io/immich-app/immich-server (v2.4.1 ➔ v2.4.2)"
    _propose(remote, IMMICH_BRANCH, subject, "v2.4.1", "v2.4.2", IMMICH)


def _propose(remote: Remote, branch: str, subject: str, old: str, new: str, *paths: str) -> None:
    files = {path: _FILES[path].replace(old, new) for path in paths}
    remote.commit(files, branch, subject, onto="main", by=BOT)


def _data(text: str) -> str:
    """As fast-import takes it."""
    return f"data {len(text.encode())}\n{text}\n"


def _quoted(path: str) -> str:
    """As fast-import takes it, too."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
