"""What needs the operator, and in which order."""

from dataclasses import replace

import pytest

from console.model.attention import Attention, attention
from console.model.snapshot import Topic
from console.model.upgrades import FailedNode, TupprUpgrade
from console.sources.errors import Forbidden, SourceError, Unreachable
from console.store import Store
from tests.ui.desk import GRAFANA, NOON, TALOS, ago, fill, kubernetes_node, talos_node, updates


def _filled() -> Store:
    store = Store(lambda: NOON)
    fill(store)
    return store


def _texts(store: Store) -> list[str]:
    return [each.text for each in attention(store.snapshot())]


def test_nothing_known_needs_nobody() -> None:
    assert attention(Store(lambda: NOON).snapshot()) == ()


def test_failures_come_before_decisions_and_those_before_what_is_worth_knowing() -> None:
    assert [(each.severity, each.text) for each in attention(_filled().snapshot())] == [
        ("bad", "observability/grafana failing"),
        ("act", "Talos v1.13.8 waits for approval"),
        ("act", "Kubernetes v1.36.3 waits for approval"),
        ("note", "update mise tools conflicts with main"),
    ]


def test_only_the_first_cause_of_failures_is_named_with_what_it_blocks() -> None:
    found = attention(_filled().snapshot())[0]
    assert found == Attention(
        "bad", "observability/grafana failing", Topic.FLUX, tuple(GRAFANA), ago(minutes=14), "blocks 3"
    )


def test_an_approval_says_what_the_preflight_found_and_which_comes_first() -> None:
    rest = {each.text: each.rest for each in attention(_filled().snapshot())}
    assert rest["Talos v1.13.8 waits for approval"] == "no blockers"
    assert rest["Kubernetes v1.36.3 waits for approval"] == "take Talos first"


def test_an_update_that_is_on_main_waits_for_nobody() -> None:
    store = _filled()
    store.put(Topic.UPDATES, [replace(each, state="applied") for each in updates() if each.branch == TALOS])
    assert "Talos v1.13.8 waits for approval" not in _texts(store)


def test_a_failed_upgrade_is_the_worst() -> None:
    store = _filled()
    failed = TupprUpgrade(
        "TalosUpgrade", "talos", "talos", "v1.13.8", "Failed", failed_nodes=(FailedNode("k8s-control-1", "job failed"),)
    )
    store.put(Topic.TUPPR, [failed])
    assert _texts(store)[0] == "Talos v1.13.8 upgrade failed"


def test_a_node_that_is_not_ready_says_why() -> None:
    store = _filled()
    store.put(Topic.TALOS, [talos_node(ready=False, unmet=("services: kubelet not healthy",))])
    assert _texts(store)[0] == "k8s-control-1 not ready: services: kubelet not healthy"


def test_a_node_that_restarts_is_on_its_way_and_needs_nobody() -> None:
    store = _filled()
    store.put(Topic.TALOS, [talos_node(stage="rebooting", ready=False)])
    store.put(Topic.KUBERNETES, [kubernetes_node(ready=False)])
    assert not any("k8s-control-1" in text for text in _texts(store))


def test_a_source_that_cannot_be_read_is_named_once() -> None:
    store = _filled()
    error: SourceError = Unreachable("connection refused")
    for topic in (Topic.KUBERNETES, Topic.FLUX, Topic.WORKLOADS, Topic.TUPPR):
        store.failed(topic, error)
    assert _texts(store).count("the Kubernetes API can't be read") == 1


def test_what_can_be_read_in_part_only_is_a_note() -> None:
    store = _filled()
    limit = Forbidden("Not allowed to watch helmreleases.helm.toolkit.fluxcd.io").problem
    store.limited(Topic.FLUX, (limit,))
    assert Attention("note", "Flux is read in part", Topic.FLUX, rest=limit.message) in attention(store.snapshot())
    store.limited(Topic.FLUX, (limit, limit))
    assert Attention("note", "Flux is read in part", Topic.FLUX, rest="2 kinds can't be") in attention(store.snapshot())


@pytest.mark.parametrize("topic", Topic)
def test_whatever_cannot_be_read_is_told(topic: Topic) -> None:
    store = _filled()
    store.failed(topic, Forbidden("may not"))
    assert [each.topic for each in attention(store.snapshot()) if each.text.endswith("can't be read")] == [topic]
