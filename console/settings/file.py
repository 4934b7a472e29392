"""Reads the configuration file, strictly. Imported only where there is one: it brings PyYAML."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from console.settings.entries import Wrong
from console.settings.keys import KEYS, Key
from console.sources.errors import UsageError

_BY_PATH = {key.path: key for key in KEYS}
_SECTIONS = {path.rpartition(".")[0] for path in _BY_PATH} - {""}


def read(path: Path, text: str) -> list[tuple[Key, Any, int]]:
    """The settings in ``text`` with the lines (1-based) they stand in. Raises UsageError, which names ``path``."""
    return list(_Reader(path, text).settings())


class _Reader:
    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def settings(self) -> Iterator[tuple[Key, Any, int]]:
        try:
            root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self._error(line, f"not YAML: {error.problem}") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise self._error(1, f"not YAML: {error}") from None
        if root is not None:
            yield from self._section(root, "")

    def _section(self, node: Any, prefix: str) -> Iterator[tuple[Key, Any, int]]:
        if prefix and node.tag == "tag:yaml.org,2002:null":  # a section whose keys are all commented out
            return
        if not isinstance(node, yaml.MappingNode):
            where = prefix.removesuffix(".") or "the file"
            raise self._error(node.start_mark.line + 1, f"{where}: expected keys and values")
        seen: set[str] = set()
        for name_node, value in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                raise self._error(line, "expected a name before the colon")
            name = f"{prefix}{name_node.value}"
            if name in seen:
                raise self._error(line, f"{name} is there twice")
            seen.add(name)
            if name in _SECTIONS:
                yield from self._section(value, f"{name}.")
            elif key := _BY_PATH.get(name):
                yield key, self._value(key, value, line), line
            else:
                raise self._unknown(name, line)

    def _value(self, key: Key, node: Any, line: int) -> Any:
        try:
            value = yaml.SafeLoader("").construct_object(node, deep=True)
        except yaml.MarkedYAMLError as error:
            raise self._error(node.start_mark.line + 1, f"{key.path}: not YAML: {error.problem}") from None
        except (ValueError, TypeError):  # 2020-99-99 is a day by its shape
            value = getattr(node, "value", None)
            raise self._error(line, f"{key.path}: expected {key.expected}, found {value!r}") from None
        try:
            return key.parse(value)
        except Wrong as wrong:
            raise self._error(line, f"{key.path}: {wrong}") from None
        except ValueError:
            raise self._error(line, f"{key.path}: expected {key.expected}, found {value!r}") from None

    def _unknown(self, name: str, line: int) -> UsageError:
        known = [*_BY_PATH, *_SECTIONS]
        leaf = name.rpartition(".")[2]
        near = difflib.get_close_matches(name, known, 1) or [path for path in known if path.rpartition(".")[2] == leaf]
        hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(sorted(_BY_PATH))}."
        return self._error(line, f"there is no key {name}", hint)

    def _error(self, line: int, message: str, hint: str = "") -> UsageError:
        return UsageError(f"{self._path}, line {line}: {message}", hint, kind="configuration")
