"""The options of list and watch, checked as the server checks them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from console.demo.api.errors import ApiError, bad_request
from console.demo.api.kinds import Kind
from console.demo.api.selectors import Test, fields, labels
from console.demo.api.store import Key, Object, encode

_MATCH = "resourceVersionMatch"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects are asked for."""

    namespace: str | None
    labels: tuple[Test, ...]
    fields: tuple[Test, ...]

    @property
    def selective(self) -> bool:
        """Whether a selector was given."""
        return bool(self.labels or self.fields)

    def selects(self, key: Key, obj: Object) -> bool:
        """Whether it is one of them."""
        if self.namespace is not None and key[0] != self.namespace:
            return False
        if not self.selective:
            return True
        had = obj["metadata"].get("labels") or {}
        return all(test(had) for test in self.labels) and all(test(obj) for test in self.fields)


def selection(query: Mapping[str, str], kind: Kind, namespace: str | None) -> Selection:
    """What the query selects; ApiError 400."""
    return Selection(
        namespace,
        tuple(labels(query.get("labelSelector", ""))),
        tuple(fields(query.get("fieldSelector", ""), kind)),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page begins: after ``start``, of the state at ``revision``."""

    revision: int
    start: Key

    def token(self) -> str:
        """For the client, who does not look into it."""
        content = {"v": "meta.k8s.io/v1", "rv": self.revision, "start": "/".join(self.start)}
        return base64.urlsafe_b64encode(encode(content)).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class ListOptions:
    """``revision`` is None for the latest; ``exact`` asks for the state at just that revision."""

    limit: int
    place: Place | None
    revision: int | None
    exact: bool


def list_options(query: Mapping[str, str]) -> ListOptions:
    """ApiError 400 or 422 for what does not go together."""
    text, match = query.get("resourceVersion", ""), query.get(_MATCH, "")
    if "sendInitialEvents" in query:
        raise _invalid("sendInitialEvents", "Forbidden", "sendInitialEvents is forbidden for list")
    _check_match(match)
    place = _place(query.get("continue", ""))
    if place and text not in {"", "0"}:
        raise bad_request("specifying resource version is not allowed when using continue")
    if match and not text:
        raise _invalid(_MATCH, "Forbidden", f"{_MATCH} is forbidden unless resourceVersion is provided")
    if match == "Exact" and text == "0":
        raise _invalid(_MATCH, "Forbidden", f'{_MATCH} "exact" is forbidden for resourceVersion "0"')
    revision = _revision(text)
    limit = 0 if revision == 0 else max(0, _number(query, "limit"))
    return ListOptions(limit, place, revision, match == "Exact")


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """``revision`` None: begin with all there is. ``initial``: those too, then a bookmark that says so."""

    revision: int | None
    initial: bool
    bookmarks: bool
    seconds: int


def watch_options(query: Mapping[str, str]) -> WatchOptions:
    """ApiError 400, 422 or 500 for what does not go together."""
    text, match = query.get("resourceVersion", ""), query.get(_MATCH, "")
    _check_match(match)
    asked = query.get("sendInitialEvents")
    if asked is None and match:
        raise _invalid(_MATCH, "Forbidden", f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided")
    if asked is not None and match != "NotOlderThan":
        raise _invalid(_MATCH, "Forbidden", f"sendInitialEvents requires setting {_MATCH} to NotOlderThan")
    if text and not text.isdigit():
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{text}": invalid syntax')
    initial = asked is not None and true(asked)
    revision = int(text or 0) or None
    if asked is not None and not initial and revision is None:
        revision = -1  # from now on
    seconds = _number(query, "timeoutSeconds")
    return WatchOptions(revision, initial, true(query.get("allowWatchBookmarks", "")), seconds)


def true(text: str) -> bool:
    """How the server reads a flag: anything but empty, 0 and false."""
    return text.lower() not in {"", "0", "false"}


def _check_match(match: str) -> None:
    if match not in {"", "Exact", "NotOlderThan"}:
        told = f'"{match}": supported values: "Exact", "NotOlderThan", ""'
        raise _invalid(_MATCH, "Unsupported value", told)


def _invalid(field: str, kind: str, told: str) -> ApiError:
    message = f'ListOptions.meta.k8s.io "" is invalid: {field}: {kind}: {told}'
    reason = {"Forbidden": "FieldValueForbidden"}.get(kind, "FieldValueNotSupported")
    cause = {"reason": reason, "message": f"{kind}: {told}", "field": field}
    return ApiError(422, "Invalid", message, details={"group": "meta.k8s.io", "kind": "ListOptions", "causes": [cause]})


def _revision(text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit():
        told = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise bad_request(f'invalid resource version: resourceVersion: Invalid value: "{text}": {told}')
    return int(text)


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "") or "0"
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def _place(token: str) -> Place | None:
    if not token:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, _, name = content["start"].partition("/")
        return Place(int(content["rv"]), (namespace, name))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise bad_request("invalid continue token: not a token of this server") from None
