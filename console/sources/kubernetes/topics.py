"""The sources: each fills one topic from the watches of the kinds that belong to it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from console.model.snapshot import Topic
from console.model.unstructured import text
from console.sources.errors import Forbidden, SourceError
from console.sources.kubernetes.catalogue import CRDS, Catalogue, Resource
from console.sources.kubernetes.gathering import Gathering, Project
from console.sources.kubernetes.transport import Transport
from console.sources.kubernetes.watching import Events, Raw, Watch
from console.sources.ports import Sink
from console.sources.stop import Stop

_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
_SLOW = 300.0  # seconds between two looks for new kinds where CRDs can't be watched
_LAGS = (0.3, 1.0, 3.0, 10.0, 30.0)  # a kind is served a moment after its CRD is there
_JOIN = 3.0


Choice = Callable[[str, tuple[str, ...]], bool]
"""Whether a kind is wanted, by its group and its categories."""


class TopicSource:
    """Feeds ``topic`` from one kind, or from all kinds that the cluster serves and the choice wants."""

    def __init__(
        self, transport: Transport, catalogue: Catalogue, topic: Topic, project: Project, *, kinds: Resource | Choice
    ) -> None:
        self._transport = transport
        self._catalogue = catalogue
        self._topic = topic
        self._project = project
        self._kinds = kinds
        self._bell = _Bell()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The one that it feeds."""
        return (self._topic,)

    def refresh(self) -> None:
        """End the pauses of broken streams and look for new kinds."""
        self._bell.ring()

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source. Ends without an error when the way to the cluster is closed: who runs it must find a new one."""
        gathering = Gathering(sink, self._topic, self._project, self._bell.ring)
        inner = Stop()
        watches = _Watches(self._transport, gathering, self._bell, inner)
        try:
            with stop.closing(inner.set), self._transport.closing(inner.set), inner.closing(self._bell.ring):
                if isinstance(self._kinds, Resource):
                    watches.only({self._kinds})
                    self._listen(watches, inner)
                else:
                    self._discover(self._kinds, watches, _Arrivals(self._kinds, gathering, self._bell), inner)
        finally:
            inner.set()
            self._bell.ring()
            watches.join()

    def _listen(self, watches: "_Watches", stop: Stop) -> None:
        while not stop.is_set():
            heard = self._bell.count
            watches.check()
            self._bell.wait(heard, None)

    def _discover(self, wanted: Choice, watches: "_Watches", arrivals: "_Arrivals", stop: Stop) -> None:
        """Watch what is served; look again when CRDs come and go, a few times if what is served lags behind them."""
        lags = 0
        while not stop.is_set():
            heard = self._bell.count
            resources = {r for r in self._catalogue.read(stop) if wanted(r.group, r.categories)}
            watches.only(resources)
            watches.also(CRDS, arrivals, _METADATA)
            watches.check()
            patience = _SLOW if arrivals.blind else None
            if arrivals.differ({resource.title for resource in resources}) and lags < len(_LAGS):
                patience = _LAGS[lags]
            self._bell.wait(heard, patience)
            lags = 0 if self._bell.count != heard else lags + 1


class _Bell:
    """Wakes whoever waits. Each ring counts, so that none is missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def ring(self) -> None:
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, heard: int, seconds: float | None) -> None:
        """Until the count is another than ``heard``."""
        with self._condition:
            self._condition.wait_for(lambda: self.count != heard, seconds)


class _Watches:
    """A thread for each kind; what goes wrong unforeseen in one comes out of ``check``."""

    def __init__(self, transport: Transport, gathering: Gathering, bell: _Bell, stop: Stop) -> None:
        self._transport = transport
        self._gathering = gathering
        self._bell = bell
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self._stops: dict[Resource, Stop] = {}
        self._failure: BaseException | None = None
        self._other: Resource | None = None

    def only(self, resources: set[Resource]) -> None:
        """Watch these kinds, and no others any more."""
        for resource in set(self._stops) - resources:
            self._stops.pop(resource).set()
        if set(self._stops) != resources or not resources:
            self._gathering.expect(resources)
        for resource in sorted(resources - set(self._stops), key=lambda r: r.title):
            self._stops[resource] = Stop()
            self._start(Watch(self._transport, resource, self._gathering, self._pause), self._stops[resource], resource)

    def also(self, resource: Resource, hearer: "_Arrivals", accept: str) -> None:
        """Watch another kind for another purpose, once and to the end."""
        if self._other is None:
            self._other = resource
            self._start(Watch(self._transport, resource, hearer, self._pause, accept=accept), Stop(), resource)

    def check(self) -> None:
        """Raise what ended a thread."""
        if self._failure:
            raise self._failure

    def join(self) -> None:
        """Until all threads are gone; each is woken before."""
        for thread in self._threads:
            thread.join(_JOIN)

    def _start(self, watch: Watch, own: Stop, resource: Resource) -> None:
        def follow() -> None:
            try:
                with self._stop.closing(own.set):
                    watch.run(own)
            except BaseException as error:  # noqa: BLE001 - it must be heard of; ``check`` raises it
                self._failure = error
                self._bell.ring()

        thread = threading.Thread(target=follow, name=f"watch-{resource.plural}", daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _pause(self, seconds: float) -> bool:
        if seconds > 0 and not self._stop.is_set():
            self._bell.wait(self._bell.count, seconds)
        return self._stop.is_set()


class _Arrivals:
    """Hears which CRDs there are, and rings when one that concerns us comes, goes or changes."""

    def __init__(self, wanted: Choice, gathering: Gathering, bell: _Bell) -> None:
        self._wanted = wanted
        self._gathering = gathering
        self._bell = bell
        self._names: set[str] | None = None  # not known yet
        self._served: set[str] = set()
        self.blind = False  # CRDs can't be watched

    def differ(self, served: set[str]) -> bool:
        """Whether a CRD is there whose kind is not served yet, or the other way round."""
        self._served = served
        return not self.blind and self._names is not None and self._names != served

    def whole(self, resource: Resource, objects: Iterator[Raw]) -> None:
        """See Hearer."""
        self._names = {name for name in map(self._name, objects) if name}
        self.current(resource)
        if self._names != self._served:
            self._bell.ring()

    def changes(self, resource: Resource, events: Events) -> None:
        """See Hearer."""
        self.current(resource)
        concerned = [(kind, name) for kind, raw in events if (name := self._name(raw))]
        names = self._names = self._names or set()
        for kind, name in concerned:
            if kind == "DELETED":
                names.discard(name)
            else:
                names.add(name)
        if concerned:
            self._bell.ring()

    def current(self, resource: Resource) -> None:
        """See Hearer."""
        self.blind = False
        self._gathering.current(resource)

    def lost(self, resource: Resource, error: SourceError) -> None:
        """See Hearer. Without the right to see CRDs the rest still works; new kinds are then found more slowly."""
        if isinstance(error, Forbidden):
            self.blind = True
            self._bell.ring()
        else:
            self._gathering.lost(resource, error)

    def _name(self, raw: Any) -> str:
        name = text(raw, "metadata", "name")
        return name if self._wanted(name.partition(".")[2], ()) else ""
