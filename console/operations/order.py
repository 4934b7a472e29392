"""What an approval was given for, as the journal keeps it: enough to carry it out, or to find that it was."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from console.model.finding import Finding
from console.model.redaction import redacted
from console.model.review import APPROVED_AT_LATER, Review
from console.sources.errors import Refused
from console.sources.git.clone import ASIDE
from console.sources.git.push import RefUpdate


@dataclass(frozen=True, slots=True)
class Order:
    """An approval bound to exactly what was reviewed. All ids are full; ``approved_at``: when it was confirmed."""

    repository: str
    target: str
    branch: str
    head: str
    base: str
    tree: str
    patch_id: str
    message: str
    files: tuple[str, ...]
    squash: bool
    risk: str
    changes: tuple[str, ...]
    operator: str
    findings: tuple[str, ...]
    approved_at: str
    via: str = ""
    seen_at: str = ""  # when the findings were made
    reason: str = ""  # that answers what blocks it, or why an edit of ours is made
    checks: tuple[str, ...] = ()
    aside: bool = False  # to a branch of its own, for a pull request
    own: str = ""  # see Update.own: there is no branch to lease or to remove
    edited: tuple[str, ...] = ()  # files that the operator edited on top of the merge, as ``tree`` has them
    separate: bool = False  # the edits are a commit of their own behind the merge
    record: str = ""  # the branch of the first of two approvals
    first: str = ""  # its commit; with it this is the second one

    @property
    def recording(self) -> bool:
        """Whether this is the first of two approvals: then only its record is written."""
        return bool(self.record and not self.first)

    @property
    def id(self) -> str:
        """Names this approval: the same content approved again, later, is another one."""
        words = (self.repository, self.target, self.branch, self.head, self.base, self.tree, self.approved_at)
        return hashlib.sha256("\0".join((*words, "aside") if self.aside else words).encode()).hexdigest()[:12]

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.approved_at)

    @property
    def edit_message(self) -> str:
        """Of the commit with the operator's edits, where it is one of its own."""
        files = ", ".join(self.edited[:3]) + (f" and {len(self.edited) - 3} more" if len(self.edited) > 3 else "")
        return f"Edit {files}\n\nGoes with {self.branch}, approved in the commit before.\n"

    @property
    def destination(self) -> str:
        """The branch that the commit is pushed to."""
        if self.recording:
            return self.record
        return f"{ASIDE}{self.id}" if self.aside else self.target

    def refs(self, commit: str) -> tuple[RefUpdate, ...]:
        """What the push does, each leased: main moves from ``base`` to ``commit`` and the reviewed branch goes."""
        if self.aside or self.recording:
            return (RefUpdate(f"refs/heads/{self.destination}", "", commit),)
        written = refs("" if self.own else self.branch, self.head, self.target, self.base, commit)
        return (*written, RefUpdate(f"refs/heads/{self.record}", self.first, "")) if self.first else written

    def data(self) -> dict[str, Any]:
        """For the journal, which needs no secret that a check is given: none is run again from there."""
        return {**asdict(self), "checks": tuple(map(redacted, self.checks))}


def refs(update: str, head: str, main: str, base: str, commit: str) -> tuple[RefUpdate, ...]:
    """``main`` moves from ``base`` to ``commit``, the reviewed branch (empty: there is none) goes; each leased."""
    moved = RefUpdate(f"refs/heads/{main}", base, commit)
    return (moved, RefUpdate(f"refs/heads/{update}", head, "")) if update else (moved,)


def order(review: Review, repository: str, target: str, now: datetime, *, aside: bool = False) -> Order:
    """The order that a confirmed review is. Refused when anything that must be bound is missing."""
    update, seen = review.update, review.preflight.at
    made = Order(
        repository=repository,
        target=target,
        branch=update.branch,
        head=update.head,
        base=review.base,
        tree=review.commit.tree,
        patch_id=review.patch_id,
        message=stamped(review.commit.message, now),
        files=review.files,
        squash=review.squash,
        risk=update.system or update.type,
        changes=tuple(f"{c.name} {c.old} {c.new}" for c in update.changes),
        operator=review.commit.committer,
        findings=tuple(map(_told, review.preflight.findings)),
        approved_at=now.isoformat(timespec="seconds"),
        via=review.via,
        seen_at=seen.isoformat(timespec="seconds") if seen else "",
        reason=review.reason or update.reason,
        checks=review.checks,
        aside=aside,
        own=update.own,
        edited=tuple(edit.path for edit in review.edits),
        separate=review.separate,
        record=review.record,
        first=review.first,
    )
    bound = (
        *("repository", "target", "branch", "head", "base", "tree", "patch_id", "message", "operator", "risk"),
        *("findings", "seen_at", "via"),
    )
    missing = [name for name in bound if not getattr(made, name)]
    if missing:
        raise Refused(f"The review lacks {', '.join(missing)}.", "Look at the update again.", kind="incomplete")
    return made


def _told(finding: Finding) -> str:
    """A finding in the journal, with why the operator goes on with it: for warnings it stands nowhere else."""
    why = f": {finding.acknowledged}" if finding.acknowledged else ""
    return f"{finding.rule} {finding.severity} {finding.status}{why}"


def stamped(message: str, now: datetime) -> str:
    """The reviewed message with the moment of the approval in its place."""
    return message.replace(f"Approved-at: {APPROVED_AT_LATER}\n", f"Approved-at: {now:%Y-%m-%dT%H:%M:%SZ}\n")


def read(data: Mapping[str, Any]) -> Order:
    """An order back from the journal. Refused when it is not one."""
    try:
        values = dict(data)
        for name in ("files", "changes", "findings", "checks", "edited"):
            values[name] = tuple(values.get(name) or ())
        made = Order(**values)
    except (TypeError, KeyError) as error:
        raise _unreadable() from error
    told = [getattr(made, each.name) for each in fields(made) if each.type is not bool]
    if not all(isinstance(text, str) for each in told for text in (each if isinstance(each, tuple) else (each,))):
        raise _unreadable()
    try:
        datetime.fromisoformat(made.approved_at)
    except ValueError as error:
        raise _unreadable() from error
    return made


def _unreadable() -> Refused:
    return Refused("The journal's record of this approval can't be read.", kind="journal")
