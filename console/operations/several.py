"""Several approvals as a queue: one after the other, each looked at anew on the main that the one before has left."""

from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import datetime

from console.model.review import Approval, Review
from console.model.step import Step, StepState
from console.operations.approve import approve
from console.operations.hooks import NONE, Hooks
from console.operations.journal import Journal
from console.operations.ports import Repository
from console.sources.errors import HomeconsoleError, Refused
from console.sources.stop import Stop

TOTAL = "all"  # the name of the last step


def alone(review: Review) -> str:
    """Why this one can't be approved among others; empty when it can.

    What must be typed, what blocks, and what touches nodes is confirmed by itself (invariant I8).
    """
    update = review.update
    reasons = (
        (review.noop, "main holds it already"),
        (bool(review.refusal), review.refusal),
        (update.system is not None, "a node upgrade is approved by itself"),
        (update.modified, "others have edited the branch: approve it by itself"),
        (bool(review.record), "two operators approve it, each by itself"),
        (update.type == "major", "a major is approved by itself"),
        (bool(review.unanswered), f"blocked by {', '.join(each.rule for each in review.unanswered)}"),
        (bool(review.typed), f"it asks for a typed {review.typed}: approve it by itself"),
    )
    return next((text for applies, text in reasons if applies), "")


def several(
    reviews: Sequence[Review],
    repository: Repository,
    again: Callable[[str], Review],
    journal: Journal,
    *,
    now: Callable[[], datetime],
    stop: Stop,
    hooks: Hooks = NONE,
    then: Callable[[Sequence[str]], Iterator[Step]] = lambda _: iter(()),
) -> Iterator[Step]:
    """Approve ``reviews`` in their order. ``again`` reviews a branch as the last fetch left it.

    One step for each branch, first of all one that waits; the last one, ``all``, counts. The first that fails, or is
    another one than was reviewed, stops the rest: they are left out by name. ``then`` is done about the commits that
    this has pushed, before they are counted.
    """
    for review in reviews:
        yield Step(review.update.branch, StepState.WAITING)
    done = list[Approval]()
    for number, review in enumerate(reviews):
        branch = review.update.branch
        try:
            done.append((yield from _one(review, repository, again, journal, now=now, stop=stop, hooks=hooks)))
        except HomeconsoleError as error:
            yield Step(branch, StepState.FAILED, f"{error.message} {error.hint}".strip(), now())
            for left in reviews[number + 1 :]:
                yield Step(left.update.branch, StepState.SKIPPED, f"not begun: {branch} failed", now())
            total, text = StepState.FAILED, f"{len(done)} approved, 1 failed, {len(reviews) - number - 1} not begun"
            break
    else:
        total, text = StepState.DONE, f"{len(done)} approved"
    yield from then([each.commit for each in done if each.outcome == "pushed"])
    yield Step(TOTAL, total, text, now())


def _one(
    reviewed: Review,
    repository: Repository,
    again: Callable[[str], Review],
    journal: Journal,
    *,
    now: Callable[[], datetime],
    stop: Stop,
    hooks: Hooks = NONE,
) -> Generator[Step, None, Approval]:
    branch = reviewed.update.branch
    if stop.is_set():
        raise Refused("Stopped before it began; nothing was written.", kind="stopped")
    yield Step(branch, StepState.RUNNING, "looking at it again", now())
    repository.fetch(stop)
    if branch in repository.branches():  # else it was withdrawn, or someone else has approved it: ``approve`` tells
        _still(reviewed, again(branch))
    approving = approve(reviewed, repository, journal, now, stop)  # it goes on only where main moved elsewhere
    steps = hooks.around(approving, reviewed, journal, now, stop)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            done: Approval = end.value
            yield Step(branch, StepState.DONE, f"{done.commit[:7]} {done.reason}".rstrip(), now())
            return done
        yield Step(branch, StepState.RUNNING, f"{step.name} {step.text}".rstrip(), now())


def _still(reviewed: Review, fresh: Review) -> None:
    """Refused when what was reviewed may not be approved among others any more."""
    if fresh.noop:
        return
    if fresh.update.head != reviewed.update.head:
        moved = f"{reviewed.update.head[:7]} → {fresh.update.head[:7]}"
        raise Refused(f"It has moved since the review: {moved}.", "Look at it again.", kind="moved")
    reason = alone(fresh)
    if reason:
        raise Refused(f"On main as it is now: {reason}.", "Look at it again.", kind="moved")
