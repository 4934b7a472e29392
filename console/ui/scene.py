"""What is to be seen: a snapshot, and all that follows from it. Made beside the screen's loop, shown on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.model.attention import Attention, attention
from console.model.snapshot import Snapshot
from console.ui.panes import KINDS
from console.ui.panes.pane import View
from console.ui.settled import settled


@dataclass(frozen=True, slots=True)
class Scene:
    """``views`` are those of the panes, by their places."""

    snapshot: Snapshot
    views: Mapping[str, View] = field(default_factory=dict)
    needs: tuple[Attention, ...] = ()


def scene_of(snapshot: Snapshot) -> Scene:
    """All of it."""
    return Scene(snapshot, {kind.place: kind.view(snapshot) for kind in KINDS}, attention(snapshot, settled(snapshot)))
