"""Which files differ between two trees, for many pairs at once, and the lines in which two versions differ."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.sources.git.runner import Repository
from console.sources.stop import Stop

_LONGEST = 4000  # lines between the first and the last difference, beyond which no finer comparison is made


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs. Modes are git's (``100644``, ``120000`` link, ``160000`` submodule, ``000000`` none)."""

    path: str
    status: str  # A, D, M, T
    old_mode: str
    new_mode: str
    old: str  # blob, forty zeros when there is none
    new: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``old_start:old_end`` became ``new_start:new_end`` (0-based, end excluded)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def changed_files(
    repository: Repository, pairs: Sequence[tuple[str, str]], stop: Stop | None = None
) -> list[tuple[FileChange, ...]]:
    """For each pair of trees (old, new), the files that differ, by path. Renames are shown as delete and add."""
    if not pairs:
        return []
    out = repository.out(
        "diff-tree",
        "--stdin",
        "-r",
        "-z",
        "--raw",
        "--no-renames",
        "--no-abbrev",
        "--no-ext-diff",
        "--no-textconv",
        stdin="".join(f"{old} {new}\n" for old, new in dict.fromkeys(pairs)).encode(),
        stop=stop,
    )
    found: dict[tuple[str, str], list[FileChange]] = {}
    current: list[FileChange] = []
    words = iter(out.decode(errors="surrogateescape").split("\0"))
    for word in words:
        *headers, text = word.split("\n")  # a pair of equal trees is a header with nothing below it
        for header in filter(None, headers):
            old, new = header.split()
            current = found.setdefault((old, new), [])
        if text.startswith(":"):
            old_mode, new_mode, old_blob, new_blob, status = text[1:].split()
            current.append(FileChange(next(words), status[:1], old_mode, new_mode, old_blob, new_blob))
    return [tuple(found.get(pair, ())) for pair in pairs]


def hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """The lines in which two texts differ."""
    start = 0
    while start < len(old) and start < len(new) and old[start] == new[start]:
        start += 1
    end = 0
    while end < len(old) - start and end < len(new) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if not middle_old and not middle_new:
        return []
    if max(len(middle_old), len(middle_new)) > _LONGEST:
        return [Hunk(start, len(old) - end, start, len(new) - end)]
    matcher = difflib.SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    return [
        Hunk(start + a, start + b, start + c, start + d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"
    ]


def text_of(data: bytes) -> str | None:
    """``data`` as text without a byte order mark, or None when it is binary (it has a NUL, as git sees it)."""
    if b"\0" in data[:8000]:
        return None
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff")


def lines_of(text: str) -> list[str]:
    """Lines without their ends; only LF and CRLF end a line, as for git and YAML marks alike."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines and not lines[-1] else lines


def paths(changes: Iterable[FileChange]) -> tuple[str, ...]:
    """Their paths, fit to be shown: bytes that are no UTF-8 are replaced."""
    return tuple(c.path.encode(errors="surrogateescape").decode(errors="replace") for c in changes)
