"""All Flux objects together: who waits for whom, what the first real failure is, and how much it blocks."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import NamedTuple

from console.model.flux import FluxKey, FluxObject, Status

_READY = Status.READY
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


class Placed(NamedTuple):
    """One object as lists show it, where that is not just what the object says of itself.

    ``order`` is the status that sorts it: it does not jump while a pass runs. ``chain`` leads from the first thing that
    this object waits for to the first real failure, which is ``root_cause``; both are empty where the object is itself
    the failure. ``blocks`` counts the objects that are not ready because of this one.
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


FluxRow = FluxObject | Placed
"""Nearly all of thousands are ready, and their own rows."""


def settle(objects: Iterable[FluxObject], now: datetime | None = None) -> tuple[FluxRow, ...]:
    """All rows, worst first; among equals those that block most, then by namespace and name.

    Without ``now`` every object stands as it did before its running pass.
    """
    return Graph().rows({this.key: this for this in objects}, now)


def count(rows: Iterable[FluxRow]) -> dict[Status, int]:
    """How many objects have each status, worst first; only those that occur."""
    found = Counter(map(attrgetter("status"), rows))
    return {status: found[status] for status in Status if status in found}


def _order(row: FluxRow) -> tuple[int, int, str, str, str]:
    kind, namespace, name = row.key
    return (row.order.rank, -row.blocks, namespace, name, kind)


