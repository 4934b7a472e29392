"""``homeconsole hold``, ``release``, ``revert``: plan, show, confirm, write."""

from argparse import Namespace

from console.cli.asking import ask, followed
from console.cli.commands import unread
from console.cli.reconciling import hasten
from console.model.intent import Intent
from console.model.review import Approval
from console.model.snapshot import Topic
from console.model.text import safe
from console.plain import intent as plain
from console.plain.approve import Outcome
from console.plain.printing import print_document, print_lines, say
from console.sources.errors import Refused
from console.sources.stop import Stop
from console.wiring import Console

FINE, BAD = 0, 1


def edit(desk: Console, options: Namespace) -> int:
    """Carry out the verb on ``desk``, which has read the repository; the exit code. Raises HomeconsoleError."""
    now = desk.snapshot()
    if now[Topic.UPDATES].freshness.at is None:
        raise unread(now, Topic.UPDATES)
    planned: Intent | None = None
    try:
        planned = _planned(desk, options)
        if "dry_run" in options:
            return _told(options, planned, "noop" if planned.noop else "dry-run")
        if planned.noop:
            return _told(options, planned, "noop", Approval("noop", _base(planned), "it is so already"))
        with desk.noting(options.command, planned.name):
            _confirm(desk, options, planned)
        done = followed(desk.carrying_out(planned, Stop()), options)
    except Refused as refusal:
        return _refused(options, planned, refusal)
    code = _told(options, planned, done.outcome, done)  # before Flux is asked, which may take long
    hasten(desk, options, done)
    return code


def _planned(desk: Console, options: Namespace) -> Intent:
    reason, supposed = getattr(options, "reason", ""), "dry_run" in options
    if options.command == "hold":
        until = getattr(options, "until", None)
        return desk.plan_hold(options.what, reason=reason, until=until, supposed=supposed)
    if options.command == "release":
        return desk.plan_release(options.what, supposed=supposed)
    return desk.plan_revert(options.what, reason=reason, supposed=supposed)


def _base(planned: Intent) -> str:
    return planned.review.base if planned.review else ""


def _confirm(desk: Console, options: Namespace, planned: Intent) -> None:
    """Ask at the terminal; elsewhere ``--yes`` must have answered. Raises Refused."""
    review = planned.review
    if review and review.refusal:
        raise Refused(review.refusal)
    if not desk.writable:
        raise Refused("This is read-only.", "Give --write, or set write: true in the configuration.", kind="read-only")
    if review and review.unanswered:
        rules = ", ".join(each.rule for each in review.unanswered)
        reverts = planned.verb == "revert"
        hint = "Give --reason to revert it nevertheless." if reverts else "Change it by hand, when you are sure."
        raise Refused(f"Blocked by {rules}.", hint, kind="blocked")
    typed = review.typed if review else ""
    if "yes" in options and (not typed or options.what.lower() == planned.name):
        return
    if "yes" in options:
        text = f"{planned.name[:7]} needs more than --yes: it was no ordinary update."
        raise Refused(text, f"Give the whole id of the commit: {planned.name}.", kind="unconfirmed")
    nothing = "Nothing was written."
    ask(desk, plain.lines(planned), typed, verb="go on", question="Go on", hint="Give --yes.", nothing=nothing)


def _told(options: Namespace, planned: Intent, outcome: Outcome, done: Approval | None = None) -> int:
    commit, reason = (done.commit, done.reason) if done else ("", "")
    if options.output == "json":
        name, verb = planned.name, planned.verb
        print_document(plain.document(verb, name, outcome, intent=planned, commit=commit, reason=reason))
    elif done:
        print_lines([f"{outcome}  {commit}  {safe(reason)}".rstrip()])
    else:
        print_lines(plain.lines(planned))
    return FINE


def _refused(options: Namespace, planned: Intent | None, refusal: Refused) -> int:
    if options.output == "json":
        text, hint = refusal.message, refusal.hint
        answer = plain.document(options.command, options.what, "refused", intent=planned, reason=text, hint=hint)
        print_document(answer)
    say(f"homeconsole: {safe(refusal.message)}")
    if refusal.hint:
        say(f"  {safe(refusal.hint)}")
    return BAD
