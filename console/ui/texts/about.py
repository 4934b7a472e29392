"""What a snapshot knows of a row of each pane, to read. No line: the row is gone."""

from collections.abc import Callable, Mapping

from console.model.clusterfacts import cni, etcd_facts
from console.model.nodedetail import NodeDetail
from console.model.noderows import rows_of
from console.model.snapshot import Snapshot, Topic
from console.model.upgrades import overview
from console.ui.looks import Line
from console.ui.settled import settled
from console.ui.texts import flux, node, update, upgrade

Key = tuple[str, ...]


def about_node(key: Key, snapshot: Snapshot, width: int, detail: NodeDetail | None = None) -> list[Line]:
    """``detail`` is what a close look at it gave."""
    rows = rows_of(snapshot)
    found = next((row for row in rows if row.key == key), None)
    network = cni(snapshot[Topic.WORKLOADS].items.values())
    return node.describe(found, width, detail, etcd_facts(rows), network) if found else []


def _flux(key: Key, snapshot: Snapshot, width: int) -> list[Line]:
    rows = settled(snapshot)
    found = next((row for row in rows if row.key == key), None)
    return flux.describe(found, rows, width, snapshot.at) if found else []


def _update(key: Key, snapshot: Snapshot, width: int) -> list[Line]:
    found = snapshot[Topic.UPDATES].items.get(key)
    checked = snapshot[Topic.ASSESSMENTS].items.get(key)
    return update.describe(found, checked, width, snapshot[Topic.FLUX].items.values()) if found else []


def _upgrade(key: Key, snapshot: Snapshot, width: int) -> list[Line]:
    found = next((line for line in overview(snapshot) if line.key == key), None)
    return upgrade.describe(found, snapshot, width) if found else []


ABOUT: Mapping[str, Callable[[Key, Snapshot, int], list[Line]]] = {
    "nodes": about_node,
    "flux": _flux,
    "updates": _update,
    "upgrades": _upgrade,
}
