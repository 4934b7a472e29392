"""Flux and Flux Operator objects as the console knows them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

_HEX = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{40,128}(?![0-9a-fA-F])")


def short_revision(text: str) -> str:
    """``text`` with every run of 40 to 128 hexadecimal digits cut to its first 8 (as flux 2.9 shows revisions)."""
    return _HEX.sub(lambda run: run.group()[:8], text)


class FluxKey(NamedTuple):
    """What names a Flux object. ``str`` is not defined here: see ``ref``."""

    kind: str
    namespace: str
    name: str

    @property
    def ref(self) -> str:
        """``Kind/namespace/name``, as commands take it."""
        return f"{self.kind}/{self.namespace}/{self.name}"


class Status(StrEnum):
    """The one status word, worst first. The order of tests that finds it is in ``project``."""

    STALLED = "Stalled"
    FAILED = "Failed"
    BLOCKED = "Blocked"
    TERMINATING = "Terminating"
    PENDING = "Pending"
    RECONCILING = "Reconciling"
    SUSPENDED = "Suspended"
    READY = "Ready"

    __hash__ = str.__hash__  # Enum's own is Python: counted and compared are thousands

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _RANKS[self]


_RANKS = {status: rank for rank, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Suspension:
    """Who suspended an object, when (RFC 3339), and why; each may be empty."""

    by: str = ""
    at: str = ""
    reason: str = ""


class Standing(NamedTuple):
    """A status with its reason, its message, and since when (UTC) it stands."""

    status: Status
    reason: str = ""
    message: str = ""
    since: datetime | None = None


class FluxObject(NamedTuple):  # made for each change of an object, and compared: a tuple takes a fifth of the time
    """One object, projected when it arrives; the raw object is not kept.

    ``status``, ``reason``, ``message`` and ``since`` are of this instant. While a pass runs, ``before`` is how the
    object stood when the pass began (at ``pass_began``, by our clock), to be shown ``until`` the pass has lasted:
    ``standing`` chooses. Revisions are in full; ``short_revision`` shortens them.
    """

    key: FluxKey
    api_version: str
    status: Status
    reason: str = ""
    message: str = ""
    marks: tuple[str, ...] = ()  # drifted, remediated, retrying, exhausted, requested; ``settle`` adds more
    last_status: Status | None = None  # under a suspension
    created: datetime | None = None
    since: datetime | None = None
    revision: str = ""
    attempted_revision: str = ""
    origin_revision: str = ""
    suspended: Suspension | None = None
    interval: str = ""
    last_reconciled: datetime | None = None
    needs: tuple[FluxKey, ...] = ()
    source: FluxKey | None = None
    url: str = ""
    path: str = ""  # spec.path of a Kustomization, without ./ and without slashes at the ends
    managed_by: FluxKey | None = None
    inventory: int = 0
    before: Standing | None = None
    pass_began: datetime | None = None
    until: datetime | None = None
    expires: datetime | None = None  # when a request that nobody takes up stops counting as a pass
    blames: tuple[FluxKey, ...] = ()  # whom the message names as what is waited for; also workloads
    taken: str = ""  # of its source: a HelmRelease the OCI digest, a HelmChart the revision that it was made from
    artifact: bool = True  # a source without one serves nothing
    next_pass: datetime | None = None  # estimated: no controller says it
    served: datetime | None = None  # since when a source serves what it serves
    applied: tuple[tuple[datetime, str], ...] = ()  # a Kustomization: when it first applied a content, newest revision
    generation: int = 0  # of its spec

    def standing(self, now: datetime | None = None) -> Standing:
        """How it stands, without the flicker of ordinary passes; without ``now``: how it stood before the pass."""
        if self.before and (now is None or (self.until and now < self.until) or (self.expires and now >= self.expires)):
            return self.before
        return Standing(self.status, self.reason, self.message, self.since)

    def expected(self, now: datetime) -> datetime | None:
        """When the next pass is due. None when the estimate has passed: a pass that changes nothing leaves no trace."""
        return self.next_pass if self.next_pass and self.next_pass > now else None

    @property
    def settled(self) -> Status:
        """The status of ``standing()``."""
        return self.before.status if self.before else self.status

    # As its own row (``flux_graph.FluxRow``): what is ready waits for nobody, and nobody for it.

    @property
    def object(self) -> "FluxObject":
        """Itself."""
        return self

    @property
    def order(self) -> Status:
        """The status that sorts it."""
        return self.status

    @property
    def chain(self) -> tuple[FluxKey, ...]:
        """Empty, as all that follows."""
        return ()

    @property
    def cause_message(self) -> str:
        """Of no cause."""
        return ""

    @property
    def blocks(self) -> int:
        """Nobody."""
        return 0

    @property
    def is_first(self) -> bool:
        """Whether it would be at fault itself."""
        return True

    @property
    def waits_for(self) -> FluxKey | None:
        """Nobody."""
        return None

    @property
    def root_cause(self) -> FluxKey | None:
        """None."""
        return None
