"""The first line: which cluster, which versions, may we write, how fresh is what we see."""

from datetime import datetime

from console.model.flux import FluxObject
from console.model.snapshot import Freshness, Life, Snapshot, Topic
from console.model.updates import RepositoryState
from console.model.upgrades import versions
from console.model.version import Version
from console.ui.looks import Line, Run, age
from console.ui.widgets.canvas import Canvas

_SYSTEMS = (("talos", "Talos", "Talos"), ("kubernetes", "Kubernetes", "K8s"))
_WIDE = 100
_OPERATOR = ("FluxReport", "FluxInstance")


class Header(Canvas):
    """``take`` a snapshot; the rest is drawn from it."""

    def __init__(self) -> None:
        super().__init__(id="header")
        self._snapshot: Snapshot | None = None

    def take(self, snapshot: Snapshot) -> None:
        """Show this snapshot."""
        self._snapshot = snapshot
        self.repaint()

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del height
        desk = self.console_app.desk
        wide = width >= _WIDE
        left: list[Run] = [Run(f" {desk.cluster} ", "strong")]
        right: list[Run] = [Run("write", "warn") if desk.writable else Run("read-only", "muted")]
        if self._snapshot:
            left += _versions(self._snapshot, wide=wide)
            right += [Run("  "), *_freshness(self._snapshot, wide=wide)]
        right.append(Run(" "))
        now = desk.now()
        taken = sum(len(run.shown(now)) for run in (*left, *right))
        return [(*left, Run(" " * max(1, width - taken)), *right)]


def _versions(snapshot: Snapshot, *, wide: bool) -> list[Run]:
    runs: list[Run] = []
    gap = "   " if wide else "  "
    for system, long, short in _SYSTEMS:
        found = sorted({v for v in map(Version.parse, versions(snapshot, system).values()) if v})  # type: ignore[arg-type]
        if found:
            text = str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"
            runs += [Run(gap), Run(f"{long if wide else short} "), Run(text, "warn" if len(found) > 1 else "")]
    flux = flux_version(snapshot)
    if flux:
        runs += [Run(gap), Run(f"Flux {flux}")]
    return runs


def flux_version(snapshot: Snapshot) -> str:
    """What the Flux Operator reports, or says that it installed; empty where there is none."""
    objects: list[FluxObject] = [o for o in snapshot[Topic.FLUX].items.values() if o.key.kind in _OPERATOR]
    objects.sort(key=lambda each: _OPERATOR.index(each.key.kind))
    told = (text.partition("@")[0] for each in objects for text in (each.revision, each.attempted_revision))
    return next((str(version) for version in map(Version.parse, told) if version), "")


def _freshness(snapshot: Snapshot, *, wide: bool) -> list[Run]:
    api = _worst(snapshot[Topic.KUBERNETES].freshness, snapshot[Topic.FLUX].freshness)
    runs = [Run("api " if wide else "", "muted"), *_life(api, "api" if not wide else "")]
    repository: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    fresh = snapshot[Topic.REPOSITORY].freshness
    fetched: datetime | None = repository.fetched_at if repository else None
    runs += [Run("  git ", "muted")]
    if fetched:
        runs.append(age(fetched, "warn" if fresh.problem else ""))
    else:
        runs += _life(fresh, "")
    return runs


def _worst(*freshness: Freshness) -> Freshness:
    order = (Life.FAILED, Life.STALE, Life.WAITING, Life.LIVE)
    return min(freshness, key=lambda fresh: order.index(fresh.life))


def _life(fresh: Freshness, name: str) -> list[Run]:
    before = f"{name} " if name else ""
    if fresh.life is Life.LIVE:
        return [Run("live", "good")]
    if fresh.life is Life.WAITING:
        return [Run(f"{before}…", "muted")]
    return [Run(f"{before}away ", "bad"), age(fresh.since, "bad")] if fresh.since else [Run(f"{before}away", "bad")]
