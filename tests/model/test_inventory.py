"""What was applied, and how it stands by its own status."""

from typing import Any

import pytest

from console.model.flux import FluxKey
from console.model.inventory import Entry, entries, standing


def inventory(*ids: Any) -> dict[str, Any]:
    return {"status": {"inventory": {"entries": [{"id": each, "v": "v1"} for each in ids]}}}


@pytest.mark.parametrize(
    ("identity", "entry"),
    [
        ("apps_web_apps_Deployment", Entry(FluxKey("Deployment", "apps", "web"), "apps/v1")),
        ("apps_web_config__ConfigMap", Entry(FluxKey("ConfigMap", "apps", "web_config"), "v1")),
        ("_flux-system__Namespace", Entry(FluxKey("Namespace", "", "flux-system"), "v1")),
        (
            "_system__node_rbac.authorization.k8s.io_ClusterRole",
            Entry(FluxKey("ClusterRole", "", "system:node"), "rbac.authorization.k8s.io/v1"),
        ),
    ],
)
def test_ids_are_read(identity: str, entry: Entry) -> None:
    assert entries(inventory(identity)) == (entry,)


@pytest.mark.parametrize("odd", ["", "_", "a_b", "___", 7, None])
def test_what_is_no_id_is_left_out(odd: Any) -> None:
    assert entries(inventory(odd, "apps_web__Secret")) == (Entry(FluxKey("Secret", "apps", "web"), "v1"),)


@pytest.mark.parametrize("status", [None, "no", {}, {"inventory": 3}, {"inventory": {"entries": "none"}}])
def test_no_shape_breaks_it(status: Any) -> None:
    assert entries({"status": status}) == ()


def workload(kind: str, status: Any, spec: Any = None, **metadata: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"generation": 2} | metadata, "spec": spec or {}, "status": status}


def waiting(reason: str) -> dict[str, Any]:
    return {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": reason}}}]}


READY = {"conditions": [{"type": "Ready", "status": "True"}]}


@pytest.mark.parametrize(
    ("raw", "word", "text"),
    [
        (workload("Deployment", {"observedGeneration": 1, "readyReplicas": 1}), "InProgress", "not seen"),
        (workload("Deployment", {"observedGeneration": 2, "readyReplicas": 1, "updatedReplicas": 1}), "Ready", "1/1"),
        (
            workload("Deployment", {"readyReplicas": 3, "updatedReplicas": 1}, {"replicas": 3}),
            "InProgress",
            "3/3 ready, 1 updated",
        ),
        (workload("Deployment", {"updatedReplicas": 1}), "InProgress", "0/1"),
        (workload("Deployment", {}, {"replicas": 0}), "Ready", "0/0"),
        (
            workload(
                "Deployment",
                {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]},
            ),
            "Failed",
            "rollout",
        ),
        (workload("StatefulSet", {"readyReplicas": 1, "updatedReplicas": 1}), "Ready", "1/1"),
        (workload("ReplicaSet", {"readyReplicas": 1}), "Ready", "1/1"),
        (
            workload("DaemonSet", {"desiredNumberScheduled": 3, "numberReady": 2, "updatedNumberScheduled": 3}),
            "InProgress",
            "2/3",
        ),
        (workload("Pod", {"phase": "Running"} | READY), "Ready", ""),
        (workload("Pod", {"phase": "Succeeded"}), "Ready", "completed"),
        (workload("Pod", waiting("CrashLoopBackOff")), "Failed", "CrashLoopBackOff"),
        (workload("Pod", waiting("ContainerCreating")), "InProgress", "ContainerCreating"),
        (workload("Pod", {"phase": "Failed", "reason": "Evicted"}), "Failed", "Evicted"),
        (
            workload("Pod", {"phase": "Running", "containerStatuses": [{"restartCount": 4}]} | READY),
            "Ready",
            "4 restarts",
        ),
        (workload("Job", {"conditions": [{"type": "Complete", "status": "True"}]}), "Ready", "completed"),
        (
            workload("Job", {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}),
            "Failed",
            "BackoffLimitExceeded",
        ),
        (workload("Job", {}), "InProgress", "not begun"),
        (workload("Deployment", None), "InProgress", "not seen"),
        (workload("Pod", {"phase": 7, "containerStatuses": "x"}), "InProgress", ""),
        (workload("Deployment", {}, None, deletionTimestamp="2026-11-22T10:00:00Z"), "Terminating", ""),
        ({"kind": "ConfigMap", "metadata": {"name": "c"}}, "Ready", ""),
    ],
)
def test_how_it_stands(raw: dict[str, Any], word: str, text: str) -> None:
    stands = standing(raw)
    assert stands.word == word
    assert text in stands.text
