"""Whether main holds an approval: by an earlier attempt of ours, by someone else's, or merged in any way."""

from collections.abc import Sequence
from typing import Any

from console.model.review import Approval
from console.operations.journal import Journal
from console.operations.order import Order
from console.operations.ports import Repository


def on_main(order: Order, repository: Repository, journal: Journal) -> Approval | None:
    """What the last fetch says: it is there, by whomever; None when it is not."""
    main = repository.head()
    for commit in committed(order, journal):
        if holds(order, commit, repository):
            return landed(order, commit, "an earlier attempt had got through")
    if not _is_there(order, repository, main):
        return None
    commit = earlier(repository, order.head) or main
    return Approval("noop", commit, f"main holds it already: {commit[:7]}")


def _is_there(order: Order, repository: Repository, main: str) -> bool:
    """Whether main has the change, and what the operator edited: a trailer alone may tell of what was taken back."""

    def same(paths: Sequence[str]) -> bool:
        return repository.contents(main, paths) == repository.contents(order.tree, paths)

    if not same(order.edited):
        return False
    if repository.reaches(main, order.head) or gives_nothing(repository, main, order.head):
        return True
    changes = repository.contents(order.base, order.files) != repository.contents(order.tree, order.files)
    return changes and same(order.files)


def holds(order: Order, commit: str, repository: Repository) -> bool:
    """Whether the branch that ``commit`` was pushed to has it."""
    if order.aside or order.recording:
        return repository.asides().get(order.destination) == commit
    return repository.reaches(repository.head(), commit)


def landed(order: Order, commit: str, reason: str = "") -> Approval:
    """It is where it was pushed to."""
    if order.recording:
        where = f"your approval waits on {order.destination}: another operator's completes it"
        return Approval("pushed", commit, where, branch=order.destination)
    if not order.aside:
        return Approval("pushed", commit, reason)
    where = f"it waits on {order.destination}: open a pull request to {order.target} from it"
    return Approval("pushed", commit, where, branch=order.destination)


def found(order: Order, done: Approval, journal: Journal, **more: Any) -> None:
    """Its end in the journal. Without ``more`` it was only found there."""
    event = "proposed" if done.branch else done.outcome
    place = {"branch": done.branch} if done.branch else {}
    journal.append(event, order.id, commit=done.commit, **place, **(more or {"found": True}))


def committed(order: Order, journal: Journal) -> list[str]:
    """The commits that were made for it."""
    return [str(r.data.get("commit")) for r in journal.records() if r.event == "committed" and r.id == order.id]


def gives_nothing(repository: Repository, main: str, head: str) -> bool:
    """Whether a merge of ``head`` would change nothing."""
    merged = repository.merge_tree(main, head)
    return merged.clean and merged.tree == repository.commit(main).tree


def earlier(repository: Repository, head: str) -> str:
    """The commit on main whose trailers name ``head`` as what was reviewed; not one that was taken back."""
    named = (a.commit for a in repository.scan()[0].approvals if head in a.said("Reviewed-commit"))
    return next((commit for commit in named if not repository.taken_back(commit)), "")
