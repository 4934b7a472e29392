"""From a URL to what answers."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from aiohttp import web

from console.demo.api import discovery, reading, watching, writing
from console.demo.api.access import User
from console.demo.api.call import Call, answer, not_allowed, page_not_found, plain
from console.demo.api.errors import no_resource
from console.demo.api.faults import Fault
from console.demo.api.forms import chosen
from console.demo.api.kinds import Kind, served
from console.demo.api.options import true
from console.demo.api.pods import evict, log
from console.demo.api.proxying import proxied
from console.demo.api.reviews import REVIEWS, review

if TYPE_CHECKING:
    from console.demo.api.server import ApiServer

_HEALTH = ("healthz", "livez", "readyz")
_ANSWERS: Mapping[str, Callable[[Call], Awaitable[web.StreamResponse]]] = {
    "get": reading.get,
    "list": reading.listing,
    "watch": watching.watch,
    "create": writing.create,
    "update": writing.replace,
    "patch": writing.patch,
    "delete": writing.delete,
    "deletecollection": writing.delete_all,
}
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


class Routes:
    """The paths of one server."""

    def __init__(self, server: "ApiServer") -> None:
        self._server = server

    async def answer(self, request: web.BaseRequest, fault: Fault | None) -> web.StreamResponse:
        """The answer; ApiError for a refusal."""
        parts = [part for part in request.path.split("/") if part]
        if parts and parts[0] in _HEALTH:
            return plain("ok")
        if parts == ["version"]:
            return answer(self._version())
        user = self._server.access.user(request)
        match parts:
            case ["api", "v1", *rest] if rest:
                return await self._resource(request, fault, user, ("", "v1"), rest)
            case ["apis", group, version, *rest] if rest:
                return await self._resource(request, fault, user, (group, version), rest)
            case _:
                return _document(request, parts)

    async def _resource(
        self,
        request: web.BaseRequest,
        fault: Fault | None,
        user: User,
        of: tuple[str, str],
        parts: Sequence[str],
    ) -> web.StreamResponse:
        group, version = of
        if group in REVIEWS and version == "v1" and request.method == "POST":
            return await review(request, user, self._server.access, group, parts[0]) or page_not_found()
        namespace, plural, name, subresource = _split(parts)
        kind = served(group, version, plural)
        if kind is None or not _has(kind, subresource) or (namespace is not None and not kind.namespaced):
            if group:
                return page_not_found()
            raise no_resource()
        call = Call(
            request,
            self._server.store,
            self._server.faults,
            self._server.ownership,
            user,
            kind,
            namespace,
            name,
            subresource,
            fault,
        )
        verb = _verb(call)
        self._server.access.check(user, verb, kind, namespace=namespace or "", name=name, subresource=subresource)
        chosen(request.headers.get("Accept", ""))
        return await self._perform(verb, call)

    async def _perform(self, verb: str, call: Call) -> web.StreamResponse:
        if call.subresource == "log":
            return await log(call, self._server.logs)
        if call.subresource == "eviction":
            return await evict(call)
        if call.subresource == "proxy":
            return await proxied(call, call.request.path.partition(f"/{call.name}/proxy")[2].removeprefix("/"))
        return await _ANSWERS[verb](call)

    def _version(self) -> dict[str, str]:
        major, minor, *_ = self._server.version.lstrip("v").split(".")
        return {
            "major": major,
            "minor": minor,
            "gitVersion": self._server.version,
            "gitCommit": "0" * 40,
            "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z",
            "goVersion": "go1.25.0",
            "compiler": "gc",
            "platform": f"{sys.platform}/amd64",
        }


def _split(parts: Sequence[str]) -> tuple[str | None, str, str, str]:
    """(namespace, plural, name, subresource); ``namespaces/x/status`` is about the namespace itself."""
    namespace = None
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in {"status", "finalize"}:
        namespace, parts = parts[1], parts[2:]
    plural, name, subresource = (*parts, "", "")[:3]
    return namespace, plural, name, subresource if len(parts) < 4 or subresource == "proxy" else "?"


def _has(kind: Kind, subresource: str) -> bool:
    if subresource in {"", "status"}:
        return not subresource or kind.status
    return subresource in {"Pod": {"log", "eviction"}, "Service": {"proxy"}}.get(kind.kind, ())


def _verb(call: Call) -> str:
    """RBAC's word for what is asked; ApiError 405."""
    method, name, below = call.request.method, call.name, call.subresource
    allowed = {
        "log": {"GET"},
        "eviction": {"POST"},
        "status": {"GET", "PUT", "PATCH"},
        "proxy": {"GET", "PUT", "PATCH", "POST", "DELETE"},
    }.get(below)
    if allowed is None:
        allowed = {"GET", "PUT", "PATCH", "DELETE"} if name else {"GET", "POST", "DELETE"}
    if method not in allowed or (name and call.kind.namespaced and call.namespace is None):
        raise not_allowed()
    if method == "GET":
        return "get" if name else "watch" if true(call.query.get("watch", "")) else "list"
    if method == "DELETE":
        return "delete" if name else "deletecollection"
    return _VERBS[method]


def _document(request: web.BaseRequest, parts: Sequence[str]) -> web.StreamResponse:
    """Discovery and OpenAPI."""
    if parts in (["api"], ["apis"]):
        return discovery.discover(request.headers.get("Accept", ""), f"/{parts[0]}")
    make: Callable[..., discovery.Document]
    match parts:
        case ["api", "v1"]:
            make, of = discovery.resources, ("", "v1")
        case ["apis", group]:
            return answer(discovery.group(group)) if group in dict(discovery.all_groups()) else page_not_found()
        case ["apis", group, version]:
            make, of = discovery.resources, (group, version)
        case ["openapi", "v3"]:
            return answer(discovery.openapi_index())
        case ["openapi", "v3", "api", "v1"]:
            make, of = discovery.openapi, ("", "v1")
        case ["openapi", "v3", "apis", group, version]:
            make, of = discovery.openapi, (group, version)
        case _:
            return page_not_found()
    return answer(make(*of)) if of in discovery.all_groups() else page_not_found()
