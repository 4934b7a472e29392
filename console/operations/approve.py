"""Approve: write the reviewed commit to main, or nothing. Never twice, never anything that was not reviewed."""

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from console.model.review import OPEN_ENDS, Approval, Review
from console.model.step import Step, StepState
from console.operations import order as orders
from console.operations.journal import Journal
from console.operations.order import Order
from console.operations.ports import Repository
from console.operations.review import refs
from console.sources.errors import HomeconsoleError, Refused, SourceError
from console.sources.git.writing import Author
from console.sources.stop import Stop

Steps = Generator[Step, None, Approval]
Now = Callable[[], datetime]

EXPIRY = timedelta(hours=24)
STOPPED = "Stopped before the push; nothing was written."
ATTEMPTS = 3  # of the push, when only main has moved, and nowhere near
LOST = "It never got to main."
PAUSES = (1.0, 2.0, 4.0)  # seconds before the next attempt, with up to half as much again


def approve(review: Review, repository: Repository, journal: Journal, now: Now, stop: Stop) -> Steps:
    """Carry out a confirmed review, step by step: record, fetch, check, commit, push, verify. Gives what came of it.

    The journal has the approval before anything is done, and its end after it. Raises Refused when anything is not
    as reviewed, or the remote declines, SourceError when the remote can't be reached: main is then as it was. Only
    with a kind in ``OPEN_ENDS`` it is not known what became of it; ``settle`` finds out later.
    """
    _approvable(review, now())
    with journal.exclusive(stop):
        if review.noop:
            return (yield from _noop(review, repository, journal, now, stop))
        order = orders.order(review, repository.url, repository.branch, now())
        journal.append("approved", order.id, **order.data())
        yield Step("record", StepState.DONE, f"approval {order.id} is in the journal", now())
        return (yield from _carry_out(order, repository, journal, now, stop))


def unfinished(journal: Journal) -> list[Order]:
    """Approvals that the journal has no end for: the program ended, or the remote was lost, in the middle of them."""
    open_orders: dict[str, Order] = {}
    for record in journal.records():
        if record.event == "approved":
            open_orders[record.id] = orders.read(record.data)
        elif record.event in {"pushed", "refused", "noop"}:
            open_orders.pop(record.id, None)
    return list(open_orders.values())


def settle(order: Order, repository: Repository, journal: Journal, stop: Stop, *, record: bool) -> Approval:
    """Find out what became of an unfinished approval. Nothing is pushed: whoever wants it still approves it anew.

    Raises Refused with kind ``lost`` when main does not hold it, ``ended`` when the journal has its end meanwhile;
    SourceError when the remote can't be asked. ``record``: what is found is its end in the journal.
    """
    with journal.exclusive(stop):
        if order.id not in {o.id for o in unfinished(journal)}:
            raise Refused("That approval has ended meanwhile.", kind="ended")
        if _committed(order, journal):  # else there was nothing to push
            repository.fetch(stop)
            done = _on_main(order, repository, journal)
            if done:
                if record:
                    _found(order, done, journal)
                return done
        if record:
            journal.append("refused", order.id, reason=LOST, kind="lost")
        raise Refused(LOST, "Review it again, and approve it anew.", kind="lost")


def _approvable(review: Review, now: datetime) -> None:
    if review.noop:
        return
    if review.refusal:
        raise Refused(review.refusal, "Look at the update again.")
    if review.unanswered:
        rules = ", ".join(f.rule for f in review.unanswered)
        raise Refused(f"Blocked by {rules}.", "Give a reason to approve it nevertheless.", kind="blocked")
    if review.at is None or now - review.at > EXPIRY:
        raise Refused("The review is more than a day old.", "Look at the update again.", kind="expired")


def _noop(review: Review, repository: Repository, journal: Journal, now: Now, stop: Stop) -> Steps:
    yield Step("fetch", StepState.RUNNING, "", now())
    repository.fetch(stop)
    yield Step("fetch", StepState.DONE, "", now())
    main = repository.head()
    if not _gives_nothing(repository, main, review.update.head):
        raise Refused("Main no longer holds this update.", "Look at it again.", kind="moved")
    journal.append("noop", review.update.head[:12], branch=review.update.branch, head=review.update.head, main=main)
    commit = _earlier(repository, review.update.head) or main
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
    for attempt in range(ATTEMPTS):
        with _nothing_written():
            yield Step("fetch", StepState.RUNNING, repository.url, now())
            repository.fetch(stop)
            yield Step("fetch", StepState.DONE, "", now())
            done = _on_main(order, repository, journal)
            if done:
                _found(order, done, journal)
                yield Step("check", StepState.SKIPPED, done.reason, now())
                return done
            current = _as_reviewed(order, repository, now())
            yield Step("check", StepState.DONE, _unchanged(order, current), now())
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


