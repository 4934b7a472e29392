"""``homeconsole status``: is all well, and what needs the operator."""

from collections import Counter

from console.model.age import since
from console.model.attention import Attention, attention
from console.model.clusterfacts import flux_version
from console.model.flux_graph import count, settle
from console.model.snapshot import Life, Snapshot, Topic
from console.model.text import safe, safe_lines
from console.model.upgrades import UpgradeLine, overview, versions
from console.model.version import Version
from console.plain import nodes, upgrades
from console.plain.document import Document, moment, schema, sources
from console.plain.table import table

TOPICS = (*upgrades.TOPICS, Topic.APPROVALS)
_MARKS = {"bad": "✖", "way": "▶", "act": "▲", "note": "·"}


def document(snapshot: Snapshot, cluster: str) -> Document:
    """The cluster in a few figures, and everything that needs the operator, worst first."""
    found = nodes.rows(snapshot)
    states = Counter(update.state for update in snapshot[Topic.UPDATES].items.values())
    return schema("status") | {
        "cluster": cluster,
        "healthy": healthy(snapshot),
        "versions": _versions(snapshot),
        "attention": [_attention(each) for each in attention(snapshot)],
        "nodes": {"ready": sum(node.ready for node in found), "total": len(found)},
        "flux": {str(status): number for status, number in _flux(snapshot).items()},
        "updates": dict(states),
        "upgrades": {line.system: line.state for line in _known(snapshot)},
        "sources": sources(snapshot, TOPICS),
    }


def lines(snapshot: Snapshot, cluster: str) -> list[str]:
    """The same to be read."""
    told = _versions(snapshot)
    found = nodes.rows(snapshot)
    names = {"talos": "Talos", "kubernetes": "Kubernetes", "flux": "Flux"}
    top = [safe(cluster or "-"), *(f"{names[name]} {safe(version or '-')}" for name, version in told.items())]
    text = ["   ".join(top), ""]
    text += [f"{_MARKS[each.severity]} {_sentence(each, snapshot)}" for each in attention(snapshot)]
    if not text[-1]:
        text.append("▲ not everything could be read" if unread(snapshot) else "✔ all is well")
    flux = "  ".join(f"{status} {number}" for status, number in _flux(snapshot).items())
    states = Counter(update.state for update in snapshot[Topic.UPDATES].items.values())
    rows = [
        ("nodes", f"{sum(node.ready for node in found)} of {len(found)} ready" if found else ""),
        ("flux", flux),
        ("updates", "  ".join(f"{state} {number}" for state, number in sorted(states.items()))),
        ("upgrades", "  ".join(f"{line.system} {line.state}" for line in _known(snapshot))),
    ]
    return [*text, "", *table(("what", "state"), rows), *_troubles(snapshot)]


def _troubles(snapshot: Snapshot) -> list[str]:
    """What could not be read, or only in part, and below it what to do; what has one cause stands once."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for topic in TOPICS:
        fresh = snapshot[topic].freshness
        found = [("unread", fresh.problem)] if fresh.problem else []
        for how, problem in [*found, *(("in part", limit) for limit in fresh.limits)]:
            told.setdefault((how, problem.message, problem.hint), []).append(topic.value)
        if fresh.life is Life.WAITING:
            told.setdefault(("unread", "It did not answer in time.", ""), []).append(topic.value)
    lines: list[str] = []
    for (how, message, hint), topics in told.items():
        lines += [
            "",
            f"{how}: {', '.join(topics)}",
            *(f"  {line}" for line in safe_lines(f"{message}\n{hint}".strip())),
        ]
    return lines


def _known(snapshot: Snapshot) -> list[UpgradeLine]:
    """Of what nothing could be read there is no state to tell."""
    return [line for line in overview(snapshot) if line.running or line.target]


def healthy(snapshot: Snapshot) -> bool:
    """Whether all was read and nothing is broken. A decision that waits is no illness."""
    return not broken(snapshot) and not unread(snapshot)


def broken(snapshot: Snapshot) -> bool:
    """Whether something is known to be wrong; that a source can't be read (without a key) is not known to be."""
    return any(each.severity == "bad" and each.key for each in attention(snapshot))


def unread(snapshot: Snapshot) -> bool:
    """Whether something could not be read at all, or not any more."""
    return any(snapshot[topic].freshness.life is not Life.LIVE for topic in TOPICS)


def _sentence(each: Attention, snapshot: Snapshot) -> str:
    parts = (each.text, since(each.since, snapshot.at), each.rest)
    return ", ".join(safe(part) for part in parts if part)


def _versions(snapshot: Snapshot) -> dict[str, str | None]:
    return {
        "talos": _range(versions(snapshot, "talos")),
        "kubernetes": _range(versions(snapshot, "kubernetes")),
        "flux": flux_version(snapshot[Topic.FLUX].items.values()) or None,
    }


def _range(found: dict[str, str]) -> str | None:
    """One version, or the lowest and the highest."""
    different = sorted(set(found.values()), key=lambda text: (Version.parse(text) or Version(0, 0), text))
    return None if not different else different[0] if len(different) == 1 else f"{different[0]}…{different[-1]}"


def _flux(snapshot: Snapshot) -> dict[str, int]:
    return {
        str(status): number
        for status, number in count(settle(snapshot[Topic.FLUX].items.values(), snapshot.at)).items()
    }


def _attention(each: Attention) -> Document:
    return {
        "severity": each.severity,
        "text": each.text,
        "rest": each.rest,
        "since": moment(each.since),
        "topic": each.topic.value,
        "key": list(each.key),
    }
