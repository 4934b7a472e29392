"""``homeconsole approve``: what came of an approval, and the summary before it."""

from typing import Literal

from console.model.review import Past, Review
from console.model.text import safe
from console.plain.document import Document, schema
from console.plain.preflight import finding

Outcome = Literal["pushed", "refused", "noop", "dry-run"]


def document(
    update: str,
    outcome: Outcome,
    *,
    review: Review | None = None,
    past: Past | None = None,
    commit: str = "",
    reason: str = "",
    hint: str = "",
    branch: str = "",
) -> Document:
    """The answer. ``commit`` is on main, or on ``branch``, where it waits for a pull request.

    ``reason`` says why it was refused, of a dry run why it would be, or why nothing had to be done; ``past``, what was
    reviewed by an earlier run.
    """
    answer: Document = {
        "update": update,
        "outcome": outcome,
        "commit": commit or None,
        "reviewed": _reviewed(review) if review else _before(past) if past else None,
        "reason": reason,
        "hint": hint,
        "findings": [finding(each) for each in review.preflight.findings] if review else [],
    }
    if branch:
        answer["branch"] = branch
    if review and outcome == "dry-run":
        answer |= {"message": review.commit.message, "commands": list(review.commands), "then": list(review.then)}
        answer |= {"notes": list(review.notes), "leases": list(review.leases)}
    return schema("approve") | answer


def _reviewed(review: Review) -> Document:
    return {
        "head": review.update.head,
        "base": review.base or review.update.base,
        "patchId": review.patch_id,
        "tree": review.commit.tree,
    }


def _before(past: Past) -> Document:
    return {"head": past.head, "base": past.base, "patchId": past.patch_id, "tree": past.tree}


def summary(review: Review) -> list[str]:
    """What will happen, to be read before it is confirmed."""
    failing = [each for word in ("block", "warn", "info") for each in review.preflight.failing(word)]
    lines = [f"{safe(review.update.title)}   {safe(review.update.branch)}", safe(review.consequence), ""]
    lines += [f"  {each.severity:5}  {safe(each.title)}" for each in failing] or ["  nothing was found against it"]
    lines += ["", "will be written:"] + [f"  {safe(line)}" for line in review.commit.message.splitlines()]
    lines += ["", *(f"  {safe(note)}" for note in review.notes)] if review.notes else []
    lines += ["", f"  the real one will be refused: {safe(review.refusal)}"] if review.refusal else []
    return [*lines, "", *(f"  $ {safe(command)}" for command in review.commands), *(safe(each) for each in review.then)]
