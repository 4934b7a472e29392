"""What the controllers write about one object: their pods' logs, line by line, as far as a line names it."""

import json
import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from console.model.flux import FluxKey
from console.model.flux_detail import LogLine
from console.model.flux_kinds import EXTENSIONS, OPERATOR, SOURCE
from console.model.snapshot import Problem
from console.model.unstructured import Raw, decoded, moment, text
from console.operations.passes import known
from console.sources.errors import CLOSED, Forbidden, HomeconsoleError, Refused, SourceError
from console.sources.ports import ClusterApi
from console.sources.stop import Stop

LINES = 2000  # of each pod; the controllers write some hundred in an hour of a home cluster
AGAIN = 2.0  # seconds until pods are looked for again after one's log has ended
_BEFORE = 200  # lines of a followed log that may have been read already: what came while it was being opened
USUAL = "flux-system"  # where Flux lives, as a rule
_CONTAINER = "manager"
_CONTROLLERS = {
    SOURCE: ("source-controller",),
    EXTENSIONS: ("source-watcher",),
    "kustomize.toolkit.fluxcd.io": ("kustomize-controller",),
    "helm.toolkit.fluxcd.io": ("helm-controller",),
    "notification.toolkit.fluxcd.io": ("notification-controller",),
    "image.toolkit.fluxcd.io": ("image-reflector-controller", "image-automation-controller"),
    OPERATOR: ("flux-operator",),
}
_OWN = frozenset(  # what every line says, and what the line is shown with
    {"level", "ts", "msg", "name", "namespace", "controller", "controllerGroup", "controllerKind", "logger"}
)


class Cluster(ClusterApi, Protocol):
    """A ClusterApi that can also read what pods wrote."""

    def logs(self, pod: str, namespace: str, container: str = "", *, lines: int, stop: Stop | None = None) -> list[str]:
        """The last lines of a container."""

    def written(self, pod: str, namespace: str, container: str = "", *, lines: int, stop: Stop) -> Iterator[str]:
        """The last lines of a container, then each as it comes, until it ends."""


def logs(cluster: Cluster, key: FluxKey, *, lines: int = LINES, stop: Stop) -> Iterator[LogLine | Problem | None]:
    """The lines about ``key`` among the last ``lines`` of each of its controllers' pods, oldest first; then each new
    one as it comes, until ``stop`` or the iterator is closed.

    A Problem while no log can be read, None when all can again. A controller that is replaced is followed on in its new
    pod. Raises Refused when there is no such pod, Forbidden when we may not read logs, ``CLOSED`` when the way to the
    cluster is another one now.
    """
    reading = _Reading(cluster, key, stop)
    try:
        with stop.closing(reading.end):
            yield from reading.past(lines)
            yield from reading.present()
    finally:
        reading.end()
        reading.join()


_Said = tuple[str, str | SourceError | None]  # pod; a line, why it can't be read, or the end


