"""The textual difference of two commits by lines, with nothing secret in it."""

from collections.abc import Iterator, Sequence

from console.sources.errors import SourceError
from console.sources.git import secrets
from console.sources.git.files import FileChange, Hunk, changed_files, hunks, lines_of, text_of
from console.sources.git.objects import Reader
from console.sources.git.runner import Repository

_CONTEXT = 3
_BIGGEST = 8 * 1024 * 1024  # bytes of a file whose lines are compared
_MOST = 5000  # lines shown of one file
_LONGEST = 2000  # characters shown of one line


def text_diff(repository: Repository, reader: Reader, old_tree: str, new_tree: str) -> list[str]:
    """A unified diff. Encrypted files are told in one line; values of Secrets, keys and tokens are masked."""
    lines: list[str] = []
    for change in changed_files(repository, [(old_tree, new_tree)])[0]:
        lines += _header(change)
        body = list(_body(change, reader))
        lines += body[:_MOST]
        if len(body) > _MOST:
            lines.append(f"… {len(body) - _MOST} more lines")
    return lines


def _header(change: FileChange) -> list[str]:
    path = change.path.encode(errors="surrogateescape").decode(errors="replace")
    lines = [f"diff --git a/{path} b/{path}"]
    if change.status == "A":
        lines.append(f"new file mode {change.new_mode}")
    elif change.status == "D":
        lines.append(f"deleted file mode {change.old_mode}")
    elif change.old_mode != change.new_mode:
        lines += [f"old mode {change.old_mode}", f"new mode {change.new_mode}"]
    if change.old != change.new:
        lines.append(f"--- {'/dev/null' if change.status == 'A' else 'a/' + path}")
        lines.append(f"+++ {'/dev/null' if change.status == 'D' else 'b/' + path}")
    return lines


def _body(change: FileChange, reader: Reader) -> Iterator[str]:
    if "160000" in (change.old_mode, change.new_mode):
        yield f"Submodule {change.old[:12]} → {change.new[:12]}"
        return
    if change.old == change.new:
        return
    try:
        old, new = _read(reader, change.old), _read(reader, change.new)
    except SourceError as error:
        yield f"… {error.message}"
        return
    if old is None or new is None:
        yield "… too big, or binary: not shown"
    elif secrets.is_encrypted(change.path, old) or secrets.is_encrypted(change.path, new):
        yield _encrypted(lines_of(old), lines_of(new))
    else:
        yield from _unified(lines_of(old), lines_of(new))


def _read(reader: Reader, blob: str) -> str | None:
    if not blob.strip("0"):
        return ""
    return text_of(reader.blob(blob)) if reader.size(blob) <= _BIGGEST else None


def _encrypted(old: list[str], new: list[str]) -> str:
    found = hunks(old, new)
    touched = [line for h in found for line in (*old[h.old_start : h.old_end], *new[h.new_start : h.new_end])]
    keys = secrets.keys_of([line for line in touched if "ENC[" in line])
    named = f" (keys: {', '.join(keys[:10])}{', …' if len(keys) > 10 else ''})" if keys else ""
    return f"… {len(keys)} encrypted values changed{named}" if keys else "… an encrypted file changed"


def _unified(old: list[str], new: list[str]) -> Iterator[str]:
    old_cover, new_cover = secrets.covers(old), secrets.covers(new)
    for group in _grouped(hunks(old, new)):
        first, last = group[0], group[-1]
        before = min(_CONTEXT, first.old_start)
        after = min(_CONTEXT, len(old) - last.old_end)
        old_start, old_end = first.old_start - before, last.old_end + after
        new_start, new_end = first.new_start - before, last.new_end + after
        yield f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@"
        place = old_start
        for hunk in group:
            yield from _marked(" ", old, old_cover, place, hunk.old_start)
            yield from _marked("-", old, old_cover, hunk.old_start, hunk.old_end)
            yield from _marked("+", new, new_cover, hunk.new_start, hunk.new_end)
            place = hunk.old_end
        yield from _marked(" ", old, old_cover, place, old_end)


def _marked(mark: str, lines: Sequence[str], cover: Sequence[secrets.Cover], start: int, end: int) -> Iterator[str]:
    for place in range(start, end):
        line = secrets.masked(lines[place], cover[place])
        yield mark + (line if len(line) <= _LONGEST else line[:_LONGEST] + "…")


def _range(start: int, end: int) -> str:
    return f"{start + 1 if end > start else start},{end - start}"


def _grouped(found: Sequence[Hunk]) -> Iterator[list[Hunk]]:
    group: list[Hunk] = []
    for hunk in found:
        if group and hunk.old_start - group[-1].old_end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group
