"""Three-way merges without a working tree: ``git merge-tree --write-tree`` (git 2.38 or newer)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from console.sources.errors import SourceError
from console.sources.git.failures import failure
from console.sources.git.runner import Repository, revision
from console.sources.stop import Stop

_BATCH = (2, 39, 0)  # merge-tree --stdin


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge gives: a ``tree``, and the paths that conflict in it. With ``why`` it could not be made at all."""

    tree: str = ""
    conflicts: tuple[str, ...] = ()
    why: str = ""

    @property
    def clean(self) -> bool:
        """Whether it can be committed."""
        return bool(self.tree) and not self.conflicts


def merge(repository: Repository, ours: str, theirs: str, stop: Stop | None = None) -> Merge:
    """Merge the commit ``theirs`` into ``ours``. Raises MissingTool when git is too old."""
    repository.git.require()
    done = repository.run(
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--no-messages",
        revision(ours),
        revision(theirs),
        stop=stop,
    )
    if done.end != "exited" or done.code not in (0, 1):
        problem = failure(done)
        if problem.kind == "stopped":
            raise problem
        return Merge(why=problem.message)
    tree, *rest = done.out.decode(errors="surrogateescape").split("\0")
    return Merge(tree, tuple(dict.fromkeys(path for path in rest if path)))


def merges(repository: Repository, ours: str, theirs: Sequence[str], stop: Stop | None = None) -> dict[str, Merge]:
    """Each of ``theirs`` merged into ``ours``, by commit. One that can't be merged does not keep the others from it."""
    found: dict[str, Merge] = {}
    waiting = list(dict.fromkeys(theirs))
    if repository.git.version() < _BATCH:
        return {commit: merge(repository, ours, commit, stop) for commit in waiting}
    while waiting:
        lines = "".join(f"{ours} {commit}\n" for commit in waiting).encode()
        done = repository.run(
            "merge-tree",
            "--write-tree",
            "--stdin",
            "-z",
            "--name-only",
            "--no-messages",
            stdin=lines,
            timeout=60 + len(waiting),
            stop=stop,
        )
        if done.end in ("stopped", "expired"):
            raise failure(done)
        answers = _answers(done.out)
        found |= zip(waiting, answers, strict=False)
        waiting = waiting[len(answers) :]
        if waiting:  # git gave up at this one
            found[waiting[0]] = merge(repository, ours, waiting[0], stop)
            waiting = waiting[1:]
    return found


def _answers(out: bytes) -> list[Merge]:
    """Records of ``1 NUL tree NUL NUL`` (clean) or ``0 NUL tree NUL path NUL … NUL`` (conflicts)."""
    words = iter(out.decode(errors="surrogateescape").split("\0"))
    answers = []
    for flag in words:
        if flag not in ("0", "1"):
            break
        tree = next(words, "")
        paths = tuple(itertools.takewhile(bool, words))
        answers.append(Merge(tree, tuple(dict.fromkeys(paths)) if flag == "0" else ()))
    return answers


def no_merge(error: SourceError) -> Merge:
    """What stands for a merge that ``error`` kept from being tried."""
    return Merge(why=error.message)
