"""Approve: write the reviewed commit to main, or nothing. Never twice, never anything that was not reviewed."""

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta

from console.model.review import OPEN_ENDS, Approval, Review
from console.model.step import Step, StepState
from console.operations import order as orders
from console.operations.checks import check
from console.operations.journal import Journal
from console.operations.landed import earlier, found, gives_nothing, holds, landed, on_main
from console.operations.order import Order
from console.operations.ports import Repository
from console.operations.review import refused
from console.operations.seconding import same_hand
from console.operations.unmoved import EXPIRY, as_reviewed, unchanged
from console.sources.errors import HomeconsoleError, Refused, SourceError
from console.sources.git.writing import Author
from console.sources.stop import Stop

Steps = Generator[Step, None, Approval]
Now = Callable[[], datetime]

SKEW = timedelta(minutes=5)  # that two looks at the clock of one machine may be apart, backwards
STOPPED = "Stopped before the push; nothing was written."
ATTEMPTS = 3  # of the push, when only main has moved, and nowhere near
PAUSES = (1.0, 2.0, 4.0)  # seconds before the next attempt, with up to half as much again


def approve(
    review: Review, repository: Repository, journal: Journal, now: Now, stop: Stop, *, aside: bool = False
) -> Steps:
    """Carry out a confirmed review, step by step: record, fetch, check, commit, push, verify. Gives what came of it.

    ``aside``: the commit goes to a branch of its own, for a pull request, where main takes no pushes.

    The journal has the approval before anything is done, and its end after it. Raises Refused when anything is not
    as reviewed, or the remote declines, SourceError when the remote can't be reached: main is then as it was. Only
    with a kind in ``OPEN_ENDS`` it is not known what became of it; ``settle`` finds out later.
    """
    try:
        _approvable(review, now())
    except Refused as error:
        update = review.update
        data = {"branch": update.branch, "head": update.head, "own": update.own}
        journal.append("refused", update.head[:12], **data, reason=error.message, kind=error.kind)
        raise
    with journal.exclusive(stop):
        if review.noop:
            return (yield from _noop(review, repository, journal, now, stop))
        order = orders.order(review, repository.url, repository.branch, now(), aside=aside)
        journal.append("approved", order.id, **order.data())
        yield Step("record", StepState.DONE, f"approval {order.id} is in the journal", now())
        return (yield from _carry_out(order, repository, journal, now, stop))


def _approvable(review: Review, now: datetime) -> None:
    if review.noop:
        return
    if review.refusal:
        raise refused(review)
    if review.unanswered:
        rules = ", ".join(f.rule for f in review.unanswered)
        raise Refused(f"Blocked by {rules}.", "Give a reason to approve it nevertheless.", kind="blocked")
    if review.at is None or now - review.at > EXPIRY:
        raise Refused("The review is more than a day old.", "Look at the update again.", kind="expired")
    if review.at - now > SKEW:
        raise Refused("The clock went back since the review.", "Set it, and look at the update again.", kind="expired")


def _noop(review: Review, repository: Repository, journal: Journal, now: Now, stop: Stop) -> Steps:
    yield Step("fetch", StepState.RUNNING, "", now())
    repository.fetch(stop)
    yield Step("fetch", StepState.DONE, "", now())
    main = repository.head()
    if not gives_nothing(repository, main, review.update.head):
        raise Refused("Main no longer holds this update.", "Look at it again.", kind="moved")
    journal.append("noop", review.update.head[:12], branch=review.update.branch, head=review.update.head, main=main)
    commit = earlier(repository, review.update.head) or main
    yield Step("check", StepState.SKIPPED, f"main holds it already: {commit[:7]}", now())
    return Approval("noop", commit, "main holds it already")


def _carry_out(order: Order, repository: Repository, journal: Journal, now: Now, stop: Stop) -> Steps:
    """Everything after the record. Whatever goes wrong is its end; only what leaves the outcome open is not."""
    try:
        return (yield from _attempts(order, repository, journal, now, stop))
    except HomeconsoleError as error:
        end = "failed" if error.kind in OPEN_ENDS else "refused"
        journal.append(end, order.id, reason=error.message, kind=error.kind)
        raise


