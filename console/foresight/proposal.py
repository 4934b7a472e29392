"""What the proposal itself is like, for any update (rules/proposal.yaml)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from console.foresight.evidence import Evidence
from console.foresight.knowledge import part_of, rule
from console.model.finding import Finding
from console.model.updates import Change, Update
from console.model.version import Version


def check(evidence: Evidence) -> Iterator[Finding]:
    """Findings on the branch and its content; none on a version that nothing proposes."""
    if evidence.update.head == evidence.update.base:
        return
    yield _merges(evidence)
    yield from _held(evidence.update)
    yield from _class(evidence)
    if not evidence.update.own:  # else it is the operator's own, signed when it is written
        yield _author(evidence)
        yield _signature(evidence)
    yield _content(evidence)
    yield _secrets(evidence)
    yield _platform(evidence)


def _merges(evidence: Evidence) -> Finding:
    update = evidence.update
    if update.state == "conflict":
        return rule("merges").fails("conflicts with main", ", ".join(update.conflicts))
    if update.state == "unknown":
        return rule("merges").skipped(update.why or "whether it merges is not known")
    return rule("merges").passes("merges cleanly" if update.state == "ready" else "is on main already")


def _held(update: Update) -> Iterator[Finding]:
    """Renovate's own waiting is not asked about: an approval is what it waits for."""
    if update.hold_reason and not update.own:
        by = f" by {update.hold_by}" if update.hold_by else ""
        yield rule("held").fails(f"held{by}: {update.hold_reason}", "What approving does not lift, stays.")


def _class(evidence: Evidence) -> Iterator[Finding]:
    update = evidence.update
    if update.type == "major":
        majors = ", ".join(f"{c.name} {c.old} → {c.new}" for c in update.changes if c.type == "major")
        yield rule("class").fails("a major update", majors)
    elif update.type == "unknown" and update.kind == "dependency":
        yield rule("class").fails("the size of the step can't be told", "No version that can be compared was found.")
    else:
        yield rule("class").passes(f"{update.type if update.kind == 'dependency' else update.kind} update")
    zero = [c for c in update.changes if _zero_minor(c)]
    if zero:
        yield rule("breaking").fails(
            "a minor step below 1.0, which may break", ", ".join(f"{c.name} {c.old} → {c.new}" for c in zero)
        )
    elif update.breaking:
        yield rule("breaking").fails("the author marks it as breaking", update.title)
    elif update.type != "major":
        yield rule("breaking").passes("nothing announces a break")


def _zero_minor(change: Change) -> bool:
    old, new = Version.parse(change.old), Version.parse(change.new)
    return bool(old and new and old.major == new.major == 0 and old.minor != new.minor)


def _author(evidence: Evidence) -> Finding:
    if evidence.update.modified:
        return rule("author").fails("someone other than the bot has committed onto the branch", evidence.update.author)
    return rule("author").passes("only the bot has committed")


def _signature(evidence: Evidence) -> Finding:
    word = evidence.update.signature
    if word == "bad":
        return rule("signature").fails("the branch's signature is bad", "Its content is not what was signed.")
    if word == "revoked":
        what = "the branch is signed with a key that is revoked"
        return rule("signature").fails(what, "Whoever has that key may have made it: see who did.")
    if word == "none":  # nothing was verified, so nothing has passed; most bots that push by git do not sign
        unsigned = rule("signature").fails("unsigned: who made the branch is not proven by a signature")
        return replace(unsigned, severity="info")
    return rule("signature").passes({"good": "the signature is good"}.get(word, "signed, not verifiable here"))


def _content(evidence: Evidence) -> Finding:
    if evidence.update.unusual:
        return rule("content").fails("does more than change versions", "; ".join(evidence.update.unusual))
    return rule("content").passes("changes versions only")


def _secrets(evidence: Evidence) -> Finding:
    files = [f for f in evidence.touched if re.search(r"\.sops\.|(^|/)(age\.key|\.sops\.yaml|secrets?\.ya?ml)$", f)]
    inside = any(re.match(r"^… .*encrypted|^[+-].*(ENC\[|••••)", line) for line in evidence.diff)
    if files or inside or "secrets" in evidence.update.marks:
        return rule("secrets").fails("touches secrets", ", ".join(files))
    return rule("secrets").passes("touches no secrets")


def _platform(evidence: Evidence) -> Finding:
    names = [(c.name, part) for c in evidence.update.changes if (part := part_of(c.name))]
    if names:
        name, part = names[0]
        return rule("platform").fails(
            f"{name} is part of the platform: {part.part}", "More than one application stands on it."
        )
    return rule("platform").passes("one application, not the platform")
