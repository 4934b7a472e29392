"""The message of the commit that an approval writes: a subject, and the record as trailers."""

from collections.abc import Sequence

from console.model.finding import Preflight
from console.model.moves import moves
from console.model.redaction import redacted
from console.model.review import APPROVED_AT_LATER
from console.model.text import safe
from console.model.updates import Update
from console.sources.git.identity import Identity

WHAT_NOW = {
    "hold": "Renovate leaves it alone until this is released (homeconsole release).",
    "release": "Renovate proposes it again at its next run.",
}


def line(text: str) -> str:
    """Text from outside on one line of a message: it can't end the line, begin a trailer, or hide."""
    return safe(text, 500).strip()


def message(
    update: Update,
    preflight: Preflight,
    base: str,
    patch_id: str,
    *,
    who: Identity | None,
    via: str,
    squash: bool,
    checks: Sequence[str],
) -> str:
    """Subject, then the trailers as the last paragraph (git interpret-trailers, git 2.38)."""
    trailers = [
        subject_of(update),
        ("Reviewed-commit", update.head),
        ("Reviewed-base", base),
        ("Reviewed-patch-id", patch_id),
        ("Findings", counted(preflight)),
        *(("Override", f"{f.rule}: {line(f.acknowledged)}") for f in preflight.overridden),
        ("Checks", f"passed: {'; '.join(line(redacted(check)) for check in checks)}" if checks else "none"),
        ("Approved-by", line(who.person if who else "")),
        ("Approved-at", APPROVED_AT_LATER),
        ("Approved-via", via),
    ]
    subject = line(update.title) if squash else f"Merge {line(update.branch)}: {summary(update)}"
    return "\n\n".join((subject, *_body(update), "".join(f"{key}: {value}\n" for key, value in trailers)))


def subject_of(update: Update) -> tuple[str, str]:
    """The trailer that says what it is about. A branch has no space: ``hold BRANCH`` is no approval of ``BRANCH``."""
    if update.own == "revert":
        return "Reverts", update.branch.rpartition(" ")[2]
    return "Update", line(update.branch)


def _body(update: Update) -> list[str]:
    """The paragraphs between subject and trailers: of an edit of ours what it does, of a revert also why."""
    if update.own == "revert":
        return [f"This reverts commit {subject_of(update)[1]}.", *([line(update.reason)] if update.reason else [])]
    return [WHAT_NOW[update.own]] if update.own in WHAT_NOW else []


def summary(update: Update) -> str:
    """What it changes, in a few words: ``siderolabs/talos v1.13.7 → v1.13.8``."""
    own = moves(update) if update.system else update.changes
    told = list(dict.fromkeys(f"{line(c.name)} {line(c.old)} → {line(c.new)}" for c in own if c.new))
    if not told:
        return line(update.title)
    return told[0] if len(told) == 1 else f"{told[0]} and {len(told) - 1} more"


def counted(preflight: Preflight) -> str:
    """The findings as a trailer has them: ``2 warn, 11 pass``; before that those that block, where there are any.

    What is only worth knowing, and what was not looked at, does not count; what is acknowledged does.
    """
    applying = [f.severity for f in preflight.findings if f.status == "fail"]
    parts = [f"{applying.count('block')} block"] if "block" in applying else []
    return ", ".join([*parts, f"{applying.count('warn')} warn", f"{preflight.count('pass')} pass"])
