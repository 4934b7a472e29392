"""An update whose branch is gone: was it approved, or merged by someone else?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.foresight.places import places
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
    there = [a for a in state.approvals if (a.branch in names or _is(a, name, repository)) and _at(a, head)]
    for done in there:
        if not repository.taken_back(done.commit):
            return _read(done, repository)
    if head and there:
        return None
    if head and repository.reaches(repository.head(), head):
        return Past(name, head, head)
    commits = ((each, repository.merged(each)) for each in names if not head)
    return next((Past(branch, commit) for branch, commit in commits if commit), None)


def _is(done: ApprovedCommit, name: str, repository: "Mirror") -> bool:
    """Whether it took the nodes to the version that ``name`` means, and main says that one still."""
    system, _, wanted = name.partition("@")
    version = normal(wanted)
    if not wanted or done.system != system or version not in {normal(c.new) for c in done.changes}:
        return False
    now = repository.contents(repository.head(), done.files)
    found = (place for path, data in now.items() for place in places(path, data))
    return any(place.system == system and normal(place.version) == version for place in found)


def _at(done: ApprovedCommit, head: str) -> bool:
    return not head or any(told.startswith(head) for told in done.said("Reviewed-commit"))


def _read(done: ApprovedCommit, repository: "Mirror") -> Past:
    head, base, patch_id = (next(iter(done.said(f"Reviewed-{word}")), "") for word in ("commit", "base", "patch-id"))
    return Past(done.branch, done.commit, head, base, patch_id, repository.commit(done.commit).tree)
