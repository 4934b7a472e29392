"""``homeconsole nodes``: what Talos and Kubernetes say of each node, etcd, and the network."""

from collections.abc import Sequence
from datetime import datetime

from console.model.age import since
from console.model.clusterfacts import EtcdFacts, cni, etcd_facts
from console.model.noderows import NodeRow, rows_of
from console.model.nodes import EtcdMember
from console.model.nodetroubles import certificate_trouble
from console.model.snapshot import Snapshot, Topic
from console.plain.document import Document, moment, problem, schema, sources
from console.plain.table import table
from console.sources.errors import UsageError

TOPICS = (Topic.TALOS, Topic.KUBERNETES, Topic.WORKLOADS, Topic.TUPPR, Topic.REPOSITORY, Topic.UPDATES)


def rows(snapshot: Snapshot) -> Sequence[NodeRow]:
    """One row for each node, control planes first."""
    return rows_of(snapshot)


def document(snapshot: Snapshot, only: str = "") -> Document:
    """All nodes, or one; with what concerns the cluster as a whole."""
    found = rows(snapshot)
    network = cni(snapshot[Topic.WORKLOADS].items.values())
    return schema("nodes") | {
        "sources": sources(snapshot, TOPICS),
        "nodes": [_document(row) for row in _chosen(found, only)],
        "certificateExpiresAt": moment(_certificate(found)),
        "etcd": _quorum(etcd_facts(found)),
        "cni": {
            "name": network.name,
            "version": network.version,
            "ready": network.ready,
            "desired": network.desired,
            "healthy": network.healthy,
        }
        if network
        else None,
    }


def lines(snapshot: Snapshot, only: str = "") -> list[str]:
    """The same as a table; under it etcd and the network."""
    found = rows(snapshot)
    head = ("name", "role", "stage", "state", "talos", "kubernetes", "etcd", "cpu", "memory", "up", "trouble")
    text = table(head, (_cells(snapshot, row) for row in _chosen(found, only)))
    quorum, network = etcd_facts(found), cni(snapshot[Topic.WORKLOADS].items.values())
    facts = [("etcd", "; ".join((quorum.words, *quorum.trouble)))] if quorum else []
    certificate = certificate_trouble(_certificate(found), snapshot.at)
    if certificate:
        facts.append(("certificate", certificate))
    if network:
        facts.append(("network", f"{network.name} {network.version}, {network.ready} of {network.desired} ready"))
    return text if only or not facts else [*text, "", *table(("cluster", "state"), facts)]


def _certificate(found: Sequence[NodeRow]) -> datetime | None:
    """Until when our certificate for Talos is valid: the same in each row."""
    return next((row.talos.certificate for row in found if row.talos), None)


def _chosen(found: Sequence[NodeRow], only: str) -> list[NodeRow]:
    chosen = [row for row in found if not only or only in (row.name, row.address)]
    if only and not chosen:
        known = ", ".join(row.name for row in found) or "none"
        raise UsageError(f"there is no node {only!r}", f"Known nodes: {known}.", kind="not-found")
    return chosen


def _cells(snapshot: Snapshot, row: NodeRow) -> tuple[str, ...]:
    talos = row.talos
    return (
        row.name,
        row.role,
        row.stage,
        row.state + (", cordoned" if row.cordoned else ""),
        row.talos_version,
        row.kubernetes_version,
        _member_word(talos.etcd if talos else None),
        f"{talos.cpu[-1]:.0%}" if talos and talos.cpu else "",
        f"{talos.memory[-1]:.0%}" if talos and talos.memory else "",
        since(talos.boot if talos else None, snapshot.at),
        "; ".join((*row.reasons, *row.marks)),
    )


def _member_word(member: EtcdMember | None) -> str:
    if member is None:
        return ""
    return "leader" if member.leader else "learner" if member.learner else "member"


def _document(row: NodeRow) -> Document:
    talos = row.talos
    return {
        "name": row.name,
        "address": row.address,
        "role": row.role,
        "stage": row.stage,
        "state": row.state,
        "ready": row.ready,
        "unmet": list(row.reasons),
        "marks": list(row.marks),
        "talos": row.talos_version,
        "kubernetes": row.kubernetes_version,
        "schematic": talos.schematic if talos else "",
        "extensions": list(talos.extensions) if talos else [],
        "cordoned": row.cordoned if row.kubernetes else None,
        "etcd": _member(talos.etcd if talos else None),
        "cpu": talos.cpu[-1] if talos and talos.cpu else None,
        "memory": talos.memory[-1] if talos and talos.memory else None,
        "bootedAt": moment(talos.boot if talos else None),
        "filesystems": [{"mount": each.mount, "size": each.size, "used": each.used} for each in talos.filesystems]
        if talos
        else [],
        "timeSynced": talos.time_synced if talos else None,
        "services": dict(talos.services) if talos else {},
        "diagnostics": list(talos.diagnostics) if talos else [],
        "error": problem(talos.problem) if talos else None,
    }


def _member(of: EtcdMember | None) -> Document | None:
    if of is None:
        return None
    return {
        "memberId": of.member_id,
        "leader": of.leader,
        "learner": of.learner,
        "dbSize": of.db_size,
        "dbInUse": of.db_in_use,
        "raftIndex": of.raft_index,
        "raftApplied": of.raft_applied,
        "errors": list(of.errors),
        "version": of.version,
    }


def _quorum(of: EtcdFacts | None) -> Document | None:
    if of is None:
        return None
    return {
        "members": of.members,
        "healthy": of.healthy,
        "quorum": of.quorum,
        "canLose": of.can_lose,
        "trouble": list(of.trouble),
    }
