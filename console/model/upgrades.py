"""Node upgrades: what tuppr says of them."""

from dataclasses import dataclass
from datetime import datetime

from console.model.updates import System


@dataclass(frozen=True, slots=True)
class FailedNode:
    """A node on which tuppr gave up, with its last error."""

    name: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class TupprUpgrade:
    """A TalosUpgrade or KubernetesUpgrade (tuppr.home-operations.com/v1alpha1), projected.

    ``phase`` is one of ``"" Pending HealthChecking PreHook Draining Upgrading Rebooting PostHook Completed Failed
    MaintenanceWindow``; ``reason`` is the Progressing condition's. ``suspended`` is the annotation's value, or None.
    Ready=True does not mean upgraded, so it is not kept.
    """

    kind: str
    name: str
    system: System
    target: str  # spec's version, vX.Y.Z
    phase: str = ""
    reason: str = ""
    message: str = ""
    generation: int = 0
    observed_generation: int = 0
    suspended: str | None = None
    current_nodes: tuple[str, ...] = ()
    completed_nodes: tuple[str, ...] = ()
    failed_nodes: tuple[FailedNode, ...] = ()
    rebooting_nodes: tuple[str, ...] = ()
    pulled_nodes: tuple[str, ...] = ()
    current_version: str = ""  # KubernetesUpgrade only
    last_error: str = ""
    windows: tuple[str, ...] = ()
    next_window: datetime | None = None
    started: datetime | None = None  # of the current batch
    completed: datetime | None = None
    updated: datetime | None = None
    managed_by: tuple[str, str] = ("", "")  # namespace and name of its Kustomization

    @property
    def key(self) -> tuple[str, ...]:
        return (self.kind, self.name)
