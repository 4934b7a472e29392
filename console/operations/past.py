"""An update whose branch is gone: was it approved, or merged by someone else?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.model.review import Past
from console.model.updates import ApprovedCommit, RepositoryState
from console.model.version import normal

if TYPE_CHECKING:
    from console.sources.git.mirror import Mirror


def past(name: str, head: str, state: RepositoryState, repository: "Mirror", prefixes: Sequence[str]) -> Past | None:
    """What main has of the update that was called ``name`` (a branch, with or without prefix; ``talos@v1.13.8``).

    ``head``: its commit, when it is known. None when main does not have it, or took it back.
    """
    names = dict.fromkeys((name, *(prefix + name for prefix in prefixes)))
    reverted = {commit for done in state.approvals for commit in done.said("Reverts")}
    for done in state.approvals:
        if (done.branch in names or _is(done, name)) and done.commit not in reverted and _at(done, head):
            return _read(done, repository)
    if head and repository.reaches(repository.head(), head):
        return Past(name, head, head)
    commits = ((each, repository.merged(each)) for each in names if not head)
    return next((Past(branch, commit) for branch, commit in commits if commit), None)


def _is(done: ApprovedCommit, name: str) -> bool:
    system, _, version = name.partition("@")
    return bool(version) and done.system == system and normal(version) in {normal(c.new) for c in done.changes}


def _at(done: ApprovedCommit, head: str) -> bool:
    return not head or any(told.startswith(head) for told in done.said("Reviewed-commit"))


def _read(done: ApprovedCommit, repository: "Mirror") -> Past:
    head, base, patch_id = (next(iter(done.said(f"Reviewed-{word}")), "") for word in ("commit", "base", "patch-id"))
    return Past(done.branch, done.commit, head, base, patch_id, repository.commit(done.commit).tree)
