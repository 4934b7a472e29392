"""What trees hold and where they differ, many files in one go: a process for each file would cost seconds."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from console.sources.git.runner import Git, Repository

_BATCH = 400  # files asked for at once: their bytes stay well below what is taken of one answer


def files(clone: Path, tree: str) -> list[str]:
    """The paths of all files in a tree (or a commit's). Paths with a line end in them are left out."""
    out = Repository(Git(), clone).out("ls-tree", "-r", "-z", "--name-only", "--end-of-options", tree)
    return [path for path in _paths(out) if "\n" not in path]


def contents(clone: Path, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
    """The bytes of these files in a tree (or a commit's), by path; those that are not there are left out."""
    found: dict[str, bytes] = {}
    repository = Repository(Git(), clone)
    for start in range(0, len(paths), _BATCH):
        asked = paths[start : start + _BATCH]
        lines = "".join(f"{tree}:{path}\n" for path in asked).encode(errors="surrogateescape")
        found |= _answers(asked, repository.out("cat-file", "--batch", stdin=lines))
    return found


def changed(clone: Path, old: str, new: str) -> tuple[str, ...]:
    """The paths in which two trees (or commits) differ, both ends of a rename."""
    out = Repository(Git(), clone).out("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
    return tuple(_paths(out))


def _paths(out: bytes) -> Iterator[str]:
    return (path for path in out.decode(errors="surrogateescape").split("\0") if path)


def _answers(asked: Iterable[str], out: bytes) -> Iterator[tuple[str, bytes]]:
    """Records of ``oid kind size LF bytes LF``, or ``… missing LF``."""
    place = 0
    for path in asked:
        end = out.index(b"\n", place)
        words = out[place:end].split(b" ")
        place = end + 1
        if words[-1] == b"missing" or len(words) < 3:
            continue
        size = int(words[-1])
        if words[-2] == b"blob":
            yield path, out[place : place + size]
        place += size + 1
