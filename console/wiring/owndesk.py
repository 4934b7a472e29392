"""What the desk knows of the operator's own: other clusters, views and favourites, commands on what is chosen."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.model.own import Kept, Own, Place
from console.model.snapshot import Topic
from console.store import Store

if TYPE_CHECKING:
    from console.model.own import Command
    from console.settings import Settings
    from console.sources.stop import Stop
    from console.wiring.clusters import Clusters


class OwnDesk(ABC):
    """The part of ``ui.ports.Desk`` that is the operator's own."""

    settings: Settings
    store: Store
    _clusters: Clusters
    _kept: Kept = Kept()

    @property
    @abstractmethod
    def cluster(self) -> str:
        """The cluster's name."""

    @abstractmethod
    def now(self) -> datetime:
        """The present (UTC)."""

    @property
    def own(self) -> Own:
        """See Desk."""
        return self.settings.own

    # Other clusters

    def places(self) -> Sequence[Place]:
        """See Desk."""
        return self._clusters.places(self.cluster)

    # What is remembered

    @property
    def kept(self) -> Kept:
        """See Desk."""
        return self._kept

    def recall(self) -> None:
        """Read what is remembered for this cluster."""
        from console.operations.keeping import Keeping  # noqa: PLC0415 - late

        self._kept = Keeping(self.settings.state, self.cluster).read()

    def keep(self, change: Callable[[Kept], Kept]) -> Kept:
        """See Desk."""
        from console.operations.keeping import Keeping  # noqa: PLC0415 - late

        self._kept = Keeping(self.settings.state, self.cluster).change(change)
        return self._kept

    # Commands

    def words(self, command: Command, scope: str, key: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
        """See Desk."""
        from console.operations.owncommand import words  # noqa: PLC0415 - late

        return words(command, {**self._where(), **self._chosen(scope, key)})

    def run_own(
        self, argv: Sequence[str], told: Mapping[str, str], seconds: float, stop: Stop
    ) -> tuple[list[str], str]:
        """See Desk."""
        from console.operations.owncommand import run  # noqa: PLC0415 - late

        said = run(argv, told, seconds, stop)
        return list(said.lines), said.wrong

    def _where(self) -> dict[str, str]:
        settings = self.settings
        ways = {"kubeconfig": str(settings.kubeconfig), "talosconfig": str(settings.talosconfig)}
        return {"cluster": self.cluster, "context": settings.context or "", **ways}

    def _chosen(self, scope: str, key: tuple[str, ...]) -> dict[str, str]:
        """What is chosen, by the variables of its scope."""
        if scope == "flux":
            return dict(zip(("kind", "namespace", "name"), key, strict=True))
        if scope == "nodes":
            talos = self.store.table(Topic.TALOS).items.get(key)
            known = talos or self.store.table(Topic.KUBERNETES).items.get(key)
            return {"name": key[0], "address": known.address if known else ""}
        if scope == "updates":
            update = self.store.table(Topic.UPDATES).items.get(key)
            return {"branch": key[0], "head": update.head if update else ""}
        return {"system": key[0]}
