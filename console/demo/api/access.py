"""Who asks, and whether they may."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from console.demo.api.errors import ApiError, about
from console.demo.api.kinds import Kind

# user, verb, group, resource (with its subresource: "pods/log"), namespace, name
Authorize = Callable[[str, str, str, str, str, str], bool]


@dataclass(frozen=True, slots=True)
class User:
    """Someone who is known."""

    name: str
    groups: tuple[str, ...] = ("system:authenticated",)


def anyone_may(*asked: str) -> bool:
    """Everybody who is known may do everything."""
    del asked
    return True


class Access:
    """Bearer tokens of users, and the question whether they may. ``authorize`` can be replaced at any time."""

    def __init__(self) -> None:
        self.authorize: Authorize = anyone_may
        self._users: dict[str, User] = {}

    def token(self, user: str, groups: tuple[str, ...] = ()) -> str:
        """A new token for ``user``; earlier ones stay valid."""
        token = secrets.token_urlsafe(24)
        self._users[token] = User(user, (*groups, "system:authenticated"))
        return token

    def revoke(self, token: str) -> None:
        """Who shows this token is unknown from now on."""
        self._users.pop(token, None)

    def user(self, request: web.BaseRequest) -> User:
        """Who sent the request; ApiError 401."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            for known, user in self._users.items():
                if secrets.compare_digest(known.encode(), token.strip().encode("utf-8", "surrogateescape")):
                    return user
        elif not scheme:
            user_of_certificate = _from_certificate(request)
            if user_of_certificate:
                return user_of_certificate
        raise ApiError(401, "Unauthorized", "Unauthorized")

    def check(
        self, user: User, verb: str, kind: Kind, *, namespace: str = "", name: str = "", subresource: str = ""
    ) -> None:
        """ApiError 403, in the server's own words, when ``user`` may not."""
        resource = f"{kind.plural}/{subresource}" if subresource else kind.plural
        if self.authorize(user.name, verb, kind.group, resource, namespace, name):
            return
        what = f'{kind.qualified} "{name}"' if name else kind.qualified
        where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        message = (
            f'{what} is forbidden: User "{user.name}" cannot {verb} resource "{resource}" '
            f'in API group "{kind.group}" {where}'
        )
        raise ApiError(403, "Forbidden", message, details=about(kind, name))


def _from_certificate(request: web.BaseRequest) -> User | None:
    certificate: Mapping[str, Any] | None = request.get_extra_info("peercert")
    if not certificate:
        return None
    subject = [pair for part in certificate["subject"] for pair in part]
    groups = tuple(value for key, value in subject if key == "organizationName")
    return next((User(value, (*groups, "system:authenticated")) for key, value in subject if key == "commonName"), None)
