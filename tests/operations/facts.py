"""Facts about a small cluster, with every value as it is when all is well; a test changes the one that it is about."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.model.finding import Finding, Preflight
from console.model.flux import FluxKey, FluxObject, Status
from console.model.nodes import EtcdMember, KubernetesNode, TalosNode
from console.model.snapshot import Freshness, Keyed, Life, Problem, Snapshot, Table, Topic
from console.model.updates import ApprovedCommit, Change, RepositoryState, System, Update
from console.model.upgrades import TupprUpgrade

NOW = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)
OLD, NEW = "v1.13.7", "v1.13.8"
HEAD, BASE = "5" * 40, "e" * 40
COMMIT, BEFORE, LATER = "7" * 40, "6" * 40, "8" * 40
PATH = "kubernetes/apps/system/tuppr/upgrades"
LIVE = Freshness(Life.LIVE, NOW, NOW - timedelta(hours=1))


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def stale(kind: str = "unreachable", **parts: float) -> Freshness:
    return Freshness(Life.STALE, ago(**parts), ago(**parts), Problem(kind, "it does not answer", "Renew it."))


def talos_node(name: str = "k8s-control-1", **changes: Any) -> TalosNode:
    etcd = EtcdMember("1", leader=True, learner=False, db_size=1, db_in_use=1, raft_index=1, raft_applied=1)
    number = name.rsplit("-", 1)[-1]
    node = TalosNode(
        name, f"10.0.0.1{number}", "control plane", "running", ready=True, talos=OLD, etcd=etcd, time_synced=True
    )
    return replace(node, **changes)


def node(name: str = "k8s-control-1", **changes: Any) -> KubernetesNode:
    made = KubernetesNode(
        name, f"10.0.0.1{name.rsplit('-', 1)[-1]}", "v1.36.2", f"Talos ({OLD})", ready=True, control_plane=True
    )
    return replace(made, **changes)


def cr(system: System = "talos", **changes: Any) -> TupprUpgrade:
    kind, target = ("TalosUpgrade", OLD) if system == "talos" else ("KubernetesUpgrade", "v1.36.2")
    made = TupprUpgrade(
        kind,
        system,
        system,
        target,
        phase="Completed",
        reason="Completed",
        message="Successfully upgraded 1 nodes",
        updated=ago(days=9),
        completed=ago(days=9),
        managed_by=("system", "tuppr-upgrades"),
    )
    return replace(made, **changes)


def update(system: System | None = "talos", **changes: Any) -> Update:
    name, old, new = {
        "talos": ("siderolabs/talos", OLD, NEW),
        "kubernetes": ("ghcr.io/siderolabs/kubelet", "v1.36.2", "v1.36.3"),
        None: ("ghcr.io/immich-app/immich-server", "v2.4.1", "v2.4.2"),
    }[system]
    branch = f"renovate/{name.replace('/', '-')}-1.x"
    file = f"{PATH}/{system}upgrade.yaml" if system else "kubernetes/apps/media/immich/app/helmrelease.yaml"
    made = Update(
        branch,
        HEAD,
        BASE,
        f"Update {name} ({old} ➔ {new})",
        "ready",
        author="home-bot[bot]",
        committed_at=ago(days=2),
        pull=2307,
        changes=(Change(name, old, new, "patch", file=file),),
        type="patch",
        files=(file,),
        system=system,
    )
    return replace(made, **changes)


def approved(system: System | None = "talos", **changes: Any) -> ApprovedCommit:
    made = update(system)
    commit = ApprovedCommit(
        COMMIT, made.branch, made.title, ago(minutes=4), "Ada", made.changes, made.files, system=system
    )
    return replace(commit, **changes)


def source(commit: str = COMMIT, **changes: Any) -> FluxObject:
    made = FluxObject(
        FluxKey("OCIRepository", "flux-system", "flux-system"),
        "source.toolkit.fluxcd.io/v1",
        Status.READY,
        revision=f"latest@sha256:{'9' * 64}",
        origin_revision=f"main@sha1:{commit}",
        interval="5m0s",
    )
    return made._replace(**changes)


def kustomization(name: str = "tuppr-upgrades", path: str = PATH, commit: str = COMMIT, **changes: Any) -> FluxObject:
    made = FluxObject(
        FluxKey("Kustomization", "system", name),
        "kustomize.toolkit.fluxcd.io/v1",
        Status.READY,
        revision=f"latest@sha256:{'9' * 64}",
        origin_revision=f"main@sha1:{commit}",
        source=FluxKey("OCIRepository", "flux-system", "flux-system"),
        path=path,
    )
    return made._replace(**changes)


def repository(*approvals: ApprovedCommit, history: tuple[str, ...] = (LATER, COMMIT, BEFORE)) -> RepositoryState:
    return RepositoryState("https://git.test/home-ops", "main", history[0], NOW, history, approvals)


def preflight(branch: str, *findings: Finding) -> Preflight:
    return Preflight(branch, HEAD, BASE, "ready", findings)


def snapshot(tables: dict[Topic, Iterable[Keyed]], freshness: dict[Topic, Freshness] | None = None) -> Snapshot:
    """A snapshot of these; topics that are not given have never been read."""
    fresh = freshness or {}
    return Snapshot(
        NOW,
        {topic: Table({v.key: v for v in values}, fresh.get(topic, LIVE)) for topic, values in tables.items()}
        | {topic: Table({}, f) for topic, f in fresh.items() if topic not in tables},
    )


def cluster(
    *,
    talos: Iterable[TalosNode] | None = None,
    nodes: Iterable[KubernetesNode] | None = None,
    tuppr: Iterable[TupprUpgrade] | None = None,
    updates: Iterable[Update] = (),
    assessments: Iterable[Preflight] = (),
    flux: Iterable[FluxObject] | None = None,
    state: RepositoryState | None = None,
    evidence: Iterable[Keyed] = (),
    runs: Iterable[Keyed] = (),
    freshness: dict[Topic, Freshness] | None = None,
) -> Snapshot:
    """One control plane on which all is well, but for what is given."""
    return snapshot(
        {
            Topic.TALOS: [talos_node()] if talos is None else talos,
            Topic.KUBERNETES: [node()] if nodes is None else nodes,
            Topic.TUPPR: [cr(), cr("kubernetes")] if tuppr is None else tuppr,
            Topic.FLUX: [source(), kustomization()] if flux is None else flux,
            Topic.UPDATES: updates,
            Topic.ASSESSMENTS: assessments,
            Topic.REPOSITORY: [state] if state else [],
            Topic.EVIDENCE: evidence,
            Topic.RUNS: runs,
        },
        freshness,
    )
