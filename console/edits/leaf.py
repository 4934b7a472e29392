"""The values of a TOML file."""

import tomllib
from typing import Any

from console.edits.text import uncertain

Path = tuple[str | int, ...]


def toml_leaves(text: str) -> dict[Path, Any]:
    """All values of a TOML file by path."""
    return dict(_leaves(_toml(text), ()))


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
