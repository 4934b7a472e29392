"""All Flux objects together: who waits for whom, what the first real failure is, and how much it blocks."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.model.flux import FluxKey, FluxObject, Status

_BAD = frozenset(Status) - {Status.READY, Status.SUSPENDED}
_DEEPEST = 200  # no cluster has chains as long; a list of thousands that wait for each other must not take long
_WAITS = frozenset({"DependencyNotReady", "SourceNotReady", "ArtifactFailed", ""})
_VALUES = frozenset({"Secret", "ConfigMap"})  # of spec.valuesFrom: not watched, known by the release's own message
PICKUP = timedelta(seconds=10)  # a new artifact queues those that take from it at once; a busy queue takes a little
OUTDATED = (
    "outdated"  # the source serves another revision than the one that is applied; beside it, why, if that is told
)
REFUSED = "failed-on-new"  # it was tried and failed
UNTOUCHED = "not-picked-up"  # nobody has tried it: the controller is busy, stuck, or not there


@dataclass(frozen=True, slots=True)
class FluxRow:
    """One object as lists show it. ``order`` is the status that sorts it: it does not jump while a pass runs.

    ``chain`` leads from the first thing that this object waits for to the first real failure, which is
    ``root_cause``; both are empty where the object is itself the failure. ``blocks`` counts the objects that are not
    ready because of this one.
    """

    object: FluxObject
    status: Status
    order: Status
    reason: str = ""
    message: str = ""
    since: datetime | None = None
    marks: tuple[str, ...] = ()
    chain: tuple[FluxKey, ...] = ()
    cause_message: str = ""
    blocks: int = 0

    @property
    def key(self) -> FluxKey:
        """The object's."""
        return self.object.key

    @property
    def is_first(self) -> bool:
        """Whether it fails of itself, or for want of values that nothing watched stands for."""
        return not self.chain or (len(self.chain) == 1 and self.chain[0].kind in _VALUES)

    @property
    def waits_for(self) -> FluxKey | None:
        """The next thing that this object waits for."""
        return self.chain[0] if self.chain else None

    @property
    def root_cause(self) -> FluxKey | None:
        """The first real failure."""
        return self.chain[-1] if self.chain else None


def settle(
    objects: Iterable[FluxObject], now: datetime | None = None, known: Mapping[FluxKey, FluxRow] | None = None
) -> tuple[FluxRow, ...]:
    """All rows, worst first; among equals those that block most, then by namespace and name.

    Without ``now`` every object stands as it did before its running pass. Of ``known``, rows given before, those are
    given again that are the same.
    """
    graph = _Graph({this.key: this for this in objects}, known or {}, now)
    rows = [graph.row(this) for this in graph.objects.values()]
    rows.sort(key=_order)
    return tuple(rows)


def _order(row: FluxRow) -> tuple[int, int, str, str, str]:
    kind, namespace, name = row.object.key
    return (row.order.rank, -row.blocks, namespace, name, kind)


def due(objects: Iterable[FluxObject], now: datetime) -> datetime | None:
    """When ``settle`` will next give something else though no object changes; None: never."""
    moments: list[datetime | None] = []
    for this in objects:
        if this.before:
            moments += (this.until, this.expires)
        if this.served:
            moments.append(this.served + PICKUP)
    return min((moment for moment in moments if moment and moment > now), default=None)


def count(rows: Iterable[FluxRow]) -> dict[Status, int]:
    """How many objects have each status, worst first; only those that occur."""
    found = dict.fromkeys(Status, 0)
    for row in rows:
        found[row.status] += 1
    return {status: number for status, number in found.items() if number}


