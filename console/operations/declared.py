"""Which versions of Talos and Kubernetes main asks for: read once, then only what main changed since."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from console.foresight.places import Place, carries, places
from console.model.updates import DeclaredVersion, RepositoryState
from console.operations.ports import Repository
from console.sources.errors import SourceError


class Declared:
    """``repository`` gives the clone."""

    def __init__(self, repository: Callable[[], Repository]) -> None:
        self._repository = repository
        self._head = ""
        self._found: dict[str, tuple[Place, ...]] = {}

    def __call__(self, state: RepositoryState) -> RepositoryState:
        """``state`` with the versions. What can't be read leaves them as they were known."""
        if state.head != self._head:
            try:
                self._read(state.head)
            except SourceError:
                self._head = ""
        found = (place for path in sorted(self._found) for place in self._found[path])
        return replace(state, versions=tuple(DeclaredVersion(p.system, p.kind, p.version, p.where) for p in found))

    def _read(self, head: str) -> None:
        repository = self._repository()
        if self._head:
            touched: Iterable[str] = repository.changed(self._head, head)
            kept = {path: found for path, found in self._found.items() if path not in set(touched)}
        else:
            touched, kept = repository.files(head), {}
        read = repository.contents(head, [path for path in touched if carries(path)])
        self._found = kept | {path: found for path, data in read.items() if (found := places(path, data))}
        self._head = head
