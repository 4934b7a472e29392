"""Two approvers: the first one's signed record is a small commit on a branch of ours, the second one completes it.

The record has the reviewed head as its parent and the result as its tree, so that both are bound by its id. It counts
while the reviewed head is the same, for a day, when its signature holds here and is another person's. A proposal of our
own has no head that all share, each operator makes it anew: of it the record counts while the result is the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from console.model.review import Review
from console.operations.message import line, subject_of, summary
from console.operations.ports import Repository
from console.operations.unmoved import EXPIRY
from console.sources.errors import HomeconsoleError
from console.sources.git.clone import ASIDE
from console.sources.git.identity import Identity
from console.sources.git.objects import Commit

_MOST = 50  # commits of a branch whose authors are looked at


@dataclass(frozen=True, slots=True)
class _First:
    """What was found on the branch of the record: its commit and who it is by, or why it does not count."""

    commit: str = ""
    by: str = ""
    refusal: str = ""


def record_branch(target: str, branch: str, head: str, patch_id: str) -> str:
    """Where the first approver's record stands: the same name on every machine, another one for another head."""
    return ASIDE + hashlib.sha256("\0".join((target, branch, head, patch_id)).encode()).hexdigest()[:12]


def own_record_branch(target: str, name: str) -> str:
    """The same for a proposal of our own, which is one by its ``name`` (``revert COMMIT``)."""
    return record_branch(target, name, "", "")


def _place(made: Review, repository: Repository) -> str:
    update = made.update
    if update.own:
        return own_record_branch(repository.branch, update.branch)
    return record_branch(repository.branch, update.branch, update.head, made.patch_id)


def seconded(made: Review, repository: Repository, who: Identity | None, now: datetime) -> Review:
    """``made`` as the first or the second of two approvals, or refused with the reason."""
    if made.noop or made.refusal or who is None or made.update.own in {"hold", "release"}:
        return made
    refusal = _forbidden(made, repository, who)
    if refusal:
        return replace(made, refusal=refusal)
    place = _place(made, repository)
    commit = repository.asides().get(place)
    if commit is None:
        return _as_first(made, place, repository)
    first = _first(made, commit, repository, who, now)
    if first.refusal:
        return replace(made, refusal=first.refusal)
    return _as_second(made, place, first)


def _forbidden(made: Review, repository: Repository, who: Identity) -> str:
    reasons = (
        (not who.sign, "Two approvers are asked for: git must sign here, set commit.gpgsign and user.signingkey."),
        (who.email.lower() in _authors(made, repository), "You wrote a commit of this branch: others must approve it."),
    )
    return next((text for wrong, text in reasons if wrong), "")


def _as_first(made: Review, place: str, repository: Repository) -> Review:
    rest = made.commit.message.partition("\n")[2]
    title = f"Approve {line(made.update.branch)}, the first of two: {summary(made.update)}"
    commit = replace(made.commit, message=f"{title}\n{rest}", parents=(made.update.head,), author=made.commit.committer)
    then = (f"{place} gets your signed approval", f"{repository.branch} stays until another operator approves it too")
    return replace(made, commit=commit, then=then, squash=False, separate=False, record=place)


def _as_second(made: Review, place: str, first: _First) -> Review:
    named = made.commit.message.replace("\nApproved-by: ", f"\nApproved-by: {line(first.by)}\nApproved-by: ", 1)
    then = (*made.then, f"{place}, the approval of {first.by}, is removed")
    return replace(made, commit=replace(made.commit, message=named), then=then, record=place, first=first.commit)


def _first(made: Review, oid: str, repository: Repository, who: Identity, now: datetime) -> _First:
    try:
        commit = repository.commit(oid)
        why = _flaw(made, commit, repository, now)
    except HomeconsoleError as error:
        why, commit = error.message, None
    if commit is None or why:
        return _First(refusal=f"The first approval does not count: {why}. Remove its branch, and approve it anew.")
    if commit.committer_email.lower() == who.email.lower():
        return _First(refusal="You have approved it already: it waits for another operator.")
    return _First(oid, f"{commit.committer} <{commit.committer_email}>")


def _flaw(made: Review, commit: Commit, repository: Repository, now: datetime) -> str:
    """Why a record does not count; empty when it does."""
    said = commit.body.splitlines()
    person = f"{commit.committer} <{commit.committer_email}>"
    update, bound = made.update, len(commit.parents) == 1
    wanted = [": ".join(subject_of(update)), f"Reviewed-patch-id: {made.patch_id}", f"Approved-by: {line(person)}"]
    if not update.own:
        wanted.append(f"Reviewed-commit: {update.head}")
        bound = commit.parents == (update.head,)
    result = repository.contents(commit.tree, made.files) == repository.contents(made.commit.tree, made.files)
    signer = repository.signer(commit.oid)
    flaws: Sequence[tuple[bool, str]] = (
        (not bound or any(each not in said for each in wanted), "it is for something else"),
        (not result, "its result is another one"),
        (not signer, "its signature can't be verified here"),
        (not is_of(signer, commit.committer_email), f"it is signed by {signer}, not by {person}"),
        (abs(now - commit.committed_at) > EXPIRY, "it is more than a day old"),
        (commit.committer_email.lower() in _authors(made, repository), f"{person} wrote a commit of this branch"),
    )
    return next((text for wrong, text in flaws if wrong), "")


def is_of(signer: str, address: str) -> bool:
    """Whether ``signer`` is exactly who has ``address``: a key's user id ``Name <address>``, or a principal (ssh)."""
    _, angle, within = signer.rpartition("<")
    own = [within.rstrip("> ")] if angle else signer.split(",")
    return bool(address) and address.lower() in {each.strip().lower() for each in own}


def same_hand(repository: Repository, first: str, second: str, address: str) -> str:
    """Why the commit ``second`` by who has ``address`` is no other person's than ``first``; empty when it is."""
    signer = repository.signer(second)
    if not signer:
        return "your own signature can't be verified here"
    if not is_of(signer, address):
        return f"your commit is signed by {signer}, not by {address}"
    return f"both approvals are signed by {signer}" if signer == repository.signer(first) else ""


def _authors(made: Review, repository: Repository) -> set[str]:
    """The addresses of all who wrote the branch."""
    found: set[str] = set()
    oid = made.update.head
    for _ in range(min(max(made.update.ahead, 1), _MOST)):
        commit = repository.commit(oid)
        found |= {commit.author_email.lower(), commit.committer_email.lower()}
        if not commit.parents:
            break
        oid = commit.parents[0]
    return found
