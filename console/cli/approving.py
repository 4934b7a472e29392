"""``homeconsole approve``: review, confirm, write. Without a screen, options stand for what is typed."""

from argparse import Namespace

from console.cli.asking import ask, followed
from console.cli.commands import unread
from console.cli.reconciling import hasten
from console.model.moves import wanted
from console.model.review import Approval, Past, Review
from console.model.snapshot import Topic
from console.model.text import safe
from console.plain import approve as plain
from console.plain.printing import print_document, print_lines, say
from console.sources.errors import Refused, UsageError
from console.sources.stop import Stop
from console.wiring import Console

FINE, BAD = 0, 1


def approve(desk: Console, options: Namespace) -> int:
    """Approve one update on ``desk``, which has read the repository; the exit code. Raises HomeconsoleError."""
    now = desk.snapshot()
    if now[Topic.UPDATES].freshness.at is None:
        raise unread(now, Topic.UPDATES)
    done = None
    try:
        branch = desk.update(options.update).branch
    except UsageError:
        done = desk.past(options.update, getattr(options, "head", ""))
        branch = options.update  # perhaps a version that no branch offers
        if done is None and wanted(branch) is None:
            raise
    if done:
        return _answer(options, done.branch, Approval("noop", done.commit, "main holds it already"), past=done)
    review: Review | None = None
    try:
        review = _reviewed(desk, options, branch)
        branch = review.update.branch
        update = review.update
        with desk.noting(update.own, branch, update.head, supposed="dry_run" in options):
            _check(desk, options, review)
            if "dry_run" in options:
                return _dry_run(options, review)
            if review.noop and not desk.writable:  # to say so writes nothing
                return _answer(options, branch, Approval("noop", review.base, "main holds it already"), review)
            if not review.noop:
                _confirm(desk, options, review)
        approval = followed(desk.approve(review, Stop(), aside="pull_request" in options), options)
    except Refused as refusal:
        return _refused(options, branch, review, refusal)
    code = _answer(options, branch, approval, review)  # before Flux is asked, which may take long
    hasten(desk, options, approval)
    return code


def _reviewed(desk: Console, options: Namespace, name: str) -> Review:
    squash, reason = getattr(options, "squash", None), getattr(options, "reason", "")
    review = desk.review(name, squash=squash, reason=reason, windows="now" in options)
    if getattr(options, "ack", None):
        desk.acknowledge(review.preflight, dict(options.ack), supposed="dry_run" in options)
        review = desk.review(name, squash=squash, reason=reason, windows="now" in options)
    return review


def _check(desk: Console, options: Namespace, review: Review) -> None:
    """Everything that refuses before anyone is asked. A dry run needs no right to write."""
    head = getattr(options, "head", "")
    if head and not review.update.head.startswith(head):
        text = f"{review.update.branch} is at {review.update.head[:12]}, not at {head[:12]}: it has moved"
        raise Refused(text, "Review it again.", kind="moved")
    if review.noop:
        return
    if review.refusal:
        from console.operations.review import cure  # noqa: PLC0415 - late: it brings the rules

        ours = cure(review.refusal)
        if "dry_run" in options and ours:
            return  # the plan is the same, and says so
        raise Refused(review.refusal, ours or "Look at the update again.")
    if "dry_run" in options:
        return
    if not desk.writable:
        raise Refused("This is read-only.", "Give --write, or set write: true in the configuration.", kind="read-only")
    if review.unanswered:
        rules = ", ".join(each.rule for each in review.unanswered)
        why = "".join(f" {each.title}." for each in review.preflight.unseen)
        raise Refused(f"Blocked by {rules}.{why}", "Give --reason to approve it nevertheless.", kind="blocked")


def _confirm(desk: Console, options: Namespace, review: Review) -> None:
    """Ask at the terminal; elsewhere the options must have answered already. Raises Refused."""
    head = getattr(options, "head", "")
    if "yes" in options and (head or not review.typed):
        return
    if "yes" in options:
        raise Refused(
            f"{review.update.branch} needs more than --yes: it is no ordinary update.",
            f"Give --head {review.update.head} too, the commit that you reviewed.",
            kind="unconfirmed",
        )
    hint = "Give --yes, and --head SHA for node upgrades and the like."
    nothing = "Not approved; nothing was written."
    ask(desk, plain.summary(review), review.typed, verb="approve", question="Approve", hint=hint, nothing=nothing)


def _dry_run(options: Namespace, review: Review) -> int:
    if options.output == "json":
        outcome: plain.Outcome = "noop" if review.noop else "dry-run"
        print_document(plain.document(review.update.branch, outcome, review=review, reason=review.refusal))
    else:
        print_lines(plain.summary(review))
    return FINE


def _answer(
    options: Namespace, branch: str, done: Approval, review: Review | None = None, past: Past | None = None
) -> int:
    if options.output == "json":
        said = {"commit": done.commit, "reason": done.reason, "branch": done.branch}
        print_document(plain.document(branch, done.outcome, review=review, past=past, **said))
    else:
        print_lines([f"{done.outcome}  {done.commit}  {safe(done.reason)}".rstrip()])
    return FINE


def _refused(options: Namespace, branch: str, review: Review | None, refusal: Refused) -> int:
    if options.output == "json":
        text, hint = refusal.message, refusal.hint
        print_document(plain.document(branch, "refused", review=review, reason=text, hint=hint))
    say(f"homeconsole: {safe(refusal.message)}")
    if refusal.hint:
        say(f"  {safe(refusal.hint)}")
    return BAD
