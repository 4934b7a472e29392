"""Nodes by name, for the desk: which address is asked, and which nodes are followed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.model.nodes import CONTROL_PLANE, KubernetesNode, TalosNode
from console.model.snapshot import Topic
from console.model.upgrades import TupprUpgrade
from console.settings import Settings
from console.sources.errors import UsageError
from console.sources.stop import Stop
from console.store import Store
from console.wiring.nodework import NodeWork
from tests.demo.talosctl.cluster import Cluster, serving, world


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with serving(tmp_path, world(2)) as served:
        yield served


@pytest.fixture
def store() -> Store:
    store = Store()
    store.replace(Topic.TALOS, [TalosNode("k8s-control-1", "10.0.0.11", CONTROL_PLANE, talos="v1.13.7")])
    worker = KubernetesNode("k8s-worker-1", "10.0.0.12", "v1.36.2", "Talos (v1.13.7)", ready=True, upgrading=True)
    store.replace(Topic.KUBERNETES, [worker])
    return store


@pytest.fixture
def work(cluster: Cluster, store: Store) -> Iterator[NodeWork]:
    folder = cluster.folder
    settings = Settings(
        folder / "none", cluster.talosconfig, folder / "state", folder / "none", talosctl=cluster.executable
    )
    work = NodeWork(settings, store.snapshot, lambda: datetime.now(UTC))
    yield work
    work.close()


def test_a_node_by_its_name_or_address_also_one_that_only_kubernetes_knows(work: NodeWork) -> None:
    assert work.node("k8s-control-1").address == "10.0.0.11"
    worker = work.node("10.0.0.12")
    assert (worker.name, [each.name for each in worker.services][:1]) == ("k8s-worker-1", ["apid"])


def test_an_unknown_name_says_which_are_known(work: NodeWork) -> None:
    with pytest.raises(UsageError) as caught:
        work.dmesg("--all", Stop())
    assert "k8s-control-1, k8s-worker-1" in caught.value.hint


def test_logs_are_followed_by_name(work: NodeWork) -> None:
    for lines, stop in (
        (work.dmesg("k8s-worker-1", kernel := Stop()), kernel),
        (work.service_log("k8s-worker-1", "kubelet", log := Stop()), log),
    ):
        assert next(lines)
        stop.set()
        list(lines)
    assert work.places.taken == 0


def test_nodes_that_an_upgrade_is_at_are_followed(work: NodeWork, store: Store) -> None:
    assert set(work.upgrading()) == {"k8s-worker-1"}
    upgrade = TupprUpgrade("TalosUpgrade", "talos", "talos", "v1.13.8", current_nodes=("k8s-control-1",))
    store.replace(Topic.TUPPR, [upgrade])
    assert set(work.upgrading()) == {"k8s-control-1", "k8s-worker-1"}


def test_a_node_is_attended_while_somebody_looks(work: NodeWork) -> None:
    with work.attending("10.0.0.11"), work.attending("k8s-control-1"):
        assert work.attended.names() == {"k8s-control-1"}
    assert work.attended.names() == frozenset()
