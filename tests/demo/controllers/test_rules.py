"""Health-check expressions, maintenance windows, conditions and history: rules by table."""

from datetime import UTC, datetime

import pytest

from console.demo.controllers.expressions import true
from console.demo.controllers.objects import Draft, go_duration, seconds_of, upsert_history
from console.demo.controllers.windows import closed_until, parse, rfc3339

NODE = {
    "metadata": {"name": "n", "labels": {"role": "worker"}},
    "spec": {},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}],
        "ceph": {"health": "HEALTH_OK", "osds": 3},
    },
}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ('status.conditions.exists(c, c.type == "Ready" && c.status == "True")', True),
        ('status.conditions.exists(c, c.type == "Ready" && c.status == "False")', False),
        ("status.conditions.all(c, c.status == 'True')", False),
        ("status.conditions.filter(c, c.status == 'True').size() == 1", True),
        ("status.ceph.health in ['HEALTH_OK', 'HEALTH_WARN']", True),
        ("status.ceph.health.startsWith('HEALTH') && status.ceph.osds >= 3", True),
        ("!has(object.spec.unschedulable) || !object.spec.unschedulable", True),
        ("has(status.missing) ? status.missing == 1 : true", True),
        ("object.metadata.labels['role'] == \"worker\"", True),
        ("status.missing == 1", False),  # a field that is not there is an error, and an error fails
        ("status.conditions[7].type == 'Ready'", False),
        ("size(status.conditions) == 2", True),
        ("status.ceph.osds", False),  # not a boolean
        ("this is no expression", False),
    ],
)
def test_expressions(expression: str, holds: bool) -> None:
    assert true(expression, NODE) is holds


def window(start: str, duration: str, timezone: str = "UTC") -> dict[str, object]:
    return {"maintenance": {"windows": [{"start": start, "duration": duration, "timezone": timezone}]}}


@pytest.mark.parametrize(
    ("spec", "now", "opens"),
    [
        ({}, "2026-11-22T12:00", ""),
        (window("0 2 * * *", "3h"), "2026-11-22T12:00", "2026-11-23T02:00:00Z"),
        (window("0 2 * * *", "3h"), "2026-11-22T02:00", ""),
        (window("0 2 * * *", "3h"), "2026-11-22T04:59", ""),
        (window("0 2 * * *", "3h"), "2026-11-22T05:00", "2026-11-23T02:00:00Z"),
        (window("0 22 * * 6", "6h"), "2026-11-22T01:00", ""),  # Saturday's window, past midnight
        (window("30 2 * * mon-fri", "1h"), "2026-11-20T12:00", "2026-11-23T02:30:00Z"),
        (window("0 2 1 jan *", "1h"), "2026-11-22T12:00", "2027-01-01T02:00:00Z"),
        (window("*/30 * * * *", "10m"), "2026-11-22T12:15", "2026-11-22T12:30:00Z"),
        (window("0 2 * * *", "3h", "Europe/Berlin"), "2026-11-22T12:00", "2026-11-23T02:00:00+01:00"),
    ],
)
def test_maintenance_windows(spec: dict[str, object], now: str, opens: str) -> None:
    found = closed_until(spec, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (rfc3339(found) if found else "") == opens


@pytest.mark.parametrize("text", ["", "0 2 * *", "61 2 * * *", "0 2 * * nod"])
def test_what_is_no_cron_expression_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        parse(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1h30m", 5400), ("90s", 90), ("500ms", 0.5), ("", 7), ("soon", 7), (None, 7), ("2m0.5s", 120.5)],
)
def test_durations(text: object, seconds: float) -> None:
    assert seconds_of(text, 7) == seconds


@pytest.mark.parametrize(("seconds", "text"), [(30, "30s"), (300, "5m0s"), (3600, "1h0m0s"), (0.4, "0s")])
def test_durations_are_written_as_go_does(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text


def test_a_condition_keeps_its_time_while_its_status_stays() -> None:
    early, late = datetime(2026, 11, 22, 1, tzinfo=UTC), datetime(2026, 11, 22, 2, tzinfo=UTC)
    first = Draft({"metadata": {"generation": 1}}, early)
    first.mark("Ready", "False", "One", "one")
    second = Draft({"metadata": {"generation": 2}, "status": first.done()}, late)
    second.mark("Ready", "False", "Two", "two")
    (same,) = second.done()["conditions"]
    assert (same["reason"], same["lastTransitionTime"], same["observedGeneration"]) == (
        "Two",
        "2026-11-22T01:00:00Z",
        2,
    )
    second.mark("Ready", "True", "Three", "three")
    assert second.done()["conditions"][0]["lastTransitionTime"] == "2026-11-22T02:00:00Z"


def entry(digest: str, status: str, at: str) -> dict[str, object]:
    keys = ("digest", "lastReconciledStatus", "firstReconciled", "lastReconciled", "totalReconciliations")
    return dict(zip(keys, (digest, status, at, at, 1), strict=True))


def test_history_is_newest_first_and_counts_what_is_the_same() -> None:
    history: list[dict[str, object]] = []
    for digest, at in (("a", "1"), ("b", "2"), ("a", "3")):
        history = upsert_history(history, entry(digest, "ReconciliationSucceeded", at))
    assert [(h["digest"], h["firstReconciled"], h["totalReconciliations"]) for h in history] == [
        ("a", "1", 2),
        ("b", "2", 1),
    ]
    for number in range(9):
        history = upsert_history(history, entry(str(number), "ReconciliationSucceeded", "4"))
    assert len(history) == 5
