"""Scenes are made here. Imported after the first frame, with all that the panes know of the world."""

from collections.abc import Callable, Iterator

from console.model.attention import attention
from console.model.clusterfacts import flux_version
from console.model.snapshot import Snapshot, Topic
from console.model.updates import System
from console.model.upgrades import versions
from console.model.version import Version
from console.operations.rollout import rollouts
from console.ui.panes import flux, nodes, updates, upgrades
from console.ui.panes.pane import View
from console.ui.scene import Running, Scene
from console.ui.settled import settled

_VIEWS: dict[str, Callable[[Snapshot], View]] = {
    "nodes": nodes.view,
    "flux": flux.view,
    "updates": updates.view,
    "upgrades": upgrades.view,
}
_SYSTEMS: tuple[tuple[System, str, str], ...] = (("talos", "Talos", "Talos"), ("kubernetes", "Kubernetes", "K8s"))


def scene_of(snapshot: Snapshot) -> Scene:
    """All that is to be seen of ``snapshot``."""
    return Scene(
        snapshot,
        {place: view(snapshot) for place, view in _VIEWS.items()},
        attention(snapshot, settled(snapshot)),
        tuple(_running(snapshot)),
        rollouts(snapshot),
    )


def _running(snapshot: Snapshot) -> Iterator[Running]:
    for system, title, short in _SYSTEMS:
        found = sorted({v for v in map(Version.parse, versions(snapshot, system).values()) if v})
        if found:
            text = str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"
            yield Running(title, short, text, len(found) > 1)
    installed = flux_version(snapshot[Topic.FLUX].items.values())
    if installed:
        yield Running("Flux", "Flux", installed)
