"""Flux and Flux Operator objects as the console knows them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


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

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Who suspended an object, when (RFC 3339), and why; each may be empty."""

    by: str = ""
    at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FluxObject:
    """One object, projected when it arrives; the raw object is not kept.

    ``settled`` is the status that lasts through an ordinary pass (Reconciling shows only when a pass lasts);
    ``status`` is the word of this instant. Revisions are in full; ``short_revision`` shortens them.
    """

    key: FluxKey
    api_version: str
    status: Status
    reason: str = ""
    message: str = ""
    marks: tuple[str, ...] = ()  # drifted, outdated, retrying, requested, remediated
    last_status: Status | None = None  # under a suspension
    created: datetime | None = None
    since: datetime | None = None
    revision: str = ""
    attempted_revision: str = ""
    origin_revision: str = ""
    suspended: Suspension | None = None
    interval: str = ""
    last_reconciled: datetime | None = None
    handled_request: str = ""  # status.lastHandledReconcileAt
    needs: tuple[FluxKey, ...] = ()
    source: FluxKey | None = None
    url: str = ""
    path: str = ""  # spec.path of a Kustomization, without ./ and without slashes at the ends
    managed_by: FluxKey | None = None
    inventory: int = 0
