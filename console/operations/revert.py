"""Taking an approved update back: what a revert gives on main as it is now, and what no revert can take back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from console.foresight.knowledge import part_of
from console.model.updates import Change, System
from console.operations.ports import Repository
from console.sources.errors import Refused, UsageError
from console.sources.git.identity import Identity
from console.sources.git.objects import Commit

_CRDS = re.compile(r"(?:^|[/-])(?:crds?|gateway-api)(?:[/.-]|$)", re.IGNORECASE)
_INSTEAD = {
    "talos": (
        "it takes nodes to another Talos, and a node does not go back because git does",
        "talosctl rollback boots a node's previous installation; then approve talos@ with that version.",
    ),
    "kubernetes": (
        "it takes the cluster to another Kubernetes, and etcd holds what the new one wrote",
        "Take the next patch instead; back goes only an etcd snapshot (talosctl bootstrap --recover-from).",
    ),
    "crds": (
        "it brings CustomResourceDefinitions, and objects are stored in their new form",
        "Fix it forward; or restore the objects from a backup after the definitions were put back by hand.",
    ),
    "database": (
        "it is a database, and its files are in the new version's format",
        "Restore a backup of before the update into the old version; then change the version by hand.",
    ),
    "storage": (
        "it is storage, and its volumes may be in the new version's format",
        "Follow the project's own way back, if it has one; then change the version by hand.",
    ),
}


@dataclass(frozen=True, slots=True)
class Reverted:
    """``tree`` is main without ``commit``; the same as main's when it was taken back already."""

    commit: Commit
    tree: str
    changes: tuple[Change, ...]
    files: tuple[str, ...]
    noop: bool = False


def reverted(repository: Repository, name: str) -> Reverted:
    """Take ``name`` (a commit of main, 7 digits at least, and unique) back. Writes nothing remote.

    Refused for what a revert does not take back, and where main has changed the same lines since. UsageError for what
    is no commit of main.
    """
    main = repository.head()
    commit = _commit(repository, name)
    if not commit.parents:
        raise UsageError(f"{name} is the first commit of all", "Nothing was before it.", kind="not-found")
    before = repository.commit(commit.parents[0])
    offered = repository.proposal(before.oid, commit.oid if len(commit.parents) == 1 else commit.tree)
    files = repository.changed(before.tree, commit.tree)
    if repository.taken_back(commit.oid):
        return Reverted(commit, repository.commit(main).tree, offered.changes, files, noop=True)
    why = _never(repository, commit, offered.system, offered.changes, files)
    if why:
        reason, instead = _INSTEAD[why]
        raise Refused(f"{commit.oid[:7]} can't be taken back by a revert: {reason}.", instead, kind="irreversible")
    tree = _without(repository, repository.commit(main), commit, before)
    return Reverted(commit, tree, offered.changes, files, noop=tree == repository.commit(main).tree)


def _commit(repository: Repository, name: str) -> Commit:
    main = repository.head()
    state, _ = repository.scan()
    found = [oid for oid in state.history if oid.startswith(name.lower())] if len(name) >= 7 else []
    if len(found) == 1:
        return repository.commit(found[0])
    if len(name) >= 40 and repository.reaches(main, name.lower()):
        return repository.commit(name.lower())
    hint = "homeconsole history lists what was approved; give the commit's id, 7 digits at least."
    raise UsageError(f"{name!r} is no commit of {repository.branch}", hint, kind="not-found")


def _never(
    repository: Repository, commit: Commit, system: System | None, changes: Sequence[Change], files: Sequence[str]
) -> str:
    """Which kind of thing it is that does not go back; empty for others."""
    if system:
        return system
    if any(_CRDS.search(change.name) for change in changes) or any("/crds/" in f"/{file}" for file in files):
        return "crds"
    if any(b"kind: CustomResourceDefinition" in data for data in repository.contents(commit.oid, files).values()):
        return "crds"
    parts = [part.part for change in changes if (part := part_of(change.name))]
    return next((part for part in parts if part in {"database", "storage"}), "")


def _without(repository: Repository, main: Commit, commit: Commit, before: Commit) -> str:
    """The tree of ``main`` without ``commit``: a merge in which the commit is the base, and what was before is the
    other side. It is made of commits without a past, since git before 2.40 takes no base for a merge of trees."""
    nobody = Identity("homeconsole", "homeconsole@localhost")

    def alone(tree: str, *parents: str) -> str:
        return repository.commit_tree(tree, parents, "revert\n", committer=nobody, at=commit.committed_at)

    base = alone(commit.tree)
    merged = repository.merge_tree(alone(main.tree, base), alone(before.tree, base))
    if not merged.clean:
        files = ", ".join(merged.conflicts[:5]) or merged.why
        raise Refused(
            f"{commit.oid[:7]} can't be taken back alone: main has changed the same lines since ({files}).",
            "Take back what came after it first, or change the version by hand.",
            kind="conflict",
        )
    return merged.tree
