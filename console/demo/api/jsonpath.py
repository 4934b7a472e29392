"""The part of JSONPath that printer columns use: ``.a.b``, ``['a']``, ``[0]``, ``[*]``, ``[?(@.type=="Ready")]``."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_STEP = re.compile(
    r"""\.([A-Za-z0-9_-]+) | \['([^']+)'\] | \[(\d+|\*)\] | \[\?\(@\.([A-Za-z0-9_]+)==["']([^"']*)["']\)\]""",
    re.VERBOSE,
)


@lru_cache(maxsize=256)
def _steps(path: str) -> tuple[tuple[str, str], ...]:
    return tuple((m[1] or m[2] or m[4] or "", m[5] if m[4] else m[3] or "") for m in _STEP.finditer(path))


def find(obj: Any, path: str) -> Any:
    """The first value at ``path``; None when there is none."""
    found = [obj]
    for name, extra in _steps(path):
        found = [inner for value in found for inner in _into(value, name, extra)]
    return found[0] if found else None


def _into(value: Any, name: str, extra: str) -> list[Any]:
    if isinstance(value, list):
        if name:
            return [item for item in value if isinstance(item, Mapping) and item.get(name) == extra]
        return value if extra == "*" else value[int(extra) : int(extra) + 1]
    if isinstance(value, Mapping) and name in value:
        return [value[name]]
    return []
