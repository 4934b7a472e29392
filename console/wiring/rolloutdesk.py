"""What the desk does about changes on their way: ask for their passes, lay hands on tuppr's upgrades."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from console.sources.errors import HomeconsoleError, Refused
from console.sources.stop import Stop
from console.wiring.bound import Bound

if TYPE_CHECKING:
    from console.model.step import Step
    from console.model.updates import System
    from console.operations.intervene import Intervention


class RolloutDesk(Bound):
    """The part of ``ui.ports.Desk`` that is about rollouts."""

    @property
    def hastens(self) -> bool:
        """See Desk."""
        return self.settings.hasten

    def hasten(self, commit: str, stop: Stop) -> Iterator[Step]:
        """See Desk."""
        from console.operations.hasten import hasten  # noqa: PLC0415 - late

        self._must_write()
        yield from hasten(self._bound.connection.cluster(), self.snapshot, commit, now=self.now, stop=stop)

    def hastened(self, commits: Iterable[str], stop: Stop) -> Iterator[Step]:
        """As configured: each of these commits of main asked for. That Flux could not be asked is a step, no error: it
        takes them by its intervals, main holds them."""
        from console.model.step import Step, StepState  # noqa: PLC0415 - late

        for commit in commits if self.hastens else ():
            try:
                yield from self.hasten(commit, stop)
            except HomeconsoleError as error:
                yield Step("reconcile", StepState.FAILED, f"{error.message} {error.hint}".rstrip(), self.now())

    def pulled(self, number: int) -> str:
        """The commit of that pull request, as the forge tells now; empty where it has none."""
        return self._bound.mirror.pulled(number)

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
