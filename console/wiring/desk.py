"""The desk: everything the operator can see and do, bound to one cluster and one repository."""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console import __version__
from console.embedded import Embedded
from console.model.finding import Preflight
from console.model.flux import FluxKey
from console.model.review import Approval, Review
from console.model.snapshot import Snapshot, Topic
from console.model.step import Step
from console.model.updates import Update
from console.settings import Settings
from console.sources.errors import NotConfigured, Refused, UsageError
from console.sources.ports import Source
from console.sources.stop import Stop
from console.store import Feeds, Listener, Store, utc_now
from console.wiring import connection
from console.wiring.connection import Connection
from console.wiring.late import Late
from console.wiring.location import locate

if TYPE_CHECKING:
    from console.operations.assess import Assessments
    from console.operations.journal import Journal
    from console.sources.git.mirror import Mirror

ALL = frozenset(Topic)
VIA = f"homeconsole/{__version__}"
READ_ONLY = Refused(
    "This is read-only.", "Switch writing on: --write, :write, or write: true in the configuration.", kind="read-only"
)


class Console:
    """See ``ui.ports.Desk``. Cheap to make; ``start`` finds the inputs, in a thread that may wait.

    With ``child`` the inputs are those of the embedded cluster, which ends with this. ``folder`` is where the operator
    stands.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        child: Embedded | None = None,
        folder: Path | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self.store = Store(now)
        self._child = child
        self._folder = folder
        self._feeds = Feeds(self.store)
        self._writable = settings.write
        self._connection: Connection | None = None
        self._mirror: Mirror | None = None
        self._topics: frozenset[Topic] = ALL
        self._assessments: Assessments | None = None
        self.repository_origin = ""

    # Cheap

    @property
    def cluster(self) -> str:
        """See Desk."""
        return (self._connection.name if self._connection else "") or self.settings.context or ""

    @property
    def writable(self) -> bool:
        """See Desk."""
        return self._writable

    def set_writable(self, writable: bool) -> None:
        """See Desk."""
        self._writable = writable

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

    def start(self, topics: Collection[Topic] = ALL) -> None:
        """See Desk. Only the sources of ``topics`` are started. Raises SourceError when the child does not start."""
        if self._child:
            self.settings = self._child.settings(self.settings)
        self._topics = frozenset(topics)
        settings = self.settings
        usual = settings.origin("kubeconfig") == "usual place"
        self._connection = Connection(None if usual else settings.kubeconfig, settings.context)
        for topic in connection.TOPICS:
            if topic in topics:
                self._feeds.start(Late((topic,), lambda topic=topic: self._connected().source(topic)))  # type: ignore[misc]
        if Topic.TALOS in topics:
            self._feeds.start(Late((Topic.TALOS,), self._talos))
        if Topic.UPDATES in topics or Topic.REPOSITORY in topics:
            self._feeds.start(Late((Topic.REPOSITORY, Topic.UPDATES), self._repository))

    def stop(self) -> None:
        """See Desk. May be called before ``start`` and more than once."""
        if self._connection:
            self._connection.close()
        self._feeds.stop()
        if self._child:
            self._child.stop()

    # Sources

    def _talos(self) -> Source:
        from console.sources.talos.source import TalosSource  # noqa: PLC0415 - late

        settings = self.settings
        usual = settings.origin("talosconfig") == "usual place"
        return TalosSource(
            None if usual else settings.talosconfig,
            settings.talos_context,
            settings.executable,
            settings.talos_interval,
            settings.talos_concurrency,
            addresses=self._addresses,
            now=self.now,
        )

    def _addresses(self) -> dict[str, str]:
        """What Kubernetes knows of the nodes."""
        return {node.name: node.address for node in self.store.table(Topic.KUBERNETES).items.values()}

    def _repository(self) -> Source:
        from console.sources.git.mirror import Mirror  # noqa: PLC0415 - late
        from console.sources.git.source import RepositorySource  # noqa: PLC0415 - late

        settings = self.settings
        url, self.repository_origin = locate(settings, self._connected().cluster, self._folder)
        mirror = Mirror(url, settings.branch, settings.prefixes, settings.state / "repos", now=self.now)
        if self._mirror is None or self._mirror.path != mirror.path:
            self._mirror = mirror
            self._assess(mirror)
        return RepositorySource(self._mirror, settings.repository_interval)

    def _assess(self, mirror: "Mirror") -> None:
        from console.operations.assess import Assessments  # noqa: PLC0415 - late

        if Topic.ASSESSMENTS in self._topics and self._assessments is None:
            self._assessments = Assessments(self.store, mirror, self.now)
            self._feeds.start(self._assessments)

    def _connected(self) -> Connection:
        if self._connection is None:
            raise NotConfigured("The console has not started yet")
        return self._connection

    def _cloned(self) -> "Mirror":
        if self._mirror is None:
            problem = self.store.table(Topic.REPOSITORY).freshness.problem
            raise NotConfigured(
                problem.message if problem else "The repository has not been read yet",
                problem.hint if problem else "",
                kind=problem.kind if problem else "",
            )
        return self._mirror

    @property
    def journal(self) -> "Journal":
        """What was approved, refused and undone here."""
        from console.operations.journal import Journal  # noqa: PLC0415 - late

        return Journal(self.settings.state, self.now)

    # Flux objects

    def manifest(self, key: FluxKey) -> str:
        """See Desk."""
        import yaml  # noqa: PLC0415 - late

        raw = self._connected().cluster().get(self._version(key), key.kind, key.name, key.namespace)
        return str(yaml.safe_dump(_public(raw), sort_keys=False, allow_unicode=True, width=120))

    def events(self, key: FluxKey) -> Sequence[str]:
        """See Desk."""
        return [_event(each) for each in self._connected().cluster().events(key)]

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
            self._connected().cluster(),
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
        yield from suspend(self._connected().cluster(), key, resume=resume, reason=reason, now=self.now, stop=stop)

    # Updates

    def diff(self, branch: str) -> Sequence[str]:
        """See Desk."""
        update = self.update(branch)
        return self._cloned().diff(update.base, update.head)

    def preflight(self, branch: str) -> Preflight:
        """See Desk."""
        checked = self._checked(self.update(branch), self.snapshot())
        if self._assessments:
            self._assessments.want(checked.update)
        return checked

    def review(self, branch: str, *, squash: bool | None = None, reason: str = "") -> Review:
        """See Desk. ``squash``: else as configured. ``reason`` answers what blocks it."""
        from console.operations.review import review  # noqa: PLC0415 - late

        update, snapshot = self.update(branch), self.snapshot()
        return review(
            update,
            self._checked(update, snapshot),
            self._cloned(),
            now=self.now(),
            via=VIA,
            squash=self.settings.squash if squash is None else squash,
            reason=reason,
            snapshot=snapshot,
        )

    def approve(self, review: Review, stop: Stop) -> Iterator[Step]:
        """See Desk."""
        yield from self.approving(review, stop)

    def approving(self, review: Review, stop: Stop) -> Generator[Step, None, Approval]:
        """The same, and what came of it as the generator's value."""
        from console.operations.approve import approve  # noqa: PLC0415 - late

        self._must_write()
        result = yield from approve(review, self._cloned(), self.journal, self.now, stop)
        self.refresh(Topic.UPDATES)
        return result

    def update(self, name: str) -> Update:
        """The update that ``name`` means. UsageError for a name that is not known."""
        table = self.store.table(Topic.UPDATES)
        return named(list(table.items.values()), name, self.settings.prefixes)

    def _checked(self, update: Update, snapshot: Snapshot) -> Preflight:
        from console.operations.preflight import preflight  # noqa: PLC0415 - late

        known = any(snapshot[topic].freshness.at for topic in connection.TOPICS)
        return preflight(update, self._cloned(), snapshot if known else None, self.now())

    def _must_write(self) -> None:
        if not self._writable:
            raise READ_ONLY


