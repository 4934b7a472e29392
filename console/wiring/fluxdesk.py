"""What the desk knows and does about Flux objects beyond the list: one of them whole, its tree, its origin; many."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

import getpass
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from console.model.snapshot import Problem, Topic
from console.sources.errors import HomeconsoleError, NotConfigured
from console.sources.stop import Stop
from console.wiring.bound import Bound

if TYPE_CHECKING:
    from console.model.flux import FluxKey
    from console.model.flux_detail import Detail, LogLine
    from console.model.flux_graph import FluxRow
    from console.model.flux_order import Needs
    from console.model.flux_tree import Node, Trace
    from console.model.step import Step
    from console.sources.git.mirror import Mirror
    from console.sources.kubernetes.cluster import KubernetesCluster

Verb = Literal["reconcile", "suspend", "resume"]


class FluxDesk(Bound):
    """The part of ``ui.ports.Desk`` that is about Flux objects."""

    # To be read

    def inspect(self, key: FluxKey) -> Detail:
        """See Desk."""
        from console.operations.inspect import inspect  # noqa: PLC0415 - late
        from console.wiring.manifests import manifest  # noqa: PLC0415 - late

        return inspect(self._cluster, key, manifest)

    def watch(self, key: FluxKey, stop: Stop) -> Iterator[Detail]:
        """See Desk."""
        from console.operations.inspect import watch  # noqa: PLC0415 - late
        from console.wiring.manifests import manifest  # noqa: PLC0415 - late

        return watch(self._cluster, key, manifest, stop)

    def logs(self, key: FluxKey, stop: Stop) -> Iterator[LogLine | Problem | None]:
        """See Desk."""
        from console.operations.logs import logs  # noqa: PLC0415 - late

        return logs(self._cluster, key, stop=stop)

    def tree(self, key: FluxKey) -> Node:
        """See Desk."""
        from console.operations.tree import tree  # noqa: PLC0415 - late

        return tree(self._cluster, key, self._rows())

    def trace(self, key: FluxKey) -> Trace:
        """See Desk."""
        from console.operations.trace import trace  # noqa: PLC0415 - late

        return trace(self._cluster, key, self._rows(), self._lineage())

    def failing(self) -> Sequence[FluxKey]:
        """See Desk."""
        from console.operations.bulk import failing  # noqa: PLC0415 - late

        return failing(self._rows())

    # Many at once

    def bulk(
        self,
        verb: Verb,
        keys: Collection[FluxKey],
        *,
        stop: Stop,
        with_source: bool = False,
        force: bool = False,
        reset: bool = False,
        reason: str = "",
        timeout: float = 300,
    ) -> Iterator[Step]:
        """See Desk. ``timeout`` in seconds, for each pass."""
        from console.model.flux_order import ordered  # noqa: PLC0415
        from console.operations import bulk  # noqa: PLC0415 - late

        self._must_write()
        objects = dict(self.store.table(Topic.FLUX).items)
        if verb == "reconcile":
            yield from bulk.reconcile_all(
                self._cluster,
                keys,
                objects,  # type: ignore[arg-type]  # the topic's keys are FluxKeys
                with_source=with_source,
                force=force,
                reset=reset,
                timeout=timeout,
                now=self.now,
                stop=stop,
            )
            return
        none: Needs = dict.fromkeys(keys, ())
        chosen = none if verb == "suspend" else ordered(keys, objects)  # type: ignore[arg-type]
        act = self._suspending(resume=verb == "resume", reason=reason, timeout=timeout)
        yield from bulk.each(chosen, act, now=self.now, stop=stop)

    def _suspending(self, *, resume: bool, reason: str, timeout: float) -> Callable[[FluxKey, Stop], Iterator[Step]]:
        from console.operations.suspend import suspend  # noqa: PLC0415 - late

        by = self.operator()

        def act(key: FluxKey, stop: Stop) -> Iterator[Step]:
            return suspend(
                self._cluster, key, resume=resume, reason=reason, by=by, timeout=timeout, now=self.now, stop=stop
            )

        return act

    def operator(self) -> str:
        """Who sits here: as git knows them, else as the machine does."""
        try:
            return str(self._bound.mirror.identity().person)
        except HomeconsoleError:
            return getpass.getuser()

    # Inside

    @property
    def _cluster(self) -> KubernetesCluster:
        return self._bound.connection.cluster()

    def _rows(self) -> tuple[FluxRow, ...]:
        from console.model.flux_graph import settle  # noqa: PLC0415 - late

        return settle(self.store.table(Topic.FLUX).items.values(), self.now())

    def _lineage(self) -> Mirror | None:
        try:
            return self._bound.mirror
        except NotConfigured:
            return None
