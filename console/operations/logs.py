"""What the controllers wrote about one object: their pods' logs, line by line, as far as a line names it."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from console.model.flux import FluxKey
from console.model.flux_detail import LogLine
from console.model.flux_kinds import EXTENSIONS, OPERATOR, SOURCE
from console.model.unstructured import Raw, moment, text
from console.operations.passes import known
from console.sources.errors import Forbidden, Refused
from console.sources.ports import ClusterApi
from console.sources.stop import Stop

LINES = 2000  # of each pod; the controllers write some hundred in an hour of a home cluster
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


def logs(cluster: Cluster, key: FluxKey, *, lines: int = LINES, stop: Stop | None = None) -> tuple[LogLine, ...]:
    """The lines about ``key`` among the last ``lines`` of each of its controllers' pods, oldest first.

    Raises Refused when there is no such pod, Forbidden when we may not read logs.
    """
    found: list[LogLine] = []
    controllers = _CONTROLLERS[known(key).group]
    pods = [(name, pod) for name in controllers for pod in _pods(cluster, name)]
    if not pods:
        raise Refused(
            f"No pod of {' or '.join(controllers)} is to be found",
            f"They are looked for by the label app, first in {USUAL}.",
            kind="not-found",
        )
    for name, pod in pods:
        written = cluster.logs(
            text(pod, "metadata", "name"), text(pod, "metadata", "namespace"), _container(pod), lines=lines, stop=stop
        )
        found += about(written, key, name)
    return tuple(sorted(found, key=lambda line: line.at.timestamp() if line.at else 0.0))


def about(written: list[str], key: FluxKey, by: str) -> Iterator[LogLine]:
    """Those lines (JSON, as Flux' controllers write them with ``--log-encoding=json``) that name ``key``."""
    for line in written:
        if key.name not in line:  # most lines are about others: not worth parsing
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
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
