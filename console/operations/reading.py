"""Files of a repository for the rules to look at: read once for each state of it, the last few kept."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from console.foresight.tree import wanted
from console.operations.ports import Repository

_KEPT = 3  # states of a repository: main, main before, a second update's; each a few MB
_LOCK = threading.Lock()
_READ: OrderedDict[str, dict[str, bytes]] = OrderedDict()  # by commit: its content never changes


def files_of(repository: Repository, commit: str) -> dict[str, bytes]:
    """Every file of ``commit`` that a rule may look at, by path. Raises SourceError."""
    with _LOCK:
        if commit in _READ:
            _READ.move_to_end(commit)
            return _READ[commit]
    found = repository.contents(commit, [path for path in repository.files(commit) if wanted(path)])
    with _LOCK:
        _READ[commit] = found
        while len(_READ) > _KEPT:
            _READ.popitem(last=False)
    return found


def files_after(
    repository: Repository, before: Mapping[str, bytes], tree: str, touched: Sequence[str]
) -> Mapping[str, bytes]:
    """The same in ``tree``, which differs from ``before`` in ``touched`` alone: only these are read."""
    anew = repository.contents(tree, [path for path in touched if wanted(path)])
    gone = set(touched)
    return {path: data for path, data in before.items() if path not in gone} | anew


def forget() -> None:
    """Let go of all that is kept."""
    with _LOCK:
        _READ.clear()
