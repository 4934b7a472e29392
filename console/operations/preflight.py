"""A preflight: everything that should be known of an update before it is approved."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from console.foresight import written
from console.foresight.evidence import Evidence, Live, Move, offline
from console.foresight.foresee import acknowledged, foresee, verdict
from console.foresight.places import Place, carries, moved, places
from console.foresight.tree import Tree
from console.model.finding import Preflight
from console.model.moves import origin_of, target_of
from console.model.snapshot import Snapshot, Topic
from console.model.updates import Change, System, Update, UpdateType
from console.model.upgrades import SYSTEMS
from console.model.version import Version
from console.operations.ports import Repository
from console.operations.reading import files_after, files_of
from console.sources.errors import UsageError

_PACKAGES: dict[System, str] = {"talos": "siderolabs/talos", "kubernetes": "ghcr.io/siderolabs/kubelet"}


def preflight(
    update: Update,
    repository: Repository,
    snapshot: Snapshot | None,
    now: datetime,
    *,
    live: Live = offline,
    reasons: Mapping[str, str] | None = None,
) -> Preflight:
    """All findings for ``update`` at its head, on main as the last fetch left it. Without ``snapshot``: offline.

    An update that is no branch stands on its own ``base``. ``live`` gives objects of the cluster (see Evidence),
    ``reasons`` are the operator's acknowledgements by rule.
    Raises SourceError when the repository can't be read.
    """
    base = repository.head() if update.branch != update.head else update.base
    return _judged(gather(update, repository, snapshot, now, base, live=live), base, reasons or {})


def supposed(
    system: System,
    version: Version,
    repository: Repository,
    snapshot: Snapshot | None,
    now: datetime,
    *,
    live: Live = offline,
    reasons: Mapping[str, str] | None = None,
) -> Preflight:
    """The same for a version that nothing proposes yet: as if every place on main that carries it said ``version``.

    Raises UsageError when main holds no version of ``system``, SourceError when it can't be read.
    """
    base = repository.head()
    before = files_of(repository, base)
    found = _places(before)
    held = _held(found, system)
    if held is None:
        raise UsageError(f"main holds no version of {system}", "Name a branch or a commit.", kind="not-found")
    carrying = [p for p in found if p.system == system and p.kind != "client" and p.version == str(held)]
    files = tuple(dict.fromkeys(p.file for p in carrying))
    name, change = f"{system}@{version}", Change(_PACKAGES[system], str(held), str(version), _size(held, version))
    update = Update(name, base, base, name, "ready", changes=(change,), type=change.type, files=files, system=system)
    after = before | {
        file: moved(before[file], [p for p in carrying if p.file == file], str(version)) for file in files
    }
    becomes = _places(after)
    evidence = Evidence(
        update=update,
        now=now,
        moves=(Move(system, held, version),) if held != version else (),
        before=found,
        after=becomes,
        pending=_pending(repository, snapshot),
        touched=files,
        snapshot=snapshot,
        tree=Tree(after, becomes, files),
        live=live,
    )
    return _judged(evidence, base, reasons or {})


def _judged(evidence: Evidence, base: str, reasons: Mapping[str, str]) -> Preflight:
    findings = acknowledged(foresee(evidence), reasons)
    return Preflight(
        update=evidence.update.branch,
        head=evidence.update.head,
        base=base,
        verdict=verdict(evidence, findings),
        findings=findings,
        talos=_pair(evidence, "talos"),
        kubernetes=_pair(evidence, "kubernetes"),
        at=evidence.now,
    )


def gather(
    update: Update,
    repository: Repository,
    snapshot: Snapshot | None,
    now: datetime,
    base: str,
    *,
    live: Live = offline,
) -> Evidence:
    """What the rules will look at. The repository's files only where a rule is about what the update moves."""
    merged = repository.merge_tree(base, update.head)
    tree = merged.tree if merged.clean else update.head
    touched = repository.changed(base, tree) if merged.clean else update.files
    evidence = Evidence(
        update=update,
        now=now,
        touched=touched,
        diff=tuple(repository.diff(base, update.head)),
        snapshot=snapshot,
        live=live,
    )
    if not update.system and not written.concerned(evidence):
        return evidence
    before = files_of(repository, base)
    after = files_after(repository, before, tree, touched)
    evidence = replace(evidence, tree=Tree(after))
    if not update.system:
        return evidence
    old, new = _places(before), _places(after)
    return replace(
        evidence,
        tree=Tree(after, new, touched),
        moves=tuple(m for s in SYSTEMS if (m := _move(update, s, old, new, touched))),
        before=old,
        after=new,
        pending=_pending(repository, snapshot),
    )


def _places(files: Mapping[str, bytes]) -> tuple[Place, ...]:
    return tuple(place for path, data in files.items() if carries(path) for place in places(path, data))


def _pending(repository: Repository, snapshot: Snapshot | None) -> list[Update]:
    if snapshot is not None and snapshot[Topic.UPDATES].freshness.at is not None:
        return list(snapshot[Topic.UPDATES].items.values())
    return repository.scan()[1]


def _held(found: Iterable[Place], system: System) -> Version | None:
    """What main holds: tuppr's resource first, then a configuration, then an image."""
    own = [p for p in found if p.system == system]
    for kind in ("resource", "config", "image"):
        versions = [v for p in own if p.kind == kind and (v := Version.parse(p.version))]
        if versions:
            return min(versions) if kind == "resource" else max(versions)
    return None


def _size(old: Version, new: Version) -> UpdateType:
    if old.major != new.major:
        return "major"
    return "minor" if old.minor != new.minor else "patch"


def _move(
    update: Update,
    system: System,
    before: tuple[Place, ...],
    after: tuple[Place, ...],
    touched: tuple[str, ...],
) -> Move | None:
    """What main holds and will hold: tuppr's resource first, else any other place in a file that changes."""
    for kinds in ({"resource"}, {"config", "image"}):
        old = [p for p in before if p.system == system and p.kind in kinds and p.file in touched]
        new = [p for p in after if p.system == system and p.kind in kinds and p.file in touched]
        for was, becomes in zip(old, new, strict=False):
            first, last = Version.parse(was.version), Version.parse(becomes.version)
            if first and last and first != last:
                return Move(system, first, last)
    if update.system != system:
        return None
    first, last = Version.parse(origin_of(update)), Version.parse(target_of(update))
    return Move(system, first, last) if first and last and first != last else None


def _pair(evidence: Evidence, system: System) -> tuple[str, str] | None:
    move = evidence.move(system)
    return (str(move.old), str(move.new)) if move else None
