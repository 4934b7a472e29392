"""TalosSource against the stand-in: real processes, a real socket."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from console.demo.talosctl import identity
from console.demo.world import DemoClock
from console.model.snapshot import Life
from console.sources.talos.client import client_version
from console.sources.talos.places import Places
from console.sources.talos.process import Processes
from tests.demo.talosctl.cluster import FROZEN, SCHEMATIC, Cluster, serving, world
from tests.sources.talos.watching import commands, processes, wait_for, watching


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path, world(4)) as served:
        yield served


class TestRows:
    @pytest.mark.parametrize("edition", ["1.13", "1.14"])
    def test_the_first_look_is_complete(self, tmp_path: Path, edition: str) -> None:
        made = world(4, talosctl=edition)
        made.machines["k8s-worker-1"].talos = "v1.14.1"
        with serving(tmp_path, made) as cluster, watching(cluster) as seen:
            seen.until(lambda: seen.complete() and all(node.memory for node in seen.nodes().values()))
            nodes = seen.nodes()
            assert sorted(nodes) == ["k8s-control-1", "k8s-control-2", "k8s-control-3", "k8s-worker-1"]
            for node in nodes.values():
                assert (node.problem, node.stage, node.ready, node.time_synced) == (None, "running", True, True)
                assert (node.schematic, len(node.extensions)) == (SCHEMATIC, 3)
                assert 0 < node.cpu[0] < 1
                assert 0 < node.memory[0] < 1
                assert node.boot
                assert node.client == client_version(cluster.executable)
                assert ("kubelet", "healthy") in node.services
            first, worker = nodes["k8s-control-1"], nodes["k8s-worker-1"]
            assert (first.role, worker.role, first.talos) == ("control plane", "worker", "v1.13.7")
            assert first.etcd
            assert (first.etcd.leader, first.etcd.db_size, first.etcd.errors) == (True, 45_000_000, ())
            assert worker.etcd is None
            assert (first.kubelet, worker.kubelet) == ("", "v1.36.2")  # only Talos 1.14 tells
            assert first.static_pods[0] == ("kube-apiserver-k8s-control-1", True)

    def test_with_a_frozen_clock_looking_again_changes_nothing(self, tmp_path: Path) -> None:
        made = world(1, clock=DemoClock(frozen=FROZEN))
        with serving(tmp_path, made) as cluster, watching(cluster, interval=0.05, now=lambda: FROZEN) as seen:
            seen.until(seen.complete)
            first = seen.nodes()
            made.machines["k8s-control-1"].db_size = 60_000_000
            seen.until(lambda: (etcd := seen.nodes()["k8s-control-1"].etcd) and etcd.db_size == 60_000_000)
            now = seen.nodes()["k8s-control-1"]
            assert (now.cpu, now.memory, now.boot) == (
                first["k8s-control-1"].cpu,
                first["k8s-control-1"].memory,
                now.boot,
            )

    def test_cpu_and_memory_grow_a_history_while_time_passes(self, tmp_path: Path) -> None:
        made = world(1, clock=DemoClock(frozen=FROZEN))
        with serving(tmp_path, made) as cluster, watching(cluster, interval=0.05, now=lambda: FROZEN) as seen:
            for count in range(1, 4):
                seen.until(lambda n=count: (node := seen.nodes().get("k8s-control-1")) and len(node.cpu) >= n)  # type: ignore[misc]
                made.clock.frozen = FROZEN + timedelta(seconds=30 * count)
            seen.until(lambda: len(seen.nodes()["k8s-control-1"].memory) >= 3)
            shares = seen.nodes()["k8s-control-1"].cpu
            assert all(0 < share < 1 for share in shares)
            assert len(set(shares)) == len(shares)

    def test_conditions_that_are_not_met_are_told_in_words(self, cluster: Cluster) -> None:
        cluster.machine("k8s-worker-1").ready = False
        cluster.machine("k8s-worker-1").unmet = [("services", "kubelet not healthy"), ("kubelet-csr", "pending")]
        with watching(cluster) as seen:
            seen.until(seen.complete)
            node = seen.nodes()["k8s-worker-1"]
            assert (node.ready, node.unmet) == (False, ("services: kubelet not healthy",))
            assert ("kubelet", "unhealthy") in node.services
            assert node.diagnostics[0].startswith("kubelet-csr: ")

    def test_hostile_names_stay_data(self, tmp_path: Path) -> None:
        made = world(2)
        evil = made.machines.pop("k8s-worker-1")
        evil.name = "--insecure\x1b[2J"
        made.machines[evil.name] = evil
        with serving(tmp_path, made) as cluster, watching(cluster) as seen:
            seen.until(seen.complete)
            assert seen.nodes()[evil.name].address == "10.0.0.12"


class TestNodesThatAreAway:
    def test_one_that_is_down_hides_no_other_and_keeps_what_was_known(self, cluster: Cluster) -> None:
        with watching(cluster) as seen:
            seen.until(seen.complete)
            cluster.machine("k8s-control-3").reachable = False
            seen.until(lambda: seen.nodes()["k8s-control-3"].problem)
            node = seen.nodes()["k8s-control-3"]
            assert node.problem
            assert (node.problem.kind, node.problem.message) == ("unreachable", "10.0.0.13 refuses the connection.")
            assert (node.talos, node.schematic, node.since is not None) == ("v1.13.7", SCHEMATIC, True)
            assert all(other.problem is None for name, other in seen.nodes().items() if name != "k8s-control-3")
            assert seen.freshness().life is Life.LIVE
            cluster.machine("k8s-control-3").reachable = True
            seen.until(lambda: seen.nodes()["k8s-control-3"].problem is None)

    def test_one_that_is_down_from_the_start_is_named_by_its_address_or_by_its_neighbours(
        self, cluster: Cluster
    ) -> None:
        cluster.machine("k8s-worker-1").reachable = False
        with watching(cluster) as seen:
            seen.until(seen.complete)
            assert seen.nodes()["k8s-worker-1"].problem
            assert seen.nodes()["k8s-worker-1"].asked is None

    def test_the_only_node_reboots_and_comes_back_with_another_version(self, tmp_path: Path) -> None:
        made = world(1)
        with serving(tmp_path, made) as cluster, watching(cluster) as seen:
            seen.until(seen.complete)
            machine = made.machines["k8s-control-1"]
            machine.stage = "rebooting"
            seen.until(lambda: seen.nodes()["k8s-control-1"].stage == "rebooting")
            machine.reachable = False
            seen.until(lambda: seen.nodes()["k8s-control-1"].problem)
            problem = seen.nodes()["k8s-control-1"].problem
            assert problem
            assert problem.hint.startswith("Normal while it restarts")
            machine.talos, machine.booted, machine.stage = "v1.13.8", made.clock.now(), "booting"
            machine.ready, machine.reachable = False, True
            seen.until(lambda: seen.nodes()["k8s-control-1"].stage == "booting")
            machine.stage, machine.ready = "running", True
            seen.until(lambda: seen.nodes()["k8s-control-1"].talos == "v1.13.8")
            seen.until(lambda: seen.nodes()["k8s-control-1"].ready)

    def test_one_that_hangs_is_told_apart_and_the_others_do_not_wait(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-2").slow = float("inf")
        with watching(cluster, deadline=2, patience=0.5) as seen:
            seen.until(lambda: (node := seen.nodes().get("k8s-control-2")) and node.problem)
            problem = seen.nodes()["k8s-control-2"].problem
            assert problem
            assert problem.kind == "timeout"
            seen.until(lambda: seen.nodes()["k8s-worker-1"].asked)
            asked = seen.nodes()["k8s-worker-1"].asked
            assert asked
            seen.until(lambda: (now := seen.nodes()["k8s-worker-1"].asked) and now > asked)
            cluster.machine("k8s-control-2").slow = 0
            seen.until(lambda: seen.nodes()["k8s-control-2"].problem is None)

    def test_one_that_is_slow_gets_the_time_it_needs(self, cluster: Cluster) -> None:
        cluster.machine("k8s-worker-1").slow = 1
        with watching(cluster, deadline=20, patience=0.6) as seen:
            seen.until(lambda: (node := seen.nodes().get("k8s-worker-1")) and node.stage == "running")
            assert seen.nodes()["k8s-worker-1"].problem is None

    def test_a_hundred_nodes_ten_hanging(self, tmp_path: Path) -> None:
        made = world(100)
        hanging = {f"k8s-worker-{i}" for i in range(3, 93, 9)}
        for name in hanging:
            made.machines[name].slow = float("inf")
        places, most, long = Places(8), [0, 0], 100.0  # hundreds of processes: some 10 s where nothing else runs
        with serving(tmp_path, made) as cluster, watching(cluster, interval=3600, places=places, deadline=long) as seen:
            slow = {f"--nodes={made.machines[name].address}" for name in hanging}

            def known() -> bool:
                running = commands(cluster)
                most[0] = max(most[0], len(running))
                most[1] = max(most[1], sum(bool(slow & set(each)) for each in running))
                rows = [node for name, node in seen.nodes().items() if name not in hanging]
                etcd = all(node.etcd for node in rows if node.role == "control plane")
                return len(rows) == 90 and etcd and all(node.stage and node.talos and node.boot for node in rows)

            # The deadline of the hanging ones is as long as this waits: the others can't have waited for it.
            seen.until(known, long)
            assert most[0] <= 8
            assert most[1] <= 4
        assert places.taken == 0
        # watching() asserts that none is left


class TestOurOwnTrouble:
    def test_no_talosconfig(self, cluster: Cluster, tmp_path: Path) -> None:
        with watching(cluster, talosconfig=tmp_path / "none") as seen:
            seen.until(lambda: seen.freshness().problem)
            assert (seen.freshness().life, seen.freshness().problem.kind) == (Life.FAILED, "not-configured")  # type: ignore[union-attr]
        assert not (tmp_path / "none").exists()

    def test_no_talosctl(self, cluster: Cluster) -> None:
        Path(cluster.executable).unlink()
        with watching(cluster) as seen:
            seen.until(lambda: seen.freshness().problem)
            assert seen.freshness().problem.kind == "missing-tool"  # type: ignore[union-attr]

    def test_one_that_is_too_old(self, cluster: Cluster) -> None:
        Path(cluster.executable).write_text("#!/bin/sh\necho 'Client:'; echo 'Talos v1.9.6'\n")
        with watching(cluster) as seen:
            seen.until(lambda: seen.freshness().problem)
            assert seen.freshness().problem.kind == "old-tool"  # type: ignore[union-attr]

    @pytest.mark.parametrize("content", ["", "context: home\n"])
    def test_an_empty_talosconfig(self, cluster: Cluster, content: str) -> None:
        cluster.talosconfig.write_text(content)
        with watching(cluster) as seen:
            seen.until(lambda: seen.freshness().problem)
            assert seen.freshness().problem.kind == "not-configured"  # type: ignore[union-attr]
        assert cluster.talosconfig.read_text() == content

    def test_an_unknown_context(self, cluster: Cluster) -> None:
        with watching(cluster, context="nope") as seen:
            seen.until(lambda: seen.freshness().problem)
            assert seen.freshness().problem.kind == "unknown-context"  # type: ignore[union-attr]

    def test_an_expired_certificate_and_its_replacement(self, tmp_path: Path) -> None:
        with serving(tmp_path, world(1), valid=timedelta(days=-2)) as cluster, watching(cluster) as seen:
            seen.until(lambda: seen.freshness().problem)
            problem = seen.freshness().problem
            assert problem
            assert (problem.kind, problem.message[:55]) == (
                "certificate-expired",
                "Talos refuses our certificate: it expired 2 days ago (2",
            )

    def test_another_clusters_ca_and_recovery_when_the_file_is_mended(self, cluster: Cluster) -> None:
        right = cluster.talosconfig.read_text()
        document = yaml.safe_load(right)
        foreign = identity.authority(cluster.world.clock.now())
        document["contexts"]["home"]["ca"] = base64.b64encode(foreign.certificate).decode()
        cluster.talosconfig.write_text(yaml.safe_dump(document))
        with watching(cluster) as seen:
            seen.until(lambda: seen.freshness().problem)
            assert seen.freshness().problem.kind == "wrong-ca"  # type: ignore[union-attr]
            cluster.talosconfig.write_text(right)
            seen.until(lambda: seen.freshness().life is Life.LIVE and len(seen.nodes()) == 4)

    def test_a_talosconfig_that_vanishes_is_not_created_anew(self, cluster: Cluster) -> None:
        with watching(cluster, interval=3600) as seen:
            seen.until(seen.complete)
            wait_for(lambda: not processes(cluster))
            cluster.talosconfig.rename(cluster.folder / "away")
            seen.source.refresh()
            seen.until(lambda: seen.freshness().problem)
            assert seen.freshness().life is Life.STALE
            assert len(seen.nodes()) == 4
        assert not cluster.talosconfig.exists()


class TestRights:
    def test_a_role_that_may_ask_nothing_is_our_trouble_with_a_remedy(self, tmp_path: Path) -> None:
        with serving(tmp_path, world(1), roles=("os:etcd:backup",)) as cluster, watching(cluster) as seen:
            seen.until(lambda: seen.freshness().problem)
            problem = seen.freshness().problem
            assert problem
            assert (problem.kind, seen.freshness().life) == ("forbidden", Life.FAILED)
            assert "os:reader" in problem.hint

    def test_a_reader_gets_whole_rows(self, cluster: Cluster) -> None:
        with watching(cluster) as seen:
            seen.until(seen.complete)
            assert all(node.forbidden == () and node.problem is None for node in seen.nodes().values())


class TestOneNodesTrouble:
    def test_one_in_maintenance_mode_is_told_apart_with_a_remedy(self, cluster: Cluster) -> None:
        cluster.machine("k8s-worker-1").stage = "maintenance"
        with watching(cluster) as seen:
            seen.until(lambda: seen.complete() and len(seen.nodes()) == 4)
            problem = seen.nodes()["k8s-worker-1"].problem
            assert problem
            assert (problem.kind, "maintenance mode" in problem.hint) == ("wrong-ca", True)
            assert seen.nodes()["k8s-control-1"].problem is None

    def test_one_that_no_route_leads_to(self, cluster: Cluster) -> None:
        document = yaml.safe_load(cluster.talosconfig.read_text())
        document["contexts"]["home"]["nodes"].append("10.0.0.99")
        cluster.talosconfig.write_text(yaml.safe_dump(document))
        with watching(cluster) as seen:
            seen.until(lambda: (node := seen.nodes().get("10.0.0.99")) and node.problem)
            assert seen.nodes()["10.0.0.99"].problem.message == "No route to 10.0.0.99."  # type: ignore[union-attr]

    def test_a_disk_that_fills_up_is_seen(self, cluster: Cluster) -> None:
        cluster.machine("k8s-worker-1").disk_used = 0.93
        with watching(cluster) as seen:
            seen.until(seen.complete)
            var = next(each for each in seen.nodes()["k8s-worker-1"].filesystems if each.mount == "/var")
            assert round(var.share, 2) == 0.93
            assert {each.mount for each in seen.nodes()["k8s-worker-1"].filesystems} == {
                *("/var", "/system/state", "/var/mnt/longhorn"),
            }


class TestWhoIsThere:
    def test_nodes_that_only_discovery_knows(self, cluster: Cluster) -> None:
        document = yaml.safe_load(cluster.talosconfig.read_text())
        document["contexts"]["home"] |= {"nodes": None, "endpoints": ["10.0.0.10"]}  # a virtual address
        cluster.talosconfig.write_text(yaml.safe_dump(document))
        with watching(cluster) as seen:
            seen.until(lambda: len(seen.nodes()) == 4)
            assert "10.0.0.10" not in {node.address for node in seen.nodes().values()}

    def test_a_node_that_joins_appears_and_one_that_leaves_goes(self, cluster: Cluster) -> None:
        document = yaml.safe_load(cluster.talosconfig.read_text())
        document["contexts"]["home"]["nodes"] = ["10.0.0.11"]
        cluster.talosconfig.write_text(yaml.safe_dump(document))
        with watching(cluster, interval=0.1) as seen:
            seen.until(lambda: len(seen.nodes()) == 4)
            gone = cluster.change(lambda made: made.machines.pop("k8s-worker-1"))
            seen.until(lambda: len(seen.nodes()) == 3)
            cluster.change(lambda made: made.machines.setdefault("k8s-worker-1", gone))
            seen.until(lambda: len(seen.nodes()) == 4)

    def test_refresh_looks_at_once(self, cluster: Cluster) -> None:
        with watching(cluster, interval=3600) as seen:
            seen.until(seen.complete)
            cluster.machine("k8s-worker-1").ready = False
            seen.source.refresh()
            seen.until(lambda: not seen.nodes()["k8s-worker-1"].ready)


class TestProcesses:
    def test_none_is_left_when_the_source_is_stopped_while_nodes_hang(self, cluster: Cluster) -> None:
        for machine in cluster.world.machines.values():
            machine.slow = float("inf")
        with watching(cluster, deadline=600, patience=600):
            wait_for(lambda: processes(cluster, "machinestatus"))
        # watching() asserts that none is left

    def test_none_outlives_a_console_that_is_killed(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-1").slow = float("inf")
        script = (
            "import sys\nfrom console.sources.talos.process import Processes\n"
            "print('begun', flush=True)\n"
            "Processes(sys.argv[1], {'TALOSCONFIG': sys.argv[2]}).run(['get', 'version', '-n', '10.0.0.11'], 600)\n"
        )
        command = [sys.executable, "-c", script, cluster.executable, str(cluster.talosconfig)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as parent:
            assert parent.stdout
            parent.stdout.readline()
            wait_for(lambda: len(processes(cluster)) > 1)
            parent.kill()
        wait_for(lambda: not processes(cluster))

    def test_arguments_are_arguments(self, cluster: Cluster) -> None:
        talosctl = Processes(cluster.executable, {"TALOSCONFIG": str(cluster.talosconfig)})
        outcome = talosctl.run(["get", "version", "-n", "10.0.0.11; touch x $(id) 'a' \"b\""], 10)
        assert outcome.code == 1
        assert "dial tcp 10.0.0.11; touch x $(id) 'a' \"b\":50000" in outcome.err
