"""Nodes that are followed closely: their status streamed, within the same limit as the polls."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.sources.talos.attended import Attended
from console.sources.talos.places import Places
from tests.demo.talosctl.cluster import Cluster, serving, world
from tests.sources.talos.watching import processes, wait_for, watching

_NEVER = 3600.0  # seconds between polls: what changes in between came by a stream


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path, world(4)) as served:
        yield served


def streams(cluster: Cluster) -> list[int]:
    return processes(cluster, "--watch")


class TestFollowing:
    def test_the_status_of_a_node_that_is_looked_at_comes_without_a_poll(self, cluster: Cluster) -> None:
        attended = Attended()
        with watching(cluster, interval=_NEVER, attended=attended) as seen:
            seen.until(seen.complete)
            assert streams(cluster) == []
            with attended.attending("k8s-worker-1"):
                wait_for(lambda: streams(cluster))
                cluster.machine("k8s-worker-1").ready = False
                seen.until(lambda: not seen.nodes()["k8s-worker-1"].ready)
                cluster.machine("k8s-worker-1").ready = True
                seen.until(lambda: seen.nodes()["k8s-worker-1"].ready)
            wait_for(lambda: not streams(cluster))

    def test_a_node_in_an_upgrade_is_followed_through_its_reboot(self, cluster: Cluster) -> None:
        machine = cluster.machine("k8s-worker-1")
        with watching(cluster, interval=_NEVER, upgrading=lambda: ["k8s-worker-1"]) as seen:
            seen.until(seen.complete)
            wait_for(lambda: streams(cluster))
            machine.stage = "rebooting"
            seen.until(lambda: seen.nodes()["k8s-worker-1"].stage == "rebooting")
            machine.reachable = False  # the stream ends, and tells so: the node is asked at once
            seen.until(lambda: seen.nodes()["k8s-worker-1"].problem)

    def test_a_node_that_restarts_by_itself_is_followed_too(self, cluster: Cluster) -> None:
        cluster.machine("k8s-worker-1").stage = "booting"
        with watching(cluster, interval=_NEVER) as seen:
            seen.until(seen.complete)
            cluster.machine("k8s-worker-1").stage = "running"
            seen.until(lambda: seen.nodes()["k8s-worker-1"].stage == "running")
            wait_for(lambda: not streams(cluster))

    def test_streams_leave_half_of_the_places_to_the_polls(self, cluster: Cluster) -> None:
        places = Places(4)
        with watching(
            cluster, interval=0.2, places=places, upgrading=lambda: [f"k8s-control-{i}" for i in (1, 2, 3)]
        ) as seen:
            seen.until(seen.complete)
            wait_for(lambda: len(streams(cluster)) == 2)
            asked = seen.nodes()["k8s-worker-1"].asked
            seen.until(lambda: seen.nodes()["k8s-worker-1"].asked != asked)
            assert len(streams(cluster)) == 2
        assert places.taken == 0
