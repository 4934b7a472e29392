"""What must never be shown of a file: encrypted values, the data of Secrets, keys. Nothing is ever decrypted.

Works on lines, so that a broken or templated file is covered as well.
"""

import re
from collections.abc import Sequence
from typing import Literal

from console.model.redaction import MASK, masked_tokens

_SOPS_PATH = re.compile(r"(?:^|[./_-])sops(?:\.|/|$)|\.(?:age|agekey|gpg|asc|pgp|pem|key|p12|pfx|kdbx)$", re.IGNORECASE)
_SOPS_TOP = re.compile(r"^[\"']?sops[\"']?\s*:|^  ?\"sops\"\s*:|^sops_\w+=|^\[sops\]", re.MULTILINE)
_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,[^\]]*\]?")
_BLOCK_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]*(?:AGE|PGP|PRIVATE KEY|ENCRYPTED|OPENSSH)[A-Z0-9 ]*)-----")
_BLOCK_END = re.compile(r"-----END [A-Z0-9 ]+-----")
_DOCUMENT = re.compile(r"^---(?:\s|$)")
_INDENT = re.compile(r"\s*(?:- +)*")
_TEMPLATE = re.compile(r"\s*(?:#|\{\{|\{%)")
# A key at the beginning of its line, in YAML and in JSON; or any key within braces.
_SECRET = re.compile(r"(?:^|[\s{,\"'])kind\\?[\"']?\s*:\s*\\?[\"']?Secret\\?[\"']?\s*(?:$|[,}#])")
_KIND = re.compile(r"\s*(?:- +)*[\"']?kind[\"']?\s*:\s*[\"']?Secret[\"']?\s*,?\s*(?:#.*)?$")
_DATA = re.compile(r"\s*(?:- +)*[\"']?(?:data|stringData)[\"']?\s*:")
_DATA_ANYWHERE = re.compile(r"\b(?:data|stringData)\\?[\"']?\s*:")
_PATCHED = re.compile(r"\bpath\\?[\"']?\s*:\s*\\?[\"']?/(?:data|stringData)\b")
_VALUE = re.compile(r"\bvalue\\?[\"']?\s*:")
_KEY = re.compile(r"^(\s*[\"']?[\w.\-/]+[\"']?\s*:)(?=\s|$)")

Cover = Literal["", "whole", "value"]


def is_encrypted(path: str, text: str) -> bool:
    """Whether nothing of the file may be shown: SOPS by its name or its metadata, key files."""
    return bool(_SOPS_PATH.search(path) or _SOPS_TOP.search(text))


def covers(lines: Sequence[str]) -> list[Cover]:
    """What to hide of each line: nothing, all of it, or what follows its key."""
    cover: list[Cover] = [""] * len(lines)
    start = 0
    for place in range(len(lines) + 1):
        if place == len(lines) or _DOCUMENT.match(lines[place]):
            _cover_document(lines, start, place, cover)
            start = place + 1
    inside = False
    for place, line in enumerate(lines):
        begins = bool(_BLOCK_BEGIN.search(line))
        if inside or begins:
            cover[place] = "whole"
        inside = (inside or begins) and not _BLOCK_END.search(line)
    return cover


def _cover_document(lines: Sequence[str], start: int, end: int, cover: list[Cover]) -> None:
    """Hide the values below ``data`` and ``stringData`` of each Secret, and what a patch writes there."""
    kinds = [place for place in range(start, end) if _SECRET.search(lines[place])]
    if not kinds:
        return
    for place in kinds:
        if _KIND.match(lines[place]):
            column = _column(lines[place])
            first, last = _siblings(lines, start, end, place)
            hidden = [n for n in range(first, last) if _DATA.match(lines[n]) and _column(lines[n]) == column]
        else:  # within braces, where columns say nothing
            hidden = [n for n in range(start, end) if _DATA_ANYWHERE.search(lines[n])]
        for key in hidden:
            _cover_below(lines, key, end, cover)
    if any(_PATCHED.search(lines[place]) for place in range(start, end)):
        for place in range(start, end):
            if _VALUE.search(lines[place]):
                _cover_below(lines, place, end, cover)


def _siblings(lines: Sequence[str], start: int, end: int, place: int) -> tuple[int, int]:
    """From where to where the object reaches whose key is at ``place``."""
    column = _column(lines[place])
    if not column:
        return start, end
    first = place
    while first > start and not _begins_item(lines[first], column) and _within(lines[first - 1], column):
        first -= 1
    last = place + 1
    while last < end and _within(lines[last], column) and not _begins_item(lines[last], column):
        last += 1
    return first, last


def _cover_below(lines: Sequence[str], key: int, end: int, cover: list[Cover]) -> None:
    """Hide what ``lines[key]`` holds: what follows on the line, and all that is deeper."""
    cover[key] = "value"
    column = _column(lines[key])
    for place in range(key + 1, end):
        if not _within(lines[place], column + 1):
            return
        cover[place] = "value" if _KEY.match(lines[place]) else "whole"


def _column(line: str) -> int:
    """Where the text begins, behind the dashes of a list."""
    found = _INDENT.match(line)
    return found.end() if found else 0


def _within(line: str, column: int) -> bool:
    """Whether it belongs to what begins at ``column``. Comments and a template's own lines end nothing."""
    return not line.strip() or _column(line) >= column or bool(_TEMPLATE.match(line))


def _begins_item(line: str, column: int) -> bool:
    return line.lstrip().startswith("- ") and _column(line) <= column


def masked(line: str, cover: Cover) -> str:
    """``line`` without what must not be shown."""
    if cover == "whole" and line.strip():
        return MASK
    if cover == "value":
        key = _KEY.match(line)
        rest = line[key.end() :].strip() if key else line.strip()
        if not key:
            return MASK
        return f"{key.group(1)} {MASK}" if rest else line
    return masked_tokens(_ENCRYPTED.sub(f"ENC[{MASK}]", line))


def keys_of(lines: Sequence[str]) -> list[str]:
    """The keys on these lines, in order, each once: what may be said of encrypted values."""
    found = (_KEY.match(line.replace('"', "")) for line in lines)
    return list(dict.fromkeys(key.group(1).strip(" :'") for key in found if key))
