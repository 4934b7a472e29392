"""What the desk does about changes on their way: ask for their passes, lay hands on tuppr's upgrades."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot
from console.sources.errors import Refused
from console.sources.stop import Stop

if TYPE_CHECKING:
    from console.model.step import Step
    from console.model.updates import System
    from console.operations.intervene import Intervention
    from console.settings import Settings
    from console.wiring.inputs import Inputs


class RolloutDesk(ABC):
    """The part of ``ui.ports.Desk`` that is about rollouts."""

    settings: Settings

    @property
    def hastens(self) -> bool:
        """See Desk."""
        return self.settings.hasten

    @property
    @abstractmethod
    def _bound(self) -> Inputs:
        """The inputs. Raises NotConfigured before the start."""

    @abstractmethod
    def _must_write(self) -> None:
        """Raises Refused while writing is off."""

    @abstractmethod
    def now(self) -> datetime:
        """The present (UTC)."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """What is known now."""

    def hasten(self, commit: str, stop: Stop) -> Iterator[Step]:
        """See Desk."""
        from console.operations.hasten import hasten  # noqa: PLC0415 - late

        self._must_write()
        yield from hasten(self._bound.connection.cluster(), self.snapshot, commit, now=self.now, stop=stop)

    def intervene(self, verb: Intervention, system: System, reason: str, stop: Stop) -> Iterator[Step]:
        """See Desk."""
        from console.model.upgrades import TITLES, resource  # noqa: PLC0415 - late
        from console.operations.intervene import intervene  # noqa: PLC0415

        self._must_write()
        upgrade = resource(self.snapshot(), system)
        if upgrade is None:
            raise Refused(f"No resource of tuppr's upgrades {TITLES[system]}.", "Is tuppr installed?", kind="not-found")
        cluster = self._bound.connection.cluster()
        yield from intervene(cluster, upgrade, verb, reason=reason, now=self.now, stop=stop)
