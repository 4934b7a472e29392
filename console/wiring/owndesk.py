"""What the desk knows of the operator's own: other clusters, views and favourites, commands on what is chosen."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from console.model.own import Kept, Own, Place
from console.model.snapshot import Topic
from console.wiring.bound import Bound

if TYPE_CHECKING:
    from console.model.own import Command
    from console.sources.stop import Stop
    from console.wiring.clusters import Clusters


class OwnDesk(Bound):
    """The part of ``ui.ports.Desk`` that is the operator's own."""

    _clusters: Clusters
    _kept: Kept = Kept()

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

    @contextmanager
    def standing(self, command: Command) -> Iterator[Mapping[str, str]]:
        """See Desk."""
        from console.operations.owncommand import bound  # noqa: PLC0415 - late
        from console.sources.kubernetes.kubeconfigs import places  # noqa: PLC0415

        if command.writes:
            self._must_write()
        settings = self.settings
        files = places(settings.named_kubeconfig)
        with bound(files, self._context, settings.named_talosconfig, settings.talos_context) as ways:
            yield ways

    def run_own(
        self, command: Command, argv: Sequence[str], told: Mapping[str, str], stop: Stop
    ) -> tuple[list[str], str]:
        """See Desk."""
        from console.operations.owncommand import run  # noqa: PLC0415 - late

        with self.standing(command) as ways:
            said = run(argv, {**told, **ways}, command.seconds, stop)
        return list(said.lines), said.wrong

    @property
    def _context(self) -> str:
        """The kubeconfig's that is shown. Empty while it is the current one, and nothing has answered yet."""
        return self.settings.context or self._bound.connection.context

    def _where(self) -> dict[str, str]:
        return {"cluster": self.cluster, "context": self._context}

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
