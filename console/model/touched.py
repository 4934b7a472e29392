"""Which Flux objects a change of files touches, as far as paths and names tell."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

from console.model.flux import FluxKey, FluxObject
from console.model.updates import ApprovedCommit, Update

_NAMED = frozenset({"HelmRelease", "OCIRepository", "HelmRepository", "GitRepository", "Bucket", "ResourceSet"})


def touched(update: Update | ApprovedCommit, objects: Iterable[FluxObject]) -> tuple[FluxKey, ...]:
    """The Kustomizations whose folder holds a changed file, each followed by what they apply and the file is about.

    Of nested folders the innermost counts. What a file is about is told by its path (``…/immich/app/helmrelease.yaml``)
    and by the names that change; a HelmRelease also follows its source.
    """
    known = tuple(objects)
    paths = {each.key: PurePosixPath(each.path) for each in known if each.key.kind == "Kustomization" and each.path}
    found: dict[FluxKey, None] = {}
    for file in update.files:
        words = _words(file, update)
        for owner in _owners(PurePosixPath(file), paths):
            found[owner] = None
            found.update(dict.fromkeys(_about(owner, words, known)))
    return tuple(found)


def _owners(file: PurePosixPath, paths: dict[FluxKey, PurePosixPath]) -> list[FluxKey]:
    holding = {key: len(path.parts) for key, path in paths.items() if file.is_relative_to(path)}
    deepest = max(holding.values(), default=0)
    return sorted(key for key, depth in holding.items() if depth == deepest)


def _words(file: str, update: Update | ApprovedCommit) -> set[str]:
    path = PurePosixPath(file)
    moved = {change.name.rstrip("/").rpartition("/")[2] for change in update.changes if change.file == file}
    return {*path.parts[:-1], path.stem, *moved}


def _about(owner: FluxKey, words: Collection[str], known: Iterable[FluxObject]) -> Iterator[FluxKey]:
    applied = [each for each in known if each.managed_by == owner and each.key.kind in _NAMED]
    named = {each.key for each in applied if each.key.name in words}
    for each in applied:
        if each.key in named or (each.source and each.source in named):
            yield each.key
