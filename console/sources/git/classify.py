"""What kind of step lies between two versions: pure rules on the texts as they stand in the files.

Semantic versions as semver.org 2.0.0 §4 and §11 have them; shorter and longer dotted numbers (``18``, ``2026.8.2``,
``6.3.7.0``) by the same rule; a prefix (``v``, ``release-``) must stay the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from console.model.updates import UpdateType

_LONGEST = 300  # characters: the rest says nothing of a version
_LOOSE = re.compile(
    r"^(?P<prefix>(?:[A-Za-z][A-Za-z0-9_.@/]*[-_/@])*?(?:[A-Za-z]+[-_]?)?)(?P<numbers>\d{1,20}(?:\.\d{1,20}){0,3})(?P<suffix>(?:[-+_.~@].*|[A-Za-z].*)?)$"
)
_HEX = re.compile(r"^(?:[0-9a-f]{7,12}|[0-9a-f]{40}|[0-9a-f]{64})$")
_DIGEST = re.compile(r"^sha(?:256|512):[0-9a-f]{16,}$")
_RANGE = re.compile(r"^(?:~>|[\^~]|[<>=!]=?|\*)\s*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")  # RELEASE.2024-03-21T00-00-00Z
_QUANTITY = re.compile(r"^\d+\.\d+(?:m|[KMGTPE]i?|k|ms|s|h|d|%)$")
_BUILD = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,}(?![0-9A-Za-z])|\d+")
_PRE = re.compile(r"^-?(?:alpha|beta|rc|pre|dev|a|b|m)[.\d-]*", re.IGNORECASE)

# From the one that asks for most care to the one that asks for least.
_ORDER: tuple[UpdateType, ...] = ("major", "replacement", "unknown", "minor", "patch", "digest", "pin")


@dataclass(frozen=True, slots=True)
class _Loose:
    prefix: str
    numbers: tuple[int, ...]
    suffix: str


def update_type(old: str, new: str) -> UpdateType:
    """The class of the step from ``old`` to ``new``. ``unknown`` also for a step back."""
    old_version, _, old_digest = old.strip().partition("@sha256:")
    new_version, _, new_digest = new.strip().partition("@sha256:")
    if old_version == new_version:
        if new_digest and old_digest != new_digest:
            return "digest" if old_digest else "pin"
        return "unknown"
    if is_digest(new_version) and not _is_number(new_version):
        if not is_digest(old_version):
            return "pin"
        return "digest"
    if _RANGE.match(old_version) and not _RANGE.match(new_version):
        return "pin"
    return _by_numbers(_RANGE.sub("", old_version), _RANGE.sub("", new_version))


def _by_numbers(old: str, new: str) -> UpdateType:
    before, after = _loose(old), _loose(new)
    if not before or not after or before.prefix.removesuffix("v") != after.prefix.removesuffix("v"):
        return "unknown"
    size = max(len(before.numbers), len(after.numbers))
    left = before.numbers + (0,) * (size - len(before.numbers))
    right = after.numbers + (0,) * (size - len(after.numbers))
    if left > right:
        return "unknown"
    if left == right:
        return "patch" if _same_line(before.suffix, after.suffix) else "unknown"
    place = next(i for i in range(size) if left[i] != right[i])
    kinds: tuple[UpdateType, ...] = ("major", "minor", "patch", "patch")
    return kinds[place]


def _same_line(old: str, new: str) -> bool:
    """Whether two suffixes are builds of the same line (``-ls45``, ``-rc.1``), or one is a pre-release of the other."""
    return _BUILD.sub("", old) == _BUILD.sub("", new) or bool(_PRE.match(old) and (not new or _PRE.match(new)))


def is_breaking(old: str, new: str, kind: UpdateType) -> bool:
    """Whether semver lets this step break things: a major, or a minor of 0.x (§4)."""
    if kind in ("major", "replacement"):
        return True
    before, after = _loose(old), _loose(new)
    return kind == "minor" and bool(before and after and before.numbers[0] == after.numbers[0] == 0)


def is_downgrade(old: str, new: str) -> bool:
    """Whether ``new`` is an older version than ``old``."""
    before, after = _loose(_RANGE.sub("", old)), _loose(_RANGE.sub("", new))
    return bool(before and after and before.prefix == after.prefix and before.numbers > after.numbers)


def at_least(have: str, wanted: str) -> bool:
    """Whether the version ``have`` is ``wanted`` or newer. False when they can't be compared."""
    if have == wanted:
        return True
    before, after = _loose(wanted), _loose(have)
    if not before or not after or before.prefix.removesuffix("v") != after.prefix.removesuffix("v"):
        return False
    return before.numbers < after.numbers


def is_digest(text: str) -> bool:
    """Whether ``text`` names content: a digest or a commit, in full or abbreviated."""
    return bool(_DIGEST.match(text) or _HEX.match(text))


def is_version(text: str) -> bool:
    """Whether ``text`` has the form of a version."""
    return _loose(text) is not None


def weightiest(kinds: Iterable[UpdateType]) -> UpdateType:
    """The one that asks for most care; ``unknown`` of nothing."""
    return min(kinds, key=_ORDER.index, default="unknown")


def _is_number(text: str) -> bool:
    return text.isdigit()


def _loose(text: str) -> _Loose | None:
    found = _LOOSE.match(text[:_LONGEST])
    if not found or _YEAR.search(found["prefix"]):
        return None
    numbers = tuple(int(n) for n in found["numbers"].split("."))
    if len(numbers) == 1 and (len(found["numbers"]) >= 6 or found["suffix"][:1].isalpha()):
        return None  # a date or a build number says nothing of what breaks; 15m and 2Gi are quantities
    if _QUANTITY.match(text):
        return None
    return _Loose(found["prefix"], numbers, found["suffix"])