def named(updates: Sequence[Update], name: str, prefixes: Sequence[str]) -> Update:
    """By branch (with or without prefix), by ``talos@v1.13.8``, or by its commit (7 digits at least)."""
    from console.model.upgrades import target_of  # noqa: PLC0415 - late
    from console.model.version import normal  # noqa: PLC0415 - late

    branches = {name, *(prefix + name for prefix in prefixes)}
    system, _, version = name.partition("@")
    for update in updates:
        by_version = version and update.system == system and target_of(update) == normal(version)
        by_commit = len(name) >= 7 and update.head.startswith(name.lower())
        if update.branch in branches or by_version or by_commit:
            return update
    import difflib  # noqa: PLC0415 - late

    near = difflib.get_close_matches(name, [update.branch for update in updates], 1)
    hint = f"Did you mean {near[0]}?" if near else "homeconsole updates lists them all."
    raise UsageError(f"there is no update {name!r}", hint, kind="not-found")


def _public(raw: dict[str, Any]) -> dict[str, Any]:
    """Without managed fields; of a Secret only the names of its keys."""
    metadata = {name: value for name, value in raw.get("metadata", {}).items() if name != "managedFields"}
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and "kubectl.kubernetes.io/last-applied-configuration" in annotations:
        kept = {k: v for k, v in annotations.items() if k != "kubectl.kubernetes.io/last-applied-configuration"}
        metadata["annotations"] = kept
    public = {**raw, "metadata": metadata}
    if raw.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if isinstance(raw.get(part), dict):
                public[part] = dict.fromkeys(raw[part], "(not shown)")
    return public


def _event(raw: dict[str, Any]) -> str:
    at = raw.get("lastTimestamp") or raw.get("eventTime") or raw.get("metadata", {}).get("creationTimestamp") or ""
    count = raw.get("count")
    times = f" ({count}×)" if isinstance(count, int) and count > 1 else ""
    return f"{at}  {raw.get('type', '')}  {raw.get('reason', '')}{times}  {raw.get('message', '')}"
