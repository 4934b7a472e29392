"""Server-side apply, the part that shows: who said what, conflicts, and taking back what one no longer says.

For each object and manager the fields that it gave last are kept, as a partial object; lists count as one field.
They are not published as ``managedFields``.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from console.demo.api import kinds
from console.demo.api.errors import ApiError
from console.demo.api.patches import three_way
from console.demo.api.store import Object, ObjectStore

Path = tuple[str, ...]
Said = dict[str, Object]  # by manager

_NAMING = {"apiVersion", "kind"}


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """(path, value) of everything that is no mapping."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            if path or key not in _NAMING:
                yield from leaves(inner, (*path, key))
    elif (path and path[0] != "metadata") or path[1:2] in {("labels",), ("annotations",), ("finalizers",)}:
        yield path, value


def _plant(tree: Object, path: Path, value: Any) -> None:
    for key in path[:-1]:
        inner = tree.get(key)
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    tree[path[-1]] = value


def _uproot(tree: Object, path: Path) -> None:
    for key in path[:-1]:
        tree = tree.get(key, {})
    tree.pop(path[-1], None)


class Ownership:
    """Of the objects of one store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._said: dict[str, Said] = {}  # by uid

    def note(self, old: Object | None, new: Object, manager: str) -> None:
        """An ordinary write: what changed is now what ``manager`` says."""
        had = dict(leaves(old)) if old else {}
        changed = {path: value for path, value in leaves(new) if path[0] != "status" and had.get(path) != value}
        said = self._of(new)
        for other, tree in said.items():
            if other != manager:
                for path in changed:
                    _uproot(tree, path)
        for path, value in changed.items():
            _plant(said.setdefault(manager, {}), path, value)

    def apply(
        self, wanted: Object, manager: str, *, force: bool, status: bool = False, dry_run: bool = False
    ) -> tuple[Object, bool]:
        """(the object now, whether it is new). ApiError 409 when others say otherwise, unless forced."""
        kind, metadata = kinds.named(wanted["kind"]), wanted["metadata"]
        namespace = metadata.get("namespace", "") if kind.namespaced else ""
        live = self._store.get(kind.kind, metadata["name"], namespace)
        if live is None:
            new = self._store.create(wanted, dry_run=dry_run)
            if not dry_run:
                self._of(new)[manager] = deepcopy(wanted)
            return new, True
        said = self._of(live)
        disputed = list(_disputed(said, wanted, live, manager))
        if disputed and not force:
            raise _conflict(disputed)
        merged = three_way(said.get(manager, {}), wanted, live)
        new = self._store.update(kind.kind, metadata["name"], namespace, merged, status=status, dry_run=dry_run)
        if not dry_run:
            for other, path in disputed:
                _uproot(said[other], path)
            said[manager] = deepcopy(wanted)  # it will be changed here
        return new, False

    def _of(self, obj: Object) -> Said:
        return self._said.setdefault(obj["metadata"]["uid"], {})


def _disputed(said: Said, wanted: Object, live: Object, manager: str) -> Iterator[tuple[str, Path]]:
    now = dict(leaves(live))
    differing = [path for path, value in leaves(wanted) if path in now and now[path] != value]
    for other, tree in said.items():
        if other != manager:
            owned = dict(leaves(tree))
            yield from ((other, path) for path in differing if path in owned)


def _conflict(disputed: list[tuple[str, Path]]) -> ApiError:
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": "." + ".".join(path)}
        for manager, path in disputed
    ]
    told = ", ".join(f"{cause['message']}: {cause['field']}" for cause in causes)
    count = "1 conflict" if len(causes) == 1 else f"{len(causes)} conflicts"
    return ApiError(409, "Conflict", f"Apply failed with {count}: {told}", details={"causes": causes})
