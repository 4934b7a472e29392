"""What the server serves: aggregated discovery (v2, v2beta1), the older documents, and the least of OpenAPI v3."""

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from console.demo.api.call import answer
from console.demo.api.forms import ranges
from console.demo.api.kinds import READ_WRITE, SERVED, Kind, groups, within
from console.demo.api.reviews import REVIEWS

_AGGREGATED = "apidiscovery.k8s.io"
_CHANGING = ["get", "patch", "update"]
Document = dict[str, Any]


def all_groups() -> list[tuple[str, str]]:
    """Every (group, version), also those that hold only reviews."""
    return [*groups(), *((group, "v1") for group in REVIEWS)]


def _subresources(kind: Kind) -> Iterator[tuple[str, Mapping[str, str], list[str]]]:
    """(name, group-version-kind, verbs)."""
    own = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    if kind.status:
        yield "status", own, _CHANGING
    if kind.kind == "Pod":
        yield "log", own, ["get"]
        # Without it `kubectl drain` deletes pods, past every disruption budget.
        yield "eviction", {"group": "policy", "version": "v1", "kind": "Eviction"}, ["create"]
    if kind.kind == "Service":
        options = {"group": "", "version": "v1", "kind": "ServiceProxyOptions"}
        yield "proxy", options, ["create", "delete", "get", "patch", "update"]


def discover(accept: str, path: str) -> web.Response:
    """``/api`` or ``/apis``, aggregated when the client can read that."""
    core = path == "/api"
    for media, parameters in ranges(accept):
        if (
            media == "application/json"
            and parameters.get("g") == _AGGREGATED
            and parameters.get("v") in {"v2", "v2beta1"}
        ):
            return _aggregated(parameters["v"], core=core)
        if media in {"application/json", "*/*", "application/*"} and "g" not in parameters:
            break
    if core:
        return answer({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
    listed = [group(name) for name, _ in all_groups() if name]
    return answer({"kind": "APIGroupList", "apiVersion": "v1", "groups": listed})


def _aggregated(version: str, *, core: bool) -> web.Response:
    wanted = [(name, of) for name, of in all_groups() if (not name) is core]
    document = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED}/{version}",
        "metadata": {},
        "items": [_group_item(name, of) for name, of in wanted],
    }
    response = answer(document)
    kind = f"application/json;g={_AGGREGATED};v={version};as=APIGroupDiscoveryList"
    response.headers["Content-Type"] = kind
    response.headers["Vary"] = "Accept"
    return response


def _group_item(name: str, version: str) -> Document:
    resources = [_item(kind) for kind in within(name, version)] or [_review_item(name, *of[:2]) for of in REVIEWS[name]]
    metadata = {"name": name} if name else {}
    return {
        "metadata": metadata,
        "versions": [{"version": version, "freshness": "Current", "resources": resources}],
    }


def _item(kind: Kind) -> Document:
    item: Document = {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(READ_WRITE),
    }
    if kind.short:
        item["shortNames"] = list(kind.short)
    if kind.categories:
        item["categories"] = list(kind.categories)
    below = [{"subresource": name, "responseKind": of, "verbs": verbs} for name, of, verbs in _subresources(kind)]
    return item | ({"subresources": below} if below else {})


def _review_item(group: str, kind: str, plural: str) -> Document:
    return {
        "resource": plural,
        "responseKind": {"group": group, "version": "v1", "kind": kind},
        "scope": "Cluster",
        "singularResource": kind.lower(),
        "verbs": ["create"],
    }


def group(name: str) -> Document:
    """``/apis/GROUP``."""
    version = next(of for known, of in all_groups() if known == name)
    served = {"groupVersion": f"{name}/{version}", "version": version}
    return {"kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": [served], "preferredVersion": served}


def resources(name: str, version: str) -> Document:
    """``/api/v1`` or ``/apis/GROUP/VERSION``."""
    listed = [entry for kind in within(name, version) for entry in _entries(kind)]
    for kind, plural, _ in REVIEWS.get(name, ()):
        review = {"name": plural, "singularName": kind.lower(), "namespaced": False, "kind": kind}
        listed.append(review | {"verbs": ["create"]})
    whole = f"{name}/{version}" if name else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": whole, "resources": listed}


def _entries(kind: Kind) -> Iterator[Document]:
    entry: Document = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(READ_WRITE),
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    yield entry
    for name, of, verbs in _subresources(kind):
        below: Document = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced}
        foreign = {} if of["group"] == kind.group else {"group": of["group"], "version": of["version"]}
        yield below | foreign | {"kind": of["kind"], "verbs": verbs}


def openapi_index() -> Document:
    """``/openapi/v3``: where each group's document is."""
    paths = (kind.path.removeprefix("/") for kind in SERVED)
    return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash=1"} for path in dict.fromkeys(paths)}}


def openapi(name: str, version: str) -> Document:
    """Just enough for ``kubectl apply``: each kind can be patched, and the server itself validates fields."""
    validates = [{"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": True}}]
    paths: Document = {}
    schemas: Document = {}
    for kind in within(name, version):
        named = [{"group": kind.group, "version": kind.version, "kind": kind.kind}]
        where = "/namespaces/{namespace}" if kind.namespaced else ""
        operation = {"parameters": validates, "responses": {}, "x-kubernetes-group-version-kind": named[0]}
        paths[f"{kind.path}{where}/{kind.plural}/{{name}}"] = {"patch": operation}
        schemas[kind.kind] = {"type": "object", "x-kubernetes-group-version-kind": named}
    info = {"title": "Kubernetes", "version": "v1"}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
