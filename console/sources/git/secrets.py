"""What must never be shown of a file: encrypted values, the data of Secrets, keys. Nothing is ever decrypted.

Works on lines, so that a broken or templated file is covered as well.
"""

import re
from collections.abc import Sequence
from typing import Literal

MASK = "••••••"

_SOPS_PATH = re.compile(r"(?:^|[./_-])sops(?:\.|/|$)|\.(?:age|agekey|gpg|asc|pgp|pem|key|p12|pfx|kdbx)$", re.IGNORECASE)
_SOPS_TOP = re.compile(r"^[\"']?sops[\"']?\s*:|^  ?\"sops\"\s*:|^sops_\w+=|^\[sops\]", re.MULTILINE)
_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,[^\]]*\]?")
_BLOCK_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]*(?:AGE|PGP|PRIVATE KEY|ENCRYPTED|OPENSSH)[A-Z0-9 ]*)-----")
_BLOCK_END = re.compile(r"-----END [A-Z0-9 ]+-----")
_TOKEN = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AGE-SECRET-KEY-1\w+|AKIA[0-9A-Z]{16})"
)
_DOCUMENT = re.compile(r"^---(?:\s|$)")
_SECRET = re.compile(r"^kind:\s*[\"']?Secret[\"']?\s*(?:#.*)?$")
_DATA = re.compile(r"^[\"']?(?:data|stringData)[\"']?\s*:")
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
    """Hide the values below ``data`` and ``stringData`` of a Secret."""
    if not any(_SECRET.match(line) for line in lines[start:end]):
        return
    inside = False
    for place in range(start, end):
        line = lines[place]
        if _DATA.match(line):
            inside = True
            cover[place] = "value"
        elif line and not line[0].isspace() and not line.startswith("#"):
            inside = False
        elif inside:
            cover[place] = "value" if _KEY.match(line) else "whole"


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
    return _TOKEN.sub(MASK, _ENCRYPTED.sub(f"ENC[{MASK}]", line))


def keys_of(lines: Sequence[str]) -> list[str]:
    """The keys on these lines, in order, each once: what may be said of encrypted values."""
    found = (_KEY.match(line.replace('"', "")) for line in lines)
    return list(dict.fromkeys(key.group(1).strip(" :'") for key in found if key))
