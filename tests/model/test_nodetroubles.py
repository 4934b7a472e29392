"""What is not well on a node that runs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.model.noderows import node_rows, rows_of
from console.model.nodes import EtcdMember, Filesystem
from console.model.nodetroubles import certificate_trouble, troubles
from console.model.snapshot import Problem, Topic
from console.model.upgrades import TupprUpgrade
from console.store import Store
from tests.model.test_nodes import NOW, kubernetes, member, talos


def var(share: float) -> Filesystem:
    return Filesystem("/dev/nvme0n1p6", "/var", 500_000_000_000, round(500_000_000_000 * share))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ()),
        ({"filesystems": (var(0.84),)}, ()),
        ({"filesystems": (var(0.91),)}, ("/var 91% full",)),
        ({"time_synced": False}, ("clock is not in sync",)),
        ({"time_synced": False, "unmet": ("time: time is not synced",)}, ()),
        ({"services": (("kubelet", "unhealthy"), ("etcd", "healthy"))}, ("service kubelet unhealthy",)),
        ({"services": (("kubelet", "unhealthy"),), "unmet": ("services: kubelet not healthy",)}, ()),
        ({"diagnostics": ("kubelet-csr: not approved",)}, ("kubelet-csr: not approved",)),
        ({"forbidden": ("cpu", "memory")}, ("needs os:reader: cpu, memory",)),
    ],
)
def test_each_trouble_has_its_words_once(changes: dict[str, object], told: tuple[str, ...]) -> None:
    assert troubles(replace(talos(), **changes)) == told  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"errors": ("memberID:14899 alarm:NOSPACE",)}, "etcd alarm NOSPACE"),
        ({"errors": ("etcdserver: no leader",)}, "etcd: etcdserver: no leader"),
        ({"learner": True}, "etcd learner: does not vote yet"),
        ({"raft_index": 5000, "raft_applied": 3999}, "etcd 1001 entries behind"),
        ({"db_size": 1_800_000_000}, "etcd database 1.8 GB of 2.1 GB"),
    ],
)
def test_etcd(changes: dict[str, object], told: str) -> None:
    ill: EtcdMember = replace(member("1"), **changes)  # type: ignore[arg-type]
    assert troubles(talos(etcd=ill)) == (told,)


def test_a_node_that_restarts_or_does_not_answer_has_none() -> None:
    assert troubles(talos(stage="booting", time_synced=False)) == ()
    assert troubles(talos(filesystems=(var(0.99),), problem=Problem("timeout", "gone"))) == ()


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (31, ""),
        (12, "our certificate for Talos expires in 12 days (2026-09-01)"),
        (1, "our certificate for Talos expires tomorrow (2026-08-21)"),
        (0, "our certificate for Talos expires today (2026-08-20)"),
        (-3, "our certificate for Talos has expired (2026-08-17)"),
    ],
)
def test_our_certificate_is_told_of_a_month_ahead(days: int, told: str) -> None:
    assert certificate_trouble(NOW + timedelta(days=days), NOW) == told
    assert certificate_trouble(None, NOW) == ""


class TestRows:
    def test_what_is_ill_stands_before_versions_that_differ(self) -> None:
        rows = node_rows([talos(1, filesystems=(var(0.9),), talos="v1.13.8"), talos(2), talos(3)], [])
        assert rows[0].marks[0] == "/var 90% full"
        assert rows[0].marks[1] == "Talos v1.13.8, 2 others v1.13.7"
        assert rows[0].ready

    def test_the_versions_that_git_declares_are_those_of_its_upgrades(self) -> None:
        store = Store(lambda: NOW)
        store.replace(Topic.TALOS, [talos(1)])
        store.replace(Topic.KUBERNETES, [kubernetes(1)])
        store.replace(
            Topic.TUPPR,
            [
                TupprUpgrade("TalosUpgrade", "talos", "talos", "v1.13.8"),
                TupprUpgrade("KubernetesUpgrade", "kubernetes", "kubernetes", "v1.36.2"),
            ],
        )
        (row,) = rows_of(store.snapshot())
        assert row.marks == ("Talos v1.13.7, git has v1.13.8",)
