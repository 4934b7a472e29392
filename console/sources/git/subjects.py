"""What a commit subject hints at. Never the truth: operators choose their own wording, and Renovate lower-cases it."""

import re
from dataclasses import dataclass

_TYPE = re.compile(r"^(?:\W*\s)?(?P<type>\w+)(?:\((?P<scope>[^)]*)\))?(?P<bang>!)?:\s")
_ARROW = re.compile(r"\(\s*(?P<old>[^\s()]+)\s*(?:→|➔|➜|➡️?|➼|⮕|->|=>)\s*(?P<new>[^\s()]+)\s*\)?")
_TO = re.compile(r"\bto\s+(?P<new>v?\d\S*|[0-9a-f]{7,40})(?=\s|$)")
_NAME = re.compile(
    r"\b(?:update|pin|replace|roll back|bump|upgrade)s?\s+(?:(?:dependency|image|chart|helm release|helm chart"
    r"|helm values|github[- ]release|release|tool|action|module|plugin|provider|terraform)\s+)*(?P<name>[^\s(]+)",
    re.IGNORECASE,
)
_PULL = re.compile(r"\(#(\d{1,9})\)\s*$|^Merge pull request #(\d{1,9}) ")


@dataclass(frozen=True, slots=True)
class Hint:
    """What the subject says; each may be empty."""

    name: str = ""
    old: str = ""
    new: str = ""
    breaking: bool = False
    security: bool = False
    pull: int | None = None


def hint(subject: str) -> Hint:
    """What can be read from a subject."""
    arrow, target = _ARROW.search(subject), _TO.search(subject)
    named, typed, pull = _NAME.search(subject), _TYPE.match(subject), _PULL.search(subject)
    return Hint(
        named["name"] if named else "",
        arrow["old"] if arrow else "",
        (arrow or target)["new"] if arrow or target else "",  # type: ignore[index]
        bool(typed and typed["bang"]),
        "[security]" in subject.lower(),
        int(pull[1] or pull[2]) if pull else None,
    )
