"""Proposals of our own: an edit of main that no branch offers, looked at, reviewed and approved like any update."""

from collections.abc import Sequence
from dataclasses import replace

from console.model.review import FileEdit
from console.model.updates import Own, Update
from console.operations.ports import Repository
from console.sources.errors import Refused
from console.sources.git.identity import Identity

_WEIGHT = ("major", "minor", "replacement", "unknown", "patch", "pin", "digest")
# These commits are never pushed: no key is asked for them, and two operators make the same one of the same edits.
_NOBODY = Identity("homeconsole", "homeconsole@localhost")


def proposed(
    repository: Repository,
    edits: Sequence[FileEdit],
    *,
    name: str,
    title: str,
    own: Own,
    squashed: str = "",
    reason: str = "",
) -> Update:
    """``edits`` of main as an update; its head is a commit of the private clone alone, the same for the same edits.

    ``name`` stands for the branch. ``squashed`` is a tree to take instead of edits, ``reason`` why they are made.
    Raises SourceError.
    """
    base = repository.head()
    on = repository.commit(base)
    tree = squashed or repository.edited_tree(on.tree, {edit.path: edit.data for edit in edits})
    head = repository.commit_tree(tree, (base,), title, committer=_NOBODY, at=on.committed_at)
    offered = repository.proposal(base, head)
    return Update(
        branch=name,
        head=head,
        base=base,
        title=title,
        state="applied" if tree == on.tree else "ready",
        author=_NOBODY.name,
        committed_at=on.committed_at,
        ahead=1,
        kind="dependency",
        changes=offered.changes,
        type=min((change.type for change in offered.changes), key=_WEIGHT.index, default="unknown"),
        files=offered.files,
        system=offered.system,
        fork=base,
        unusual=offered.unusual,
        signature="unverified",
        own=own,
        reason=reason,
    )


def same_below(repository: Repository, update: Update, lifted: Sequence[FileEdit], edits: Sequence[FileEdit]) -> None:
    """Refused when ``update``, merged and ``lifted``, has another file than one of ``edits`` was made from.

    An edit is the whole file: put on a newer one, it would take back what moved there.
    """
    made = [edit for edit in edits if edit.made_from is not None]
    merged = repository.merge_tree(repository.head(), update.head) if made else None
    if not merged or not merged.clean:
        return
    files: dict[str, bytes | None] = {**repository.contents(merged.tree, [edit.path for edit in made])}
    files |= {edit.path: edit.data for edit in lifted}
    other = [edit.path for edit in made if files.get(edit.path) != edit.made_from]
    if other:
        raise Refused(
            f"{', '.join(other)} is another file now than the one that was edited: the edit would undo what moved.",
            "Leave the review and open it again, which drops the edits; then edit the file as it is now.",
            kind="moved",
        )


def combined(repository: Repository, update: Update, edits: Sequence[FileEdit]) -> Update:
    """``update`` with the operator's edits, as far as findings are concerned: its head is the planned merge.

    Raises SourceError; the update itself comes back where it does not merge.
    """
    base = repository.head()
    merged = repository.merge_tree(base, update.head)
    if not merged.clean:
        return update
    tree = repository.edited_tree(merged.tree, {edit.path: edit.data for edit in edits})
    at = repository.commit(update.head).committed_at
    parents = (base, update.head)
    head = repository.commit_tree(tree, parents, update.title, committer=_NOBODY, at=at)
    offered = repository.proposal(base, head)
    changes = offered.changes or update.changes
    return replace(update, head=head, changes=changes, files=offered.files, system=offered.system or update.system)
