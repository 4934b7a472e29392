"""Ranges of versions, as the rules write them: ``>=1.12 <1.13.4 || =1.14``."""

import re
from dataclasses import dataclass
from functools import lru_cache

from console.model.version import Version

_ONE = re.compile(r"(<=|>=|!=|<|>|=)?\s*v?(\d+(?:\.\d+){0,2})")
_OPERATORS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Alternatives of comparisons. Only the parts that are written count: 1.13.4 is ``=1.13`` and ``<=1.13``.

    A pre-release counts as its release.
    """

    alternatives: tuple[tuple[tuple[str, Numbers], ...], ...]

    def holds(self, version: Version) -> bool:
        """Whether ``version`` is in it."""
        return any(all(_compares(sign, version, numbers) for sign, numbers in each) for each in self.alternatives)


def _compares(sign: str, version: Version, numbers: Numbers) -> bool:
    whole = (version.major, version.minor, version.patch)
    return bool(_OPERATORS[sign](whole[: len(numbers)], numbers))


@lru_cache(maxsize=512)
def parsed(text: str) -> Range:
    """The range that ``text`` writes. ValueError when it is none."""
    alternatives = []
    for part in text.split("||"):
        words = part.split()
        found = [_ONE.fullmatch(word) for word in words]
        if not words or not all(found):
            raise ValueError(f"{text!r} is no range of versions")
        alternatives.append(tuple((m[1] or "=", tuple(int(n) for n in m[2].split("."))) for m in found if m))
    return Range(tuple(alternatives))
