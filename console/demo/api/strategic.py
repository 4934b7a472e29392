"""Strategic merge patch for built-in kinds: a merge patch whose well-known lists are merged by a key."""

from collections.abc import Mapping
from typing import Any

# By the name of the list's field (patchMergeKey in k8s.io/api/core/v1 and apps/v1); other lists are replaced.
_KEYS = {
    "conditions": "type",
    "addresses": "type",
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "secrets": "name",
    "volumeMounts": "mountPath",
    "hostAliases": "ip",
    "ownerReferences": "uid",
}
_SETS = {"finalizers"}
_PLAIN_DELETE = "$deleteFromPrimitiveList/"


def strategic(target: Any, patch: Any) -> Any:
    """``target`` with ``patch`` merged in; nothing is changed in place."""
    if not isinstance(patch, Mapping):
        return patch
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if not key.startswith("$")}
    result = dict(target) if isinstance(target, Mapping) else {}
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith(_PLAIN_DELETE):
            name = key.removeprefix(_PLAIN_DELETE)
            result[name] = [item for item in result.get(name) or () if item not in value]
        elif key.startswith("$"):
            continue  # the order of elements is theirs to ask, not ours to need
        elif value is None or (isinstance(value, Mapping) and value.get("$patch") == "delete"):
            result.pop(key, None)
        else:
            result[key] = _field(key, result.get(key), value)
    return result


def _field(key: str, old: Any, value: Any) -> Any:
    if isinstance(value, list):
        if key in _KEYS:
            return _by_key(_KEYS[key], old or [], value)
        if key in _SETS:
            return [*(old or ()), *(item for item in value if item not in (old or ()))]
        return value
    return strategic(old, value)


def _by_key(key: str, old: list[Any], patches: list[Any]) -> list[Any]:
    replaced = any(patch.get("$patch") == "replace" for patch in patches)
    result = [] if replaced else list(old)
    for patch in patches:
        if patch.get("$patch") == "replace":
            continue
        index = next((i for i, item in enumerate(result) if item.get(key) == patch.get(key)), None)
        if patch.get("$patch") == "delete":
            if index is not None:
                del result[index]
        elif index is None:
            result.append(strategic({}, patch))
        else:
            result[index] = strategic(result[index], patch)
    return result
