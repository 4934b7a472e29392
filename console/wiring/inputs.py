"""Builds the sources from settings: each in its own feed's thread, when it is needed, anew when it failed."""

import os
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from console.model.snapshot import Topic
from console.settings import Settings
from console.sources.errors import NotConfigured
from console.sources.ports import Source
from console.sources.stop import Stop
from console.store import Feeds, Store
from console.wiring import connection
from console.wiring.connection import Connection
from console.wiring.late import Late
from console.wiring.location import locate
from console.wiring.nodework import NodeWork

if TYPE_CHECKING:
    from console.model.finding import Preflight
    from console.model.snapshot import Snapshot
    from console.model.updates import Update
    from console.operations.assess import Assessments
    from console.operations.notify import Notifier
    from console.sources.git.mirror import Mirror
    from console.wiring.foreseeing import Foresight


class Inputs:
    """One cluster's connection, its repository's mirror, and the sources over them."""

    def __init__(
        self, settings: Settings, store: Store, feeds: Feeds, folder: Path | None, writable: Callable[[], bool]
    ) -> None:
        self._settings = settings
        self._store = store
        self._feeds = feeds
        self._folder = folder
        self._writable = writable
        self._began = store.now()
        self.nodes = NodeWork(settings, store.snapshot, store.now)
        self.connection = Connection(settings.named_kubeconfig, settings.context)
        self._mirror: Mirror | None = None
        self.asks_cluster = False
        self._assessed = self._records = False
        self._ending = Stop()
        self._assessments: Assessments | None = None
        self._is_visit = False
        self._talks_to_nodes = False

    def start(self, topics: Collection[Topic], *, records: bool = False) -> None:
        """Start the feeds of ``topics``. Who asks for all of them is an operator at the screen, on a visit.

        ``records``: what is seen of rollouts goes into the journal, as on a visit; a question writes nothing.
        """
        self._is_visit = frozenset(topics) == frozenset(Topic)
        self._records = records or self._is_visit
        self._talks_to_nodes = Topic.TALOS in topics
        self.asks_cluster = Topic.KUBERNETES in topics
        self.connection.heed()
        for topic in connection.TOPICS:
            if topic in topics:
                self._feeds.start(Late((topic,), self._kubernetes(topic)))
        if Topic.TALOS in topics:
            self._feeds.start(Late((Topic.TALOS,), self._talos))
        self._assessed = Topic.ASSESSMENTS in topics
        if Topic.UPDATES in topics:
            self._feeds.start(Late((Topic.REPOSITORY, Topic.UPDATES), self._repository))

        if Topic.EVIDENCE in topics:
            self._feeds.start(Late((Topic.EVIDENCE,), self._evidence))
        if Topic.RUNS in topics:
            self._feeds.start(Late((Topic.RUNS,), self._recorder))
        if Topic.APPROVALS in topics:
            self._feeds.start(Late((Topic.APPROVALS,), self._interrupted))

    def close(self) -> None:
        """Cut every connection. Ends the visit, if the updates could be seen."""
        if self._is_visit and self._mirror and self._store.table(Topic.UPDATES).freshness.at:
            self._mirror.visits.end(self._store.now())
        self._ending.set()
        self.nodes.close()
        self.connection.close()

    def want(self, branch: str) -> None:
        """Keep a preflight of this update, too, where preflights are kept."""
        if self._assessments:
            self._assessments.want(branch)

    @property
    def mirror(self) -> "Mirror":
        """The repository's clone. NotConfigured while there is none, with the reason."""
        if self._mirror is None:
            problem = self._store.table(Topic.REPOSITORY).freshness.problem
            if problem:
                raise NotConfigured(problem.message, problem.hint, kind=problem.kind)
            raise NotConfigured("The repository has not been read yet")
        return self._mirror

    def _kubernetes(self, topic: Topic) -> Callable[[], Source]:
        return lambda: self.connection.source(topic)

    def _talos(self) -> Source:
        from console.sources.talos.source import TalosSource  # noqa: PLC0415 - late

        settings = self._settings
        return TalosSource(
            settings.named_talosconfig,
            settings.talos_context,
            settings.executable,
            settings.talos_interval,
            addresses=self._addresses,
            upgrading=self.nodes.upgrading,
            attended=self.nodes.attended,
            places=self.nodes.places,
            now=self._store.now,
        )

    def _addresses(self) -> dict[str, str]:
        """What Kubernetes knows of the nodes."""
        return {node.name: node.address for node in self._store.table(Topic.KUBERNETES).items.values()}

    def _repository(self) -> Source:
        from console.model.hold import Hold  # noqa: PLC0415
        from console.operations.journal import Journal  # noqa: PLC0415
        from console.operations.marking import Marking  # noqa: PLC0415
        from console.sources.git.mirror import Mirror  # noqa: PLC0415 - late
        from console.sources.git.runner import Git  # noqa: PLC0415 - late
        from console.sources.git.source import RepositorySource  # noqa: PLC0415 - late
        from console.sources.kept import Kept  # noqa: PLC0415 - late

        settings = self._settings
        url, _ = locate(settings, self.connection.cluster, self._folder)
        other = {"GIT_CONFIG_GLOBAL": str(settings.git_config)} if settings.git_config else {}
        git = Git(environ={**os.environ, **other})
        folder, now = settings.state / "repos", self._store.now
        mirror = Mirror(url, settings.branch, settings.prefixes, folder, git=git, bots=settings.bots, now=now)
        if self._mirror is None or self._mirror.path != mirror.path:
            self._mirror = mirror
            self._assess()
        store, journal = self._store, Journal(settings.state, now)
        kept = Kept(self._mirror.path.with_suffix(".holds"), Hold)
        marking = Marking(lambda: self.mirror, journal, lambda limits: store.limited(Topic.UPDATES, limits), kept)
        if not self._talks_to_nodes:
            return RepositorySource(self._mirror, settings.repository_interval, marking)
        from console.operations.declared import Declared  # noqa: PLC0415 - late

        declared = Declared(lambda: self.mirror)
        return RepositorySource(
            self._mirror, settings.repository_interval, lambda state, updates: marking(declared(state), updates)
        )

    def _evidence(self) -> Source:
        from console.operations.evidence import Evidence  # noqa: PLC0415 - late

        return Evidence(self._store, self.connection.cluster, self._store.now)

    def _recorder(self) -> Source:
        from console.operations.journal import Journal  # noqa: PLC0415 - late
        from console.operations.recorder import Recorder  # noqa: PLC0415 - late

        journal = Journal(self._settings.state, self._store.now)
        return Recorder(self._store, journal, writes=self._records, tell=self._notifier().tell)

    def _notifier(self) -> "Notifier":
        from console.operations.notify import Notifier  # noqa: PLC0415 - late

        settings = self._settings
        return Notifier(
            settings.notify_command,
            settings.notify_webhook,
            lambda: settings.cluster or self.connection.name,
            lambda problem: self._store.limited(Topic.RUNS, (problem,)),
            self._ending,
        )

    def _interrupted(self) -> Source:
        from console.operations.interrupted import Interrupted  # noqa: PLC0415 - late
        from console.operations.journal import Journal  # noqa: PLC0415 - late

        return Interrupted(
            self._store,
            lambda: self.mirror,
            Journal(self._settings.state, self._store.now),
            writable=self._writable,
            done=lambda: self._feeds.refresh(Topic.UPDATES),
            began=self._began,
        )

    @cached_property
    def foresight(self) -> "Foresight":
        """Preflights, with what was acknowledged and what the cluster answers."""
        from console.operations.acknowledge import Acknowledgements  # noqa: PLC0415 - late
        from console.operations.live import LiveObjects  # noqa: PLC0415
        from console.wiring.foreseeing import Foresight  # noqa: PLC0415

        now = self._store.now
        return Foresight(Acknowledgements(self._settings.state, now), LiveObjects(self.connection.cluster))

    def _check(self, update: "Update", snapshot: "Snapshot") -> "Preflight":
        return self.foresight.checked(update, self.mirror, snapshot, self._store.now(), patient=True)

    def _assess(self) -> None:
        if self._assessed and self._assessments is None:
            from console.operations.assess import Assessments  # noqa: PLC0415 - late

            self._assessments = Assessments(self._store, lambda: self.mirror, self._store.now, self._check)
            self._feeds.start(self._assessments)
