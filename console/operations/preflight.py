"""A preflight: everything that should be known of an update before it is approved."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from console.foresight.evidence import Evidence, Move
from console.foresight.foresee import foresee, verdict
from console.foresight.places import Place, carries, places
from console.model.finding import Preflight
from console.model.moves import origin_of, target_of
from console.model.snapshot import Snapshot, Topic
from console.model.updates import System, Update
from console.model.upgrades import SYSTEMS
from console.model.version import Version
from console.operations.ports import Repository


def preflight(update: Update, repository: Repository, snapshot: Snapshot | None, now: datetime) -> Preflight:
    """All findings for ``update`` at its head, on main as the last fetch left it. Without ``snapshot``: offline.

    Raises SourceError when the repository can't be read.
    """
    base = repository.head()
    evidence = gather(update, repository, snapshot, now, base)
    findings = foresee(evidence)
    return Preflight(
        update=update.branch,
        head=update.head,
        base=base,
        verdict=verdict(evidence, findings),
        findings=findings,
        talos=_pair(evidence, "talos"),
        kubernetes=_pair(evidence, "kubernetes"),
        at=now,
    )


def gather(update: Update, repository: Repository, snapshot: Snapshot | None, now: datetime, base: str) -> Evidence:
    """What the rules will look at."""
    merged = repository.merge_tree(base, update.head)
    after = merged.tree if merged.clean else update.head
    touched = repository.changed(base, after) if merged.clean else update.files
    before, beyond = _places(repository, base, after, touched) if update.system else ((), ())
    return Evidence(
        update=update,
        now=now,
        moves=tuple(m for s in SYSTEMS if (m := _move(update, s, before, beyond, touched))),
        before=before,
        after=beyond,
        pending=_pending(repository, snapshot) if update.system else (),
        touched=touched,
        diff=tuple(repository.diff(base, update.head)),
        snapshot=snapshot,
    )


def _places(
    repository: Repository, base: str, after: str, touched: Sequence[str]
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The places on main, and those on main with the update: only what it touches is read again."""
    everywhere = repository.contents(base, [p for p in repository.files(base) if carries(p)])
    anew = repository.contents(after, [p for p in touched if carries(p)])
    known = {path: places(path, data) for path, data in everywhere.items()}
    again = {path: places(path, data) for path, data in anew.items()}
    rest = {path: found for path, found in known.items() if path not in touched}
    return _flat(known.values()), _flat((rest | again).values())


def _flat(groups: Iterable[list[Place]]) -> tuple[Place, ...]:
    return tuple(place for group in groups for place in group)


def _pending(repository: Repository, snapshot: Snapshot | None) -> list[Update]:
    if snapshot is not None and snapshot[Topic.UPDATES].freshness.at is not None:
        return list(snapshot[Topic.UPDATES].items.values())
    return repository.scan()[1]


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
