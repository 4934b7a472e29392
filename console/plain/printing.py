"""Where answers go: data to standard output, whole, so that an early end of the reader shows here."""

import io
import json
import sys
from collections.abc import Iterable
from typing import Any

from console.model.text import printable


def print_document(document: dict[str, Any]) -> None:
    """As JSON, indented. Control and bidirectional characters are escaped, whatever reads it."""
    sys.stdout.write(json.dumps(document, indent=2).replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def print_lines(lines: Iterable[str]) -> None:
    """One after the other. What is made of outside's text was made safe where it was cut; nothing else leaves here."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale without UTF-8 is no reason to fail
    for line in lines:
        sys.stdout.write(printable(line) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Something that is no data; of one line, or of several."""
    print("\n".join(map(printable, text.split("\n"))), file=sys.stderr, flush=True)
