"""Patterns of paths into YAML: ``machine.network.interfaces[].interface``, ``**.officialExtensions``."""

import re
from functools import lru_cache

Path = tuple[str, ...]

_PART = re.compile(r'"([^"]+)"|(\[\w*\])|(\*\*)|(\*)|([^.\[\]"*]+)')
_SEPARATOR = "\0"


@lru_cache(maxsize=2048)
def pattern(text: str) -> re.Pattern[str]:
    """Matches the joined path of what ``text`` means and of all below it. ValueError when it is no path."""
    built, place = "", 0
    for found in _PART.finditer(text):
        if text[place : found.start()].strip("."):
            raise ValueError(f"{text!r} is no path")
        place = found.end()
        quoted, index, deep, star, word = found.groups()
        if deep:
            built += rf"(?:[^{_SEPARATOR}]+{_SEPARATOR})*"
            continue
        if index:
            built += r"\[\d+\]" if index == "[]" else re.escape(index)
        else:
            built += rf"[^{_SEPARATOR}]+" if star else re.escape(quoted or word)
        built += _SEPARATOR
    if not built or text[place:].strip("."):
        raise ValueError(f"{text!r} is no path")
    return re.compile(built + "(?s:.*)")


def matches(wanted: str, path: Path) -> bool:
    """Whether ``path`` is what ``wanted`` means, or below it."""
    return pattern(wanted).fullmatch(_SEPARATOR.join(path) + _SEPARATOR) is not None


def words(wanted: str) -> list[str]:
    """The keys that stand literally in it: a file without them has no such path."""
    return [found[0] or found[4] for found in _PART.findall(wanted) if found[0] or found[4]]
