"""Label and field selectors, as list and watch take them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from console.demo.api import views
from console.demo.api.errors import bad_request
from console.demo.api.kinds import Kind

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_./-]+|==|!=|=|!|<|>|\(|\)|,|\S)")
_WORD = re.compile(r"[A-Za-z0-9_./-]+\Z")

_POD_FIELDS = (
    *("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork"),
    *("status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"),
)
_EVENT_FIELDS = (
    *(f"involvedObject.{part}" for part in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")),
    *("involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"),
)
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Pod": _POD_FIELDS,
    "Node": ("spec.unschedulable",),
    "Namespace": ("status.phase",),
    "Event": _EVENT_FIELDS,
    "Job": ("status.successful",),
    "Secret": ("type",),
}


def labels(text: str) -> list[Test]:
    """Tests of an object's labels, all of which must hold. ApiError 400 for what can't be read."""
    tokens = [match.group(1) for match in _TOKEN.finditer(text)]
    tests: list[Test] = []
    while tokens:
        tests.append(_requirement(tokens))
        if not tokens:
            break
        comma = tokens.pop(0)
        if comma != ",":
            raise _unreadable(comma, "',' or 'end of string'")
    return tests


def _unreadable(found: str, expected: str) -> Exception:
    return bad_request(f"unable to parse requirement: found '{found}', expected: {expected}")


def _requirement(tokens: list[str]) -> Test:
    absent = tokens[0] == "!"
    if absent:
        tokens.pop(0)
    key = tokens.pop(0) if tokens else ""
    if not _WORD.match(key):
        raise _unreadable(key, "!, identifier, or 'end of string'")
    if absent:
        return lambda had: key not in had
    if not tokens or tokens[0] == ",":
        return lambda had: key in had
    operator = tokens.pop(0)
    if operator in {"in", "notin"}:
        values = _values(tokens)
        return (lambda had: had.get(key) in values) if operator == "in" else (lambda had: had.get(key) not in values)
    return _comparison(key, operator, tokens)


def _comparison(key: str, operator: str, tokens: list[str]) -> Test:
    value = tokens.pop(0) if tokens and tokens[0] != "," else ""
    if value and not _WORD.match(value):
        raise _unreadable(value, "identifier")
    if operator in {"=", "=="}:
        return lambda had: had.get(key) == value
    if operator == "!=":
        return lambda had: had.get(key) != value
    if operator in {"<", ">"} and value.lstrip("-").isdigit():
        return lambda had: _ordered(had.get(key), operator, int(value))
    raise _unreadable(operator, "in, notin, =, ==, !=, gt, lt")


def _ordered(text: str | None, operator: str, bound: int) -> bool:
    if text is None or not text.lstrip("-").isdigit():
        return False
    return int(text) > bound if operator == ">" else int(text) < bound


def _values(tokens: list[str]) -> set[str]:
    if not tokens or tokens.pop(0) != "(":
        raise _unreadable("", "'('")
    values: set[str] = set()
    while tokens:
        value = tokens.pop(0)
        if value == ")":
            return values or {""}
        if value != ",":
            values.add(value)
    raise _unreadable("", "',' or ')'")


def fields(text: str, kind: Kind) -> list[Test]:
    """Tests of an object, all of which must hold. ApiError 400 for a field that the kind is not indexed by."""
    return [_field(part, kind) for part in text.split(",") if part]


def _field(part: str, kind: Kind) -> Test:
    match = re.match(r"\s*([^=!]+)(==|!=|=)(.*)\Z", part)
    if not match:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    path, operator, value = match.group(1).strip(), match.group(2), match.group(3).strip()
    stored = views.field(kind, path)
    known = path == "metadata.name" or (path == "metadata.namespace" and not (kind.custom and not kind.namespaced))
    if not known and stored not in _FIELDS.get(kind.kind, ()):
        raise bad_request(_not_supported(path, kind))
    keys = stored.split(".")
    equal = operator != "!="
    return lambda obj: (_at(obj, keys) == value) is equal


def _not_supported(path: str, kind: Kind) -> str:
    if kind.group and not kind.custom and kind.kind != "Event":
        return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'
    return f"field label not supported: {path}"


def _at(obj: Any, keys: list[str]) -> str:
    for key in keys:
        obj = obj.get(key) if isinstance(obj, Mapping) else None
    if isinstance(obj, bool):
        return str(obj).lower()
    if obj is None:
        return "false" if keys[-1] == "unschedulable" else ""
    return str(obj["component"] if keys == ["source"] and isinstance(obj, Mapping) and "component" in obj else obj)


def matches_labels(selector: Mapping[str, Any], had: Mapping[str, str]) -> bool:
    """Whether a ``LabelSelector`` (matchLabels, matchExpressions) selects these labels."""
    if not (selector.get("matchLabels") or {}).items() <= had.items():
        return False
    return all(_expression(expression, had) for expression in selector.get("matchExpressions") or ())


def _expression(expression: Mapping[str, Any], had: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return had.get(key) in values
        case "NotIn":
            return had.get(key) not in values
        case "Exists":
            return key in had
        case _:
            return key not in had
