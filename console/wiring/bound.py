"""What every part of the desk stands on: the settings, the store, the inputs, and whether anything may be written."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot, Topic
from console.store import Store

if TYPE_CHECKING:
    from console.settings import Settings
    from console.wiring.inputs import Inputs


class Bound(ABC):
    """Bound to one cluster and one repository, once it has started."""

    settings: Settings
    store: Store

    @property
    @abstractmethod
    def cluster(self) -> str:
        """The cluster's name."""

    @property
    @abstractmethod
    def _bound(self) -> Inputs:
        """The inputs. Raises NotConfigured before the start."""

    @property
    @abstractmethod
    def writable(self) -> bool:
        """Whether writing is on."""

    @abstractmethod
    def _must_write(self) -> None:
        """Raises Refused while writing is off."""

    @abstractmethod
    def now(self) -> datetime:
        """The present (UTC)."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """What is known now."""

    @abstractmethod
    def refresh(self, topic: Topic | None = None) -> None:
        """Look again now."""
