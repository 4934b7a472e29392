"""What the cluster tells of an upgrade beside tuppr's own words: its jobs' logs, what a drain waits for, its events."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from console.model.snapshot import Snapshot, Topic
from console.model.unstructured import Raw, at, mapping, number, rows, text, texts
from console.model.updates import System

JobState = Literal["running", "succeeded", "failed"]
_UPGRADES: dict[str, System] = {"talos-upgrade": "talos", "kubernetes-upgrade": "kubernetes"}
# What leaves with its node, or has ended: no drain evicts it (kubectl drain, Kubernetes 1.36).
_STAY = frozenset({"DaemonSet", "Node"})
_OVER = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True)
class JobLog:
    """The last lines of a job of tuppr's; they stay here when the cluster has removed its pod (after 5 minutes)."""

    pod: str
    system: System
    upgrade: str  # the name of tuppr's resource
    node: str
    state: JobState = "running"
    started: datetime | None = None
    lines: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        return ("job", self.pod)


@dataclass(frozen=True, slots=True)
class Blocker:
    """A pod that may not be evicted now, and the PodDisruptionBudget that forbids it. ``needs`` and ``has``: pods."""

    node: str
    namespace: str
    pod: str
    budget: str
    needs: int = 0
    has: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        return ("blocker", self.node, self.namespace, self.pod, self.budget)

    @property
    def text(self) -> str:
        """``PodDisruptionBudget database/postgres keeps postgres-0 (needs 1, has 1)``."""
        needs = f"needs {self.needs}, has {self.has}"
        return f"PodDisruptionBudget {self.namespace}/{self.budget} keeps {self.pod} ({needs})"


@dataclass(frozen=True, slots=True)
class Happened:
    """The newest event about an upgrade."""

    kind: str
    name: str
    reason: str
    message: str
    at: datetime | None = field(default=None)

    @property
    def key(self) -> tuple[str, ...]:
        return ("event", self.kind, self.name)


def job_of(pod: Raw) -> JobLog | None:
    """The job that a pod of tuppr's runs, without its log; None for any other pod."""
    labels = mapping(pod, "metadata", "labels")
    system = _UPGRADES.get(text(labels, "app.kubernetes.io/name"))
    if system is None:
        return None
    states: dict[str, JobState] = {"Succeeded": "succeeded", "Failed": "failed"}
    return JobLog(
        text(pod, "metadata", "name"),
        system,
        text(labels, "app.kubernetes.io/instance"),
        text(labels, "tuppr.home-operations.com/target-node"),
        states.get(text(pod, "status", "phase"), "running"),
    )


def blockers(node: str, pods: Iterable[Raw], budgets: Iterable[Raw]) -> list[Blocker]:
    """Those of a node's pods that a drain must evict and may not, by their names."""
    tight = [each for each in budgets if number(each, "status", "disruptionsAllowed") < 1]
    found: list[Blocker] = []
    for pod in pods:
        owners = {text(owner, "kind") for owner in rows(pod, "metadata", "ownerReferences")}
        if owners & _STAY or text(pod, "status", "phase") in _OVER or at(pod, "metadata", "deletionTimestamp"):
            continue
        namespace, name = text(pod, "metadata", "namespace"), text(pod, "metadata", "name")
        found += [
            Blocker(
                node,
                namespace,
                name,
                text(budget, "metadata", "name"),
                number(budget, "status", "desiredHealthy"),
                number(budget, "status", "currentHealthy"),
            )
            for budget in tight
            if text(budget, "metadata", "namespace") == namespace and _selects(budget, pod)
        ]
    return sorted(found, key=lambda each: each.key)


def _selects(budget: Raw, pod: Raw) -> bool:
    """policy/v1: an empty selector selects every pod of the namespace, none at all selects none."""
    selector = at(budget, "spec", "selector")
    if not isinstance(selector, dict):
        return False
    labels = mapping(pod, "metadata", "labels")
    wanted = mapping(selector, "matchLabels")
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(rule, labels) for rule in rows(selector, "matchExpressions")
    )


def _holds(rule: Raw, labels: Raw) -> bool:
    key, values = text(rule, "key"), texts(rule, "values")
    match text(rule, "operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


# What has been seen


def in_the_way(snapshot: Snapshot, nodes: Iterable[str]) -> list[Blocker]:
    """What keeps the drain of these nodes, as far as it could be looked at."""
    wanted = set(nodes)
    found: list[Blocker] = [b for k, b in snapshot[Topic.EVIDENCE].items.items() if k[0] == "blocker"]
    return sorted((each for each in found if each.node in wanted), key=lambda each: each.key)


def jobs(snapshot: Snapshot, system: System) -> list[JobLog]:
    """The jobs for a system, the last one first."""
    found: list[JobLog] = [j for k, j in snapshot[Topic.EVIDENCE].items.items() if k[0] == "job"]
    mine = [job for job in found if job.system == system]
    return sorted(mine, key=lambda job: (job.started.timestamp() if job.started else 0.0, job.pod), reverse=True)


def happened(snapshot: Snapshot, kind: str, name: str) -> Happened | None:
    """The newest event about one of tuppr's resources."""
    return snapshot[Topic.EVIDENCE].items.get(("event", kind, name))


# talosctl 1.13, ``upgrade-k8s``: the components in their order; the kubelets come last.
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet")
_AT = re.compile(rf'updating "?({"|".join(COMPONENTS)})"? to version')


def component(lines: Iterable[str]) -> str:
    """The component of Kubernetes that ``upgrade-k8s`` works on by its log; empty before the first."""
    found = [match.group(1) for line in lines if (match := _AT.search(line))]
    return found[-1] if found else ""
