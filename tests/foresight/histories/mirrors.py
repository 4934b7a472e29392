"""The files of a bare clone at a commit, as the rules look at them."""

import subprocess
from pathlib import Path

from console.foresight.tree import wanted

_TIMEOUT = 120  # seconds for one call of git


def clone_of(folder: Path, repository: str) -> Path | None:
    """Where the clone of ``owner/name`` is below ``folder``."""
    named = folder / repository.replace("/", "+")
    return next((path for path in (named / "repo", named) if (path / "HEAD").is_file()), None)


def files_before(clone: Path, commit: str) -> dict[str, bytes]:
    """Every file of the first parent of ``commit`` that a rule may look at."""
    listed = _git(clone, "ls-tree", "-r", "-z", f"{commit}^1").decode("utf-8", "replace").split("\0")
    entries = [(meta.split(), path) for line in listed if line for meta, path in [line.split("\t", 1)]]
    looked = [(meta[2], path) for meta, path in entries if meta[0].startswith("100") and wanted(path)]
    answer = _git(clone, "cat-file", "--batch", said="".join(f"{oid}\n" for oid, _ in looked).encode())
    found, at = {}, 0
    for _, path in looked:
        head = answer.index(b"\n", at)
        size = int(answer[at:head].rsplit(b" ", 1)[1])
        found[path] = answer[head + 1 : head + 1 + size]
        at = head + size + 2
    return found


def _git(clone: Path, *words: str, said: bytes = b"") -> bytes:
    command = ["git", "-C", str(clone), *words]
    return subprocess.run(command, input=said, capture_output=True, check=True, timeout=_TIMEOUT).stdout
