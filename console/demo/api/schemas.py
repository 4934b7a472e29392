"""What a tuppr resource may look like (tuppr v1alpha1), checked as the API server checks a CRD's schema.

Kinds without a schema here take everything, as with ``x-kubernetes-preserve-unknown-fields``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from console.demo.api.errors import ApiError, bad_request, invalid
from console.demo.api.kinds import Kind

Schema = dict[str, Any]
Cause = tuple[str, str, str]  # field, reason, message

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_ANYTHING: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_DURATION: Schema = {"type": "string", "pattern": "^([0-9]+[smh])+$"}
_VERSION: Schema = {"type": "string", "pattern": r"^v[0-9]+\.[0-9]+\.[0-9]+(-[a-zA-Z0-9\-\.]+)?$"}


def _object(properties: Mapping[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _list(items: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


def _choice(default: str, *others: str) -> Schema:
    return {"type": "string", "enum": [default, *others], "default": default}


_IMAGE = _object(
    {
        "repository": _TEXT | {"default": "ghcr.io/siderolabs/talosctl"},
        "tag": _TEXT,
        "pullPolicy": _choice("IfNotPresent", "Always", "Never"),
    }
)
_CHECK = _object(
    {
        **dict.fromkeys(("apiVersion", "kind", "expr", "name", "namespace", "description"), _TEXT),
        "labelSelector": _ANYTHING,
        "timeout": _DURATION,
    },
    *("apiVersion", "kind", "expr"),
)
_WINDOW = _object(
    {"start": _TEXT | {"minLength": 9}, "duration": _DURATION, "timezone": _TEXT | {"default": "UTC"}},
    *("start", "duration"),
)
_COMMON: Mapping[str, Schema] = {
    "healthChecks": _list(_CHECK),
    "talosctl": _object({"image": _IMAGE}),
    "maintenance": _object({"windows": _list(_WINDOW, minItems=1)}),
}
_POLICY = _object(
    {
        "debug": _FLAG | {"default": True},
        "force": _FLAG | {"default": False},
        "nodrain": _FLAG | {"default": False},
        "waitForVolumeDetach": _FLAG | {"default": False},
        "stage": _FLAG | {"default": False},
        "placement": _choice("hard", "soft"),
        "rebootMode": _choice("default", "powercycle"),
        "priorityClassName": _TEXT | {"default": "system-node-critical"},
        "timeout": _DURATION | {"default": "30m"},
        "drainTimeout": _DURATION,
    }
)
_TALOS = _object(
    {
        "talos": _object({"version": _VERSION, "prePull": _FLAG | {"default": True}}, "version"),
        "policy": _POLICY,
        "nodeSelector": _ANYTHING,
        "drain": _object({"enabled": _FLAG, "disableEviction": _FLAG}),
        "parallelism": {"type": "integer", "minimum": 1},
        "hooks": _ANYTHING,
        "silences": _list(_ANYTHING, minItems=1),
        **_COMMON,
    },
    "talos",
)
_KUBERNETES = _object(
    {
        "kubernetes": _object(
            {
                "version": _VERSION,
                "imageRepository": _TEXT,
                "endpoint": {"type": "string", "pattern": r"^https://[^/\s]+"},
            },
            "version",
        ),
        **_COMMON,
    },
    "kubernetes",
)
SPECS: Mapping[str, Schema] = {"TalosUpgrade": _TALOS, "KubernetesUpgrade": _KUBERNETES}

_PYTHON = {"string": str, "boolean": bool, "integer": int, "object": Mapping, "array": list}


def admitted(kind: Kind, obj: Mapping[str, Any]) -> dict[str, Any]:
    """``obj`` with defaults and without unknown fields; ApiError 422 with a cause for each wrong field."""
    schema = SPECS.get(kind.kind)
    if schema is None or "spec" not in obj:
        return dict(obj)
    spec = _shaped(schema, obj["spec"])
    causes = list(_wrong(schema, spec, "spec"))
    if causes:
        raise invalid(kind, str((obj.get("metadata") or {}).get("name", "")), causes)
    return {**obj, "spec": spec}


def unknown_fields(kind: Kind, obj: Mapping[str, Any]) -> list[str]:
    """Paths in the spec that the schema does not know."""
    schema = SPECS.get(kind.kind)
    return list(_unknown(schema, obj.get("spec"), "spec")) if schema else []


def check_fields(kind: Kind, obj: Mapping[str, Any], mode: str, *, patch: bool) -> list[str]:
    """Warnings about unknown fields; with ``mode`` Strict ApiError (400, of a patch 422), with Ignore none."""
    told = [f'unknown field "{path}"' for path in unknown_fields(kind, obj)]
    if mode == "Ignore" or not told:
        return []
    if mode == "Strict":
        message = f"strict decoding error: {', '.join(told)}"
        raise ApiError(422, "Invalid", message) if patch else bad_request(message)
    return told


def _shaped(schema: Schema, value: Any) -> Any:
    """With defaults, without unknown fields."""
    if isinstance(value, list) and "items" in schema:
        return [_shaped(schema["items"], item) for item in value]
    properties = schema.get("properties")
    if properties is None or not isinstance(value, Mapping):
        return value
    shaped = {name: _shaped(properties[name], inner) for name, inner in value.items() if name in properties}
    missing = {name: of["default"] for name, of in properties.items() if "default" in of and name not in shaped}
    return shaped | missing


def _unknown(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _unknown(schema["items"], item, f"{path}[{index}]")
    properties = schema.get("properties")
    if properties is not None and isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in properties:
                yield f"{path}.{name}"
            else:
                yield from _unknown(properties[name], inner, f"{path}.{name}")


def _wrong(schema: Schema, value: Any, path: str) -> Iterator[Cause]:
    expected = schema["type"]
    if not isinstance(value, _PYTHON[expected]) or (expected == "integer" and isinstance(value, bool)):
        told = f"Invalid value: {_quoted(value)}: {path} in body must be of type {expected}"
        yield path, "FieldValueTypeInvalid", told
        return
    yield from _out_of_bounds(schema, value, path)
    if isinstance(value, Mapping):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}.{name}", "FieldValueRequired", "Required value"
        for name, inner in value.items():
            if name in schema.get("properties", {}):
                yield from _wrong(schema["properties"][name], inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _wrong(schema["items"], item, f"{path}[{index}]")


def _out_of_bounds(schema: Schema, value: Any, path: str) -> Iterator[Cause]:
    why = ""
    if "pattern" in schema and not re.search(schema["pattern"], value):
        why = f"{path} in body should match '{schema['pattern']}'"
    elif isinstance(value, str) and len(value) < schema.get("minLength", 0):
        why = f"{path} in body should be at least {schema['minLength']} chars long"
    elif "minimum" in schema and value < schema["minimum"]:
        why = f"{path} in body should be greater than or equal to {schema['minimum']}"
    elif isinstance(value, list) and len(value) < schema.get("minItems", 0):
        why = f"{path} in body should have at least {schema['minItems']} items"
    if why:
        yield path, "FieldValueInvalid", f"Invalid value: {_quoted(value)}: {why}"
    if "enum" in schema and value not in schema["enum"]:
        supported = ", ".join(f'"{word}"' for word in schema["enum"])
        yield path, "FieldValueNotSupported", f"Unsupported value: {_quoted(value)}: supported values: {supported}"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
