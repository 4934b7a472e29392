"""A rule's repair as an edit of one file: whole lines, byte for byte, told as a unified diff."""

import difflib
import re
from collections.abc import Mapping, Sequence

from console.foresight.conditions import Hit
from console.foresight.rule import Repair
from console.foresight.yamlfiles import read
from console.model.finding import Fix

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
    """What makes ``new`` of ``old`` (lines with their ends); None when they are the same."""
    if list(old) == list(new):
        return None
    lines = list(difflib.unified_diff(old, new, f"a/{file}", f"b/{file}"))
    whole = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return Fix(file, "".join(whole))


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
