"""What an approval brings about: in one sentence, and step by step."""

from collections.abc import Sequence

from console.model.flux import FluxKey, FluxObject
from console.model.moves import target_of
from console.model.patience import control_planes
from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.model.updates import Update
from console.model.upgrades import TITLES, resource, versions
from console.operations.delivery import carriers
from console.operations.message import summary


def _nodes(snapshot: Snapshot, update: Update) -> list[str]:
    """The nodes that will be worked on: those that do not run the target yet."""
    found = versions(snapshot, update.system) if update.system else {}
    return sorted(name for name, version in found.items() if version != target_of(update))


def consequence(update: Update, branch: str, snapshot: Snapshot | None) -> str:
    """What an approval brings about, in one sentence."""
    if not update.system:
        objects: list[FluxObject] = list(snapshot[Topic.FLUX].items.values()) if snapshot else []
        flux = "" if objects and not carriers(objects, update.files) else "; Flux applies it"
        return f"{branch} gets {summary(update)}{flux}."
    nodes = _nodes(snapshot, update) if snapshot else []
    title = TITLES[update.system]
    if snapshot is None or not nodes:
        return f"{branch} gets {title} {target_of(update)}; every node that is not there yet is upgraded."
    if resource(snapshot, update.system) is None:
        return f"{branch} gets {title} {target_of(update)}; nothing in the cluster upgrades the nodes to it."
    planes = control_planes(snapshot)
    if update.system == "kubernetes":
        away = "the API is away for about a minute" if len(planes) == 1 else "the API stays"
        return f"The control plane and the kubelet of {_listed(nodes)} restart; {away}."
    if len(nodes) == 1:
        away = "the API is away ~4 min" if planes == nodes else "its pods move or wait ~4 min"
        return f"{nodes[0]} will reboot; {away}."
    away = f"the API is away ~4 min while {planes[0]} does" if len(planes) == 1 else "the API stays"
    return f"{_listed(nodes)} will reboot, one after the other; {away}."


def _listed(names: Sequence[str]) -> str:
    shown = [safe(name) for name in names[:4]]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def afterwards(
    update: Update, files: Sequence[str], branch: str, snapshot: Snapshot | None, notes: Sequence[str]
) -> tuple[str, ...]:
    lines = [f"{branch} moves" if update.own else f"{branch} moves; {safe(update.branch)} is removed"]
    if snapshot is None:
        return tuple(lines)
    objects: list[FluxObject] = list(snapshot[Topic.FLUX].items.values())
    carrying = carriers(objects, files)
    if objects and not carrying:
        lines.append("nothing for Flux to do: no Kustomization's path holds these files")
    sources: list[FluxKey] = list(dict.fromkeys(k.source for k in carrying if k.source))
    lines += [f"{s.kind} {s.namespace}/{s.name} gets a new artifact" for s in sources]
    lines += [f"Kustomization {k.key.namespace}/{k.key.name} applies it" for k in carrying]
    if update.system:
        lines += _tuppr(update, snapshot, " ".join(notes))
    return tuple(lines)


def _tuppr(update: Update, snapshot: Snapshot, lifted: str) -> list[str]:
    cr = resource(snapshot, update.system) if update.system else None
    if cr is None:
        return []
    if cr.suspended is not None and "suspend annotation goes" not in lifted:
        return [f"{cr.kind} {cr.name} stays suspended: nothing more happens until it is resumed"]
    if cr.windows and "maintenance windows go" not in lifted:
        return [
            f"{cr.kind} {cr.name} waits for its maintenance window, then upgrades {_listed(_nodes(snapshot, update))}"
        ]
    return [f"{cr.kind} {cr.name} upgrades {_listed(_nodes(snapshot, update))}"]
