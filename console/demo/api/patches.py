"""The ways to change an object by a part of it. Nothing is changed in place; what is the same is shared."""

from collections.abc import Mapping
from typing import Any


def merge(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7386): null takes away, a mapping goes in deeper, all else is replaced."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def three_way(before: Any, wanted: Any, live: Any) -> Any:
    """``live`` brought to ``wanted``: what ``before`` had and ``wanted`` has not is taken away, the rest stays."""
    if not isinstance(wanted, Mapping) or not isinstance(live, Mapping):
        return wanted
    had = before if isinstance(before, Mapping) else {}
    result = dict(live)
    for key in had.keys() - wanted.keys():
        left = three_way(had[key], {}, live[key]) if isinstance(live.get(key), Mapping) else None
        if left:  # a mapping in which others wrote as well
            result[key] = left
        else:
            result.pop(key, None)
    for key, value in wanted.items():
        result[key] = three_way(had.get(key), value, live[key]) if key in live else value
    return result