class Graph:
    """The rows of all objects, from one state of them to the next: only what may have changed is worked out again.

    ``due`` is when ``rows`` will next give something else though no object changes; None: never.
    """

    def __init__(self) -> None:
        self.due: datetime | None = None
        self._objects: Mapping[FluxKey, FluxObject] = {}
        self._placed: dict[FluxKey, Placed] = {}
        self._names: list[FluxKey] = []  # in the order of those that are well
        self._now: datetime | None = None
        self._ill: set[FluxKey] = set()
        self._waiting: dict[FluxKey, tuple[FluxKey, ...]] = {}
        self._blocking: dict[FluxKey, int] = {}

    def rows(self, objects: Mapping[FluxKey, FluxObject], now: datetime | None) -> tuple[FluxRow, ...]:
        """See ``settle``."""
        before, self._objects, self._now = self._objects, objects, now
        moved = {key for key, this in objects.items() if before.get(key) is not this}
        if before.keys() != objects.keys():
            moved |= before.keys() - objects.keys()
            self._names = list(objects)
            for part in (0, 2, 1):  # kind within name within namespace: one tuple for each would be a peak of memory
                self._names.sort(key=itemgetter(part))
        self._place(self._concerned(moved))
        first = sorted((row for row in self._placed.values() if row.order is not _READY or row.blocks), key=_order)
        others = {row.key for row in first}
        placed = self._placed
        return (*first, *(placed.get(key) or objects[key] for key in self._names if key not in others))

    def _concerned(self, moved: Set[FluxKey]) -> list[FluxObject]:
        """Those whose rows may be others: by themselves, their source, those they wait for, or the time."""
        placed = self._placed
        if not moved:
            return [self._objects[key] for key in placed]
        return [this for key, this in self._objects.items() if key in moved or this.source in moved or key in placed]

    def _place(self, concerned: Sequence[FluxObject]) -> None:
        self._ill = {this.key for this in concerned if _ill(this)}
        self._waiting = {key: self._waits(self._objects[key]) for key in self._ill}
        self._blocking = self._blocked()
        before, self._placed = self._placed, {}
        moments: list[datetime | None] = []
        for this in concerned:
            ahead = self._ahead(this)
            if ahead or this.before or this.status is not _READY or this.key in self._ill:
                row, old = self._row(this, ahead), before.get(this.key)
                self._placed[this.key] = old if old and old == row else row  # who compares finds the very same
                moments += (this.until, this.expires) if this.before else ()
                moments += (ahead.served + PICKUP,) if ahead and ahead.served else ()
        now = self._now
        self.due = min((moment for moment in moments if moment and now and moment > now), default=None)

    def _row(self, this: FluxObject, ahead: FluxObject | None) -> Placed:
        marks = (*this.marks, *self._lag(this, ahead)) if ahead else this.marks
        shown = this.standing(self._now)
        chain: tuple[FluxKey, ...] = ()
        if this.key in self._ill:
            chain, cycle = self._chain(this.key)
            if cycle:
                marks = (*marks, "cycle")
        return Placed(
            this,
            self._word(this, shown.status, shown.reason),
            self._word(this, this.settled, (this.before or shown).reason),
            shown.reason,
            shown.message,
            shown.since,
            marks,
            chain,
            self._said(chain, this) if chain else "",
            self._blocking.get(this.key, 0),
        )

    def _word(self, this: FluxObject, status: Status, reason: str) -> Status:
        """ArtifactFailed is a wait, not a failure of its own, when the source is itself not ready."""
        waits = status is Status.FAILED and reason == "ArtifactFailed"
        if waits and this.source and (this.source in self._ill or this.source not in self._objects):
            return Status.BLOCKED
        return status

    def _waits(self, this: FluxObject) -> tuple[FluxKey, ...]:
        """What an object that is not ready waits for, itself not ready or missing; whom it names first."""
        stood = this.standing()
        found = [key for key in this.blames if key in self._ill]
        found += [key for key in this.needs if key in self._ill]
        values = [key for key in this.blames if key.kind in _VALUES]
        if (stood.reason in _WAITS or values) and stood.status is not Status.SUSPENDED:
            missing = [*values, *(key for key in this.needs if key not in self._objects)]
            # What is missing was to be applied by somebody: a parent that fails is why it is not there.
            if missing and this.managed_by in self._ill and not self._blames(this.managed_by, this.key):
                found.append(this.managed_by)
            found += missing
        return tuple(dict.fromkeys(key for key in found if key != this.key))

    def _blames(self, parent: FluxKey, child: FluxKey) -> bool:
        return child in self._objects[parent].blames

    def _chain(self, start: FluxKey) -> tuple[tuple[FluxKey, ...], bool]:
        """From what ``start`` waits for down to what waits for nothing; and whether the way leads back to itself."""
        chain: list[FluxKey] = []
        seen, here = {start}, start
        while True:
            ways = self._waiting.get(here, ())
            onward = next((key for key in ways if key not in seen), None)
            if onward is None or len(chain) == _DEEPEST:
                return tuple(chain), bool(ways) and start in ways
            chain.append(onward)
            seen.add(onward)
            here = onward

    def _blocked(self) -> dict[FluxKey, int]:
        """For every real failure, how many objects that are not ready wait for it, at first or at second hand."""
        behind: dict[FluxKey, list[FluxKey]] = {}
        for key, ways in self._waiting.items():
            for way in ways:
                behind.setdefault(way, []).append(key)
        counts = {}
        for key in self._ill:
            if key in behind and (not self._waiting[key] or self._objects[key].settled is not Status.BLOCKED):
                counts[key] = _reach(key, behind)
        return counts

    def _said(self, chain: Sequence[FluxKey], start: FluxObject) -> str:
        """What the root cause says of itself; of values that is what the release says that wants them."""
        last = chain[-1]
        if last.kind in _VALUES:
            last = chain[-2] if len(chain) > 1 else start.key
        if last not in self._objects:
            return "not found"
        stood = self._objects[last].standing()
        return stood.message or stood.reason or stood.status.value

    def _ahead(self, this: FluxObject) -> FluxObject | None:
        """The source of an object that does not have what it serves."""
        source = self._objects.get(this.source) if this.source else None
        return source if source and source.revision and _behind(this, source) else None

    def _lag(self, this: FluxObject, source: FluxObject) -> tuple[str, ...]:
        """``OUTDATED``, and why, where the source serves another revision than the one that is applied.

        Right after a push that is the normal course; only what is still not picked up then is told.
        """
        if this.settled in (Status.FAILED, Status.STALLED) and _tried(this, source):
            return OUTDATED, REFUSED
        if self._now and source.served and self._now < source.served + PICKUP:
            return ()
        untouched = this.settled is _READY and not _tried(this, source)
        return (OUTDATED, UNTOUCHED) if untouched else (OUTDATED,)


def _behind(this: FluxObject, source: FluxObject) -> bool:
    """Whether another revision is applied than ``source`` serves; OCI charts are told by their digest."""
    served, kind = source.revision, this.key.kind
    if kind == "HelmChart":
        return bool(this.taken) and served != this.taken
    if kind == "HelmRelease" and source.key.kind != "HelmChart":
        return bool(this.taken) and served.rpartition("@")[2] != this.taken
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
