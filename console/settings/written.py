"""A configuration file to begin with: every key with what it is for; what was found holds, all else is a comment."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from console.settings.keys import KEYS, Key
from console.settings.schema import default, plain, schema
from console.sources.errors import UsageError

SCHEMA = "config.schema.json"
_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA}
# Configuration of homeconsole. A flag is above the environment, the environment above this file.
# What is commented out shows the default, or an example. homeconsole config show tells what holds, and why.
"""


def commented(found: Mapping[str, Any]) -> str:
    """The file's text; ``found`` has the values that are to hold, by field."""
    lines = [_HEAD.rstrip()]
    section = ""
    for key in KEYS:
        here, _, name = key.path.rpartition(".")
        if here != section or not here:
            lines += ["", *([f"{here}:"] if here else [])]
            section = here
        lines += _entry(key, name, "  " if here else "", found)
    return "\n".join(lines) + "\n"


def write(path: Path, text: str, *, force: bool) -> None:
    """Put ``text`` at ``path``, and the schema beside it; only we may read it. Raises UsageError where there is one.

    With ``force`` a file that is there is kept beside the new one as ``config.yaml.old``; a link stays one.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        _put(path.with_name(SCHEMA), json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", force=True)
        if force and path.exists():
            _put(path.with_name(f"{path.name}.old"), path.read_text(encoding="utf-8"), force=True)
        _put(path, text, force=force)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already", "--force writes it anew, and keeps the old one beside it."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}", "", kind="configuration") from None


def _put(path: Path, text: str, *, force: bool) -> None:
    """Whole or not at all; ``mkstemp`` makes it 0600."""
    place = path.resolve() if force else path
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if force:
            Path(name).replace(place)
        else:
            os.link(name, place)  # refuses where there is one, unlike a rename
    finally:
        Path(name).unlink(missing_ok=True)


def _entry(key: Key, name: str, indent: str, found: Mapping[str, Any]) -> list[str]:
    held = key.field in found
    value = _value(plain(found[key.field])) if held else key.example or _value(default(key.field))
    return [f"{indent}# {key.says} ({key.expected})", f"{indent}{'' if held else '# '}{name}: {value}"]


def _value(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("...\n").strip()
