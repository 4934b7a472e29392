"""The review of one update: the exact commit, what it needs to hold, what it will bring about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.foresight.knowledge import part_of
from console.model.finding import Preflight
from console.model.moves import target_of
from console.model.redaction import redacted
from console.model.review import FileEdit, PlannedCommit, Review
from console.model.snapshot import Snapshot
from console.model.text import safe
from console.model.updates import Update
from console.operations.consequence import afterwards, consequence
from console.operations.message import WHAT_NOW, line, message
from console.operations.order import refs
from console.operations.ports import Repository
from console.operations.seconding import seconded
from console.sources.errors import NotConfigured, Refused
from console.sources.git.identity import Identity
from console.sources.git.merge import Merge
from console.sources.git.push import RefUpdate

WHO = 'git config --global user.name "NAME"; git config --global user.email ADDRESS'
NOBODY = "git does not know who you are: set user.name and user.email."
_UNSIGNABLE = "git can't sign: "
SIGNING = "Look at user.signingkey, gpg.format and gpg.program: git config --show-origin --get-regexp 'gpg|signingkey'"


def review(
    update: Update,
    preflight: Preflight,
    repository: Repository,
    *,
    now: datetime,
    via: str,
    squash: bool = False,
    reason: str = "",
    checks: Sequence[str] = (),
    edits: Sequence[FileEdit] = (),
    separate: bool = False,
    notes: Sequence[str] = (),
    approvers: int = 1,
    snapshot: Snapshot | None = None,
) -> Review:
    """What an approval of ``update`` would write, exactly, on main as the last fetch left it. Writes nothing remote.

    ``via`` names the program and its version. ``reason`` answers every blocker at once; ``overridden`` does it later.
    ``checks`` are the repository's own, see ``operations.checks``; ``edits separate notes`` as ``Review`` has them.
    With two ``approvers`` it is the first approval or, where that one is there, the second; see ``seconding``.
    A proposal of our own (``operations.own``) is always one commit.
    Raises SourceError when the repository can't be read.
    """
    base, head = repository.head(), repository.branches().get(update.branch)
    merged = repository.merge_tree(base, update.head)
    squash = squash or bool(update.own)
    tree = merged.tree if merged.clean else ""
    if tree and edits:
        tree = repository.edited_tree(tree, {edit.path: edit.data for edit in edits})
    files = repository.changed(base, tree) if tree else update.files
    noop = bool(tree) and tree == repository.commit(base).tree
    who = _identity(repository)
    patch_id = repository.patch_id(base, update.head)
    commit = PlannedCommit(
        message=message(update, preflight, base, patch_id, who=who, via=via, squash=squash, checks=checks),
        author=_author(repository, update) if squash and not update.own else (who.person if who else ""),
        committer=who.person if who else "",
        parents=(base,) if squash else (base, update.head),
        tree=tree,
        signature=who.signature if who else "",
    )
    made = Review(
        update=update,
        preflight=preflight,
        commit=commit,
        patch_id=patch_id,
        diff=tuple(repository.diff(base, tree if edits and tree else update.head)),
        then=afterwards(update, files, repository.branch, snapshot, notes),
        typed=_typed(update, preflight),
        consequence=WHAT_NOW.get(update.own) or consequence(update, repository.branch, snapshot),
        refusal="" if noop else _refusal(update, preflight, head, who, merged=merged),
        base=base,
        files=files,
        squash=squash,
        unanswered=(*preflight.failing("block"), *preflight.unseen),
        noop=noop,
        at=now,
        via=via,
        checks=tuple(checks),
        edits=tuple(edits),
        separate=separate and bool(edits),
        notes=tuple(notes),
        target=repository.branch,
    )
    made = seconded(made, repository, who, now) if approvers > 1 else made
    moved = _refs(made, repository)
    made = replace(made, commands=_commands(made, repository, moved), leases=tuple(map(_lease, moved)))
    return overridden(made, reason) if reason else made


def cure(refusal: str) -> str:
    """What to do where the operator's own git is in the way, and not the update; empty for the update."""
    return WHO if refusal == NOBODY else SIGNING if refusal.startswith(_UNSIGNABLE) else ""


def refused(made: Review) -> Refused:
    """Its refusal with what to do; ``signing`` where git could not sign."""
    hint = cure(made.refusal)
    return Refused(made.refusal, hint or "Look at the update again.", kind="signing" if hint == SIGNING else "")


