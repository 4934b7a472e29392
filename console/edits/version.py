"""One version on one line becomes another, in any kind of file that carries versions."""

import re

from console.edits import leaf, yamltext
from console.edits.text import closed, line_start, opened, uncertain
from console.model.version import normal

_VERSION = re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.\-]+)?(?![\w.])")
_COMMENT = re.compile(r"(?:^|\s)#")


def set_version(path: str, data: bytes, line: int, old: str, new: str) -> bytes:
    """``old`` on ``line`` (1-based) becomes ``new`` (both ``vX.Y.Z``), with or without its ``v`` as it stands there.

    Refused when it stands there more than once or with a digest, or when anything else would change with it.
    """
    mark, text = opened(data)
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        raise uncertain(f"{path} has no line {line}")
    found = [m for m in _VERSION.finditer(lines[line - 1]) if normal(m[0]) == old]
    if len(found) != 1:
        raise uncertain(f"{path}:{line} says {old} {len(found)} times")
    (place,) = found
    here = lines[line - 1]
    if here[place.end() :].startswith("@"):
        raise uncertain(f"{path}:{line} is pinned by its digest")
    word = new if place[0].startswith("v") else new.removeprefix("v")
    start = sum(len(each) + 1 for each in lines[: line - 1]) + place.start()
    after = text[:start] + word + text[start + len(place[0]) :]
    if not _alone(path, text, after, start, (place[0], word)):
        raise uncertain(f"{path}:{line} can't be changed alone")
    return closed(mark, after)


def _alone(path: str, before: str, after: str, start: int, words: tuple[str, str]) -> bool:
    """Whether one value changed. Of a template and the like only the line is known, and that it is no comment."""
    if path.endswith(".toml"):
        old, new = leaf.toml_leaves(before), leaf.toml_leaves(after)
        return old.keys() == new.keys() and sum(old[key] != new[key] for key in old) == 1
    if path.endswith((".yaml", ".yml")) and yamltext.is_yaml(before):
        return _as_scalar(before, after, start, words)
    return not _COMMENT.search(before[line_start(before, start) : start])


def _as_scalar(before: str, after: str, start: int, words: tuple[str, str]) -> bool:
    """Whether YAML's own edit gives the same text. Of a block of text the line is all, and nothing else may change."""
    node = yamltext.scalar_at(before, start)
    if node is None:
        return False
    document, path, value, block = node
    if block:
        return yamltext.one_changed(before, after)
    return yamltext.set_scalar(before, document, path, value, value.replace(*words)) == after
