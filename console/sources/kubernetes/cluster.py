"""One cluster: its sources, and what operations ask of it."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from console.model.flux import FluxKey
from console.model.flux_detail import seen_at
from console.model.flux_kinds import belongs
from console.model.flux_projection import project
from console.model.hold import TUPPR
from console.model.snapshot import Topic
from console.model.unstructured import text
from console.sources.errors import Refused, SourceError
from console.sources.kubernetes import faults, projections
from console.sources.kubernetes.catalogue import DAEMON_SETS, EVENTS, NODES, PODS, SERVICES, Catalogue, Resource
from console.sources.kubernetes.following import Following
from console.sources.kubernetes.happenings import Happenings
from console.sources.kubernetes.topics import TopicSource
from console.sources.kubernetes.transport import JSON, Call, Transport
from console.sources.ports import Source
from console.sources.stop import Stop

_MERGE = "application/merge-patch+json"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_PAGE = "500"
# A server that can't answer so sends the whole object.
_METADATA = f"application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{JSON}"


class KubernetesCluster:
    """See ClusterApi. Thread-safe. ``close`` cuts every connection."""

    def __init__(self, kubeconfig: Path | None, context: str | None, stop: Stop | None = None) -> None:
        self._transport = Transport(kubeconfig, context, stop)
        self._catalogue = Catalogue(self._transport)
        self._sources = self._made()

    @property
    def name(self) -> str:
        """The cluster's name, as the context gives it."""
        return self._transport.access.name

    @property
    def context(self) -> str:
        """The kubeconfig's context."""
        return self._transport.access.context

    @property
    def host(self) -> str:
        """The API's URL."""
        return self._transport.access.host

    def sources(self) -> list[Source]:
        """Flux, nodes, the network's DaemonSets and tuppr; always the same ones."""
        return list(self._sources)

    def kinds(self) -> frozenset[str]:
        """What is served outside the core, as RBAC rules and CRDs name it: ``plural.group``. Raises SourceError."""
        return frozenset(resource.title for resource in self._catalogue.read())

    def close(self) -> None:
        """End everything that waits on the cluster."""
        self._transport.close()

    # ClusterApi

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        """See ClusterApi. Where ``api_version`` is not served, the version that is."""
        resource = self._catalogue.find(api_version, kind)
        call = Call(resource.path(namespace, name), doing=f"get {resource.title}")
        return _object(self._transport.request(call).json(), resource)

    def metadata(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        """The object's metadata alone: whether it is there, and whose it is. A Secret's data is not even sent."""
        resource = self._catalogue.find(api_version, kind)
        call = Call(resource.path(namespace, name), accept=_METADATA, doing=f"get {resource.title}")
        found = _object(self._transport.request(call).json(), resource)
        return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": found.get("metadata") or {}}

    def served(self, kind: str) -> tuple[str, str]:
        """(apiVersion, kind) that ``kind``, or its plural, in any case, means. Refused with ``not-served``."""
        found = self._catalogue.named(kind)
        return found.api_version, found.kind

    def objects(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> list[dict[str, Any]]:
        """See ClusterApi. In pages."""
        resource = self._catalogue.find(api_version, kind)
        return list(self._listed(resource, namespace, labels, fields))

    def proxied(self, namespace: str, service: str, path: str, query: Mapping[str, str]) -> Any:
        """What a service answers to a GET of ``path``, as JSON. ``service`` is ``NAME:PORT``. Needs services/proxy."""
        name, _, port = service.partition(":")
        where = f"{SERVICES.path(namespace, name)}:{port}/proxy/{path}"
        return self._transport.request(Call(where, dict(query), doing="get services/proxy")).json()

    def patch(self, api_version: str, kind: str, name: str, namespace: str, patch: dict[str, Any]) -> dict[str, Any]:
        """See ClusterApi."""
        resource = self._catalogue.find(api_version, kind)
        call = Call(
            resource.path(namespace, name),
            {"fieldManager": "homeconsole"},
            method="PATCH",
            body=patch,
            content_type=_MERGE,
            doing=f"patch {resource.title}",
        )
        return _object(self._transport.request(call).json(), resource)

    def allowed(self, verb: str, group: str, resource: str, namespace: str = "", name: str = "") -> bool:
        """See ClusterApi. ``resource`` may carry a subresource: ``pods/log``."""
        plural, _, sub = resource.partition("/")
        asked = {"verb": verb, "group": group, "resource": plural, "namespace": namespace, "name": name}
        if sub:
            asked["subresource"] = sub
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in asked.items() if value}},
        }
        call = Call(_REVIEWS, method="POST", body=review, doing="create selfsubjectaccessreviews.authorization.k8s.io")
        answer = self._transport.request(call).json()
        return isinstance(answer, dict) and answer.get("status", {}).get("allowed") is True

    def events(self, key: FluxKey) -> list[dict[str, Any]]:
        """See ClusterApi."""
        fields = f"involvedObject.kind={key.kind},involvedObject.name={key.name}"
        found = list(self._listed(EVENTS, key.namespace or "default", "", fields))
        return sorted(found, key=_seen, reverse=True)

    def happenings(self, key: FluxKey, *, timeout: float, stop: Stop) -> Iterator[list[dict[str, Any]] | SourceError]:
        """The same, and again after each new one, for at most ``timeout`` seconds; see ``follow``."""
        fields = f"involvedObject.kind={key.kind},involvedObject.name={key.name}"
        end = time.monotonic() + timeout
        query = {"fieldSelector": fields}
        for found in Happenings(self._transport, EVENTS, key.namespace or "default", query, end).run(stop):
            yield found if isinstance(found, SourceError) else sorted(found, key=_seen, reverse=True)

    def chosen(
        self, api_version: str, kind: str, *, labels: str = "", fields: str = "", timeout: float, stop: Stop
    ) -> Iterator[list[dict[str, Any]] | SourceError]:
        """All objects of a kind that the selectors choose, in any namespace, and all again after each change of one.

        See ``happenings`` for the rest.
        """
        resource = self._catalogue.find(api_version, kind)
        query = {name: value for name, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}
        return Happenings(self._transport, resource, "", query, time.monotonic() + timeout).run(stop)

    def logs(self, pod: str, namespace: str, container: str = "", *, lines: int, stop: Stop | None = None) -> list[str]:
        """The last ``lines`` of what a container wrote; without ``container`` the pod has only one."""
        query = {"tailLines": str(lines), **({"container": container} if container else {})}
        path = PODS.path(namespace, pod)
        answer = self._transport.request(Call(f"{path}/log", query, accept="*/*", doing="get pods/log"), stop=stop)
        return answer.body.decode(errors="replace").splitlines()

    def written(self, pod: str, namespace: str, container: str = "", *, lines: int, stop: Stop) -> Iterator[str]:
        """What a container writes: its last ``lines``, then each as it comes, until it ends or ``stop``.

        Without ``container`` the pod has only one. Raises SourceError when the connection is lost.
        """
        query = {"tailLines": str(lines), "follow": "true", **({"container": container} if container else {})}
        call = Call(f"{PODS.path(namespace, pod)}/log", query, accept="*/*", doing="get pods/log")
        rest = b""
        with self._transport.stream(call, stop) as stream:
            for chunk in stream.chunks:
                *whole, rest = (rest + chunk).split(b"\n")
                yield from (line.decode(errors="replace") for line in whole)
        if rest and not stop.is_set():
            yield rest.decode(errors="replace")

    def follow(
        self, api_version: str, kind: str, name: str, namespace: str, *, timeout: float, stop: Stop
    ) -> Iterator[dict[str, Any] | SourceError]:
        """The object as it is, and again after each change, for at most ``timeout`` seconds.

        While it can't be read, the reason comes instead, and it is tried again. Raises Refused when it is gone, and
        whatever will not pass by waiting.
        """
        resource = self._catalogue.find(api_version, kind)
        return Following(self._transport, resource, name, namespace, time.monotonic() + timeout).run(stop)

    # Inside

    def _made(self) -> tuple[TopicSource, ...]:
        def tuppr(group: str, _: tuple[str, ...]) -> bool:
            return group == TUPPR

        way = (self._transport, self._catalogue)
        return (
            TopicSource(*way, Topic.FLUX, project, kinds=belongs),
            TopicSource(*way, Topic.KUBERNETES, projections.node, kinds=NODES),
            TopicSource(*way, Topic.WORKLOADS, projections.daemon_set, kinds=DAEMON_SETS),
            TopicSource(*way, Topic.TUPPR, projections.upgrade, kinds=tuppr),
        )

    def _listed(self, resource: Resource, namespace: str, labels: str, fields: str) -> Iterator[dict[str, Any]]:
        query = {"limit": _PAGE, "labelSelector": labels, "fieldSelector": fields}
        query = {key: value for key, value in query.items() if value}
        again = True
        while True:
            try:
                call = Call(resource.path(namespace), query, doing=f"list {resource.title}")
                page = self._transport.request(call).json()
            except faults.Gone as error:
                if not again:
                    raise Refused(error.message, kind="gone") from error
                again = False  # the list changed too much while it was read; whole, it is consistent
                query.pop("continue", None)
                query.pop("limit", None)
                continue
            items = page.get("items") if isinstance(page, dict) else None
            for item in items or []:
                yield _object(item, resource)
            token = text(page, "metadata", "continue")
            if not token:
                return
            query["continue"] = token


def _object(item: Any, resource: Resource) -> dict[str, Any]:
    """Items of a list of a built-in kind do not say what they are."""
    found = item if isinstance(item, dict) else {}
    return {"apiVersion": resource.api_version, "kind": resource.kind} | found


def _seen(event: dict[str, Any]) -> float:
    found = seen_at(event)
    return found.timestamp() if found else 0.0
