"""What the stand-in tells about its machines: numbers that move with the clock, slow and hanging nodes."""

import json
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from console.demo.world import DemoClock
from tests.demo.talosctl.cluster import FROZEN, Cluster, serving, world


def spec(cluster: Cluster, kind: str, node: str = "10.0.0.11") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster.talosctl("get", kind, "-n", node, "-o", "json").stdout)
    return found


class TestLoad:
    def test_a_frozen_clock_gives_the_same_numbers_each_time_and_to_each_demo(self, tmp_path: Path) -> None:
        found = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            with serving(tmp_path / name, world(clock=DemoClock(frozen=FROZEN))) as cluster:
                found += [(spec(cluster, "cpustat"), spec(cluster, "memorystat")) for _ in range(2)]
        assert all(each == found[0] for each in found)

    def test_counters_rise_with_the_clock_by_a_plausible_share(self, tmp_path: Path) -> None:
        made = world(2, clock=DemoClock(frozen=FROZEN))
        with serving(tmp_path, made) as cluster:
            before = [
                spec(cluster, "cpustat", machine.address)["spec"]["cpuTotal"] for machine in made.machines.values()
            ]
            made.clock.frozen = FROZEN + timedelta(minutes=10)
            after = [
                spec(cluster, "cpustat", machine.address)["spec"]["cpuTotal"] for machine in made.machines.values()
            ]
        shares = []
        for old, new in zip(before, after, strict=True):
            passed = sum(new.values()) - sum(old.values())
            assert abs(passed - 4 * 600) < 1  # four cores, ten minutes
            shares.append(1 - (new["idle"] + new["iowait"] - old["idle"] - old["iowait"]) / passed)
        assert all(0.05 < share < 0.6 for share in shares)
        assert shares[0] != shares[1]

    def test_memory_adds_up(self, tmp_path: Path) -> None:
        with serving(tmp_path, world(clock=DemoClock(frozen=FROZEN))) as cluster:
            memory = spec(cluster, "memorystat")["spec"]
        assert 0 < memory["available"] < memory["total"]
        assert memory["total"] - memory["used"] <= memory["available"]


class TestResources:
    def test_a_change_counts_up_the_version_and_a_boot_begins_anew(self, tmp_path: Path) -> None:
        made = world(clock=DemoClock(frozen=FROZEN))
        machine = made.machines["k8s-control-1"]
        with serving(tmp_path, made) as cluster:
            first = spec(cluster, "machinestatus")["metadata"]
            machine.ready, machine.unmet = False, [("services", "etcd not healthy")]
            made.clock.frozen = FROZEN + timedelta(seconds=5)
            second = spec(cluster, "machinestatus")
            machine.booted = FROZEN
            third = spec(cluster, "machinestatus")["metadata"]
        assert second["metadata"]["version"] == first["version"] + 1
        assert second["metadata"]["updated"] == "2026-08-20T12:00:05Z"
        assert second["metadata"]["created"] == first["created"]
        assert second["spec"]["status"]["unmetConditions"] == [{"name": "services", "reason": "etcd not healthy"}]
        assert third["created"] > first["created"]

    def test_a_service_that_is_not_healthy_says_so_everywhere(self, tmp_path: Path) -> None:
        made = world()
        made.machines["k8s-control-1"].unmet = [("services", "etcd not healthy, kubelet not running")]
        with serving(tmp_path, made) as cluster:
            lines = cluster.talosctl("services").stdout
            table = cluster.talosctl("get", "services").stdout
        assert "etcd         Running   Fail" in lines
        assert "kubelet      Waiting   ?" in lines
        assert ["kubelet", "2", "false", "false", "false"] in [line.split()[3:] for line in table.splitlines()]

    def test_diagnostics_are_no_conditions(self, tmp_path: Path) -> None:
        made = world()
        made.machines["k8s-control-1"].unmet = [("kubelet-csr", "kubelet serving certificate is pending")]
        with serving(tmp_path, made) as cluster:
            assert spec(cluster, "machinestatus")["spec"]["status"]["unmetConditions"] == []
            assert spec(cluster, "diagnostics")["metadata"]["id"] == "kubelet-csr"


class TestHangingNodes:
    def test_others_answer_meanwhile_and_a_killed_client_ends_the_work(self, tmp_path: Path) -> None:
        made = world(2)
        made.machines["k8s-worker-1"].slow = float("inf")
        with serving(tmp_path, made) as cluster:
            variables = {**os.environ, "TALOSCONFIG": str(cluster.talosconfig)}
            with subprocess.Popen([cluster.executable, "get", "version", "-n", "10.0.0.12"], env=variables) as hanging:
                assert cluster.talosctl("get", "version", "-n", "10.0.0.11").returncode == 0
                assert hanging.poll() is None
                hanging.send_signal(signal.SIGKILL)

    def test_a_termination_is_taken_as_an_end_by_choice(self, tmp_path: Path) -> None:
        made = world(1)
        with serving(tmp_path, made) as cluster:
            variables = {**os.environ, "TALOSCONFIG": str(cluster.talosconfig)}
            command = [cluster.executable, "dmesg", "-f", "-n", "10.0.0.11"]
            with subprocess.Popen(
                command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout
                process.stdout.readline()
                process.terminate()
                _, errors = process.communicate(timeout=10)
        assert errors.startswith("Signal received, aborting, press Ctrl+C once again to abort immediately...")
        assert process.returncode == 0
