"""A small cluster repository with Renovate branches: a bare remote, and others who push to it meanwhile."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

RESOURCE = "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml"
TALENV = "talos/talenv.yaml"
IMMICH = "kubernetes/apps/media/immich/app/helmrelease.yaml"
OTHER = "kubernetes/apps/observability/grafana/app/helmrelease.yaml"
TALOS_BRANCH = "renovate/siderolabs-talos-1.x"
IMMICH_BRANCH = "renovate/ghcr.io-immich-app-immich-server-2.x"
_BOT = {"NAME": "home-bot[bot]", "EMAIL": "1+home-bot[bot]@users.noreply.github.com"}
BOT = {f"GIT_{role}_{field}": value for role in ("AUTHOR", "COMMITTER") for field, value in _BOT.items()}

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

    def push(self, path: str, text: str, *, branch: str = "main", subject: str = "Change", force: bool = False) -> str:
        """Someone else pushes one file onto a branch; the new commit."""
        git("fetch", "-q", "--prune", "origin", at=self.work)
        git("checkout", "-q", "-B", "tmp", f"origin/{branch}", at=self.work)
        (self.work / path).parent.mkdir(parents=True, exist_ok=True)
        (self.work / path).write_text(text)
        git("add", "-A", at=self.work)
        git("commit", "-q", "-m", subject, at=self.work)
        git("push", "-q", *(["-f"] if force else []), "origin", f"tmp:refs/heads/{branch}", at=self.work)
        return self.tip(branch)

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
    git("config", "--global", "user.name", "Ada L", at=home)
    git("config", "--global", "user.email", "ada@example.org", at=home)


def build(folder: Path) -> Remote:
    """The remote with two commits on main and two Renovate branches."""
    bare, work = folder / "home-ops.git", folder / "someone"
    git("init", "-q", "--bare", "-b", "main", str(bare), at=folder)
    git("init", "-q", "-b", "main", str(work), at=folder)
    git("config", "user.name", "Someone", at=work)
    git("config", "user.email", "someone@example.org", at=work)
    git("remote", "add", "origin", str(bare), at=work)
    for path, text in _FILES.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
    git("add", "-A", at=work)
    git("commit", "-q", "-m", "Begin", at=work)
    git("commit", "-q", "--allow-empty", "-m", "Second", at=work)
    git("push", "-q", "origin", "main", at=work)
    _propose(work, TALOS_BRANCH, "Update siderolabs/talos (v1.13.7 ➔ v1.13.8)", "v1.13.7", "v1.13.8", RESOURCE, TALENV)
    subject = "fix(container): update image ghcr.io/immich-app/immich-server (v2.4.1 ➔ v2.4.2)"
    _propose(work, IMMICH_BRANCH, subject, "v2.4.1", "v2.4.2", IMMICH)
    return Remote(bare, work, str(bare))


def _propose(work: Path, branch: str, subject: str, old: str, new: str, *paths: str) -> None:
    git("checkout", "-q", "-B", "tmp", "main", at=work)
    for path in paths:
        (work / path).write_text((work / path).read_text().replace(old, new))
    git("commit", "-q", "-a", "-m", subject, at=work, env=BOT)
    git("push", "-q", "origin", f"tmp:refs/heads/{branch}", at=work)