def _on_main(order: Order, repository: Repository, journal: Journal) -> Approval | None:
    """Whether main holds it: by an earlier attempt of ours, by someone else's approval, or merged in any way."""
    main = repository.head()
    for commit in _committed(order, journal):
        if repository.reaches(main, commit):
            return Approval("pushed", commit, "an earlier attempt had got through")
    commit = _earlier(repository, order.head)
    if commit or repository.reaches(main, order.head) or _gives_nothing(repository, main, order.head):
        return Approval("noop", commit or main, f"main holds it already: {(commit or main)[:7]}")
    return None


def _found(order: Order, done: Approval, journal: Journal) -> None:
    journal.append(done.outcome, order.id, commit=done.commit, found=True)


def _committed(order: Order, journal: Journal) -> list[str]:
    return [str(r.data.get("commit")) for r in journal.records() if r.event == "committed" and r.id == order.id]


def _gives_nothing(repository: Repository, main: str, head: str) -> bool:
    merged = repository.merge_tree(main, head)
    return merged.clean and merged.tree == repository.commit(main).tree


def _earlier(repository: Repository, head: str) -> str:
    """The commit on main whose trailers name ``head`` as what was reviewed."""
    state, _ = repository.scan()
    line = f"Reviewed-commit: {head}"
    return next((a.commit for a in state.approvals if line in repository.commit(a.commit).body.splitlines()), "")


def _as_reviewed(order: Order, repository: Repository, now: datetime) -> Order:
    """The order on main as it is now. Refused when that is anything else than what was reviewed."""
    if now - order.moment > EXPIRY:
        raise Refused("The approval is more than a day old.", "Look at the update again.", kind="expired")
    head = repository.branches().get(order.branch)
    if head is None:
        raise Refused(f"{order.branch} was withdrawn since the review.", "Look at the updates again.", kind="withdrawn")
    if head != order.head:
        text = f"{order.branch} has moved since the review: {order.head[:7]} → {head[:7]}."
        raise Refused(text, "Look at it again.", kind="moved")
    base = repository.head()
    merged = repository.merge_tree(base, order.head)
    if not merged.clean:
        text = f"It does not merge any more: {', '.join(merged.conflicts[:5]) or merged.why}."
        raise Refused(text, "Wait for Renovate to rebase it.", kind="conflict")
    if base == order.base:
        if merged.tree != order.tree:
            raise Refused("The merge gives another tree than the reviewed one.", "Look at it again.", kind="moved")
        return order
    _only_main_moved(order, repository, base, merged.tree)
    return replace(order, base=base, tree=merged.tree)


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


def _unchanged(order: Order, current: Order) -> str:
    if current.base == order.base:
        return "everything is as reviewed"
    return f"as reviewed; main has moved elsewhere: {order.base[:7]} → {current.base[:7]}"


def _write(order: Order, repository: Repository, stop: Stop) -> str:
    """The commit object; read back, it is what was ordered."""
    parents = (order.base,) if order.squash else (order.base, order.head)
    who = repository.identity()
    author = Author.of(repository.commit(order.head)) if order.squash else None
    made = repository.commit_tree(
        order.tree, parents, order.message, committer=who, author=author, at=order.moment, stop=stop
    )
    commit = repository.commit(made)
    message = f"{commit.subject}\n\n{commit.body}"
    exact = (commit.tree, commit.parents, message) == (order.tree, parents, order.message.strip("\n"))
    if not exact or who.person != order.operator or (who.sign and not commit.signed):
        raise Refused("git wrote another commit than the reviewed one; it was not pushed.", kind="tampered")
    return made


def _push(order: Order, commit: str, repository: Repository, stop: Stop) -> bool:
    """Push; whether a lease did not hold, and nothing was changed. A lost answer is looked up on the remote."""
    pushed = repository.push(refs(order.branch, order.head, repository.branch, order.base, commit), stop=stop)
    if pushed.ok:
        return False
    if pushed.outcome == "stale":
        return True
    if pushed.outcome == "unknown" and _got_through(commit, repository, stop):
        return False
    if pushed.outcome == "unknown":
        raise SourceError(pushed.message, pushed.hint, kind="unknown")
    if pushed.outcome == "failed":
        raise SourceError(pushed.message, pushed.hint)
    raise Refused(pushed.message, pushed.hint, kind=pushed.outcome)


def _got_through(commit: str, repository: Repository, stop: Stop) -> bool:
    try:
        repository.fetch(stop)
    except HomeconsoleError:
        return False
    return repository.reaches(repository.head(), commit)


def _verify(order: Order, commit: str, repository: Repository, journal: Journal, *, now: Now, stop: Stop) -> Steps:
    """Read it back from the remote before saying so."""
    yield Step("push", StepState.DONE, commit, now())
    repository.fetch(stop)
    main = repository.head()
    if not repository.reaches(main, commit):
        raise Refused(
            f"The remote took the push, but its {repository.branch} does not hold {commit[:7]}.",
            "Someone moved it at once, or the remote rewrites what is pushed: look at its history.",
            kind="unverified",
        )
    journal.append("pushed", order.id, commit=commit, tree=order.tree, main=main)
    yield Step("verify", StepState.DONE, f"{commit[:7]} is on {repository.branch}", now())
    return Approval("pushed", commit)
