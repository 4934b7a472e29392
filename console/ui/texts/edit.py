"""What is said of edits of our own: fixes, files to open, holds and the way back."""

import re
from collections.abc import Sequence
from datetime import date

from console.model.finding import Finding
from console.model.hold import Hold
from console.model.intent import Intent
from console.model.review import Review
from console.model.text import safe

_UNTIL = re.compile(r"^(?P<reason>.*\S)\s+until\s+(?P<day>\d{4}-\d\d-\d\d)$", re.IGNORECASE)
_MOST = 40  # lines of a diff in a dialog; the part ``diff`` of a review has all


def fix(finding: Finding, more: int) -> tuple[str, str]:
    """Title and text of the question."""
    lines = finding.fix.diff.splitlines() if finding.fix else []
    others = f"\n{more} more after it." if more else ""
    return "Take the fix", f"{safe(finding.title)}\n{changed(lines)}{others}"


def changed(diff: Sequence[str]) -> str:
    """The lines of a diff that come and go, below their files."""
    shown = [safe(line) for line in diff if line[:1] in {"+", "-"} and not line.startswith("--- ")]
    more = f"\n… and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
    return "\n".join(shown[:_MOST]) + more


def windows(found: Sequence[Hold], main: str) -> tuple[str, str]:
    """Title and text of the question: what goes, and what stays gone."""
    places = "\n".join(f"{safe(hold.file)}, line {hold.line}" for hold in found)
    text = f"{places}\nApproved as it stands, the upgrade waits for the next window. Without its windows it begins as "
    return "Begin at once", (
        f"{text}soon as Flux has applied the commit.\nThe commit takes them out of {main}, and they stay out until you "
        "put them back. What else holds it is lifted either way; nothing is written before you approve."
    )


def files(review: Review) -> tuple[str, ...]:
    """The files that can be opened by a number: those that change, then those that findings name."""
    named = (f.file for f in review.preflight.findings if f.status == "fail" and f.file)
    return tuple(dict.fromkeys((*review.files, *named)))[:9]


def choice(names: Sequence[str]) -> str:
    """What is asked."""
    listed = "\n".join(f"{number} {safe(name)}" for number, name in enumerate(names, 1))
    return f"{listed}\nA number, or the path of any other file of the repository."


def held(text: str) -> tuple[str, date | None]:
    """(reason, last day) of what was typed: ``disk swap until 2026-09-01``."""
    found = _UNTIL.match(text.strip())
    if not found:
        return text.strip(), None
    try:
        return found["reason"], date.fromisoformat(found["day"])
    except ValueError:
        return text.strip(), None


def called(intent: Intent) -> str:
    """What it is about, in a word or two."""
    names = list(dict.fromkeys(name.rstrip("/").rpartition("/")[2] for name in intent.names))
    return safe(", ".join(names[:2]) + (" …" if len(names) > 2 else "")) or safe(intent.name[:12])


def blockers(review: Review) -> str:
    """What stands against it, and what is asked."""
    named = "\n".join(f"✖ {safe(each.title)}" for each in review.unanswered)
    return f"{named}\nWith a reason it can be written all the same; the reason goes into the commit."


def taking_back(of: Intent) -> tuple[str, str]:
    """Title and text of the first question about a revert."""
    stands = f"{blockers(of.review)}\n" if of.review and of.review.unanswered else ""
    why = "Why it is taken back goes into the commit, and into the hold that keeps it from coming again."
    return f"Revert {called(of)}", f"{safe(of.text[0])}\n{stands}{why}"


def intent(of: Intent) -> str:
    """Exactly what will be written, and where: what it is first, then the lines that come and go."""
    first = [safe(line) for line in of.text[:1]]
    rest = [line for line in of.text[1:] if not line.startswith(("diff ", "index ", "@@", " ", "--- "))]
    signed = (of.review.commit.signature or "not signed") if of.review else ""
    where = (of.review.record if of.review.recording else of.review.target) if of.review else ""
    last = [f"Writes one commit to {safe(where)} ({safe(signed)})."] if of.review else []
    return "\n".join([*first, *(safe(line) for line in rest[:_MOST]), *last])
