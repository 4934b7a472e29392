"""Scenes are made here. Imported after the first frame, with all that the panes know of the world."""

from collections.abc import Callable, Iterator

from console.model.attention import attention
from console.model.flux import FluxObject
from console.model.snapshot import Snapshot, Topic
from console.model.updates import System
from console.model.upgrades import versions
from console.model.version import Version
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
_OPERATOR = ("FluxReport", "FluxInstance")


def scene_of(snapshot: Snapshot) -> Scene:
    """All that is to be seen of ``snapshot``."""
    return Scene(
        snapshot,
        {place: view(snapshot) for place, view in _VIEWS.items()},
        attention(snapshot, settled(snapshot)),
        tuple(_running(snapshot)),
    )


def _running(snapshot: Snapshot) -> Iterator[Running]:
    for system, title, short in _SYSTEMS:
        found = sorted({v for v in map(Version.parse, versions(snapshot, system).values()) if v})
        if found:
            text = str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}"
            yield Running(title, short, text, len(found) > 1)
    flux_version = _flux(snapshot)
    if flux_version:
        yield Running("Flux", "Flux", flux_version)


def _flux(snapshot: Snapshot) -> str:
    """What the Flux Operator reports, or says that it installed; empty where there is none."""
    objects: list[FluxObject] = [o for o in snapshot[Topic.FLUX].items.values() if o.key.kind in _OPERATOR]
    objects.sort(key=lambda each: _OPERATOR.index(each.key.kind))
    told = (text.partition("@")[0] for each in objects for text in (each.revision, each.attempted_revision))
    return next((str(version) for version in map(Version.parse, told) if version), "")
