"""What one branch proposes, read from its own commits: independent of where main is now, so it is read only once."""

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from console.model.updates import Change, System
from console.sources.git import secrets
from console.sources.git.changes import FileVersions, file_versions
from console.sources.git.classify import at_least, is_downgrade, update_type
from console.sources.git.files import FileChange, paths, text_of
from console.sources.git.objects import Reader
from console.sources.git.places import purpose
from console.sources.git.subjects import Hint, hint

Kind = Literal["dependency", "lockfile", "config"]

_MOST_FILES = 1000  # one address in every Kustomization is 360; beyond a thousand no update goes
_BIGGEST = 6 * 1024 * 1024  # bytes of a file that is compared


@dataclass(frozen=True, slots=True)
class Proposal:
    """The versions that a set of file changes moves, and what is unusual in it, in words."""

    files: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    system: System | None = None
    kind: Kind = "dependency"
    unusual: tuple[str, ...] = ()
    spots: frozenset[tuple[str, str]] = frozenset()
    raw: tuple[FileChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What one changed file shows. ``versions`` is None where it can't be compared."""

    versions: FileVersions | None
    unusual: tuple[str, ...]
    texts: tuple[str, str] = ("", "")  # of a lock file


def proposal(
    raw: Sequence[FileChange], reader: Reader, subject: str, looked: MutableMapping[FileChange, Look] | None = None
) -> Proposal:
    """Read the changed files. ``looked`` keeps what each shows: after a rewrite of main branches share hundreds."""
    if len(raw) > _MOST_FILES:  # a branch that main was rewritten under: nothing that a bot proposed
        return Proposal(paths(raw), unusual=(f"{len(raw)} files changed: more than an update does",), raw=tuple(raw))
    versions = FileVersions()
    said = hint(subject)
    unusual: list[str] = []
    locked: list[Change] = []  # what the subject says of a change that only shows in lock files
    looked = {} if looked is None else looked
    for change in raw:
        if change not in looked:
            looked[change] = _look(change, reader)
        seen = looked[change]
        unusual += seen.unusual
        if seen.versions is None:
            versions.spots.add((change.path, ""))
            continue
        if said.old and said.old in seen.texts[0] and said.new in seen.texts[1]:
            locked.append(Change(said.name, said.old, said.new, update_type(said.old, said.new), file=change.path))
        _merge(versions, seen.versions)
    changes = _named(versions, said) or tuple(locked)
    unusual += [f"{c.name}: {c.new} is older than {c.old}" for c in changes if is_downgrade(c.old, c.new)]
    return Proposal(
        paths(raw),
        changes,
        "talos" if "talos" in versions.systems else "kubernetes" if versions.systems else None,
        _kind(raw, changes),
        tuple(dict.fromkeys(text.encode(errors="replace").decode() for text in unusual)),
        frozenset(versions.spots),
        tuple(raw),
    )


def _look(change: FileChange, reader: Reader) -> Look:
    unusual = _oddities(change)
    texts = _texts(change, reader, unusual)
    if texts is None:
        return Look(None, tuple(unusual))
    found = file_versions(change.path, *texts)
    use = purpose(change.path)
    if found.others and use not in ("lock", "config") and change.status == "M":
        unusual.append(f"{change.path}: {found.others} changed lines are no versions")
    return Look(found, tuple(unusual), texts) if use == "lock" else Look(found, tuple(unusual))


def _merge(into: FileVersions, found: FileVersions) -> None:
    into.changes += found.changes
    into.weak += found.weak
    into.systems |= found.systems
    into.spots |= found.spots


def _oddities(change: FileChange) -> list[str]:
    modes = (change.old_mode, change.new_mode)
    found = []
    if "160000" in modes:
        found.append(f"{change.path}: submodule")
    elif "120000" in modes:
        found.append(f"{change.path}: symbolic link")
    elif change.status == "A":
        found.append(f"{change.path}: new file")
    elif change.status == "D":
        found.append(f"{change.path}: file removed")
    elif modes[0] != modes[1]:
        found.append(f"{change.path}: mode {modes[0][-3:]} → {modes[1][-3:]}")
    if secrets.is_encrypted(change.path, ""):
        found.append(f"{change.path}: secrets")
    return found


def _texts(change: FileChange, reader: Reader, unusual: list[str]) -> tuple[str, str] | None:
    """Both versions of an ordinary file as text; empty where there is no file. None when it can't be compared."""
    if change.old == change.new or not all(
        m.startswith("100") or m == "000000" for m in (change.old_mode, change.new_mode)
    ):
        return None
    texts = []
    for blob in (change.old, change.new):
        if not blob.strip("0"):
            texts.append("")
            continue
        if reader.size(blob) > _BIGGEST:
            unusual.append(f"{change.path}: too big to compare")
            return None
        text = text_of(reader.blob(blob))
        if text is None:
            unusual.append(f"{change.path}: binary")
            return None
        texts.append(text)
    if any(secrets.is_encrypted("", text) for text in texts):
        unusual.append(f"{change.path}: secrets")
    return texts[0], texts[1]


def _named(versions: FileVersions, said: Hint) -> tuple[Change, ...]:
    """The changes, those with no good name named by the subject where it speaks of the same versions."""
    changes = []
    for change, weak in zip(versions.changes, versions.weak, strict=True):
        agrees = said.new and said.new.lower().lstrip("v") == change.new.lower().lstrip("v")
        only = len({(c.old, c.new) for c in versions.changes}) == 1
        if weak and said.name and (agrees or (only and not said.new)):
            changes.append(replace(change, name=said.name))
        else:
            changes.append(change)
    return tuple(changes)


def _kind(raw: Iterable[FileChange], changes: Sequence[Change]) -> Kind:
    purposes = {purpose(change.path) for change in raw}
    if purposes == {"lock"}:
        return "lockfile"
    # A preset that Renovate raises in its own configuration is a dependency like any other.
    if purposes == {"config"} and not changes:
        return "config"
    return "dependency"


def superseded(change: Change, moved: Iterable[Change]) -> bool:
    """Whether main has ``change.new`` or newer: ``moved`` are the versions that it moved in the file since."""
    return any(
        (found.path, found.old) == (change.path, change.old) and at_least(found.new, change.new) for found in moved
    )
