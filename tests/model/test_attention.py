"""What needs the operator, and in which order."""

from dataclasses import replace
from typing import Any

import pytest

from console.model.attention import Attention, attention
from console.model.flux import FluxKey, FluxObject, Status
from console.model.runs import Run
from console.model.snapshot import Topic
from console.model.updates import ApprovedCommit, RepositoryState
from console.model.upgrades import FailedNode, TupprUpgrade
from console.sources.errors import Forbidden, NotConfigured, SourceError, Unreachable
from console.store import Store
from tests.ui.desk import GRAFANA, NOON, TALOS, Clock, ago, fill, kubernetes_node, talos_node, updates


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


def test_a_release_that_fails_for_want_of_its_values_is_a_first_cause() -> None:
    store = Store(lambda: NOON)
    key, login = FluxKey("HelmRelease", "media", "plex"), FluxKey("Secret", "media", "login")
    store.put(Topic.FLUX, [FluxObject(key, "v2", Status.FAILED, "ValuesError", "no login", blames=(login,))])
    assert [(each.text, each.key) for each in attention(store.snapshot())] == [("media/plex failing", tuple(key))]


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


def _upgrading(phase: str, minutes: float, **changes: Any) -> TupprUpgrade:
    made = TupprUpgrade(
        "TalosUpgrade",
        "talos",
        "talos",
        "v1.13.8",
        phase,
        current_nodes=("k8s-control-1",),
        updated=ago(minutes=minutes),
    )
    return replace(made, **changes)


def test_an_upgrade_that_runs_stands_before_what_flux_tells_meanwhile_and_no_other_is_to_be_approved() -> None:
    store = _filled()
    store.put(Topic.TUPPR, [_upgrading("Draining", 1, generation=1, observed_generation=1)])
    store.remove(Topic.UPDATES, [(TALOS,)])
    found = attention(store.snapshot())
    assert [(each.severity, each.text) for each in found] == [
        ("way", "Talos v1.13.8 upgrade is running"),
        ("bad", "observability/grafana failing"),
        ("note", "Kubernetes v1.36.3 waits for approval"),
        ("note", "update mise tools conflicts with main"),
    ]
    assert found[2].rest == "Talos is being upgraded"


def test_a_drain_that_is_stuck_is_the_worst() -> None:
    store = _filled()
    store.put(Topic.TUPPR, [_upgrading("Draining", 40)])
    first = attention(store.snapshot())[0]
    assert (first.severity, first.text, first.since) == (
        "bad", "Talos v1.13.8 stuck: k8s-control-1 drains", ago(minutes=40),
    )  # fmt: skip


def _rebooting() -> tuple[Store, Clock]:
    """The only control plane restarts for an upgrade: neither Talos nor the API answers."""
    clock = Clock()
    store = Store(clock)
    fill(store)
    store.put(Topic.TUPPR, [_upgrading("Upgrading", 1)])
    gone = Unreachable("connection refused")
    for topic in (Topic.KUBERNETES, Topic.FLUX, Topic.WORKLOADS, Topic.TUPPR, Topic.TALOS):
        store.failed(topic, gone)
    store.put(Topic.KUBERNETES, [kubernetes_node(ready=False)])
    store.put(Topic.TALOS, [talos_node(ready=False, problem=gone.problem, since=NOON)])
    for topic in (Topic.KUBERNETES, Topic.TALOS):
        store.failed(topic, gone)
    return store, clock


def test_the_reboot_of_the_only_control_plane_is_as_it_should_be() -> None:
    store, clock = _rebooting()
    clock.pass_by(minutes=3)
    found = attention(store.snapshot())
    assert [(each.severity, each.text) for each in found[:2]] == [
        ("way", "Talos v1.13.8: k8s-control-1 reboots, normal for up to 10 min"),
        ("bad", "observability/grafana failing"),  # known from before; it can't be mended now
    ]
    assert not any("read" in each.text or "unreachable" in each.text for each in found)


def test_and_no_longer_after_ten_minutes() -> None:
    store, clock = _rebooting()
    clock.pass_by(minutes=11)
    texts = _texts(store)
    assert texts[0].startswith("Talos v1.13.8 stuck: the API has been away for more than 10 min")
    assert "Talos can't be read" in texts  # one problem, told once


def test_nor_when_the_api_refuses_us_meanwhile() -> None:
    store, _ = _rebooting()
    for topic in (Topic.KUBERNETES, Topic.TUPPR):
        store.failed(topic, Forbidden("may not"))
    assert any(text.endswith("can't be read") for text in _texts(store))


def test_an_api_that_was_never_heard_is_excused_by_an_approval_of_just_now() -> None:
    store = Store(lambda: NOON)
    talos = next(each for each in updates() if each.branch == TALOS)
    approval = ApprovedCommit("a" * 40, TALOS, "Merge", ago(minutes=4), "Home", talos.changes, system="talos")
    store.replace(Topic.REPOSITORY, [RepositoryState("url", "main", "a" * 40, NOON, ("a" * 40,), (approval,))])
    for topic in (Topic.KUBERNETES, Topic.FLUX, Topic.WORKLOADS, Topic.TUPPR):
        store.failed(topic, Unreachable("connection refused"))
    assert [(each.severity, each.text) for each in attention(store.snapshot())] == [
        ("way", "Talos v1.13.8: a control plane reboots, normal for up to 10 min")
    ]


@pytest.mark.parametrize("over", [NotConfigured("no kubeconfig"), Run("a" * 40, outcome="done")])
def test_but_not_what_no_reboot_does_nor_what_was_seen_to_end(over: NotConfigured | Run) -> None:
    store = Store(lambda: NOON)
    talos = next(each for each in updates() if each.branch == TALOS)
    approval = ApprovedCommit("a" * 40, TALOS, "Merge", ago(minutes=4), "Home", talos.changes, system="talos")
    store.replace(Topic.REPOSITORY, [RepositoryState("url", "main", "a" * 40, NOON, ("a" * 40,), (approval,))])
    store.replace(Topic.RUNS, [over] if isinstance(over, Run) else [])
    for topic in (Topic.KUBERNETES, Topic.FLUX, Topic.WORKLOADS, Topic.TUPPR):
        store.failed(topic, Unreachable("connection refused") if isinstance(over, Run) else over)
    assert not any("reboots" in text for text in _texts(store))


@pytest.mark.parametrize(("days", "severity"), [(300, None), (12, "note"), (3, "act"), (-1, None)])
def test_our_certificate_is_told_of_while_there_is_time(days: int, severity: str | None) -> None:
    store = Store(lambda: NOON)
    store.replace(Topic.TALOS, [replace(talos_node(), certificate=ago(days=-days, hours=-1))])
    found = [(each.severity, each.text.partition(" (")[0]) for each in attention(store.snapshot())]
    assert found == ([(severity, f"our certificate for Talos expires in {days} days")] if severity else [])