def _attempts(order: Order, repository: Repository, journal: Journal, now: Now, stop: Stop) -> Steps:
    checked = ""
    for attempt in range(ATTEMPTS):
        with _nothing_written():
            yield Step("fetch", StepState.RUNNING, repository.url, now())
            repository.fetch(stop)
            yield Step("fetch", StepState.DONE, "", now())
            done = on_main(order, repository, journal)
            if done:
                found(order, done, journal)
                yield Step("check", StepState.SKIPPED, done.reason, now())
                return done
            current = as_reviewed(order, repository, now())
            yield Step("check", StepState.DONE, unchanged(order, current), now())
            if current.tree != checked:
                yield from check(order.checks, current.tree, repository, now, stop)
                checked = current.tree
            commit = _write(current, repository, stop)
            journal.append("committed", order.id, commit=commit, base=current.base, tree=current.tree)
            yield Step("commit", StepState.DONE, commit, now())
        if stop.is_set():
            raise Refused(STOPPED, kind="stopped")
        yield Step("push", StepState.RUNNING, f"{current.base[:7]} → {commit[:7]}", now())
        moved = _push(current, commit, repository, stop)
        if not moved:
            with _taken(commit):
                return (yield from _verify(current, commit, repository, journal, now=now, stop=stop))
        yield Step("push", StepState.RUNNING, "main has moved meanwhile; once more", now())
        if attempt < ATTEMPTS - 1:
            stop.wait(PAUSES[attempt] * random.uniform(1, 1.5))  # noqa: S311 - spreads attempts, guards nothing
    raise Refused("Main moves faster than this can be pushed.", "Try again in a while.", kind="moved")


@contextmanager
def _nothing_written() -> Generator[None, None, None]:
    """Before the push a stop is an end like any other; after it the outcome is open."""
    try:
        yield
    except SourceError as error:
        if error.kind != "stopped":
            raise
        raise Refused(STOPPED, kind="stopped") from None


@contextmanager
def _taken(commit: str) -> Generator[None, None, None]:
    """After the remote took the push nothing that goes wrong means that it did not come about."""
    try:
        yield
    except HomeconsoleError as error:
        if error.kind in OPEN_ENDS:
            raise
        text = f"The remote took {commit[:7]}, but it could not be read back: {error.message}"
        raise SourceError(text, "Look at its history before you approve anything else.", kind="unverified") from error


def _write(order: Order, repository: Repository, stop: Stop) -> str:
    """The commit, with ``separate`` both: the merge, and the operator's edits on top of it."""
    if order.recording:
        return _made(order, order.tree, (order.head,), order.message, repository, stop=stop)
    parents = (order.base,) if order.squash else (order.base, order.head)
    author = Author.of(repository.commit(order.head)) if order.squash and not order.own else None
    if not order.separate:
        return _made(order, order.tree, parents, order.message, repository, author=author, stop=stop)
    tree = repository.merge_tree(order.base, order.head, stop).tree
    merge = _made(order, tree, parents, order.message, repository, author=author, stop=stop)
    return _made(order, order.tree, (merge,), order.edit_message, repository, stop=stop)


def _made(
    order: Order,
    tree: str,
    parents: tuple[str, ...],
    text: str,
    repository: Repository,
    *,
    author: Author | None = None,
    stop: Stop,
) -> str:
    """A commit object; read back, it is what was ordered."""
    who = repository.identity()
    made = repository.commit_tree(tree, parents, text, committer=who, author=author, at=order.moment, stop=stop)
    commit = repository.commit(made)
    message = f"{commit.subject}\n\n{commit.body}"
    exact = (commit.tree, commit.parents, message) == (tree, parents, text.strip("\n"))
    if not exact or who.person != order.operator or (who.sign and not commit.signed):
        raise Refused("git wrote another commit than the reviewed one; it was not pushed.", kind="tampered")
    why = same_hand(repository, order.first, made, who.email) if order.first else ""
    if why:
        raise Refused(f"Two approvers are asked for, and {why}.", "Set user.signingkey to your own.", kind="signing")
    return made


def _push(order: Order, commit: str, repository: Repository, stop: Stop) -> bool:
    """Push; whether a lease did not hold, and nothing was changed. A lost answer is looked up on the remote."""
    pushed = repository.push(order.refs(commit), stop=stop)
    if pushed.ok:
        return False
    if pushed.outcome == "stale":
        return True
    if pushed.outcome == "unknown" and _got_through(order, commit, repository, stop):
        return False
    if pushed.outcome == "unknown":
        raise SourceError(pushed.message, pushed.hint, kind="unknown")
    if pushed.outcome == "failed":
        raise SourceError(pushed.message, pushed.hint)
    raise Refused(pushed.message, pushed.hint, kind=pushed.outcome)


def _got_through(order: Order, commit: str, repository: Repository, stop: Stop) -> bool:
    try:
        repository.fetch(stop)
    except HomeconsoleError:
        return False
    return holds(order, commit, repository)


def _verify(order: Order, commit: str, repository: Repository, journal: Journal, *, now: Now, stop: Stop) -> Steps:
    """Read it back from the remote before saying so."""
    yield Step("push", StepState.DONE, commit, now())
    repository.fetch(stop)
    if not holds(order, commit, repository):
        raise Refused(
            f"The remote took the push, but its {order.destination} does not hold {commit[:7]}.",
            "Someone moved it at once, or the remote rewrites what is pushed: look at its history.",
            kind="unverified",
        )
    done = landed(order, commit)
    found(order, done, journal, tree=order.tree, main=repository.head())
    yield Step("verify", StepState.DONE, f"{commit[:7]} is on {order.destination}", now())
    return done
