"""One rule: what it asks for, of which updates, by what evidence, and what it says."""

from dataclasses import dataclass
from datetime import date

from console.foresight.conditions import Condition, Hit
from console.foresight.ranges import Range, parsed
from console.foresight.tree import named
from console.model.finding import Finding, Fix, Severity
from console.model.version import Version


@dataclass(frozen=True, slots=True)
class Step:
    """What an update moves: ``talos``, ``kubernetes`` or a package's name. ``old`` is the oldest that runs."""

    name: str
    old: Version
    new: Version


@dataclass(frozen=True, slots=True)
class Way:
    """Which steps a rule is about: every part that is given must hold."""

    names: tuple[str, ...]  # of a package; empty for Talos and Kubernetes
    crosses: str = ""
    old: Range | None = None
    new: Range | None = None
    minors: Range | None = None

    def goes(self, step: Step) -> bool:
        """Whether ``step`` is one of them."""
        if self.names and not named(self.names, step.name):
            return False
        at = parsed(f">={self.crosses}") if self.crosses else None
        minors = Version(max(0, step.new.minor - step.old.minor) if step.old.major == step.new.major else 99, 0)
        return (
            (at is None or (at.holds(step.new) and not at.holds(step.old)))
            and (self.old is None or self.old.holds(step.old))
            and (self.new is None or self.new.holds(step.new))
            and (self.minors is None or self.minors.holds(minors))
        )


@dataclass(frozen=True, slots=True)
class Repair:
    """The edit that cures it at the place found: the line goes, or its value becomes another."""

    drop: bool = False
    value: str | None = None
    replace: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """``concern`` is the file that it stands in. Without ``when`` it is raised by code."""

    id: str
    severity: Severity
    about: str
    source: str
    concern: str
    read: date | None = None
    when: tuple[tuple[str, Way], ...] = ()
    find: Condition | None = None
    title: str = ""
    detail: str = ""
    repair: Repair | None = None

    def fails(self, title: str, detail: str = "", *, file: str = "", line: int = 0, fix: Fix | None = None) -> Finding:
        """It applies here."""
        return Finding(self.id, self.severity, "fail", title, detail, file, line, fix, self.source)

    def passes(self, title: str) -> Finding:
        """It was looked at and does not apply."""
        return Finding(self.id, self.severity, "pass", title, source=self.source)

    def skipped(self, why: str) -> Finding:
        """It could not be looked at."""
        return Finding(self.id, self.severity, "skipped", self.about, why, source=self.source)

    def asked(self, steps: tuple[Step, ...]) -> Step | None:
        """The step that it is about, when each of its conditions on versions holds; None when it is not asked."""
        first: Step | None = None
        for name, way in self.when:
            going = next((s for s in steps if (name in {"package", s.name}) and way.goes(s)), None)
            if going is None:
                return None
            first = first or going
        return first

    def told(self, text: str, hit: Hit, step: Step, count: int) -> str:
        """``text`` with what was found put in."""
        path = "".join(part if part.startswith("[") else f".{part}" for part in hit.path).lstrip(".")
        known = {
            "value": hit.value if len(hit.value) <= _LONGEST else f"{hit.value[:_LONGEST]}…",
            "path": path,
            "name": hit.name,
            "file": hit.file,
            "line": str(hit.line),
            "count": str(count),
            "old": str(step.old),
            "new": str(step.new),
        }
        for word, value in known.items():
            text = text.replace("{" + word + "}", value)
        return text


_LONGEST = 80
