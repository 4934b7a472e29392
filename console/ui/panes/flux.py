"""Flux: every object, worst first, what it waits for, and how much a failure blocks."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from itertools import accumulate
from typing import overload

from console.model.flux import FluxKey, FluxObject, Status, Suspension, short_revision
from console.model.flux_graph import FluxRow, count
from console.model.snapshot import Snapshot
from console.model.unstructured import moment
from console.ui.looks import Line, Run, age
from console.ui.panes.pane import View, counted
from console.ui.settled import settled
from console.ui.widgets.arrangement import NOTHING, Arrangement
from console.ui.widgets.columns import Row, widest

MARKS = {
    Status.STALLED: ("✖", "bad"),
    Status.FAILED: ("✖", "bad"),
    Status.BLOCKED: ("◌", "warn"),
    Status.TERMINATING: ("▶", "warn"),
    Status.PENDING: ("◌", "warn"),
    Status.RECONCILING: ("▶", "accent"),
    Status.SUSPENDED: ("‖", "muted"),
    Status.READY: ("✔", "good"),
}
_COUNTED = (
    ("✖", "failing", "bad", (Status.STALLED, Status.FAILED)),
    ("◌", "blocked", "warn", (Status.BLOCKED, Status.PENDING)),
    ("▶", "running", "accent", (Status.RECONCILING, Status.TERMINATING)),
    ("‖", "suspended", "muted", (Status.SUSPENDED,)),
    ("✔", "", "good", (Status.READY,)),
)
_FAILS = (Status.STALLED, Status.FAILED)
_WORD = max(len(status.value) for status in Status)  # the column keeps its width while one reconciles
_PROBLEMS = frozenset({Status.STALLED, Status.FAILED, Status.BLOCKED, Status.TERMINATING, Status.PENDING})
# As `kubectl get` takes them.
_SHORT = {
    "Kustomization": "ks",
    "HelmRelease": "hr",
    "OCIRepository": "ocirepo",
    "GitRepository": "gitrepo",
    "HelmRepository": "helmrepo",
    "HelmChart": "hc",
    "ImageRepository": "imgrepo",
    "ImagePolicy": "imgpol",
    "ImageUpdateAutomation": "iua",
    "ResourceSetInputProvider": "rsip",
    "ResourceSet": "rset",
    "FluxInstance": "instance",
    "FluxReport": "report",
    "ArtifactGenerator": "ag",
    "ExternalArtifact": "ea",
}


class Viewing:
    """All Flux objects as rows, of which nothing is kept but how wide they are."""

    def __init__(self) -> None:
        self._of: tuple[FluxRow, ...] = ()
        self._taken: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
        self._view: View | None = None

    def __call__(self, snapshot: Snapshot) -> View:
        """What the pane shows."""
        rows = settled(snapshot)
        if rows is not self._of or self._view is None:
            self._measure(rows)
            self._of, self._view = rows, _view(rows, self._taken)
        return self._view

    def _measure(self, rows: tuple[FluxRow, ...]) -> None:
        """Of nearly all of thousands nothing has changed: they are the very same."""
        before, now = set(map(id, self._of)), set(map(id, rows)) if self._of else set()
        self._taken.update(row(each).widths for each in rows if id(each) not in before)
        self._taken.subtract(row(each).widths for each in self._of if id(each) not in now)
        self._taken = +self._taken


class _Rows(Sequence[Row]):
    """Made one by one when they are asked for."""

    def __init__(self, of: Sequence[FluxRow]) -> None:
        self._of = of

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Row]:
        return map(row, self._of)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> "_Rows": ...

    def __getitem__(self, index: int | slice) -> "Row | _Rows":
        return row(self._of[index]) if isinstance(index, int) else _Rows(self._of[index])


def _view(rows: tuple[FluxRow, ...], taken: Iterable[tuple[tuple[int, ...], tuple[int, ...]]]) -> View:
    counts, made = count(rows), _Rows(rows)
    first = array("i", accumulate(map(_height, rows), initial=0))
    return View(
        Arrangement(made, [each.key for each in rows], first, widest(taken, made[0])) if rows else NOTHING,
        counted((symbol, sum(counts.get(s, 0) for s in those), word, style) for symbol, word, style, those in _COUNTED),
        (
            (Run(" No Flux objects in this cluster.", "muted"),),
            (Run(" Is Flux installed?  flux check --pre && flux install", "muted"),),
        ),
    )


def _height(each: FluxRow) -> int:
    """Lines that it takes: what fails says why."""
    return 2 if each.status in _FAILS and each.is_first else 1


def row(each: FluxRow) -> Row:
    """One object."""
    key, name = each.key, _name(each)
    note, below = _note(each)
    since = _since(each)
    return Row(
        key,
        (
            _word(each.status),
            Run(name, "muted" if each.status in (Status.READY, Status.SUSPENDED) else ""),
            _kind(key.kind),
            age(since),
            note,
        ),
        below,
        problem=each.status in _PROBLEMS,
        name=name,
        moment=since,
        rank=each.order.rank,
        late=partial(_terms, each, note, below),
        blocks=each.blocks,
    )


@cache
def _word(status: Status) -> Run:
    symbol, style = MARKS[status]
    return Run(f"{symbol} {status.value:{_WORD}}", style)


@lru_cache(256)
def _kind(kind: str) -> Run:
    return Run(kind, "muted", _SHORT.get(kind, ""))


def _name(each: FluxRow) -> str:
    key = each.key
    return f"{key.namespace}/{key.name}" if key.namespace else key.name


def _terms(each: FluxRow, note: Run, below: tuple[Line, ...]) -> tuple[str, str]:
    """What the filter finds it by."""
    kind = each.key.kind
    found = (_name(each), kind, _SHORT.get(kind, ""), each.status.value, note.text, *_texts(below))
    return " ".join(found).lower(), _tags(each)


def _tags(each: FluxRow) -> str:
    """Words for the filter that say what is meant: ``kind:helmrelease ns:media status:failed source:flux-system``."""
    key, source = each.key, each.object.source
    words = [f"kind:{key.kind}", f"ns:{key.namespace}", f"status:{each.status.value}"]
    words += [f"kind:{_SHORT[key.kind]}"] if key.kind in _SHORT else []
    if source:
        words += [f"source:{source.name}", f"source:{source.namespace}/{source.name}", f"source:{source.ref}"]
        words += [f"source:{_SHORT[source.kind]}/{source.name}"] if source.kind in _SHORT else []
    return " ".join(words).lower()


def _texts(lines: Iterable[Line]) -> Iterable[str]:
    return (run.text for each in lines for run in each)


def _note(each: FluxRow) -> tuple[Run, tuple[Line, ...]]:
    """What matters most of this object: beside it, and in the line below."""
    if each.status in _FAILS and each.root_cause and not each.is_first:
        cause = each.root_cause
        return Run(f"fails with {_SHORT.get(cause.kind, cause.kind)}/{cause.name}", "muted"), ()
    if each.status in _FAILS:
        blocks = f"blocks {each.blocks}" if each.blocks else " ".join(each.marks)
        return Run(blocks, "warn"), ((Run(_said(each), "muted"),),)
    if each.status is Status.SUSPENDED and (why := _suspension(each.object)):
        return Run(why, "muted"), ()
    if each.waits_for:
        root = f", root cause {_root(each.root_cause, each.waits_for)}" if _further(each) else ""
        return Run(f"waits for {each.waits_for.name}{root}", "", f"waits for {each.waits_for.name}"), ()
    if each.status is Status.READY:
        marks = " ".join(each.marks)
        return (Run(marks, "warn") if marks else Run(_revision(each.object), "muted")), ()
    return Run(each.message or each.reason, "muted"), ()


def brief(key: FluxKey) -> str:
    """``hr/media/plex``."""
    return "/".join(part for part in (_SHORT.get(key.kind, key.kind), key.namespace, key.name) if part)


def _further(each: FluxRow) -> bool:
    """Whether the root cause lies behind what it waits for."""
    return each.root_cause not in (None, each.waits_for) and len(each.chain) > 1


def _root(cause: FluxKey | None, waits_for: FluxKey) -> str:
    """Its name; with the kind, where that alone tells it from what is waited for."""
    if cause is None:
        return ""
    return cause.name if cause.name != waits_for.name else f"{_SHORT.get(cause.kind, cause.kind)}/{cause.name}"


def _said(each: FluxRow) -> str:
    return f"{each.reason}: {each.message}" if each.reason and each.message else each.message or each.reason


def _revision(each: FluxObject) -> str:
    """Short, without the name of the digest's algorithm: ``latest@9f3c21a4``."""
    return short_revision(each.revision).replace("sha256:", "").replace("sha1:", "")


def _suspension(each: FluxObject) -> str:
    """How it stood, unless it was well; why, and by whom."""
    why = each.suspended or Suspension()
    was = f"was {each.last_status}" if each.last_status not in (None, Status.READY) else ""
    parts = (was, f'"{why.reason}"' if why.reason else "", f"by {why.by}" if why.by else "")
    return " ".join(part for part in parts if part)


def _since(each: FluxRow) -> datetime | None:
    """Since when it stands so; of what is suspended, since it is, where that is told."""
    suspended = each.object.suspended if each.status is Status.SUSPENDED else None
    return (moment(suspended.at) if suspended and suspended.at else None) or each.since


view = Viewing()