class _Graph:
    def __init__(
        self, objects: Mapping[FluxKey, FluxObject], known: Mapping[FluxKey, FluxRow], now: datetime | None
    ) -> None:
        self.objects = objects
        self.known = known
        self.now = now
        self.ill = {key for key, this in objects.items() if _ill(this)}
        self.waits: dict[FluxKey, tuple[FluxKey, ...]] = {key: self._waits(objects[key]) for key in self.ill}
        self.blocked = self._blocked()

    def row(self, this: FluxObject) -> FluxRow:
        lag = self._lag(this)
        marks = (*this.marks, *lag) if lag else this.marks
        if this.before is None and this.key not in self.ill:
            old = self.known.get(this.key)
            if old is not None and old.object is this and old.marks == marks:
                return old
            return FluxRow(this, this.status, this.status, this.reason, this.message, this.since, marks)
        shown = this.standing(self.now)
        chain: tuple[FluxKey, ...] = ()
        if this.key in self.ill:
            chain, cycle = self._chain(this.key)
            if cycle:
                marks = (*marks, "cycle")
        return FluxRow(
            this,
            self._word(this, shown.status, shown.reason),
            self._word(this, this.settled, this.standing().reason),
            shown.reason,
            shown.message,
            shown.since,
            marks,
            chain,
            self._said(chain, this) if chain else "",
            self.blocked.get(this.key, 0),
        )

    def _word(self, this: FluxObject, status: Status, reason: str) -> Status:
        """ArtifactFailed is a wait, not a failure of its own, when the source is itself not ready."""
        waits = status is Status.FAILED and reason == "ArtifactFailed"
        if waits and this.source and (this.source in self.ill or this.source not in self.objects):
            return Status.BLOCKED
        return status

    def _waits(self, this: FluxObject) -> tuple[FluxKey, ...]:
        """What an object that is not ready waits for, itself not ready or missing; whom it names first."""
        stood = this.standing()
        found = [key for key in this.blames if key in self.ill]
        found += [key for key in this.needs if key in self.ill]
        values = [key for key in this.blames if key.kind in _VALUES]
        if (stood.reason in _WAITS or values) and stood.status is not Status.SUSPENDED:
            missing = [*values, *(key for key in this.needs if key not in self.objects)]
            # What is missing was to be applied by somebody: a parent that fails is why it is not there.
            if missing and this.managed_by in self.ill and not self._blames(this.managed_by, this.key):
                found.append(this.managed_by)
            found += missing
        return tuple(dict.fromkeys(key for key in found if key != this.key))

    def _blames(self, parent: FluxKey, child: FluxKey) -> bool:
        return child in self.objects[parent].blames

    def _chain(self, start: FluxKey) -> tuple[tuple[FluxKey, ...], bool]:
        """From what ``start`` waits for down to what waits for nothing; and whether the way leads back to itself."""
        chain: list[FluxKey] = []
        seen, here = {start}, start
        while True:
            ways = self.waits.get(here, ())
            onward = next((key for key in ways if key not in seen), None)
            if onward is None or len(chain) == _DEEPEST:
                return tuple(chain), bool(ways) and start in ways
            chain.append(onward)
            seen.add(onward)
            here = onward

    def _blocked(self) -> dict[FluxKey, int]:
        """For every real failure, how many objects that are not ready wait for it, at first or at second hand."""
        behind: dict[FluxKey, list[FluxKey]] = {}
        for key, ways in self.waits.items():
            for way in ways:
                behind.setdefault(way, []).append(key)
        counts = {}
        for key in self.ill:
            if key in behind and (not self.waits[key] or self.objects[key].settled is not Status.BLOCKED):
                counts[key] = _reach(key, behind)
        return counts

    def _said(self, chain: Sequence[FluxKey], start: FluxObject) -> str:
        """What the root cause says of itself; of values that is what the release says that wants them."""
        last = chain[-1]
        if last.kind in _VALUES:
            last = chain[-2] if len(chain) > 1 else start.key
        if last not in self.objects:
            return "not found"
        stood = self.objects[last].standing()
        return stood.message or stood.reason or stood.status.value

    def _lag(self, this: FluxObject) -> tuple[str, ...]:
        """``OUTDATED``, and why, where the source serves another revision than the one that is applied.

        Right after a push that is the normal course; only what is still not picked up then is told.
        """
        source = self.objects.get(this.source) if this.source else None
        if source is None or not source.revision or not _behind(this, source):
            return ()
        if this.settled in (Status.FAILED, Status.STALLED) and _tried(this, source):
            return OUTDATED, REFUSED
        if self.now and source.served and self.now < source.served + PICKUP:
            return ()
        untouched = this.settled is Status.READY and not _tried(this, source)
        return (OUTDATED, UNTOUCHED) if untouched else (OUTDATED,)


def _behind(this: FluxObject, source: FluxObject) -> bool:
    """Whether another revision is applied than ``source`` serves; OCI charts are told by their digest."""
    served, kind = source.revision, this.key.kind
    if kind == "HelmChart":
        return bool(this.source_revision) and served != this.source_revision
    if kind == "HelmRelease" and source.key.kind != "HelmChart":
        return bool(this.digest) and served.rpartition("@")[2] != this.digest
    return kind in ("Kustomization", "HelmRelease") and bool(this.revision) and served != this.revision


def _tried(this: FluxObject, source: FluxObject) -> bool:
    """Whether the revision that is served was attempted. Of an OCI chart the attempt is ``1.2.3+<12 hex digits>``."""
    if this.key.kind == "HelmRelease" and source.key.kind != "HelmChart":
        digest = this.attempted_revision.rpartition("+")[2]
        return bool(digest) and source.revision.rpartition("@")[2].removeprefix("sha256:").startswith(digest)
    return source.revision == this.attempted_revision


def _ill(this: FluxObject) -> bool:
    """Not ready, as the controllers that wait for it see it. A suspended source goes on serving what it has."""
    status = this.settled
    if status is Status.SUSPENDED:
        return this.last_status in _BAD or not this.artifact
    return status in _BAD or not this.artifact


def _reach(start: FluxKey, behind: Mapping[FluxKey, list[FluxKey]]) -> int:
    seen, queue = {start}, deque([start])
    while queue:
        for key in behind.get(queue.popleft(), ()):
            if key not in seen:
                seen.add(key)
                queue.append(key)
    return len(seen) - 1
