"""What the rules ask of the cluster: once a minute at most, as the manifest grants it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from console.foresight.conditions import Condition, Live, Unasked
from console.foresight.knowledge import knowledge
from console.operations.live import ALERTS, LiveObjects
from console.sources.errors import Forbidden, Refused
from console.wiring import rights


class Cluster:
    """Answers from ``served``; counts what it is asked."""

    def __init__(self, served: Mapping[tuple[str, str], list[dict[str, Any]] | Exception]) -> None:
        self.served = dict(served)
        self.asked: list[str] = []
        self.alerts: Any = []

    def objects(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> list[dict[str, Any]]:
        assert not namespace
        assert not fields
        self.asked.append(kind + (f" {labels}" if labels else ""))
        found: Any = self.served.get((api_version, kind), Refused("no such kind", kind="not-served"))
        if labels and not isinstance(found, Exception):
            key, _, value = labels.partition("=")
            found = [item for item in found if item["metadata"].get("labels", {}).get(key) == value]
        if isinstance(found, Exception):
            raise found
        listed: list[dict[str, Any]] = found
        return listed

    def proxied(self, namespace: str, service: str, path: str, query: Mapping[str, str]) -> Any:
        self.asked.append(" ".join([f"{namespace}/{service}/{path}", *(f"{k}={v}" for k, v in query.items())]))
        return self.alerts


CEPH = ("ceph.rook.io/v1", "CephCluster")


def service(application: str) -> dict[str, Any]:
    """As prometheus-operator makes it."""
    labels = {f"operated-{application}": "true"}
    return {"metadata": {"namespace": "observability", "name": f"{application}-operated", "labels": labels}}


def test_a_kind_is_asked_for_once_a_minute() -> None:
    cluster, clock = Cluster({CEPH: [{"kind": "CephCluster"}]}), [1000.0]
    live = LiveObjects(lambda: cluster, lambda: clock[0])
    assert [len(live(*CEPH)) for _ in range(3)] == [1, 1, 1]
    assert cluster.asked == ["CephCluster"]
    clock[0] += 61
    live.patient(*CEPH)
    assert cluster.asked == ["CephCluster"]
    live(*CEPH)
    assert cluster.asked == ["CephCluster", "CephCluster"]
    clock[0] += 901
    live.patient(*CEPH)
    assert len(cluster.asked) == 3


def test_a_kind_that_is_not_there_is_no_object_and_what_is_forbidden_is_no_answer() -> None:
    live = LiveObjects(lambda: Cluster({("a/v1", "Secretive"): Forbidden("may not list secretives.a")}))
    assert live(*CEPH) == []
    with pytest.raises(Unasked, match="may not list"):
        live("a/v1", "Secretive")
    with pytest.raises(Unasked, match="changed too much"):
        LiveObjects(lambda: Cluster({CEPH: Refused("it changed too much", kind="gone")}))(*CEPH)


def test_alerts_are_asked_of_each_alertmanager_through_the_proxy() -> None:
    cluster = Cluster({("v1", "Service"): [service("alertmanager"), service("prometheus")]})
    cluster.alerts = [{"labels": {"alertname": "DiskFull", "severity": "critical"}}, "no alert", {"labels": None}]
    (alert,) = LiveObjects(lambda: cluster)(*ALERTS)
    assert alert["metadata"] == {"name": "DiskFull"}
    assert cluster.asked == [
        "Service operated-alertmanager=true",
        "observability/alertmanager-operated:9093/api/v2/alerts active=true silenced=false inhibited=false",
    ]


@pytest.mark.parametrize("broken", [None, [], {}, {"data": None}, {"data": [1]}, {"data": {"alerts": "none"}}])
@pytest.mark.parametrize("application", ["alertmanager", "prometheus"])
def test_what_is_no_list_of_alerts_is_none(application: str, broken: Any) -> None:
    cluster = Cluster({("v1", "Service"): [service(application)]})
    cluster.alerts = broken
    assert LiveObjects(lambda: cluster)(*ALERTS) == []


def test_without_an_alertmanager_prometheus_tells_what_fires() -> None:
    cluster = Cluster({("v1", "Service"): [service("prometheus")]})
    waits = {"labels": {"alertname": "Slow"}, "state": "pending"}
    fires = {"labels": {"alertname": "DiskFull", "severity": "critical"}, "state": "firing"}
    cluster.alerts = {"status": "success", "data": {"alerts": [waits, fires]}}
    (alert,) = LiveObjects(lambda: cluster)(*ALERTS)
    assert alert["metadata"] == {"name": "DiskFull"}
    assert cluster.asked[1:] == [
        "Service operated-prometheus=true",
        "observability/prometheus-operated:9090/api/v1/alerts",
    ]


@pytest.mark.parametrize(
    ("services", "why"),
    [
        ([], "neither an Alertmanager nor a Prometheus"),
        (Refused("no such service", kind="not-found"), "no such service"),
    ],
)
def test_with_neither_whether_anything_fires_is_not_known(services: Any, why: str) -> None:
    with pytest.raises(Unasked, match=why):
        LiveObjects(lambda: Cluster({("v1", "Service"): services}))(*ALERTS)


def asked_for(condition: Condition) -> Iterator[tuple[str, str]]:
    if isinstance(condition, Live):
        yield condition.api, condition.kind
    for inner in (*getattr(condition, "of", ()), *getattr(condition, "without", ())):
        yield from asked_for(inner)


def test_the_manifest_grants_what_the_rules_ask_for() -> None:
    granted = {(r.group, r.resource) for r in rights.wanted(rights.READ, rights.HEALTH) if r.verb == "list"}
    wanted = {pair for rule in knowledge().rules.values() if rule.find for pair in asked_for(rule.find)} - {ALERTS}
    for api, kind in wanted:
        plural = f"{kind.lower()[:-1]}ies" if kind.endswith("y") else f"{kind.lower()}s"
        assert (api.rpartition("/")[0], plural) in granted, (api, kind)