def overridden(made: Review, reason: str) -> Review:
    """The same with ``reason`` as the answer to all that is ``unanswered``: one ``Override`` trailer for each."""
    words = line(reason)
    if not words or not made.unanswered:
        return made
    lines = "".join(f"Override: {f.rule}: {words}\n" for f in made.unanswered)
    head, mark, tail = made.commit.message.rpartition("\nChecks: ")
    head, lines = head + "\n", lines.rstrip("\n")
    commit = replace(made.commit, message=head + lines + mark + tail)
    return replace(made, commit=commit, unanswered=(), reason=words)


def _identity(repository: Repository) -> Identity | None:
    try:
        return repository.identity()
    except NotConfigured:
        return None


def _refs(made: Review, repository: Repository) -> tuple[RefUpdate, ...]:
    """What the push would move."""
    branch = "" if made.update.own else made.update.branch
    updates = refs(branch, made.update.head, repository.branch, made.base, "COMMIT")
    if made.recording:
        return (RefUpdate(f"refs/heads/{made.record}", "", "COMMIT"),)
    return (*updates, RefUpdate(f"refs/heads/{made.record}", made.first, "")) if made.first else updates


def _lease(moved: RefUpdate) -> str:
    """Where a branch must be, and what becomes of it."""
    name = safe(moved.ref.removeprefix("refs/heads/"))
    if not moved.old:
        return f"{name} must not be there; it is made"
    return f"{name} must be at {moved.old[:12]}; " + ("it moves to the commit" if moved.new else "it is removed")


def _commands(made: Review, repository: Repository, moved: Sequence[RefUpdate]) -> tuple[str, ...]:
    sign = " -S" if made.commit.signature else ""
    parents = "".join(f" -p {parent}" for parent in made.commit.parents)
    own, base, head = bool(made.update.own), made.base, made.update.head
    return (
        "git fetch --prune",
        *(() if own else (f"git merge-tree --write-tree {base} {head}",)),
        *map(redacted, made.checks),
        f"git commit-tree{sign}{parents} -F - {made.commit.tree or '(no tree: it does not merge)'}",
        repository.push_command(moved),
    )


def _author(repository: Repository, update: Update) -> str:
    commit = repository.commit(update.head)
    return f"{commit.author} <{commit.author_email}>"


def _typed(update: Update, preflight: Preflight) -> str:
    """The version for a node upgrade; the name for what is major, unknown, edited by others, network or storage."""
    if update.own in {"hold", "release"}:
        return ""
    if update.system and target_of(update):
        return target_of(update)
    parts = [part_of(change.name) for change in update.changes]
    untold = update.type == "unknown" and update.kind == "dependency"
    far = untold or update.type == "major" or update.modified or any(part and part.typed for part in parts)
    serious = any(f.status == "fail" and f.rule in {"secrets", "content"} for f in preflight.findings)
    blocked = preflight.verdict == "blocked" or bool(preflight.overridden)
    return name_of(update) if far or serious or blocked else ""


def name_of(update: Update) -> str:
    """The name that stands for an update where it is typed; of a revert of several things the commit's first seven
    digits."""
    if update.own == "revert" and update.called == update.branch:
        return update.branch.rpartition(" ")[2][:7]
    return safe(update.called or update.branch)


def _refusal(
    update: Update,
    preflight: Preflight,
    head: str | None,
    who: Identity | None,
    *,
    merged: Merge,
) -> str:
    reasons = (
        (head is None and not update.own, "The branch is gone: it was withdrawn, or it is done."),
        (head is not None and head != update.head, f"The branch has moved to {(head or '')[:7]}: look at it again."),
        (preflight.head != update.head, "The findings are those of another commit: look at it again."),
        (bool(merged.conflicts), f"It conflicts with main in {', '.join(safe(c) for c in merged.conflicts[:5])}."),
        (not merged.clean, f"Whether it merges can't be told: {safe(merged.why)}"),
        (update.kind == "config" and not update.own, "It sets up Renovate itself; merge it by hand."),
        (who is None, NOBODY),
        (bool(who and who.unsignable), f"{_UNSIGNABLE}{safe(who.unsignable if who else '')}."),
    )
    return next((text for wrong, text in reasons if wrong), "")
