"""Versions as Talos, Kubernetes and most charts write them: semantic versions, with or without a leading ``v``."""

import re
from dataclasses import dataclass
from functools import total_ordering

_NUMBER = r"(\d{1,9})"  # Python turns no more than some thousand digits into a number
_PATTERN = re.compile(rf"^v?{_NUMBER}\.{_NUMBER}(?:\.{_NUMBER})?(?:-([0-9A-Za-z.\-]{{1,200}}))?(?:\+[0-9A-Za-z.\-]+)?$")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version (semver.org 2.0.0, §9 and §11; build metadata is dropped). ``str`` gives ``vX.Y.Z[-pre]``."""

    major: int
    minor: int
    patch: int = 0
    pre: str = ""

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """The version that ``text`` is, or None."""
        found = _PATTERN.match(text.strip())
        if not found:
            return None
        major, minor, patch, pre = found.groups()
        return cls(int(major), int(minor), int(patch or 0), pre or "")

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        parts = (
            tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in self.pre.split(".")) if self.pre else ()
        )
        return (self.major, self.minor, self.patch, not self.pre, parts)


def normal(text: str) -> str:
    """A Talos or Kubernetes version as ``vX.Y.Z``; ``text`` itself when it is no such version."""
    return str(Version.parse(text) or text)
