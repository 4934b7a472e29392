"""What all controllers share: the store, the machines, the repository, the time, the faults, and the event recorder."""

import contextlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.demo.api.errors import ApiError
from console.demo.api.store import ObjectStore
from console.demo.controllers.objects import Draft, Key, Obj, digest, stamp, uid
from console.demo.controllers.tree import Repository
from console.demo.controllers.written import Written
from console.demo.world import DemoClock, Topology, World

EVENT_LIFE = timedelta(hours=1)  # kube-apiserver's default for events


class Time(Protocol):
    """A clock that waits."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SeedTime:
    """The past, in which the cluster came to be: a wait only moves the hands. Nothing is ever awaited."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.meanwhile: Callable[[], None] | None = None  # what others do during a wait

    def now(self) -> datetime:
        """The moment that is being lived, whole seconds."""
        return self.moment.replace(microsecond=0)

    async def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self.moment += timedelta(seconds=seconds)
        if self.meanwhile:
            self.meanwhile()


def live_at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a pass under SeedTime to its end, without an event loop; its result."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise RuntimeError("a pass waited for something while the cluster was being seeded")


@dataclass(slots=True)
class Faults:
    """What goes wrong, by object. Controllers look here; tests and scenarios write here."""

    sources: dict[Key, str] = field(default_factory=dict)  # the error of a fetch
    releases: dict[Key, str] = field(default_factory=dict)  # the error of an upgrade
    boots_old: set[str] = field(default_factory=set)  # nodes that come back with the version they had
    never_back: set[str] = field(default_factory=set)  # nodes that stay away after a reboot
    pulls: dict[str, str] = field(default_factory=dict)  # by node: the error of a pre-pull
    jobs: dict[str, str] = field(default_factory=dict)  # by node: the error of an upgrade job


@dataclass(slots=True)
class Site:
    """One running cluster. ``time`` is SeedTime first and the demo's clock from then on."""

    topology: Topology
    world: World
    repository: Repository
    time: Time
    store: ObjectStore = field(init=False)
    faults: Faults = field(default_factory=Faults)
    written: Written = field(default_factory=Written)
    said: dict[str, list[str]] = field(default_factory=dict)  # by job: what it has written so far
    published: str = ""  # the commit that the cluster's source would fetch now

    def __post_init__(self) -> None:
        self.store = ObjectStore(self.now, uid=self._uid)

    def _uid(self, kind: str, namespace: str, name: str) -> str:
        """The same in every run of a frozen cluster; another one when an object is made again."""
        return uid(kind, namespace, name, str(self.store.revision))

    @property
    def clock(self) -> DemoClock:
        """The demo's clock."""
        return self.world.clock

    def now(self) -> datetime:
        """The present, or the moment that is being seeded."""
        return self.time.now()

    async def sleep(self, seconds: float) -> None:
        """Wait for what would be ``seconds`` in life."""
        await self.time.sleep(seconds)

    async def until(self, holds: Callable[[], bool], *, every: float, at_most: float) -> bool:
        """Look ``every`` seconds whether something holds, ``at_most`` so many seconds of life."""
        waited = 0.0
        while not holds():
            if waited >= at_most:
                return False
            await self.sleep(every)
            waited += every
        return True

    def get(self, key: Key) -> Obj | None:
        """An object, or None."""
        return self.store.get(key.kind, key.name, key.namespace)

    def draft(self, obj: Mapping[str, Any]) -> Draft:
        """The status of ``obj``, to be written now."""
        return Draft(obj, self.now())

    @contextlib.contextmanager
    def status(self, key: Key) -> Iterator[Draft]:
        """A status being written: stored at the end, unless the object has gone meanwhile."""
        draft = self.draft(self.get(key) or {"metadata": {"name": key.name}})
        yield draft
        self.write(key, draft)

    def write(self, key: Key, draft: Draft) -> None:
        """Store a status; nothing happens when the object is gone."""
        if self.get(key) is not None:
            self.store.set_status(key.kind, key.name, key.namespace, draft.done())

    def event(
        self,
        obj: Mapping[str, Any],
        reason: str,
        message: str,
        *,
        component: str,
        warning: bool = False,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Record a core v1 event; the same one again only counts. Events of cluster-scoped objects are in default."""
        self._log(obj, message, component, warning=warning)
        if self.clock.now() - self.now() > EVENT_LIFE:
            return
        meta = obj["metadata"]
        namespace = meta.get("namespace") or "default"
        name = f"{meta['name']}.{digest(obj['kind'], namespace, reason, message)[:16]}"
        old = self.store.get("Event", name, namespace)
        at = stamp(self.now())
        if old:
            again = {"count": old["count"] + 1, "lastTimestamp": at}
            self.store.patch("Event", name, namespace, again)
            return
        involved = {k: meta[k] for k in ("namespace", "name", "uid", "resourceVersion") if k in meta}
        self.store.create(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": name, "namespace": namespace, "annotations": dict(annotations or {})},
                "involvedObject": {"apiVersion": obj["apiVersion"], "kind": obj["kind"], **involved},
                "reason": reason,
                "message": message,
                "type": "Warning" if warning else "Normal",
                "source": {"component": component},
                "reportingComponent": component,
                "reportingInstance": "",
                "firstTimestamp": at,
                "lastTimestamp": at,
                "count": 1,
                "eventTime": None,
            }
        )

    def _log(self, obj: Mapping[str, Any], message: str, component: str, *, warning: bool) -> None:
        """What is told in an event stands in the controller's log, too."""
        if warning:
            self.written.say(component, obj, "Reconciler error", self.now(), error=message)
        else:
            self.written.say(component, obj, message, self.now())

    def forget_events(self) -> None:
        """Delete the events that are older than their life."""
        oldest = stamp(self.now() - EVENT_LIFE)
        for event in self.store.list("Event"):
            if (event.get("lastTimestamp") or oldest) < oldest:
                self.remove(Key("Event", event["metadata"]["namespace"], event["metadata"]["name"]))

    def remove(self, key: Key) -> None:
        """Delete an object; nothing happens when it is gone."""
        try:
            self.store.delete(key.kind, key.name, key.namespace)
        except ApiError as error:
            if error.code != 404:
                raise
