"""What is to be seen: a snapshot, and all that follows from it. ``scenery`` makes it, beside the screen's loop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot

if TYPE_CHECKING:
    from console.model.attention import Attention
    from console.model.rollout import Rollout
    from console.ui.panes.pane import View


@dataclass(frozen=True, slots=True)
class Running:
    """A version that runs: of what, in long and in short; ``differ``: not the same everywhere."""

    title: str
    short: str
    version: str
    differ: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """``views`` are those of the panes, by their places."""

    snapshot: Snapshot
    views: "Mapping[str, View]" = field(default_factory=dict)
    needs: "tuple[Attention, ...]" = ()
    versions: tuple[Running, ...] = ()
    rollouts: "tuple[Rollout, ...]" = ()
