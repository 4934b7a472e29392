"""What is to be seen: a snapshot, and all that follows from it. ``scenery`` makes it, beside the screen's loop."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from console.model.snapshot import Snapshot

if TYPE_CHECKING:
    from console.model.attention import Attention
    from console.model.rollout import Rollout
    from console.ui.panes.pane import View


class Running(NamedTuple):
    """A version that runs: of what, in long and in short; ``differ``: not the same everywhere."""

    title: str
    short: str
    version: str
    differ: bool = False


class Scene(NamedTuple):
    """``views`` are those of the panes, by their places."""

    snapshot: Snapshot
    views: "Mapping[str, View]" = MappingProxyType({})
    needs: "tuple[Attention, ...]" = ()
    versions: tuple[Running, ...] = ()
    rollouts: "tuple[Rollout, ...]" = ()
