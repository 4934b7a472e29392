"""Which pods a drain may not evict, what a job's pod tells, and where upgrade-k8s is by its log."""

from typing import Any

import pytest

from console.model.evidence import Blocker, blockers, component, job_of


def pod(name: str = "postgres-0", owner: str = "StatefulSet", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "database", "labels": {"app": "postgres"}}
    return {"metadata": metadata | {"ownerReferences": [{"kind": owner}]}, "status": {"phase": "Running"}} | more


def budget(allowed: int = 0, selector: Any = None, namespace: str = "database") -> dict[str, Any]:
    return {
        "metadata": {"name": "postgres", "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": "postgres"}} if selector is None else selector},
        "status": {"disruptionsAllowed": allowed, "desiredHealthy": 1, "currentHealthy": 1},
    }


def test_a_pod_whose_budget_allows_no_disruption_is_named_with_it() -> None:
    (found,) = blockers("a", [pod()], [budget()])
    assert found == Blocker("a", "database", "postgres-0", "postgres", 1, 1)
    assert found.text == "PodDisruptionBudget database/postgres keeps postgres-0 (needs 1, has 1)"


@pytest.mark.parametrize(
    ("pods", "budgets"),
    [
        ([pod()], [budget(allowed=1)]),
        ([pod()], [budget(namespace="media")]),
        ([pod()], [budget(selector={"matchLabels": {"app": "other"}})]),
        ([pod(owner="DaemonSet")], [budget()]),
        ([pod(owner="Node")], [budget()]),
        ([pod(status={"phase": "Succeeded"})], [budget()]),
        ([{"status": {}}], [budget()]),
        ([pod()], [{"metadata": {"namespace": "database"}, "spec": {}}]),
    ],
)
def test_what_may_leave_stays_or_has_ended_is_not_in_the_way(pods: list[Any], budgets: list[Any]) -> None:
    assert blockers("a", pods, budgets) == []


@pytest.mark.parametrize(
    ("rule", "selects"),
    [
        ({"key": "app", "operator": "In", "values": ["postgres"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["postgres"]}, False),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
    ],
)
def test_a_budget_may_select_by_expressions(rule: dict[str, Any], selects: bool) -> None:
    assert bool(blockers("a", [pod()], [budget(selector={"matchExpressions": [rule]})])) is selects


def test_an_empty_selector_selects_all_pods_of_its_namespace() -> None:
    assert blockers("a", [pod()], [budget(selector={})])


def test_a_pod_of_tupprs_jobs_tells_what_it_is_for() -> None:
    labels = {
        "app.kubernetes.io/name": "talos-upgrade",
        "app.kubernetes.io/instance": "talos",
        "tuppr.home-operations.com/target-node": "k8s-1",
    }
    job = job_of({"metadata": {"name": "talos-k8s-1-x", "labels": labels}, "status": {"phase": "Failed"}})
    assert job is not None
    assert (job.system, job.upgrade, job.node, job.state) == ("talos", "talos", "k8s-1", "failed")
    assert job_of({"metadata": {"name": "tuppr-0", "labels": {"app.kubernetes.io/name": "tuppr"}}}) is None


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        ([], ""),
        (["automatically detected the lowest Kubernetes version 1.36.2"], ""),
        (['updating "kube-apiserver" to version "1.36.3"', " > waiting"], "kube-apiserver"),
        (["updating kube-apiserver to version 1.36.3", "updating kubelet to version 1.36.3"], "kubelet"),
    ],
)
def test_the_component_is_the_last_one_that_the_log_names(lines: list[str], at: str) -> None:
    assert component(lines) == at
