"""The first line: which cluster, which versions, may we write, how fresh is what we see."""

from datetime import datetime
from typing import TYPE_CHECKING

from console.model.snapshot import Freshness, Life, Snapshot, Topic
from console.ui.looks import Line, Run, age
from console.ui.scene import Scene
from console.ui.widgets.canvas import Canvas

if TYPE_CHECKING:
    from console.model.updates import RepositoryState

_WIDE = 100


class Header(Canvas):
    """``take`` a scene; the rest is drawn from it."""

    def __init__(self) -> None:
        super().__init__(id="header")
        self._scene: Scene | None = None

    def take(self, scene: Scene) -> None:
        """Show this scene."""
        self._scene = scene
        self.repaint()

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del height
        desk = self.console_app.desk
        wide = width >= _WIDE
        left: list[Run] = [Run(f" {desk.cluster or 'homeconsole'} ", "strong")]
        right: list[Run] = [Run("write", "warn") if desk.writable else Run("read-only", "muted")]
        versions: list[Run] = []
        if self._scene:
            versions = _versions(self._scene, wide=wide)
            right += [Run("  "), *_freshness(self._scene.snapshot, wide=wide)]
        right.append(Run(" "))
        now = desk.now()

        def left_over(*runs: Run) -> int:
            return width - sum(len(run.shown(now)) for run in (*left, *runs, *right))

        if left_over(*versions) < 1:  # whether one may write, and whether all is heard, comes first
            versions = []
        return [(*left, *versions, Run(" " * max(1, left_over(*versions))), *right)]


def _versions(scene: Scene, *, wide: bool) -> list[Run]:
    runs: list[Run] = []
    for each in scene.versions:
        runs += [Run("   " if wide else "  "), Run(f"{each.title if wide else each.short} ")]
        runs.append(Run(each.version, "warn" if each.differ else ""))
    return runs


def _freshness(snapshot: Snapshot, *, wide: bool) -> list[Run]:
    api = _worst(snapshot[Topic.KUBERNETES].freshness, snapshot[Topic.FLUX].freshness)
    runs = [Run("api " if wide else "", "muted"), *_life(api, "api" if not wide else "")]
    repository: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    fresh = snapshot[Topic.REPOSITORY].freshness
    fetched: datetime | None = repository.fetched_at if repository else None
    runs += [Run("  git ", "muted")]
    if fetched and not fresh.problem:
        runs.append(age(fetched, ""))
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
