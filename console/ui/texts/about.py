"""What a snapshot knows of a row of each pane, to read, and what the words there mean. No line: the row is gone."""

from collections.abc import Callable, Mapping

from console.model.clusterfacts import cni, etcd_facts
from console.model.finding import Finding
from console.model.meaning import MEANINGS
from console.model.nodedetail import NodeDetail
from console.model.noderows import rows_of
from console.model.snapshot import Problem, Snapshot, Topic
from console.model.updates import Update
from console.model.upgrades import overview, proposals
from console.operations.rollout import rollouts
from console.ui.looks import Line, Run
from console.ui.panes.kinds import KINDS
from console.ui.panes.updates import standing
from console.ui.settled import settled
from console.ui.texts import flux, node, update, upgrade
from console.ui.texts.layout import prose

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


def explained(place: str, key: Key, snapshot: Snapshot, width: int) -> list[Line]:
    """The state of the row, its findings, and why its pane can't be up to date: what each means, what to do."""
    words = [("source", problem.kind, problem.message) for problem in _problems(place, snapshot)]
    words += [(place, word, "") for word in _words(place, key, snapshot)]
    words += [("update", word, "") for word in _apart(place, key, snapshot)]
    words += [("finding", each.severity, each.title) for each in _findings(place, key, snapshot)]
    lines: list[Line] = []
    told = set()
    for kind, word, of in words:
        meaning = MEANINGS.get((kind, word))
        if meaning is None:
            continue
        lines += [(), (Run(f"   {word}", "strong"), Run(f"   {of}", "muted"))]
        if (kind, word) not in told:
            told.add((kind, word))
            lines += prose(meaning.says, width, "", 6)
            lines += prose(meaning.does, width, "accent", 6) if meaning.does else []
            lines += [(Run(f"      {meaning.documented}", "muted"),)]
    return [(Run(" What stands here", "accent"),), *lines[1:]] if lines else []


def _problems(place: str, snapshot: Snapshot) -> list[Problem]:
    topics = next((kind.topics for kind in KINDS if kind.place == place), ())
    return list(dict.fromkeys(found for topic in topics if (found := snapshot[topic].freshness.problem)))


def _words(place: str, key: Key, snapshot: Snapshot) -> list[str]:
    """The state of the row, none where it is gone."""
    if place == "rollout":
        return [each.outcome for each in rollouts(snapshot) if (each.commit,) == key]
    if place == "nodes":
        return [row.state for row in rows_of(snapshot) if row.key == key]
    if place == "flux":
        return [row.status.value for row in settled(snapshot) if row.key == key]
    if place == "updates":
        return [standing(each) for each in [snapshot[Topic.UPDATES].items.get(key)] if each]
    return [line.state for line in overview(snapshot) if line.key == key]


def _apart(place: str, key: Key, snapshot: Snapshot) -> list[str]:
    """How far the update of the row moves, and its marks."""
    update = _offered(place, key, snapshot)
    return [update.type, *(["breaking"] if update.breaking else []), *update.marks] if update else []


def _offered(place: str, key: Key, snapshot: Snapshot) -> Update | None:
    if place == "upgrades" and key:
        return next(iter(proposals(snapshot, key[0])), None)  # type: ignore[arg-type]
    return snapshot[Topic.UPDATES].items.get(key) if place == "updates" else None


def _findings(place: str, key: Key, snapshot: Snapshot) -> list[Finding]:
    """What applies to the update of the row, worst first."""
    update = _offered(place, key, snapshot)
    checked = snapshot[Topic.ASSESSMENTS].items.get(update.key) if update else None
    return [each for severity in ("block", "warn", "info") for each in checked.failing(severity)] if checked else []
