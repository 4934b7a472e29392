"""Just before anything is written: is all as it was reviewed?"""

from dataclasses import replace
from datetime import datetime, timedelta

from console.operations.order import Order
from console.operations.ports import Repository
from console.sources.errors import Refused

EXPIRY = timedelta(hours=24)


def as_reviewed(order: Order, repository: Repository, now: datetime) -> Order:
    """The order on main as it is now. Refused when that is anything else than what was reviewed."""
    if now - order.moment > EXPIRY:
        raise Refused("The approval is more than a day old.", "Look at the update again.", kind="expired")
    head = order.head if order.own else repository.branches().get(order.branch)
    if head is None:
        raise Refused(f"{order.branch} was withdrawn since the review.", "Look at the updates again.", kind="withdrawn")
    if head != order.head:
        text = f"{order.branch} has moved since the review: {order.head[:7]} → {head[:7]}."
        raise Refused(text, "Look at it again.", kind="moved")
    if order.record and repository.asides().get(order.record, "") != order.first:
        text = f"{order.record} has moved since the review: someone else approves the same."
        raise Refused(text, "Look at it again.", kind="moved")
    base = repository.head()
    merged = repository.merge_tree(base, order.head)
    if not merged.clean:
        text = f"It does not merge any more: {', '.join(merged.conflicts[:5]) or merged.why}."
        raise Refused(text, "Wait for Renovate to rebase it.", kind="conflict")
    tree = with_edits(order, merged.tree, repository)
    if base == order.base:
        if tree != order.tree:
            raise Refused("The merge gives another tree than the reviewed one.", "Look at it again.", kind="moved")
        return order
    _only_main_moved(order, repository, base, tree)
    return replace(order, base=base, tree=tree)


def with_edits(order: Order, tree: str, repository: Repository) -> str:
    """``tree`` with the files that the operator edited, as they were reviewed."""
    if not order.edited:
        return tree
    reviewed = repository.contents(order.tree, order.edited)
    return repository.edited_tree(tree, {path: reviewed.get(path) for path in order.edited})


def unchanged(order: Order, current: Order) -> str:
    if current.base == order.base:
        return "everything is as reviewed"
    return f"as reviewed; main has moved elsewhere: {order.base[:7]} → {current.base[:7]}"


def _only_main_moved(order: Order, repository: Repository, base: str, tree: str) -> None:
    """Main has moved: it goes on only when that touches no file of the update, and the patch is still the same one."""
    if not repository.reaches(base, order.base):
        text = f"{repository.branch} was rewritten since the review: {order.base[:7]} → {base[:7]}."
        raise Refused(text, "Look at the update again.", kind="rewound")
    overlap = sorted(set(repository.changed(order.base, base)) & set(order.files))
    if overlap:
        raise Refused(f"Main has changed {', '.join(overlap[:5])} since the review.", "Look at it again.", kind="moved")
    same = repository.patch_id(base, order.head) == order.patch_id
    if not same or set(repository.changed(base, tree)) != set(order.files):
        raise Refused("On main as it is now the change is another one.", "Look at it again.", kind="moved")
    if repository.contents(tree, order.files) != repository.contents(order.tree, order.files):
        raise Refused("On main as it is now the result is another one.", "Look at it again.", kind="moved")
