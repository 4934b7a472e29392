"""One node looked at closely: real processes against the stand-in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.model.nodes import CONTROL_PLANE, TalosNode
from console.sources.errors import NotConfigured, SourceError, TimedOut, Unreachable, UsageError
from console.sources.stop import Stop
from console.sources.talos import detail
from console.sources.talos.access import Access
from console.sources.talos.places import Places
from tests.demo.talosctl.cluster import FROZEN, SCHEMATIC, Cluster, serving, world
from tests.sources.talos.watching import processes

NODE = TalosNode("k8s-control-1", "10.0.0.11", CONTROL_PLANE, talos="v1.13.7")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path, world(2)) as served:
        yield served
        assert processes(served) == []


def access(cluster: Cluster, *, places: Places | None = None, deadline: float = 30) -> Access:
    """A deadline that is long beside the second that a loaded machine takes."""
    places = places or Places(8)
    return Access(cluster.talosconfig, None, cluster.executable, places, lambda: datetime.now(UTC), deadline=deadline)


class TestDetail:
    def test_everything_that_a_reader_may_see(self, cluster: Cluster) -> None:
        found = access(cluster).inspect(NODE)
        kubelet = next(each for each in found.services if each.name == "kubelet")
        assert (kubelet.state, kubelet.health, kubelet.event) == ("Running", "OK", "Health check successful")
        assert kubelet.changed
        assert (found.schematic, [each.name for each in found.extensions][:1]) == (SCHEMATIC, ["i915"])
        assert "10.0.0.11/24" in found.addresses
        assert [(each.name, each.system) for each in found.disks] == [("nvme0n1", True), ("sda", False)]
        ephemeral = next(each for each in found.volumes if each.name == "EPHEMERAL")
        assert ephemeral.mounted
        assert (ephemeral.mounted.mount, round(ephemeral.mounted.share, 2)) == ("/var", 0.41)
        assert "talos.platform=metal" in found.kernel_arguments
        assert (found.boot_entry, found.platform, found.secure_boot) == ("Talos-v1.13.7.efi", "metal", False)
        assert [(each.kind, each.text) for each in found.events] == [
            ("SequenceEvent", "boot STOP"),
            ("SequenceEvent", "boot START"),
        ]

    def test_what_takes_more_rights_is_named_and_nothing_else_is_missing(self, cluster: Cluster) -> None:
        found = access(cluster).inspect(NODE)
        assert [(each.part, each.needs, each.problem.kind) for each in found.missing] == [
            ("kubelet image", "os:admin", "forbidden")
        ]

    def test_a_newer_talos_tells_a_reader_the_kubelets_image(self, tmp_path: Path) -> None:
        made = world(1, talosctl="1.14")
        made.machines["k8s-control-1"].talos = "v1.14.1"
        with serving(tmp_path, made) as cluster:
            found = access(cluster).inspect(replace(NODE, talos="v1.14.1"))
        assert found.kubelet_image == "ghcr.io/siderolabs/kubelet:v1.36.2"
        assert found.missing == ()

    def test_etcds_alarms(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-1").db_size = 2_200_000_000
        assert access(cluster).inspect(NODE).alarms[0].startswith("NOSPACE ")

    def test_a_node_that_is_down_is_an_error_with_its_reason(self, cluster: Cluster) -> None:
        cluster.machine("k8s-worker-1").reachable = False
        with pytest.raises(Unreachable, match="refuses the connection"):
            access(cluster).inspect(TalosNode("k8s-worker-1", "10.0.0.12"))

    def test_a_node_that_hangs_costs_one_deadline(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-1").slow = float("inf")
        places, started = Places(4), []
        places.freed = lambda: started.append(1)
        with pytest.raises(TimedOut):
            access(cluster, places=places, deadline=0.3).inspect(NODE)
        assert len(started) == 1
        assert places.taken == 0

    def test_a_look_takes_no_more_than_half_of_the_places(self, cluster: Cluster) -> None:
        places, most = Places(4), [0]
        places.freed = lambda: most.append(places.taken + 1)
        access(cluster, places=places).inspect(NODE)
        assert max(most) <= 2

    def test_no_talosconfig(self, cluster: Cluster) -> None:
        cluster.talosconfig.unlink()
        with pytest.raises(NotConfigured):
            access(cluster).inspect(NODE)


class TestTails:
    def test_the_kernels_log_is_followed_until_one_stops(self, cluster: Cluster) -> None:
        places, stop = Places(8), Stop()
        lines = access(cluster, places=places).dmesg("10.0.0.11", stop)
        seen = [next(lines)]
        assert places.taken == 1
        while "heartbeat" not in seen[-1]:
            seen.append(next(lines))
        stop.set()
        list(lines)
        assert places.taken == 0

    def test_a_services_log_is_followed(self, cluster: Cluster) -> None:
        stop = Stop()
        lines = access(cluster).service_log("10.0.0.11", "kubelet", stop, tail=2)
        seen = [next(lines) for _ in range(3)]
        stop.set()
        list(lines)
        assert "kubelet.go" in seen[1]
        assert seen[2].endswith("pass 1 on k8s-control-1")

    def test_a_service_that_is_not_there_is_an_error(self, cluster: Cluster) -> None:
        with pytest.raises(SourceError, match="was not registered"):
            list(access(cluster).service_log("10.0.0.11", "nope", Stop()))

    @pytest.mark.parametrize("name", ["", "-f", "--tail=1", "a b", "x\n", "../x"])
    def test_a_name_that_could_be_an_option_is_none(self, cluster: Cluster, name: str) -> None:
        with pytest.raises(UsageError):
            access(cluster).service_log("10.0.0.11", name, Stop())

    def test_closing_ends_what_waits(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-1").slow = float("inf")
        looking = access(cluster, deadline=600)
        with ThreadPoolExecutor(2) as pool:
            tail = pool.submit(lambda: list(looking.dmesg("10.0.0.11", Stop())))
            look = pool.submit(looking.inspect, NODE)
            while len(processes(cluster, "--nodes=10.0.0.11")) < 2:
                pass  # the process table tells nobody when it changes
            looking.close()
            assert tail.result(30) == []
            with pytest.raises(SourceError):
                look.result(30)


class TestReading:
    def test_a_services_last_change_is_a_moment(self) -> None:
        text = (
            "NODE        SERVICE   STATE     HEALTH   LAST CHANGE     LAST EVENT\n"
            "10.0.0.11   kubelet   Running   OK       1h2m3s ago      Health check successful\n"
            '10.0.0.11   etcd      Waiting   ?        4s ago          Waiting for service "cri" to be "up"\n'
        )
        etcd, kubelet = detail.services(text, FROZEN)["services"]
        assert (etcd.state, etcd.event) == ("Waiting", 'Waiting for service "cri" to be "up"')
        assert kubelet.changed
        assert (FROZEN - kubelet.changed).total_seconds() == 3723

    def test_an_event_whose_message_is_on_its_own_line(self) -> None:
        text = (
            "NODE   ID   EVENT   ACTOR   SOURCE   MESSAGE\n"
            "10.0.0.11   d3f1   talos/runtime/machine.TaskEvent      boot\n"
            "            started phase 3\n"
            "10.0.0.11   d3f2   talos/runtime/machine.AddressEvent      ADDRESSES: 10.0.0.11\n"
        )
        newest, older = detail.events(text)["events"]
        assert (newest.kind, newest.text, newest.identity) == ("AddressEvent", "ADDRESSES: 10.0.0.11", "d3f2")
        assert (older.kind, older.text) == ("TaskEvent", "boot started phase 3")
