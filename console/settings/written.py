"""A configuration file to begin with: every key with what it is for; what was found holds, all else is a comment."""

import contextlib
import itertools
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from console.settings.keys import KEYS, OWN, Key
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

    With ``force`` a file that is there is kept beside the new one as ``config.yaml.old``, or with the next number that
    is free: none is ever overwritten. A link stays one.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
        _put(path.with_name(SCHEMA), json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", force=True)
        if force and path.exists():
            _keep(path)
        _put(path, text, force=force)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already", "--force writes it anew, and keeps the old one beside it."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}", "", kind="configuration") from None


def own(path: Path) -> dict[str, Any]:
    """The operator's own clusters, views, commands and keys by field, as the file at ``path`` has them. It was read."""
    document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {key.field: document[key.path] for key in KEYS if key.form in OWN and key.path in document}


def _keep(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for number in itertools.count(1):
        with contextlib.suppress(FileExistsError):
            _put(path.with_name(f"{path.name}.old{number if number > 1 else ''}"), text, force=False)
            return


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
    says = f"{indent}# {key.says} ({key.expected})"
    if held and key.form in OWN:
        text = yaml.safe_dump({name: found[key.field]}, allow_unicode=True, sort_keys=False, width=118)
        return [says, *text.splitlines()]
    value = _value(plain(found[key.field])) if held else key.example or _value(default(key.field))
    return [says, f"{indent}{'' if held else '# '}{name}: {value}"]


def _value(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("...\n").strip()
