"""A hold, its release or the way back, planned: exactly what will be written, and where; then written."""

from collections.abc import Callable, Generator
from datetime import date, datetime

from console.model.hold import Hold
from console.model.intent import Intent, Verb
from console.model.review import Approval, Review
from console.model.step import Step, StepState
from console.model.updates import Update
from console.operations import offers, records
from console.operations.approve import approve
from console.operations.holding import holds
from console.operations.journal import Journal
from console.operations.offers import Offer
from console.operations.ports import Repository
from console.sources.errors import NotConfigured, Refused
from console.sources.stop import Stop

Reviewer = Callable[[Offer], Review]


def hold(
    repository: Repository,
    journal: Journal,
    update: Update,
    reviewed: Reviewer,
    *,
    reason: str,
    until: date | None,
    today: date,
) -> Intent:
    """Hold what ``update`` moves: in Renovate's configuration, or as a record where there is none."""
    names = offers.names_of(update)
    if not " ".join(reason.split()):
        raise Refused("A hold needs a reason.", "Say why, for whoever finds it later.", kind="reason")
    if until and until < today:
        raise Refused(f"{until} is over.", "Give a day to come, or none.", kind="past")
    if offers.configuration(repository):
        offer = offers.hold(repository, update, reason=reason, by=operator(repository), today=today, until=until)
        return _of("hold", update.branch, reviewed(offer), names)
    if not names:
        raise Refused(f"What {update.branch} moves can't be told, so no hold can name it.", kind="unnamed")
    mine = [each for each in records.recorded(journal, repository.url) if set(names) <= set(each.names)]
    text = (
        f"a record of this machine: {', '.join(names)} held: {reason}" + (f" (until {until})" if until else ""),
        "The repository has no Renovate configuration: Renovate itself does not know of it.",
    )
    return Intent("hold", update.branch, text, None, update, names, " ".join(reason.split()), until, bool(mine))


def release(repository: Repository, journal: Journal, name: str, update: Update | None, reviewed: Reviewer) -> Intent:
    """Release what ``name`` means: ``update`` when there is one, else a dependency that is held by that name."""
    found = holds(repository, repository.head())
    names = set(offers.names_of(update)) if update else set()
    written = [each for each in found if each.kind == "own" and _means(each, name, names)]
    kept = [each for each in records.recorded(journal, repository.url) if _means(each, name, names)]
    if written:
        every = tuple(dict.fromkeys(n for each in written for n in each.names))
        return _of("release", name, reviewed(offers.release(repository, every, told=name)), every)
    if kept:
        every = tuple(dict.fromkeys(n for each in kept for n in each.names))
        return Intent("release", name, (f"a record of this machine: {', '.join(every)} released",), names=every)
    others = [each for each in found if update and each.concerns(update)]
    if others:
        first = others[0]
        raise Refused(
            f"{name} is not held by us: {first.reason} ({first.file}:{first.line}).",
            f"Approve it: homeconsole approve {name}. What holds it is lifted by the commit that changes the version, "
            "never before."
            if first.kind in {"suspend", "unlisted", "flux"}
            else "It is the repository's own rule: change it there.",
            kind="not-ours",
        )
    raise Refused(f"{name} is not held by us.", "homeconsole updates shows what is held, and by whom.", kind="not-held")


def revert(repository: Repository, name: str, reviewed: Reviewer, *, reason: str, today: date) -> Intent:
    """Take a commit of main back."""
    offer = offers.revert(repository, name, reason=reason, by=operator(repository), today=today)
    names = tuple(dict.fromkeys(change.name for change in offer.update.changes))
    return _of("revert", offer.update.branch.rpartition(" ")[2], reviewed(offer), names)


def carried_out(
    intent: Intent, repository: Repository, journal: Journal, now: Callable[[], datetime], stop: Stop
) -> Generator[Step, None, Approval]:
    """Write it. Like an approval: leased, verified, in the journal. A record is written and that is all."""
    if intent.review:
        return (yield from approve(intent.review, repository, journal, now, stop))
    if intent.noop:
        yield Step("record", StepState.SKIPPED, "it stands there already", now())
        return Approval("noop", "", "it stands there already")
    by = operator(repository)
    if intent.verb == "hold" and intent.update:
        records.record(
            journal,
            repository.url,
            intent.update,
            intent.names,
            reason=intent.reason,
            by=by,
            until=intent.until,
        )
    else:
        mine = [h for h in records.recorded(journal, repository.url) if set(h.names) & set(intent.names)]
        records.release(journal, repository.url, mine, by=by)
    yield Step("record", StepState.DONE, intent.text[0], now())
    return Approval("pushed", "", "a record of this machine: the repository has no Renovate configuration")


def operator(repository: Repository) -> str:
    """Who holds and releases, as git knows them."""
    try:
        return repository.identity().name
    except NotConfigured:
        return "someone"


def _of(verb: Verb, name: str, review: Review, names: tuple[str, ...]) -> Intent:
    text = (review.commit.message.split("\n", 1)[0], *review.notes, *review.diff)
    return Intent(verb, name, text, review, None, names, noop=review.noop)


def _means(hold: Hold, name: str, names: set[str]) -> bool:
    last = {each.rstrip("/").rpartition("/")[2] for each in hold.names}
    return bool(names & set(hold.names)) or name in hold.names or name in last
