"""The approved Talos update of the scenarios that begin after the approval: a merge with the record in its trailers."""

from datetime import datetime, timedelta
from pathlib import Path

from console import __version__
from console.demo.repository.people import OPERATOR
from console.demo.repository.proposals import TALOS
from console.demo.repository.stream import Commit, Stream, git
from console.demo.world import Topology

# Minutes since the approval, by scenario.
APPROVED = {"upgrade-running": 6, "drain-stuck": 48, "upgrade-failed": 95}


def approve(repository: Path, topology: Topology, now: datetime) -> None:
    """Merge the Talos branch into main as an approval does, and remove the branch."""
    when = now - timedelta(minutes=APPROVED[topology.scenario])
    base, head = (
        git(repository, "rev-parse", "--verify", ref).decode().strip()
        for ref in ("refs/heads/main", f"refs/heads/{TALOS}")
    )
    files = _files(repository, base, head)
    patch = git(repository, "diff-tree", "-p", f"{head}^", head)
    patch_id = git(repository, "patch-id", "--stable", data=patch).split()[0].decode()
    stream = Stream()
    message = _message(topology, when, base, head, patch_id)
    stream.commit(Commit(OPERATOR, OPERATOR, when, message, files, (base, head)), "refs/heads/main")
    stream.ref(f"refs/heads/{TALOS}", "")
    stream.load(repository)


def _files(repository: Path, base: str, head: str) -> dict[str, str | None]:
    """What the branch changes, as it has it. Main has not touched these files since the branch was made."""
    names = git(repository, "diff", "--name-only", f"{base}...{head}").decode().split()
    return {name: git(repository, "cat-file", "blob", f"{head}:{name}").decode() for name in names}


def _message(topology: Topology, when: datetime, base: str, head: str, patch_id: str) -> str:
    return f"""Merge {TALOS}: siderolabs/talos {topology.talos} → {topology.talos_next}

Update: {TALOS}
Reviewed-commit: {head}
Reviewed-base: {base}
Reviewed-patch-id: {patch_id}
Findings: 2 warn, 11 pass
Approved-by: {OPERATOR.name} <{OPERATOR.email}>
Approved-at: {when:%Y-%m-%dT%H:%M:%SZ}
Approved-via: homeconsole/{__version__}
"""
