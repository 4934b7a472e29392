"""Edits of TOML and of ``KEY=value`` files: every place that could be meant is tried, and read again."""

import re
import tomllib
from typing import Any

from console.edits.text import uncertain

Path = tuple[str | int, ...]

_ASSIGNMENT = re.compile(
    r"^(?P<front>[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.\-]*)[ \t]*=[ \t]*)(?P<value>.*?)(?P<end>[ \t]*\r?)$",
    re.MULTILINE,
)
# What a shell reads as it stands: within which quotes.
_FITS = {"": re.compile(r"[\w.,:/@%+=~-]+"), "'": re.compile(r"[^'\r\n]*"), '"': re.compile(r"[^\"\\$`\r\n]*")}
_QUOTED = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")


def set_toml(text: str, path: Path, old: str, new: str) -> str:
    """The string ``old`` at ``path`` of a TOML file becomes ``new``."""
    expected = _toml(text)
    parent: Any = expected
    for part in path[:-1]:
        parent = _below(parent, part)
    if _below(parent, path[-1]) != old:
        raise uncertain(f"{'.'.join(map(str, path))} is not {old!r}")
    parent[path[-1]] = new
    for found in re.finditer(re.escape(old), text):
        after = text[: found.start()] + new + text[found.end() :]
        try:
            if tomllib.loads(after) == expected:
                return after
        except tomllib.TOMLDecodeError:
            continue
    raise uncertain(f"{'.'.join(map(str, path))} is not written as {old!r}")


def _below(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(part))
    return value[int(part)] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def toml_leaves(text: str) -> dict[Path, Any]:
    """All values of a TOML file by path."""
    return dict(_leaves(_toml(text), ()))


def set_env(text: str, key: str, old: str, new: str) -> str:
    """``KEY=old`` becomes ``KEY=new``, in the same quotes. Refused when the key stands more than once."""
    found = [m for m in _ASSIGNMENT.finditer(text) if m["key"] == key]
    if len(found) != 1:
        raise uncertain(f"{key} stands {len(found)} times in the file")
    (line,) = found
    source = line["value"]
    quoted = _QUOTED.fullmatch(source)
    quote = source[0] if quoted else ""
    value = source[1:-1] if quoted else source
    if value != old:
        raise uncertain(f"{key} is not {old!r}")
    if not _FITS[quote].fullmatch(new):
        raise uncertain(f"{key} can't become {new!r} in these quotes")
    start = line.start("value")
    return text[:start] + quote + new + quote + text[start + len(source) :]


def env_values(text: str) -> dict[str, str]:
    """The values by key; the last one counts."""
    values = {m["key"]: m["value"] for m in _ASSIGNMENT.finditer(text)}
    return {key: value[1:-1] if _QUOTED.fullmatch(value) else value for key, value in values.items()}


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise uncertain(f"it is not TOML ({error})") from None


def _leaves(value: Any, path: Path) -> "list[tuple[Path, Any]]":
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in _leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for number, each in enumerate(value) for leaf in _leaves(each, (*path, number))]
    return [(path, value)]
