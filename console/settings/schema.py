"""The configuration file as JSON Schema, for editors: made of the table of settings."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from console.model.own import Command, View
from console.settings import Settings
from console.settings.entries import Cluster
from console.settings.keys import KEYS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFAULTS = {
    field.name: field.default for field in dataclasses.fields(Settings) if field.default is not dataclasses.MISSING
}


def schema() -> dict[str, Any]:
    """Every key with its form, what it is for, and its default; nothing else is allowed."""
    root = _section("homeconsole's configuration file")
    for key in KEYS:
        *sections, name = key.path.split(".")
        place = root
        for section in sections:
            whole = _section(f"settings of {section}") | {"type": ["object", "null"]}
            place = place["properties"].setdefault(section, whole)
        place["properties"][name] = {"description": key.says, **key.form.schema, **_default(key.field)}
    return {"$schema": DIALECT, **root}


def default(field: str) -> Any:
    """A setting's default, as JSON has it; None where it is found anew on each machine."""
    return plain(_DEFAULTS.get(field))


def plain(value: Any) -> Any:
    """A setting's value as JSON has it."""
    if isinstance(value, Cluster | View | Command):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _default(field: str) -> dict[str, Any]:
    value = default(field)
    return {} if value in (None, "", []) else {"default": value}


def _section(says: str) -> dict[str, Any]:
    return {"type": "object", "description": says, "additionalProperties": False, "properties": {}}
