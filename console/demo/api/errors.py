"""What the API refuses, as the ``Status`` object that a real server answers with."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.demo.api.kinds import Kind

STALE = "the object has been modified; please apply your changes to the latest version and try again"


class ApiError(Exception):
    """A refusal: HTTP ``code``, ``reason`` (a CamelCase word, may be empty) and ``message``."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.retry_after = retry_after  # seconds, sent as header too

    def status(self) -> dict[str, Any]:
        """The body: a ``Status`` of version v1."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        details = dict(self.details)
        if self.retry_after is not None:
            details["retryAfterSeconds"] = self.retry_after
        if details:
            status["details"] = details
        return status | {"code": self.code}


def about(kind: Kind, name: str, *, word: str = "") -> dict[str, Any]:
    """``details`` that name an object; ``word`` stands in the place of the plural."""
    group = {"group": kind.group} if kind.group else {}
    return {**({"name": name} if name else {}), **group, "kind": word or kind.plural}


def not_found(kind: Kind, name: str) -> ApiError:
    """404 for one object."""
    return ApiError(404, "NotFound", f'{kind.qualified} "{name}" not found', details=about(kind, name))


def no_resource() -> ApiError:
    """404 for a resource that the core group does not have."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def already_exists(kind: Kind, name: str) -> ApiError:
    """409 for a second object of the same name."""
    return ApiError(409, "AlreadyExists", f'{kind.qualified} "{name}" already exists', details=about(kind, name))


def conflict(kind: Kind, name: str, why: str = STALE) -> ApiError:
    """409 for a write on top of something that is no longer there."""
    message = f'Operation cannot be fulfilled on {kind.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, details=about(kind, name))


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def expired(message: str) -> ApiError:
    """410 for a revision that is compacted away."""
    return ApiError(410, "Expired", message)


def invalid(kind: Kind, name: str, causes: Sequence[tuple[str, str, str]]) -> ApiError:
    """422 with one cause for each ``(field, reason, message)``."""
    texts = [f"{field}: {message}" for field, _, message in causes]
    told = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    listed = [{"reason": reason, "message": message, "field": field} for field, reason, message in causes]
    details = about(kind, name, word=kind.kind) | {"causes": listed}
    return ApiError(422, "Invalid", f'{kind.titled} "{name}" is invalid: {told}', details=details)
