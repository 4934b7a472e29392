"""``homeconsole config show``: every setting, its value, and where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.plain.document import Document, schema
from console.plain.table import table


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: its key in the file, its value as JSON has it with what may be secret masked, and its origin."""

    key: str
    value: Any
    origin: str


def document(file: Path, entries: Sequence[Entry]) -> Document:
    """All settings in the order of the file; ``file`` may not be there."""
    return schema("config") | {
        "file": str(file),
        "exists": file.exists(),
        "settings": [{"key": each.key, "value": each.value, "from": each.origin} for each in entries],
    }


def lines(entries: Sequence[Entry]) -> list[str]:
    """The same as a table."""
    return table(("key", "value", "from"), [(each.key, _word(each.value), each.origin) for each in entries])


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(str(each["name"] if isinstance(each, dict) else each) for each in value)
    if isinstance(value, dict):
        return ", ".join(value)
    return "" if value is None else str(value)
