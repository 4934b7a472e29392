"""tuppr as the cluster plays it: phases, marks on nodes, what it honours and what it refuses."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from console.demo.api.errors import ApiError
from console.demo.controllers.objects import Key, is_true
from tests.demo.controllers.home import (
    KUBERNETES,
    KUBERNETES_FILE,
    PATIENCE,
    TALOS,
    TALOS_FILE,
    Home,
    Obj,
    home,
    phase,
    ready,
)

NEXT = ("version: v1.13.7", "version: v1.13.8")
NEXT_KUBERNETES = ("version: v1.36.2", "version: v1.36.3")
BATCH = ["HealthChecking", "Draining", "Upgrading", "Rebooting", "Pending"]
BEGIN = ["Pending", "Pending/PrePulling"]
APPLIED = Key("Kustomization", "system", "tuppr-upgrades")


def completed(version: str) -> Callable[[Obj], bool]:
    """Whether an upgrade to ``version`` has ended well."""

    def holds(obj: Obj) -> bool:
        current = obj["status"]["observedGeneration"] == obj["metadata"]["generation"]
        return current and phase(obj) == "Completed" and version in str(obj["spec"])

    return holds


async def test_a_push_upgrades_the_only_node_phase_by_phase(tmp_path: Path) -> None:
    async with home(tmp_path) as house, house.phases(TALOS) as seen:
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, completed("v1.13.8"))
        assert house.demo.world.machines["k8s-control-1"].talos == "v1.13.8"
        assert obj["status"]["completedNodes"] == ["k8s-control-1"]
        assert "startedAt" not in obj["status"]
        assert "history" not in obj["status"]
    assert seen == [*BEGIN, *BATCH, "Completed"]


async def test_three_nodes_go_one_after_the_other_with_pending_between(tmp_path: Path) -> None:
    async with home(tmp_path, nodes=3) as house, house.phases(TALOS) as seen:
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, completed("v1.13.8"))
        assert len(obj["status"]["completedNodes"]) == 3
        assert {m.talos for m in house.demo.world.machines.values()} == {"v1.13.8"}
        for node in house.demo.store.list("Node"):
            assert node["status"]["nodeInfo"]["osImage"] == "Talos (v1.13.8)"
            assert not node["spec"].get("unschedulable")
            assert "taints" not in node["spec"]
            assert "tuppr.home-operations.com/upgrading" not in node["metadata"]["labels"]
    assert seen == [*BEGIN, *BATCH, *BATCH, *BATCH, "Completed"]


async def test_a_node_that_waits_is_tainted_and_the_one_underway_is_labelled_and_cordoned(tmp_path: Path) -> None:
    async with home(tmp_path, nodes=3, scenario="upgrade-running", speed=1) as house:
        first, second, third = sorted(house.demo.store.list("Node"), key=lambda n: str(n["metadata"]["name"]))
        assert "taints" not in first["spec"]
        assert second["metadata"]["labels"]["tuppr.home-operations.com/upgrading"] == "true"
        assert second["spec"]["unschedulable"] is True
        lagging = {"key": "tuppr.home-operations.com/outdated", "effect": "PreferNoSchedule"}
        assert lagging in third["spec"]["taints"]
        (job,) = house.demo.store.list("Job")
        assert job["metadata"]["labels"]["tuppr.home-operations.com/target-node"] == "k8s-control-2"


async def test_an_upgrade_that_runs_at_the_start_goes_on_to_its_end(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="upgrade-running") as house:
        obj = await house.until(TALOS, completed("v1.13.8"))
        assert obj["status"]["message"] == "Successfully upgraded 1 nodes"


async def test_the_spec_cannot_change_in_flight_and_its_kustomization_says_so(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="drain-stuck", nodes=3) as house:
        with pytest.raises(ApiError, match=r"cannot update spec while upgrade is in progress \(reason: Draining\)"):
            house.demo.store.patch("TalosUpgrade", "talos", "", {"spec": {"talos": {"version": "v1.13.9"}}})
        await house.push({TALOS_FILE: ("version: v1.13.8", "version: v1.13.9")})
        obj = await house.until(APPLIED, lambda o: ready(o)[1] == "ReconciliationFailed")
        assert 'admission webhook "vtalosupgrade.kb.io" denied the request' in ready(obj)[2]


async def test_there_is_only_one_kubernetes_upgrade(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        another = {
            "apiVersion": "tuppr.home-operations.com/v1alpha1",
            "kind": "KubernetesUpgrade",
            "metadata": {"name": "another"},
            "spec": {"kubernetes": {"version": "v1.36.3"}},
        }
        with pytest.raises(ApiError, match="only one KubernetesUpgrade resource is allowed per cluster"):
            house.demo.store.create(another)


async def annotate(house: Home, key: Key, name: str, value: str | None) -> None:
    note = {"metadata": {"annotations": {f"tuppr.home-operations.com/{name}": value}}}
    house.demo.store.patch(key.kind, key.name, "", note)


async def test_suspended_does_nothing_until_the_annotation_is_gone(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        await annotate(house, TALOS, "reset", "now")  # so that completed nodes are not skipped later
        await house.until(TALOS, lambda o: o["status"]["message"] == "Reset requested via annotation")
        await annotate(house, TALOS, "suspend", "false")
        obj = await house.until(TALOS, lambda o: phase(o) == "Pending/Suspended")
        assert "value: false" in obj["status"]["message"]
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, lambda o: o["status"]["observedGeneration"] == o["metadata"]["generation"] > 1)
        await house.until(APPLIED, lambda o: ready(o)[0] == "True" and "v1.13.8" in str(house.get(TALOS)["spec"]))
        assert phase(house.get(TALOS)) == "Pending/Suspended"
        await annotate(house, TALOS, "suspend", None)
        await house.until(TALOS, completed("v1.13.8"))
        assert house.demo.world.machines["k8s-control-1"].talos == "v1.13.8"


async def test_a_bump_while_suspended_is_skipped_when_the_nodes_were_completed_before(tmp_path: Path) -> None:
    """The trap of tuppr.md §1.6: only the annotation is removed, and no node is upgraded."""
    async with home(tmp_path) as house:
        await annotate(house, TALOS, "suspend", "review")
        await house.until(TALOS, lambda o: phase(o) == "Pending/Suspended")
        await house.push({TALOS_FILE: NEXT})
        await house.until(
            TALOS,
            lambda o: "v1.13.8" in str(o["spec"]) and o["status"]["observedGeneration"] == o["metadata"]["generation"],
        )
        await annotate(house, TALOS, "suspend", None)
        await house.until(TALOS, completed("v1.13.8"))
        assert house.demo.world.machines["k8s-control-1"].talos == "v1.13.7"


async def test_a_failed_upgrade_stays_until_it_is_reset(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="upgrade-failed") as house:
        obj = house.get(TALOS)
        assert obj["status"]["message"] == "Batch upgrade stopped: 1 nodes failed - stopping"
        error = "Upgrade Job failed while node remained at v1.13.7; expected v1.13.8"
        assert obj["status"]["failedNodes"] == [{"nodeName": "k8s-control-1", "retries": 0, "lastError": error}]
        assert ready(obj)[0] == "False"
        await annotate(house, TALOS, "reset", "please")
        obj = await house.until(TALOS, completed("v1.13.8"))
        assert "tuppr.home-operations.com/reset" not in (obj["metadata"].get("annotations") or {})
        assert house.demo.world.machines["k8s-control-1"].talos == "v1.13.8"


@pytest.mark.parametrize("nodes", [1, 3])
async def test_a_node_back_with_its_old_version_has_failed(tmp_path: Path, nodes: int) -> None:
    async with home(tmp_path, nodes=nodes) as house:
        house.demo.faults.boots_old |= set(house.demo.world.machines)
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, lambda o: phase(o) == "Failed")
        (failed,) = obj["status"]["failedNodes"]
        assert failed["lastError"] == "Upgrade Job failed while node remained at v1.13.7; expected v1.13.8"
        assert obj["status"]["history"][0]["failedNodes"] == [failed["nodeName"]]


async def test_a_node_that_never_comes_back_fails_at_its_deadline(tmp_path: Path) -> None:
    async with home(tmp_path, nodes=3) as house:
        upgrade = house.get(TALOS)
        names = sorted(house.demo.world.machines)
        house.demo.faults.never_back |= set(names)
        await house.push({TALOS_FILE: NEXT})
        await house.until(TALOS, lambda o: phase(o) == "Rebooting")
        assert is_true(upgrade, "Ready")
        away = [n for n in house.demo.store.list("Node") if not is_true(n, "Ready")]
        assert len(away) == 1
        obj = await house.until(TALOS, lambda o: phase(o) == "Failed")
        (failed,) = obj["status"]["failedNodes"]
        assert failed["lastError"] == "Node did not become ready within 30m0s after upgrade"


async def test_a_job_that_fails_leaves_its_log_and_ends_the_upgrade(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        house.demo.faults.jobs["k8s-control-1"] = "no space left on device"
        await house.push({TALOS_FILE: NEXT})
        await house.until(TALOS, lambda o: phase(o) == "Failed")
        (pod,) = [p for p in house.demo.store.list("Pod", "system") if "job-name" in p["metadata"]["labels"]]
        assert "no space left on device" in "\n".join(house.demo.api.logs(pod, "upgrade", False))


async def test_a_pre_pull_that_fails_is_tried_again_and_never_ends_the_upgrade(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        house.demo.faults.pulls["k8s-control-1"] = "manifest unknown"
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, lambda o: "(attempt 2)" in o["status"]["message"])
        assert phase(obj) == "Pending/PrePullFailed"
        house.demo.faults.pulls.clear()
        await house.until(TALOS, completed("v1.13.8"))


async def test_a_drain_that_is_stuck_goes_on_when_the_budget_is_gone(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="drain-stuck", nodes=3) as house:
        before = house.get(TALOS)["status"]
        assert before["message"] == "Draining 1 nodes"
        reasons = {e["reason"] for e in house.demo.store.list("Event", "database")}
        assert "EvictionBlocked" in reasons
        house.demo.store.delete("PodDisruptionBudget", "postgres", "database")
        obj = await house.until(TALOS, completed("v1.13.8"))
        assert len(obj["status"]["completedNodes"]) == 3


async def test_health_checks_that_fail_hold_the_upgrade(tmp_path: Path) -> None:
    check = "      expr: status.conditions.exists"
    never = '      expr: status.nodeInfo.osImage == "Talos (v9.9.9)" || status.conditions.exists'
    async with home(tmp_path) as house:
        wrong = (check, never.replace(" || status.conditions.exists", " # "))
        await house.push({TALOS_FILE: wrong})
        await house.until(APPLIED, lambda o: "v9.9.9" in str(house.get(TALOS)["spec"]) and ready(o)[0] == "True")
        await house.until(TALOS, lambda o: phase(o) == "Completed")
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, lambda o: "Waiting for health checks" in o["status"]["message"])
        assert phase(obj) == "HealthChecking"
        assert "exceeded maximum timeout of 10m0s" in obj["status"]["message"]


async def test_a_closed_maintenance_window_holds_the_upgrade(tmp_path: Path) -> None:
    window = """  maintenance:
    windows:
      - start: "0 3 29 2 *"
        duration: 2h
        timezone: Europe/Berlin
  policy:"""
    async with home(tmp_path) as house:
        await house.push({TALOS_FILE: ("  policy:", window)})
        await house.until(TALOS, lambda o: "windows" in str(o["spec"]))
        await house.push({TALOS_FILE: NEXT})
        obj = await house.until(TALOS, lambda o: phase(o) == "MaintenanceWindow")
        assert obj["status"]["message"].startswith("Waiting for maintenance window (next: 2028-02-29T03:00:00")
        assert obj["status"]["nextMaintenanceWindow"] == "2028-02-29T02:00:00Z"


async def test_kubernetes_goes_up_and_every_kubelet_with_it(tmp_path: Path) -> None:
    async with home(tmp_path, nodes=3) as house, house.phases(KUBERNETES) as seen:
        await house.push({KUBERNETES_FILE: NEXT_KUBERNETES})
        obj = await house.until(KUBERNETES, completed("v1.36.3"))
        assert {m.kubelet for m in house.demo.world.machines.values()} == {"v1.36.3"}
        assert obj["status"]["history"][0]["fromVersion"] == "v1.36.2"
        kubelets = {n["status"]["nodeInfo"]["kubeletVersion"] for n in house.demo.store.list("Node")}
        assert kubelets == {"v1.36.3"}
    assert seen == ["Pending", "HealthChecking", "Upgrading", "Completed"]


async def test_kubernetes_waits_for_talos_also_when_that_is_suspended(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        await annotate(house, TALOS, "suspend", "review")
        await house.until(TALOS, lambda o: phase(o) == "Pending/Suspended")
        await house.push({KUBERNETES_FILE: NEXT_KUBERNETES})
        obj = await house.until(KUBERNETES, lambda o: phase(o) == "Pending/WaitingForOtherUpgrade")
        assert obj["status"]["message"] == "Waiting for TalosUpgrade 'talos' to complete"
        await annotate(house, TALOS, "suspend", None)
        await house.until(KUBERNETES, completed("v1.36.3"))


async def test_the_api_server_goes_away_with_the_only_node_and_comes_back(tmp_path: Path) -> None:
    async with home(tmp_path, speed=400) as house:
        address = house.demo.api.url
        port = int(address.rpartition(":")[2])
        before = house.demo.store.revision
        await house.push({TALOS_FILE: NEXT})
        await house.until(TALOS, lambda o: phase(o) == "Rebooting")

        async def answers(wanted: bool) -> None:
            async with asyncio.timeout(PATIENCE):
                while await _listens(port) is not wanted:  # noqa: ASYNC110 - a closed port tells nobody
                    await asyncio.sleep(0.01)

        await answers(wanted=False)
        away = not house.demo.world.api_up
        await answers(wanted=True)
        assert away
        assert house.demo.world.control_planes[0].reachable
        with pytest.raises(ApiError) as refused:
            house.demo.store.since(before)
        assert refused.value.code == 410
        await house.until(TALOS, completed("v1.13.8"))


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
