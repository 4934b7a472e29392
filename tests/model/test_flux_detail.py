"""One object, whole: from what its controllers left in it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from console.model.flux import FluxKey
from console.model.flux_detail import conditions, detail, history, occurrence
from tests.model.flux_objects import condition, made, ready


def test_ready_stands_first_among_the_conditions() -> None:
    raw = made("Kustomization", "app", "apps", condition("Reconciling", "True", "Progressing"), ready())
    assert [(one.kind, one.status) for one in conditions(raw)] == [("Ready", "True"), ("Reconciling", "True")]


def test_a_kustomizations_passes() -> None:
    entry = {
        "digest": "sha256:ab",
        "firstReconciled": "2026-11-20T10:00:00Z",
        "lastReconciled": "2026-11-22T10:00:00Z",
        "lastReconciledDuration": "1.2s",
        "lastReconciledStatus": "ReconciliationSucceeded",
        "totalReconciliations": 41,
        "metadata": {"revision": "latest@sha256:cd", "originRevision": "main@sha1:ef"},
    }
    (one,) = history(made(status={"history": [entry]}), "Kustomization")
    assert (one.outcome, one.revision, one.duration, one.times) == (
        "ReconciliationSucceeded",
        "main@sha1:ef",
        "1.2s",
        41,
    )
    assert one.last == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_releases_releases() -> None:
    def release(version: int, status: str) -> dict[str, Any]:
        names = {"chartName": "grafana", "chartVersion": f"10.{version}.0", "appVersion": "12", "action": "upgrade"}
        return names | {"version": version, "status": status, "lastDeployed": "2026-11-22T10:00:00Z"}

    status = {
        "history": [release(2, "failed"), release(1, "deployed")],
        "lastAttemptedReleaseActionDuration": "5m0.5s",
    }
    found = history(made("HelmRelease", status=status), "HelmRelease")
    assert [(one.number, one.outcome, one.revision, one.duration) for one in found] == [
        (2, "failed", "grafana@10.2.0", "5m0.5s"),
        (1, "deployed", "grafana@10.1.0", ""),
    ]
    assert found[0].text == "upgrade app 12"


def test_a_release_names_where_its_values_come_from() -> None:
    raw = made("HelmRelease", "app", "apps", ready(), spec={"valuesFrom": [{"kind": "Secret", "name": "login"}]})
    assert detail(raw, FluxKey("HelmRelease", "apps", "app")).values == (FluxKey("Secret", "apps", "login"),)


@pytest.mark.parametrize(
    ("raw", "times", "hour"),
    [
        ({"count": 3, "lastTimestamp": "2026-11-22T10:00:00Z"}, 3, 10),
        ({"eventTime": "2026-11-22T11:00:00.5Z", "series": {"count": 5}}, 5, 11),
        ({"series": {"count": 2, "lastObservedTime": "2026-11-22T12:00:00Z"}, "count": None}, 2, 12),
        ({"metadata": {"creationTimestamp": "2026-11-22T09:00:00Z"}}, 1, 9),
    ],
)
def test_events_count_in_several_ways(raw: dict[str, Any], times: int, hour: int) -> None:
    found = occurrence(raw)
    assert found.times == times
    assert found.at is not None
    assert found.at.hour == hour


@pytest.mark.parametrize("odd", [None, 7, "text", [1], {"history": {"a": 1}, "conditions": "none", "inventory": []}])
def test_no_shape_breaks_it(odd: Any) -> None:
    for kind in ("Kustomization", "HelmRelease"):
        found = detail({"kind": kind, "status": odd}, FluxKey(kind, "apps", "app"))
        assert (found.conditions, found.history, found.inventory) == ((), (), ())
