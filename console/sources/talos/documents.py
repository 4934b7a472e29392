"""``talosctl get -o json``: documents one after another, nothing between them."""

import json
from collections.abc import Iterator
from typing import Any

from console.sources.errors import Malformed

Document = dict[str, Any]
_MOST = 2**64


def documents(text: str) -> list[Document]:
    """All documents of ``text``; an empty text has none. Raises Malformed."""
    return list(_documents(text))


def _documents(text: str) -> Iterator[Document]:
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        try:
            document, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"talosctl printed no JSON: {error}") from error
        if not isinstance(document, dict):
            raise Malformed("talosctl printed JSON that is no resource.")
        yield document


def identity(document: Document) -> str:
    """The id as text: the real one prints an id that looks like a number as a number."""
    metadata = part(document, "metadata")
    value = metadata.get("id")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def part(document: Document, *path: str) -> Document:
    """The mapping at ``path``; an empty one where there is none."""
    value: Any = document
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items_at(document: Document, *path: str) -> list[Any]:
    """The list at ``path``; an empty one where there is none."""
    value = part(document, *path[:-1]).get(path[-1])
    return value if isinstance(value, list) else []


def text_at(document: Document, *path: str) -> str:
    """The text at ``path``; an empty one where there is none."""
    value = part(document, *path[:-1]).get(path[-1])
    return "" if value is None else str(value)


def number_at(document: Document, *path: str) -> float:
    """The number at ``path``; 0 where there is none, or none that is counted in (``1e999`` is JSON too)."""
    value = part(document, *path[:-1]).get(path[-1])
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _MOST:
        return 0.0
    return float(value)
