"""A version that no branch offers: every place in the repository that must say it, edited together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from console.edits.version import set_version
from console.foresight.places import Place, carries, places
from console.model.review import FileEdit
from console.model.updates import System
from console.model.upgrades import TITLES
from console.operations.ports import Repository
from console.sources.errors import Refused
from console.sources.git.places import purpose


@dataclass(frozen=True, slots=True)
class Raised:
    """The edits, and what they do in words. ``left`` are places that keep what they say, each with the reason."""

    edits: tuple[FileEdit, ...]
    changed: tuple[str, ...]
    left: tuple[str, ...]


def raised(repository: Repository, system: System, version: str) -> Raised:
    """What has to change on main so that the nodes go to ``version``.

    The version that is left is the one in tuppr's resource, else the one that most places say. Places that say another
    one (another cluster's, a newer client's) are left. Refused when there is none, or one that matters can't be edited.
    """
    base = repository.head()
    names = repository.files(base)
    files = repository.contents(base, [path for path in names if carries(path)])
    found = [p for path, data in files.items() for p in places(path, data) if p.system == system]
    now = _now(found)
    if now is None:
        raise Refused(
            f"Nothing in the repository says which {TITLES[system]} the nodes run.",
            "There has to be a tuppr resource, a talenv, a talconfig, or an image with its version.",
            kind="not-found",
        )
    mine, left = [], []
    for place in found:
        why = _kept(place, now, version, names)
        if why:
            left.append(f"{place.where}: {why}")
        elif place.version != version:
            mine.append(place)
    return _edited(files, mine, left, version)


def _edited(files: dict[str, bytes], mine: Sequence[Place], left: list[str], version: str) -> Raised:
    made: dict[str, bytes] = {}
    changed = []
    for place in mine:
        try:
            data = set_version(place.file, made.get(place.file, files[place.file]), place.line, place.version, version)
        except Refused as refusal:
            if place.kind == "resource":
                raise
            left.append(f"{place.where}: {refusal.message}")
            continue
        made[place.file] = data
        changed.append(f"{place.where}: {place.version} → {version}")
    return Raised(tuple(FileEdit(path, data) for path, data in made.items()), tuple(changed), tuple(left))


def _now(found: Iterable[Place]) -> str | None:
    """What the repository holds: what tuppr is told, else what most other places say."""
    own = [place for place in found if place.kind != "client"]
    told = [place.version for place in own if place.kind == "resource"] or [place.version for place in own]
    return max(sorted(set(told)), key=told.count) if told else None


def _kept(place: Place, now: str, version: str, names: Sequence[str]) -> str:
    """Why a place keeps its version; empty when it goes along."""
    if place.version == version:
        return ""
    if place.version != now:
        return f"it says {place.version}, not {now}; it belongs to something else"
    if place.kind != "client":
        return ""
    folder = PurePosixPath(place.file).parent
    locks = [name for name in names if PurePosixPath(name).parent == folder and purpose(name) == "lock"]
    stem = PurePosixPath(place.file).name.removesuffix(".toml").lstrip(".")
    own = next((name for name in locks if PurePosixPath(name).name.lstrip(".").startswith(stem)), "")
    return f"{own} pins its checksums; the client's own update raises both" if own else ""
