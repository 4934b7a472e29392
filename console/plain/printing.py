"""Where answers go: data to standard output, whole, so that an early end of the reader shows here."""

import io
import json
import sys
from collections.abc import Iterable
from typing import Any


def print_document(document: dict[str, Any]) -> None:
    """As JSON, indented. Control and bidirectional characters are escaped, whatever reads it."""
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")
    sys.stdout.flush()


def print_lines(lines: Iterable[str]) -> None:
    """As they are: made safe already."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale without UTF-8 is no reason to fail
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Something that is no data."""
    print(text, file=sys.stderr, flush=True)
