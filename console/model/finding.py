"""What a preflight found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["block", "warn", "info"]
FindingStatus = Literal["fail", "pass", "skipped"]
Verdict = Literal["blocked", "warn", "ready", "unknown"]


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that the approval can carry: the file and a unified diff."""

    file: str
    diff: str


@dataclass(frozen=True, slots=True)
class Finding:
    """``fail``: it applies, whatever its severity; ``pass``: looked at, does not; ``skipped``: not looked at.

    ``acknowledged`` is the operator's reason to go on with it, for this update at this head; empty for none.
    """

    rule: str
    severity: Severity
    status: FindingStatus
    title: str
    detail: str = ""
    file: str = ""
    line: int = 0
    fix: Fix | None = None
    source: str = ""
    acknowledged: str = ""


@dataclass(frozen=True, slots=True)
class Preflight:
    """All findings for one update at one head, worst first."""

    update: str
    head: str
    base: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    talos: tuple[str, str] | None = None  # from, to
    kubernetes: tuple[str, str] | None = None
    at: datetime | None = None

    @property
    def key(self) -> tuple[str, ...]:
        return (self.update,)

    def failing(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that apply, of one severity, without those that are acknowledged."""
        return tuple(f for f in self.findings if f.status == "fail" and f.severity == severity and not f.acknowledged)

    @property
    def acknowledged(self) -> tuple[Finding, ...]:
        """What the operator goes on with, each with the reason."""
        return tuple(f for f in self.findings if f.acknowledged)

    @property
    def overridden(self) -> tuple[Finding, ...]:
        """What blocks it, or could not be looked at and must be, and is gone on with: each with the reason."""
        return tuple(f for f in self.acknowledged if _blocks(f))

    @property
    def unseen(self) -> tuple[Finding, ...]:
        """What must be looked at before an approval, and could not be: the cluster whose nodes it upgrades."""
        return tuple(f for f in self.findings if _blocks(f) and f.status == "skipped" and not f.acknowledged)

    def count(self, status: FindingStatus) -> int:
        """How many findings have ``status``."""
        return sum(f.status == status for f in self.findings)


def _blocks(finding: Finding) -> bool:
    """Whether it keeps an approval from going on without a reason."""
    unread = finding.status == "skipped" and finding.rule == "cluster-read"
    return unread or (finding.status == "fail" and finding.severity == "block")
