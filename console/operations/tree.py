"""An object with all that it applied: watched ones as they are known, workloads with their pods, the rest by a look."""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from console.model.flux import FluxKey, Status
from console.model.flux_graph import FluxRow
from console.model.flux_tree import MISSING, UNKNOWN, Node
from console.model.inventory import WORKLOADS, Entry, entries, standing
from console.model.unstructured import Raw, mapping, rows, text
from console.operations.passes import known
from console.sources.errors import HomeconsoleError, Refused
from console.sources.ports import ClusterApi
from console.sources.stop import Stop

DEPTH = 2  # levels of inventories: a Kustomization's, and those of the releases in it
MOST = 300  # objects that one tree asks the API for
_AT_ONCE = 8  # requests
_APPLIERS = frozenset({"Kustomization", "HelmRelease", "ResourceSet", "FluxInstance"})


class Cluster(ClusterApi, Protocol):
    """A ClusterApi that can also look whether something is there."""

    def metadata(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        """The object's metadata alone."""


def tree(
    cluster: Cluster,
    key: FluxKey,
    rows_: Iterable[FluxRow],
    *,
    depth: int = DEPTH,
    most: int = MOST,
    stop: Stop | None = None,
) -> Node:
    """``key`` and what it applied, ``depth`` inventories deep; ``rows_`` is what is watched.

    Raises SourceError when the object itself can't be read. What below it can't be read is ``Unknown``, with the
    reason; what lies deeper than ``depth``, or beyond ``most`` requests, is counted in ``hidden``.
    """
    raw = cluster.get(known(key).api_version, key.kind, key.name, key.namespace)
    watched = {row.key: row for row in rows_}
    growing = _Growing(cluster, watched, most, stop or Stop())
    return growing.grown(_node(key, text(raw, "apiVersion"), watched.get(key)), raw, depth)


@dataclass(slots=True)
class _Growing:
    cluster: Cluster
    watched: Mapping[FluxKey, FluxRow]
    most: int
    stop: Stop
    _asked: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _away: dict[str, str] = field(default_factory=dict)  # kinds that are not served or not to be read, and why

    def grown(self, node: Node, raw: Raw, depth: int) -> Node:
        """``node`` with its children: level by level, so that the requests of one level run side by side."""
        listed = entries(raw)
        if depth < 1:
            return replace(node, hidden=len(listed))
        children: list[Node] = []
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tree") as pool:
            found = list(pool.map(lambda entry: self._look(entry, depth - 1), listed))
        for entry, (child, seen) in zip(listed, found, strict=True):
            below = child
            if entry.key.kind in _APPLIERS and seen is not None and entry.key != node.key:
                below = self.grown(child, seen, depth - 1)
            children.append(below)
        return replace(node, children=tuple(sorted(children, key=_order)))

    def _look(self, entry: Entry, depth: int) -> tuple[Node, Raw | None]:
        """One object, and, where its inventory is wanted, itself."""
        row = self.watched.get(entry.key)
        if row is not None and (depth < 1 or entry.key.kind not in _APPLIERS):
            return replace(_node(entry.key, entry.api_version, row), hidden=row.object.inventory), None
        unasked = self._unasked(entry)
        if unasked:
            return _node(entry.key, entry.api_version, row, unasked), None
        try:
            return self._asked_for(entry, row)
        except HomeconsoleError as error:
            return self._unread(entry, row, error), None

    def _asked_for(self, entry: Entry, row: FluxRow | None) -> tuple[Node, Raw | None]:
        kind, namespace, name = entry.key
        if kind in _APPLIERS:
            raw = self.cluster.get(entry.api_version, kind, name, namespace)
            return _node(entry.key, entry.api_version, row), raw
        if kind not in WORKLOADS:
            raw = self.cluster.metadata(entry.api_version, kind, name, namespace)
            word = "Terminating" if text(raw, "metadata", "deletionTimestamp") else "Ready"
            return Node(entry.key, entry.api_version, word), None
        raw = self.cluster.get(entry.api_version, kind, name, namespace)
        stands = standing(raw)
        return Node(entry.key, entry.api_version, stands.word, stands.text, self._pods(raw)), None

    def _pods(self, raw: Raw) -> tuple[Node, ...]:
        """The pods of a workload, by its selector."""
        selector = ",".join(f"{k}={v}" for k, v in mapping(raw, "spec", "selector", "matchLabels").items())
        if not selector or rows(raw, "spec", "selector", "matchExpressions"):
            return ()
        found = self.cluster.objects("v1", "Pod", text(raw, "metadata", "namespace"), labels=selector)
        pods = []
        for pod in found:
            stands = standing(pod)
            key = FluxKey("Pod", text(pod, "metadata", "namespace"), text(pod, "metadata", "name"))
            pods.append(Node(key, "v1", stands.word, stands.text))
        return tuple(sorted(pods, key=_order))

    def _unasked(self, entry: Entry) -> str:
        """Why the API is not asked for this one; empty when it is."""
        with self._lock:
            if self.stop.is_set():
                return "stopped"
            if entry.key.kind in self._away:
                return self._away[entry.key.kind]
            self._asked += 1
            return "" if self._asked <= self.most else "not looked at: there are too many"

    def _unread(self, entry: Entry, row: FluxRow | None, error: HomeconsoleError) -> Node:
        if isinstance(error, Refused) and error.kind == "not-found":
            return Node(entry.key, entry.api_version, MISSING, "it was applied, and is not there")
        if error.kind in {"not-served", "forbidden"}:
            with self._lock:
                self._away[entry.key.kind] = error.message
        return _node(entry.key, entry.api_version, row, error.message)


def _node(key: FluxKey, api_version: str, row: FluxRow | None, why: str = "") -> Node:
    if row is None:
        return Node(key, api_version, UNKNOWN, why or "it is not watched")
    told = "" if row.status is Status.READY else row.message or row.reason
    return Node(key, api_version, str(row.status), told, hidden=row.object.inventory if why else 0)


_FIRST = ("Failed", "Stalled", MISSING, "Blocked", "Terminating", "InProgress", "Pending", "Reconciling", UNKNOWN)


def _order(node: Node) -> tuple[int, int, str, str, str]:
    """What is wrong first, then what has something below it, then by name."""
    rank = _FIRST.index(node.status) if node.status in _FIRST else len(_FIRST)
    return (rank, 0 if node.children else 1, node.key.kind, node.key.namespace, node.key.name)
