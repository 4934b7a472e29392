"""One request, read as far as it is the same for all."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from console.demo.api.access import User
from console.demo.api.errors import ApiError
from console.demo.api.faults import Fault, Faults
from console.demo.api.kinds import Kind
from console.demo.api.ownership import Ownership
from console.demo.api.store import ObjectStore, encode


@dataclass(slots=True)
class Call:
    """What is asked of which kind. ``namespace`` is None for all namespaces; ``name`` is empty for a collection."""

    request: web.BaseRequest
    store: ObjectStore
    faults: Faults
    ownership: Ownership
    user: User
    kind: Kind
    namespace: str | None
    name: str
    subresource: str
    fault: Fault | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def query(self) -> MultiMapping[str]:
        """The parameters of the URL."""
        return self.request.query

    @property
    def home(self) -> str:
        """The object's namespace as the store has it."""
        return self.namespace or ""

    @property
    def dry_run(self) -> bool:
        """Whether nothing shall be stored; ApiError 422 for another word than All."""
        values = [value for value in self.query.getall("dryRun", []) if value]
        if set(values) - {"All"}:
            message = f'dryRun: Unsupported value: {values}: supported values: "All"'
            raise ApiError(422, "Invalid", message)
        return bool(values)


def answer(body: Any, status: int = 200, *, headers: dict[str, str] | None = None) -> web.Response:
    """JSON: ``body`` as it is when it is bytes."""
    raw = body if isinstance(body, bytes) else encode(body)
    return web.Response(body=raw, status=status, content_type="application/json", headers=headers)


def refuse(error: ApiError) -> web.Response:
    """A refusal as the client sees it."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return answer(error.status(), error.code, headers=headers)


def plain(text: str, status: int = 200) -> web.Response:
    """Text."""
    return web.Response(text=text, status=status, content_type="text/plain")


def page_not_found() -> web.Response:
    """404 for a URL that leads nowhere."""
    return plain("404 page not found\n", 404)


def not_allowed() -> ApiError:
    """405."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
