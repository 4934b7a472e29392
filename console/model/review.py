"""What the operator reviews before an approval: exactly what will be written, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.model.finding import Finding, Preflight
from console.model.updates import Update

# Stands in a reviewed message where the moment of the approval will be: it is not known before.
APPROVED_AT_LATER = "(when you confirm)"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file as the operator wants it. ``data`` None: it is removed.

    ``made_from`` is the whole file that was edited, where a person edited it: on another one the edit is not theirs.
    """

    path: str
    data: bytes | None
    made_from: bytes | None = None


@dataclass(frozen=True, slots=True)
class PlannedCommit:
    """The commit as it will be written. ``parents`` and ``tree`` are full ids; ``signature`` says how it is signed.

    ``message`` is what is written, byte for byte, but for ``APPROVED_AT_LATER``: there the moment of the confirmation
    is put, in UTC (``2026-08-22T18:23:11Z``).
    """

    message: str
    author: str
    committer: str
    parents: tuple[str, ...]
    tree: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """One update, reviewed at ``update.head`` on ``update.base``: everything that is shown, and everything done.

    ``diff`` is the combined diff by lines, secrets masked. ``then`` says in words what happens after the push.
    ``typed`` is what the operator must type (a version, a name), empty where y/N is enough.
    ``refusal`` says why this can't be approved, empty where it can. ``unanswered`` are the blockers, and what could not
    be looked at, that still need a reason (``operations.review.overridden`` gives it). ``noop``: main has it already.
    ``checks`` are the commands that must end well on the resulting tree before the push. ``edits`` are the operator's,
    made on top of the merge; with ``separate`` they are a commit of their own behind it. ``notes`` say in words what
    the edits do beside the versions, and what was left and why. ``record`` is the branch of the first of two approvals,
    ``first`` its commit where it is there. ``target`` is the branch that the cluster follows. ``leases`` say in words
    where each branch must be at the push. ``windows``: maintenance windows go with what else holds the upgrade.
    """

    update: Update
    preflight: Preflight
    commit: PlannedCommit
    patch_id: str
    diff: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    typed: str = ""
    consequence: str = ""
    refusal: str = ""
    base: str = ""
    files: tuple[str, ...] = ()
    squash: bool = False
    unanswered: tuple[Finding, ...] = ()
    noop: bool = False
    at: datetime | None = None
    via: str = ""
    reason: str = ""
    checks: tuple[str, ...] = ()
    edits: tuple[FileEdit, ...] = ()
    separate: bool = False
    notes: tuple[str, ...] = ()
    record: str = ""
    first: str = ""
    target: str = "main"
    leases: tuple[str, ...] = ()
    windows: bool = False

    @property
    def recording(self) -> bool:
        """Whether this is the first of two approvals: then only its record is written."""
        return bool(self.record and not self.first)


# Kinds of the errors after which it is not known whether main holds the approval: the answer to the push was lost, or
# what the remote took could not be read back.
OPEN_ENDS = frozenset({"unknown", "unverified"})

ApprovalState = Literal["waiting", "pushed", "refused"]


@dataclass(frozen=True, slots=True)
class UnfinishedApproval:
    """An approval of an earlier run whose end was not seen. ``id`` names it in the journal, ``at``: when it was given.

    ``waiting``: for the remote, which is asked what became of it; then that, with the reason in ``text`` and, when it
    is on main, its ``commit``. It is never carried out without a new approval.
    """

    id: str
    branch: str
    title: str
    at: datetime
    state: ApprovalState = "waiting"
    text: str = ""
    commit: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return (self.id,)


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approval came to: ``commit`` is on main. ``noop``: it, or the update without us, was there before.

    With ``branch`` it is on that one instead, and waits there for a pull request.
    """

    outcome: Literal["pushed", "noop"]
    commit: str
    reason: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """``commit`` of main holds ``branch``. ``head base patch_id tree`` are what was reviewed, as far as it is told."""

    branch: str
    commit: str
    head: str = ""
    base: str = ""
    patch_id: str = ""
    tree: str = ""
