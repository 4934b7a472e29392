"""What keeps an update or an upgrade from going on by itself, and who put it there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from console.model.updates import System, Update

# own: a hold of ours, in Renovate's configuration or in the journal. suspend: tuppr's annotation. window: maintenance
# windows. unlisted: no kustomization lists the resource. flux: the Kustomization that applies it is suspended.
# dashboard: no branch before it is asked for. renovate: a rule forbids it, or holds versions back. pinned: the comment
# by which Renovate finds the version is gone.
HoldKind = Literal["own", "suspend", "window", "unlisted", "flux", "dashboard", "renovate", "pinned"]
# Those that an approval of the upgrade takes away with the version change.
LIFTED: frozenset[HoldKind] = frozenset(("suspend", "unlisted", "flux"))
TUPPR = "tuppr.home-operations.com"  # its API group, and what its annotations and labels begin with
SUSPEND = f"{TUPPR}/suspend"


def day(text: object) -> date | None:
    """The day (``2026-12-31``) that a person wrote; None for what is no day of the calendar."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Hold:
    """``names`` are the dependencies that it is about; ``system`` that it is about the nodes' version.

    ``types`` are those of the updates that it is about (``major``), empty for all.
    ``file`` and ``line`` (1-based) say where it stands; ``until`` is the last day that it is meant for.
    """

    kind: HoldKind
    reason: str
    by: str = ""
    since: datetime | None = None
    until: date | None = None
    names: tuple[str, ...] = ()
    system: System | None = None
    file: str = ""
    line: int = 0
    types: tuple[str, ...] = ()

    def is_about(self, update: Update) -> bool:
        """Whether it is about such updates: a rule for majors holds no patch."""
        return not self.types or update.type in self.types

    def concerns(self, update: Update) -> bool:
        """Whether it holds that update."""
        if not self.is_about(update):
            return False
        if self.system and self.system == update.system:
            return True
        return any(change.name in self.names for change in update.changes)

    @property
    def told(self) -> str:
        """The reason, and until when."""
        return f"{self.reason} (until {self.until})" if self.until else self.reason
