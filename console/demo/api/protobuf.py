"""Request bodies that kubectl 1.32 and newer send as protobuf: reviews, namespaces, options of a deletion, evictions.

The frame is ``k8s\\0`` and a message ``Unknown``; field numbers are those of k8s.io/api and apimachinery.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MAGIC = b"k8s\x00"

# Field number -> (name, how): str, int, bool, a table of a message; "[…" stands for a list of it, "map" for text pairs.
_ATTRIBUTES = {
    1: ("namespace", "str"),
    2: ("verb", "str"),
    3: ("group", "str"),
    4: ("version", "str"),
    5: ("resource", "str"),
    6: ("subresource", "str"),
    7: ("name", "str"),
}
_METADATA = {
    1: ("name", "str"),
    2: ("generateName", "str"),
    3: ("namespace", "str"),
    5: ("uid", "str"),
    6: ("resourceVersion", "str"),
    11: ("labels", "map"),
    12: ("annotations", "map"),
    14: ("finalizers", "[str"),
}
_DELETE_OPTIONS = {
    1: ("gracePeriodSeconds", "int"),
    2: ("preconditions", {1: ("uid", "str"), 2: ("resourceVersion", "str")}),
    3: ("orphanDependents", "bool"),
    4: ("propagationPolicy", "str"),
    5: ("dryRun", "[str"),
}
_ACCESS = {
    1: ("resourceAttributes", _ATTRIBUTES),
    2: ("nonResourceAttributes", {1: ("path", "str"), 2: ("verb", "str")}),
}
_MESSAGES: Mapping[str, Mapping[int, tuple[str, Any]]] = {
    "SelfSubjectAccessReview": {1: ("metadata", _METADATA), 2: ("spec", _ACCESS)},
    "SelfSubjectRulesReview": {1: ("metadata", _METADATA), 2: ("spec", {1: ("namespace", "str")})},
    "SelfSubjectReview": {1: ("metadata", _METADATA)},
    "Namespace": {1: ("metadata", _METADATA)},
    "ConfigMap": {1: ("metadata", _METADATA), 2: ("data", "map")},
    "DeleteOptions": _DELETE_OPTIONS,
    "Eviction": {1: ("metadata", _METADATA), 2: ("deleteOptions", _DELETE_OPTIONS)},
}


def decode(body: bytes) -> dict[str, Any]:
    """The object as JSON would have it, without what is empty; ValueError for another message or a broken one."""
    if not body.startswith(MAGIC):
        raise ValueError("not a Kubernetes protobuf body")
    outer = dict(_fields(body[len(MAGIC) :]))
    about = dict(_fields(_bytes(outer.get(1, b""))))
    kind = _bytes(about.get(2, b"")).decode()
    if kind not in _MESSAGES:
        raise ValueError(f"no message known for kind {kind}")
    return {
        "apiVersion": _bytes(about.get(1, b"")).decode(),
        "kind": kind,
        **_message(_bytes(outer.get(2, b"")), _MESSAGES[kind]),
    }


def _message(data: bytes, table: Mapping[int, tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for number, raw in _fields(data):
        if number not in table:
            continue
        name, how = table[number]
        if how == "[str":
            result.setdefault(name, []).append(_bytes(raw).decode())
        elif how == "map":
            pair = dict(_fields(_bytes(raw)))
            result.setdefault(name, {})[_bytes(pair.get(1, b"")).decode()] = _bytes(pair.get(2, b"")).decode()
        else:
            result[name] = _value(raw, how)
    return {name: value for name, value in result.items() if value not in ("", {})}


def _value(raw: bytes | int, how: Any) -> Any:
    if how == "int":
        return raw
    if how == "bool":
        return bool(raw)
    return _bytes(raw).decode() if how == "str" else _message(_bytes(raw), how)


def _bytes(raw: bytes | int) -> bytes:
    if isinstance(raw, int):
        raise ValueError("a number where bytes belong")  # noqa: TRY004  (one error for a broken body)
    return raw


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """(field number, value) of a message: a number for varints, bytes for the rest."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in {1, 5}:
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at + size > len(data):
            raise ValueError("the body ends too early")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
    raise ValueError("the body ends too early")
