"""What trees hold and where they differ, many files in one go: a process for each file would cost seconds.

Files are asked for by their ids: a name may hold any byte but NUL, so that one with a line end in it would put the
answers out of step with the questions, and hide other files.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from console.sources.errors import Malformed
from console.sources.folder import private_folder
from console.sources.git.failures import failure
from console.sources.git.runner import Repository, revision
from console.sources.stop import Stop

_BATCH = 400  # files asked for at once: their bytes stay well below what is taken of one answer


def files(repository: Repository, tree: str) -> list[str]:
    """The paths of all files (and links) in a tree (or a commit's)."""
    return list(_paths(repository.out("ls-tree", "-r", "-z", "--name-only", "--end-of-options", tree)))


def contents(repository: Repository, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
    """The bytes of these files in a tree (or a commit's), by path; those that are not there are left out."""
    there = _blobs(repository, tree) if paths else {}
    asked = {path: there[path] for path in paths if path in there}
    oids = sorted(set(asked.values()))
    found: dict[str, bytes] = {}
    for start in range(0, len(oids), _BATCH):
        batch = "".join(f"{oid}\n" for oid in oids[start : start + _BATCH])
        found |= _answers(repository.out("cat-file", "--batch", stdin=batch.encode()))
    return {path: found[oid] for path, oid in asked.items()}


def changed(repository: Repository, old: str, new: str) -> tuple[str, ...]:
    """The paths in which two trees (or commits) differ, both ends of a rename."""
    out = repository.out("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", old, new)
    return tuple(_paths(out))


def newest(repository: Repository, commit: str, path: str) -> str:
    """The newest commit, up to ``commit`` along its first parents, that touched ``path``; empty for none."""
    inside = (f":(top,literal){path}",) if path else ()
    arguments = ("--max-count=1", "--first-parent", "--end-of-options", commit, "--", *inside)
    return repository.out("rev-list", *arguments).decode("ascii").strip()


def blame(repository: Repository, commit: str, path: str, line: int) -> str:
    """The commit that wrote ``line`` (1-based) of the file as ``commit`` has it; empty where that can't be told."""
    done = repository.run("blame", "--porcelain", "-L", f"{line},{line}", revision(commit), "--", path)
    return done.out[:40].decode("ascii", "replace") if done.end == "exited" and done.code == 0 else ""


def export(repository: Repository, tree: str, folder: Path, stop: Stop | None = None) -> None:
    """Write the files of a tree (or a commit's) into ``folder``, through an index of its own.

    Not ``git archive``: it leaves out, and alters, what the tree's own attributes ask it to.
    """
    with private_folder("index") as own:
        environment = {"GIT_INDEX_FILE": str(own / "index"), "GIT_WORK_TREE": str(folder)}
        for words in (("read-tree", revision(tree)), ("checkout-index", "--all", "--force", f"--prefix={folder}/")):
            done = repository.run(*words, environment=environment, stop=stop, timeout=60)
            if done.end != "exited" or done.code:
                raise failure(done)


def _blobs(repository: Repository, tree: str) -> dict[str, str]:
    """The ids of a tree's files by path. Records of ``mode type id TAB path``; a submodule is a commit."""
    records = _paths(repository.out("ls-tree", "-r", "-z", "--end-of-options", tree))
    split = (record.partition("\t") for record in records)
    return {path: about.split(" ")[2] for about, _, path in split if about.split(" ")[1] == "blob"}


def _paths(out: bytes) -> Iterator[str]:
    return (path for path in out.decode(errors="surrogateescape").split("\0") if path)


def _answers(out: bytes) -> Iterator[tuple[str, bytes]]:
    """Records of ``oid kind size LF bytes LF``. What a clone lacks is an error, not an empty file."""
    place = 0
    while place < len(out):
        end = out.index(b"\n", place)
        oid, kind, *size = out[place:end].decode("ascii").split(" ")
        if kind != "blob":
            raise Malformed(f"The private clone has no {oid}", "Remove it: it is made anew.")
        place = end + 1 + int(size[0])
        yield oid, out[end + 1 : place]
        place += 1
