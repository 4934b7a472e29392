"""A rule's repair as an edit of one file: whole lines, byte for byte, told as a unified diff that shows no secret."""

import difflib
import re
from collections.abc import Mapping, Sequence

from console.foresight.conditions import Hit
from console.foresight.rule import Repair
from console.foresight.yamlfiles import read
from console.model.finding import Fix
from console.sources.git.secrets import covers, is_encrypted, masked

_AROUND = 3  # lines before and after a change
# A key with a plain value or a quoted one, or an item of a list, on one line; a comment may follow.
_KEY = r"\s*(?:-\s+)?(?:[\"']?[\w./-]+[\"']?\s*:\s+)?"
_LINE = re.compile(rf"^(?P<front>{_KEY})(?P<quote>[\"']?)(?P<value>.*?)(?P=quote)(?P<rest>\s+#.*)?$")


def edited(repair: Repair, hits: Sequence[Hit], files: Mapping[str, bytes]) -> Fix | None:
    """The edit in the first file that was found; None where it can't be made line by line with certainty."""
    file = hits[0].file
    if file not in files:
        return None
    try:
        old = files[file].decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        return None
    new = list(old)
    here = [hit for hit in hits if hit.file == file]
    for hit in here:
        line = _edited(repair, hit, old)
        if line is None:
            return None
        new[hit.line - 1] = line
    left = _count(file, "".join(new)) - _count(file, "".join(old))
    if left != (-len(here) if repair.drop else 0):  # a key would be left with nothing below it
        return None
    return diff(file, old, [line for line in new if line])


def _count(file: str, text: str) -> int:
    return sum(len(document.settings) for document in read(file, text.encode()))


def diff(file: str, old: Sequence[str], new: Sequence[str]) -> Fix | None:
    """What makes ``new`` of ``old`` (lines with their ends), with as many lines around it as may be shown.

    None when they are the same, when the change itself would show a secret, and of what SOPS encrypts: an edit without
    it would not fit the checksum that it keeps of the whole file.
    """
    if list(old) == list(new) or is_encrypted(file, "".join(old)):
        return None
    hidden = _hidden(old) | _hidden(new)
    for around in range(_AROUND, -1, -1):
        lines = list(difflib.unified_diff(old, new, f"a/{file}", f"b/{file}", n=around))
        if not any(line[1:] in hidden for line in lines):
            whole = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
            return Fix(file, "".join(whole))
    return None


def _hidden(lines: Sequence[str]) -> set[str]:
    """Those of which something must not be shown."""
    plain = [line.rstrip("\r\n") for line in lines]
    shown = (masked(line, cover) for line, cover in zip(plain, covers(plain), strict=True))
    return {whole for whole, line, safe in zip(lines, plain, shown, strict=True) if line != safe}


def _edited(repair: Repair, hit: Hit, lines: Sequence[str]) -> str | None:
    """The line as it will be, empty where it goes, None where that is not certain."""
    if not 0 < hit.line <= len(lines):
        return None
    whole = lines[hit.line - 1]
    text = whole.rstrip("\r\n")
    found = _LINE.match(text)
    if found is None or found["value"] != hit.value or not found["front"].strip():
        return None
    if repair.drop:
        return ""
    value = repair.value if repair.value is not None else hit.value
    if repair.replace:
        value = re.sub(repair.replace[0], repair.replace[1], hit.value)
    return f"{found['front']}{found['quote']}{value}{found['quote']}{found['rest'] or ''}{whole[len(text) :]}"
