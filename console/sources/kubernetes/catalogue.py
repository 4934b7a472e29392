"""What kinds the cluster serves, in which versions: aggregated discovery, or the older one group at a time."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from console.model.unstructured import Raw, rows, text, texts
from console.sources.errors import Refused
from console.sources.kubernetes.transport import JSON, Call, Transport
from console.sources.stop import Stop

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind as it is served. ``group`` is empty for the core."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    categories: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """``group/version``, or the version alone for the core."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def title(self) -> str:
        """``plural.group``, as RBAC rules and CRDs name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """The URL path of the object, or of all of them. Refused for what can be no part of a path."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        inside = f"/namespaces/{_part(namespace)}" if namespace and self.namespaced else ""
        return f"{base}{inside}/{self.plural}" + (f"/{_part(name)}" if name else "")


def _part(name: str) -> str:
    """``name``, which may come from any object's text, as one part of a path and no more."""
    if name in {".", ".."}:
        raise Refused(f"{name} is no name of an object", kind="not-found")
    return quote(name, safe="")


# Served by every cluster in this very form: no need to ask.
NODES = Resource("", "v1", "Node", "nodes", namespaced=False)
EVENTS = Resource("", "v1", "Event", "events", namespaced=True)
SERVICES = Resource("", "v1", "Service", "services", namespaced=True)
PODS = Resource("", "v1", "Pod", "pods", namespaced=True)
DAEMON_SETS = Resource("apps", "v1", "DaemonSet", "daemonsets", namespaced=True)
CRDS = Resource("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False)
_FIXED = (NODES, EVENTS, DAEMON_SETS, CRDS)


class Catalogue:
    """The kinds that one cluster serves, each in the version that it prefers. Thread-safe."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._known: tuple[Resource, ...] = ()
        self._inner: tuple[Resource, ...] = ()  # the core's, which never change while a server runs

    def read(self, stop: Stop | None = None) -> tuple[Resource, ...]:
        """All kinds outside the core, asked anew. Raises SourceError."""
        call = Call("/apis", accept=f"{_AGGREGATED},{JSON}", doing="get /apis (system:discovery)")
        answer = self._transport.request(call, stop=stop)
        if "APIGroupDiscoveryList" in answer.headers.get("content-type", ""):
            found = tuple(_aggregated(answer.json()))
        else:
            found = tuple(self._one_by_one(answer.json(), stop))
        with self._lock:
            self._known = _preferred(found)
            return self._known

    def find(self, api_version: str, kind: str) -> Resource:
        """The kind in ``api_version``, or, where that is not served, in the version that is.

        Raises Refused with kind ``not-served``.
        """
        group, _, _ = api_version.rpartition("/")
        for fixed in _FIXED:
            if (fixed.group, fixed.kind) == (group, kind):
                return fixed
        for served in (self._remembered, self.read) if group else (self._core,):
            found = self._lookup(served(), group, kind)
            if found:
                return found
        raise Refused(f"The cluster serves no {kind} in {group or 'the core'}", kind="not-served")

    def named(self, kind: str) -> Resource:
        """The kind of that name, in any case, whatever its group; of several the first that the server lists.

        Raises Refused with kind ``not-served``.
        """
        wanted = kind.lower()
        for served in (self._fixed, self._core, self._remembered, self.read):
            found = next((r for r in served() if wanted in {r.kind.lower(), r.plural.lower()}), None)
            if found:
                return found
        raise Refused(f"The cluster serves no kind {kind}", kind="not-served")

    @staticmethod
    def _fixed() -> tuple[Resource, ...]:
        return _FIXED

    def _remembered(self) -> tuple[Resource, ...]:
        with self._lock:
            return self._known

    @staticmethod
    def _lookup(resources: Iterable[Resource], group: str, kind: str) -> Resource | None:
        return next((r for r in resources if (r.group, r.kind) == (group, kind)), None)

    def _core(self) -> tuple[Resource, ...]:
        if not self._inner:
            self._inner = tuple(_legacy(self._transport.request(Call("/api/v1")).json(), "", "v1"))
        return self._inner

    def _one_by_one(self, groups: object, stop: Stop | None) -> Iterator[Resource]:
        for group in rows(groups, "groups"):
            for version in rows(group, "versions"):
                path = f"/apis/{text(version, 'groupVersion')}"
                try:
                    answer = self._transport.request(Call(path), stop=stop)
                except Refused:
                    continue  # an aggregated API that is not there now
                yield from _legacy(answer.json(), text(group, "name"), text(version, "version"))


def _aggregated(document: Any) -> Iterator[Resource]:
    for group in rows(document, "items"):
        for version in rows(group, "versions"):
            for row in rows(version, "resources"):
                if _usable(texts(row, "verbs")):
                    yield Resource(
                        text(group, "metadata", "name"),
                        text(version, "version"),
                        text(row, "responseKind", "kind"),
                        text(row, "resource"),
                        text(row, "scope") == "Namespaced",
                        texts(row, "categories"),
                    )


def _legacy(document: Any, group: str, version: str) -> Iterator[Resource]:
    for row in rows(document, "resources"):
        if _usable(texts(row, "verbs")) and "/" not in text(row, "name"):
            yield Resource(
                group, version, text(row, "kind"), text(row, "name"), row.get("namespaced") is True, _categories(row)
            )


def _categories(row: Raw) -> tuple[str, ...]:
    return texts(row, "categories")


def _usable(verbs: tuple[str, ...]) -> bool:
    return "list" in verbs and "watch" in verbs


def _preferred(found: Iterable[Resource]) -> tuple[Resource, ...]:
    """Groups name their versions in the order of their preference: the first one that serves a kind."""
    chosen: dict[tuple[str, str], Resource] = {}
    for resource in found:
        chosen.setdefault((resource.group, resource.kind), resource)
    return tuple(chosen.values())
