"""Where answers go: data to standard output, whole, so that an early end of the reader shows here.

There are no colours here, so that ``NO_COLOR`` holds by itself, and each mark stands beside its word.
"""

import io
import json
import sys
from collections.abc import Iterable
from typing import Any

from console.model.redaction import anonymous
from console.model.text import printable


def print_document(document: dict[str, Any]) -> None:
    """As JSON, indented. Control and bidirectional characters are escaped, whatever reads it."""
    sys.stdout.write(anonymous(json.dumps(document, indent=2)).replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def print_lines(lines: Iterable[str]) -> None:
    """One after the other. What is made of outside's text was made safe where it was cut; nothing else leaves here."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale without UTF-8 is no reason to fail
    for line in lines:
        sys.stdout.write(_drawn(printable(line), sys.stdout.encoding) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Something that is no data; of one line, or of several."""
    lines = (_drawn(printable(line), sys.stderr.encoding) for line in text.split("\n"))
    print("\n".join(lines), file=sys.stderr, flush=True)


def only_ascii(on: bool | None) -> None:
    """From now on draw with plain ASCII alone, or (None) where the output takes nothing else."""
    _mode["ascii"] = on


_mode: dict[str, bool | None] = {"ascii": None}
# One character for each of ours, so that columns stay where they are; as the screen has them.
_OURS = str.maketrans("✔✖◌‖▲▶●→←↑↓…·×±–—“”‘’│─├└", "vx~=!>*><^v..x~--\"\"''|-++")


def _drawn(text: str, encoding: str | None) -> str:
    if text.isascii():
        return text
    plain = _mode["ascii"]
    if plain is None:
        plain = (encoding or "").lower().replace("-", "").replace("_", "") != "utf8"
    return text.translate(_OURS).encode("ascii", "replace").decode() if plain else text
