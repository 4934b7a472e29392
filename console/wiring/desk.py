"""The desk: everything the operator can see and do, bound to one cluster and one repository."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.model.clock import utc_now
from console.model.snapshot import Freshness, Life, Snapshot, Topic
from console.settings import Settings
from console.sources.errors import NotConfigured, Refused, SourceError, UsageError
from console.sources.stop import Stop
from console.store import Feeds, Listener, Store
from console.wiring.clusters import Clusters
from console.wiring.editdesk import EditDesk
from console.wiring.fluxdesk import FluxDesk
from console.wiring.location import found
from console.wiring.owndesk import OwnDesk
from console.wiring.rolloutdesk import RolloutDesk

if TYPE_CHECKING:
    from console.model.finding import Preflight
    from console.model.flux import FluxKey
    from console.model.nodedetail import NodeDetail
    from console.model.step import Step
    from console.model.updates import RepositoryState, Update
    from console.wiring.embedded import Embedded
    from console.wiring.inputs import Inputs

ALL = frozenset(Topic)


class Console(FluxDesk, EditDesk, RolloutDesk, OwnDesk):
    """See ``ui.ports.Desk``. Cheap to make; ``start`` finds the inputs, in a thread that may wait.

    With ``embedded`` the inputs are those of the embedded cluster that it begins: not before ``start``, so that it
    takes nothing from the first frame; it ends with this. ``folder`` is where the operator stands. ``announces``: what
    the inputs were found to be is told once.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        embedded: Callable[[], Embedded] | None = None,
        folder: Path | None = None,
        now: Callable[[], datetime] = utc_now,
        clusters: Clusters | None = None,
        announces: bool = False,
    ) -> None:
        if embedded:
            from console.wiring.embedded import secluded  # noqa: PLC0415 - only the demo

            settings = secluded(settings)
        self.settings = settings
        self._is_first = clusters is None
        self._clusters = clusters or Clusters(settings, folder)
        self.store = Store(now)
        self._began = now()
        self._embedded = embedded
        self._child: Embedded | None = None
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._folder = folder
        self._announces = announces
        self._found = ""
        self._inputs: Inputs | None = None
        self._feeds = Feeds(self.store)
        self._writable = settings.write

    # Cheap

    @property
    def cluster(self) -> str:
        """See Desk."""
        known = self._inputs.connection.name if self._inputs else ""
        return self.settings.cluster or known or self.settings.context or ""

    @property
    def writable(self) -> bool:
        """See Desk."""
        return self._writable

    def set_writable(self, writable: bool) -> None:
        """See Desk."""
        if writable and self.settings.write_forbidden:
            raise Refused("This run was started with --read-only.", "Start it anew without.", kind="read-only")
        self._writable = self._clusters.modes[self.cluster] = writable
        self.refresh(Topic.APPROVALS)  # what became of an interrupted one may be recorded now

    @property
    def found(self) -> str:
        """See Desk."""
        return self._found

    def now(self) -> datetime:
        """See Desk."""
        return self.store.now()

    def snapshot(self) -> Snapshot:
        """See Desk."""
        return self.store.snapshot()

    def listening(self, listener: Listener) -> AbstractContextManager[None]:
        """See Desk."""
        return self.store.listening(listener)

    def refresh(self, topic: Topic | None = None) -> None:
        """See Desk."""
        self._feeds.refresh(topic)

    # Life

    def start(self, topics: Collection[Topic] = ALL, *, records: bool = False) -> None:
        """See Desk. Only the sources of ``topics`` are started. See ``Inputs.start`` for
        ``records``. Raises SourceError when the child does not start."""
        with self._lock:
            if self._stopped.is_set():
                return
            self._child = self._embedded() if self._embedded else None
        if self._child:
            try:
                self.settings = self._child.settings(self.settings)
            except SourceError as error:
                for topic in topics:
                    self.store.failed(topic, error)
                raise
        if self._is_first:
            self.settings = self._clusters.begun(self.settings)
            self._writable = self._writable or self.settings.write
        self.recall()
        from console.wiring.inputs import Inputs  # noqa: PLC0415 - late

        inputs = Inputs(self.settings, self.store, self._feeds, self._folder, lambda: self._writable)
        with self._lock:
            if self._stopped.is_set():  # meanwhile: nothing that nobody would close is opened
                return
            self._inputs = inputs
            inputs.start(topics, records=records)
        if self._announces:
            self._found = found(self.settings, self._folder)

    def stop(self) -> None:
        """See Desk. May be called before ``start`` and more than once."""
        with self._lock:
            self._stopped.set()
        if self._inputs:
            self._inputs.close()
        self._feeds.stop()
        if self._child:
            self._child.stop()

    def read(self, topics: Collection[Topic], seconds: float) -> bool:
        """Until each of ``topics`` was read by this run, or has failed; whether that came about in time.

        What an earlier run had fetched of the repository does not count.
        """
        changed = threading.Event()
        deadline = time.monotonic() + seconds

        def heard(_: frozenset[Topic]) -> None:
            changed.set()

        with self.listening(heard):
            while not self._read(topics):
                if not changed.wait(deadline - time.monotonic()):
                    return False
                changed.clear()
        return True

    def _read(self, topics: Collection[Topic]) -> bool:
        snapshot = self.snapshot()
        if any(_to_come(snapshot[topic].freshness) for topic in topics):
            return False
        if Topic.TALOS in topics and any(node.pending for node in snapshot[Topic.TALOS].items.values()):
            return False
        repository = snapshot[Topic.REPOSITORY]
        if Topic.UPDATES not in topics or repository.freshness.problem:
            return True
        state: RepositoryState | None = repository.items.get(("repository",))
        fetched = state.fetched_at if state else None
        told = snapshot[Topic.UPDATES].freshness.at
        # Both topics come from one look, but one after the other.
        return bool(fetched and told and self._began <= fetched <= told)

    def assess(self) -> None:
        """Make the preflight of each node upgrade that waits, now. What can't be told stays untold."""
        for update in list(self.store.table(Topic.UPDATES).items.values()):
            if update.system and update.state != "applied":
                with contextlib.suppress(SourceError):
                    self.store.put(Topic.ASSESSMENTS, [self._checked(update, self.snapshot())])

    @property
    def _bound(self) -> Inputs:
        if self._inputs is None:
            raise NotConfigured("The console has not started yet")
        return self._inputs

    def elsewhere(self, name: str) -> Console:
        """See Desk."""
        settings = self._clusters.settings(name)
        folder = self._clusters.folder(settings.cluster)
        return Console(settings, folder=folder, now=self.store.now, clusters=self._clusters)

    # Flux objects

    def manifest(self, key: FluxKey) -> str:
        """See Desk."""
        from console.wiring.manifests import manifest  # noqa: PLC0415 - late

        raw = self._bound.connection.cluster().get(self._version(key), key.kind, key.name, key.namespace)
        return manifest(raw)

    def events(self, key: FluxKey) -> Sequence[str]:
        """See Desk."""
        from console.wiring.manifests import event  # noqa: PLC0415 - late

        return [event(each) for each in self._bound.connection.cluster().events(key)]

    def _version(self, key: FluxKey) -> str:
        found = self.store.table(Topic.FLUX).items.get(key)
        if found is None:
            raise UsageError(f"there is no {key.ref}", "homeconsole flux lists them all.", kind="not-found")
        return str(found.api_version)

    def reconcile(
        self,
        key: FluxKey,
        *,
        with_source: bool,
        stop: Stop,
        force: bool = False,
        reset: bool = False,
        timeout: float = 300,
    ) -> Iterator[Step]:
        """See Desk. ``timeout`` in seconds."""
        from console.operations.reconcile import reconcile  # noqa: PLC0415 - late

        self._must_write()
        yield from reconcile(
            self._bound.connection.cluster(),
            key,
            with_source=with_source,
            force=force,
            reset=reset,
            timeout=timeout,
            now=self.now,
            stop=stop,
        )

    def suspend(self, key: FluxKey, *, resume: bool, reason: str, stop: Stop) -> Iterator[Step]:
        """See Desk."""
        from console.operations.suspend import suspend  # noqa: PLC0415 - late

        self._must_write()
        cluster, by = self._bound.connection.cluster(), self.operator()
        yield from suspend(cluster, key, resume=resume, reason=reason, by=by, now=self.now, stop=stop)

    # Nodes

    def node(self, name: str) -> NodeDetail:
        """See Desk."""
        return self._bound.nodes.node(name)

    def attending(self, name: str) -> AbstractContextManager[None]:
        """See Desk."""
        return self._bound.nodes.attending(name)

    def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
        """See Desk."""
        return self._bound.nodes.dmesg(name, stop)

    def service_log(self, name: str, service: str, stop: Stop) -> Iterator[str]:
        """See Desk."""
        return self._bound.nodes.service_log(name, service, stop)

    # Updates

    def diff(self, branch: str) -> Sequence[str]:
        """See Desk."""
        update = self.update(branch)
        return self._bound.mirror.diff(update.base, update.head)

    def preflight(self, branch: str) -> Preflight:
        """See Desk. Also of a commit, and of ``talos@VERSION`` that nothing proposes."""
        try:
            update = self.update(branch)
        except UsageError:
            bound, told = self._bound, self.snapshot() if self._bound.asks_cluster else None
            imagined = bound.foresight.imagined(branch, bound.mirror, told, self.now())
            if imagined is None:
                raise
            return imagined
        checked = self._checked(update, self.snapshot())
        self._bound.want(checked.update)
        return checked

    def acknowledge(self, checked: Preflight, reasons: Mapping[str, str], *, supposed: bool = False) -> None:
        """See Desk. ``supposed``: in this run alone, and nothing is written."""
        bound = self._bound
        bound.foresight.acknowledge(bound.mirror, checked, reasons, supposed=supposed)
        bound.want(checked.update)

    def update(self, name: str) -> Update:
        """The update that ``name`` means. UsageError for a name that is not known."""
        table = self.store.table(Topic.UPDATES)
        from console.wiring.naming import named  # noqa: PLC0415 - late

        return named(list(table.items.values()), name, self.settings.prefixes)

    def _checked(self, update: Update, snapshot: Snapshot) -> Preflight:
        bound = self._bound
        return bound.foresight.checked(update, bound.mirror, snapshot if bound.asks_cluster else None, self.now())

    def _must_write(self) -> None:
        if not self._writable:
            hint = "Switch writing on: --write, :write, or write: true in the configuration."
            raise Refused("This is read-only.", hint, kind="read-only")


def _to_come(fresh: Freshness) -> bool:
    """Whether there is no answer yet; a server that asks to come back later has not given one."""
    return fresh.life is Life.WAITING or (fresh.problem is not None and fresh.problem.kind == "busy")
