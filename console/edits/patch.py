"""Applying a unified diff to one file, byte for byte, or not at all."""

import re
from dataclasses import dataclass, field

from console.edits.text import closed, opened, uncertain

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(slots=True)
class _Hunk:
    start: int  # 0-based, of the old lines
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def applied(data: bytes, diff: str) -> bytes:
    """``data`` with the hunks of ``diff``. Refused unless each one's old lines stand there, once, in order."""
    mark, text = opened(data)
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    made: list[str] = []
    done = shift = 0
    for hunk in _hunks(diff):
        place = _place(lines, hunk, done, hunk.start + shift)
        made += [*lines[done:place], *hunk.new]
        done, shift = place + len(hunk.old), place - hunk.start
    return closed(mark, "".join([*made, *lines[done:]]))


def _place(lines: list[str], hunk: _Hunk, after: int, likely: int) -> int:
    """Where its old lines begin: where it says, moved as the one before; else where they stand alone."""
    size = len(hunk.old)
    if likely >= after and lines[likely : likely + size] == hunk.old:
        return likely
    found = [n for n in range(after, len(lines) - size + 1) if lines[n : n + size] == hunk.old]
    if len(found) != 1 or not size:
        raise uncertain(f"what the fix changes stands {len(found)} times in the file")
    return found[0]


def _hunks(diff: str) -> list[_Hunk]:
    found: list[_Hunk] = []
    lines = diff.split("\n")
    for number, line in enumerate(lines):
        head = _HUNK.match(line)
        if head:
            found.append(_Hunk(max(0, int(head[1]) - 1)))
        elif found and line[:1] in {" ", "-", "+"}:
            whole = lines[number + 1 : number + 2] != ["\\ No newline at end of file"]
            text = line[1:] + ("\n" if whole else "")
            if line[0] != "+":
                found[-1].old.append(text)
            if line[0] != "-":
                found[-1].new.append(text)
    if not found:
        raise uncertain("the fix changes nothing")
    return found