class _Reading:
    """A thread for each pod."""

    def __init__(self, cluster: Cluster, key: FluxKey, stop: Stop) -> None:
        self._cluster = cluster
        self._key = key
        self._asked_by = stop
        self._stop = Stop()
        self._said: queue.SimpleQueue[_Said] = queue.SimpleQueue()
        self._threads: dict[str, threading.Thread] = {}
        self._controllers: dict[str, str] = {}  # by pod
        self._told: deque[str] = deque(maxlen=_BEFORE)

    def end(self) -> None:
        self._stop.set()
        self._said.put(("", None))

    def join(self) -> None:
        for thread in self._threads.values():
            thread.join()

    def past(self, lines: int) -> Iterator[LogLine]:
        found: list[tuple[LogLine, str]] = []
        for name, pod in self._pods():
            place = (text(pod, "metadata", "name"), text(pod, "metadata", "namespace"), _container(pod))
            for raw in self._cluster.logs(*place, lines=lines, stop=self._asked_by):
                found += [(line, raw) for line in about([raw], self._key, name)]
        found.sort(key=lambda each: each[0].at.timestamp() if each[0].at else 0.0)
        for line, raw in found:
            self._told.append(raw)
            yield line

    def present(self) -> Iterator[LogLine | Problem | None]:
        away: Problem | None = None
        due = time.monotonic()
        while not self._stop.is_set():
            problem = away
            if due <= time.monotonic():
                problem, due = self._begin(), float("inf")
                if problem:
                    due = time.monotonic() + AGAIN
                if problem != away:
                    yield problem
                    away = problem
            try:
                pod, said = self._said.get(timeout=min(max(due - time.monotonic(), 0.0), threading.TIMEOUT_MAX))
            except queue.Empty:
                continue
            if isinstance(said, str):
                yield from self._new(pod, said)
                continue
            if isinstance(said, SourceError) and said.kind == CLOSED:
                raise said
            due = min(due, time.monotonic() + AGAIN)
            if isinstance(said, SourceError) and not away:
                away = said.problem
                yield away

    def _new(self, pod: str, raw: str) -> Iterator[LogLine]:
        for line in about([raw], self._key, self._controllers[pod]):
            if raw not in self._told:
                self._told.append(raw)
                yield line

    def _begin(self) -> Problem | None:
        """Follow the pods that nobody follows yet; why there are none, if so."""
        try:
            found = self._pods()
        except HomeconsoleError as error:
            if isinstance(error, Forbidden) or error.kind == CLOSED:
                raise
            return error.problem
        for controller, pod in found:
            name = text(pod, "metadata", "name")
            if name in self._threads and self._threads[name].is_alive():
                continue
            self._controllers[name] = controller
            self._threads[name] = threading.Thread(target=self._read, args=(pod,), name=f"log-{name}", daemon=True)
            self._threads[name].start()
        return None

    def _read(self, pod: dict[str, Any]) -> None:
        name, namespace = text(pod, "metadata", "name"), text(pod, "metadata", "namespace")
        try:
            for line in self._cluster.written(name, namespace, _container(pod), lines=_BEFORE, stop=self._stop):
                self._said.put((name, line))
        except SourceError as error:
            self._said.put((name, error))
        except HomeconsoleError:  # it is gone, or not ready: the next look for pods tells
            self._said.put((name, None))
        else:
            self._said.put((name, None))

    def _pods(self) -> Sequence[tuple[str, dict[str, Any]]]:
        controllers = _CONTROLLERS[known(self._key).group]
        found = [(name, pod) for name in controllers for pod in _pods(self._cluster, name)]
        if not found:
            raise Refused(
                f"No pod of {' or '.join(controllers)} is to be found",
                f"They are looked for by the label app, first in {USUAL}.",
                kind="not-found",
            )
        return found


def about(written: list[str], key: FluxKey, by: str) -> Iterator[LogLine]:
    """Those lines (JSON, as Flux' controllers write them with ``--log-encoding=json``) that name ``key``."""
    for line in written:
        if key.name not in line:  # most lines are about others: not worth parsing
            continue
        try:
            said = decoded(line)
        except ValueError:
            continue
        if isinstance(said, dict) and _names(said, key):
            yield _line(said, by, key.kind)


def _names(said: Raw, key: FluxKey) -> bool:
    """controller-runtime: ``controllerKind``, ``namespace``, ``name``; and once more under the kind's own name."""
    nested = said.get(key.kind)
    if isinstance(nested, Mapping):
        return (text(nested, "namespace"), text(nested, "name")) == (key.namespace, key.name)
    kind = text(said, "controllerKind") or text(said, "reconciler kind")
    return (kind.lower(), text(said, "namespace"), text(said, "name")) == (key.kind.lower(), key.namespace, key.name)


def _line(said: Raw, by: str, kind: str) -> LogLine:
    rest = {name: value for name, value in said.items() if name not in _OWN and name not in {kind, "reconcileID"}}
    fields = tuple((name, value if isinstance(value, str) else json.dumps(value)) for name, value in rest.items())
    return LogLine(_at(said), text(said, "level"), text(said, "msg"), by, fields)


def _at(said: Raw) -> datetime | None:
    return moment(said, "ts")


def _pods(cluster: Cluster, controller: str) -> list[dict[str, Any]]:
    """Where Flux usually lives; else anywhere, where we may look there."""
    label = "app.kubernetes.io/name" if controller == "flux-operator" else "app"
    near = cluster.objects("v1", "Pod", USUAL, labels=f"{label}={controller}")
    if near:
        return near
    try:
        return cluster.objects("v1", "Pod", labels=f"{label}={controller}")
    except Forbidden:
        return []


def _container(pod: Raw) -> str:
    """The controller's own, where a service mesh put another one beside it."""
    containers = pod.get("spec", {}).get("containers") or []
    names = [text(one, "name") for one in containers]
    return (_CONTAINER if _CONTAINER in names else names[0]) if len(names) > 1 else ""
