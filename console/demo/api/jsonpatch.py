"""JSON patch (RFC 6902)."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from console.demo.api.errors import ApiError


def refusal() -> ApiError:
    """What the server says of a patch that does not fit: nothing specific."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", details={})


def json_patch(target: Any, operations: Any) -> Any:
    """``target`` after all ``operations``; ApiError 422 when one does not fit, 400 when they are none."""
    if not isinstance(operations, list):
        raise ApiError(400, "BadRequest", "error decoding patch: json: cannot unmarshal object into a list")
    result = deepcopy(target)
    try:
        for operation in operations:
            result = _apply(result, operation)
    except (KeyError, IndexError, TypeError, ValueError):
        raise refusal() from None
    if not isinstance(result, Mapping):
        raise refusal()
    return result


def _apply(doc: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation["path"])
    match operation["op"]:
        case "add":
            return _put(doc, path, deepcopy(operation["value"]), insert=True)
        case "remove":
            return _take(doc, path)
        case "replace":
            _find(doc, path)
            return _put(doc, path, deepcopy(operation["value"]), insert=False)
        case "move":
            origin = _pointer(operation["from"])
            value = _find(doc, origin)
            return _put(_take(doc, origin), path, value, insert=True)
        case "copy":
            return _put(doc, path, deepcopy(_find(doc, _pointer(operation["from"]))), insert=True)
        case "test":
            if _find(doc, path) != operation["value"]:
                raise ValueError(operation["path"])
            return doc
        case other:
            raise ValueError(other)


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(text)
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _find(doc: Any, path: list[str]) -> Any:
    for part in path:
        doc = doc[int(part)] if isinstance(doc, list) else doc[part]
    return doc


def _put(doc: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    parent, last = _find(doc, path[:-1]), path[-1]
    if isinstance(parent, list):
        index = len(parent) if last == "-" else int(last)
        if index > len(parent):
            raise IndexError(index)
        parent[index : index + (not insert)] = [value]
    else:
        parent[last] = value
    return doc


def _take(doc: Any, path: list[str]) -> Any:
    parent, last = _find(doc, path[:-1]), path[-1]
    if isinstance(parent, list):
        parent.pop(int(last))
    else:
        del parent[last]
    return doc
