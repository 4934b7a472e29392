"""A Flux object to read."""

from datetime import datetime, timedelta

import pytest

from console.model.flux import FluxKey, FluxObject, Status, Suspension
from console.model.flux_graph import settle
from console.ui.panes.flux import row
from console.ui.texts.flux import describe
from tests.ui.desk import NOON, ago


def test_used_up_retries_come_with_the_whole_reason_and_what_to_do() -> None:
    long = f"Helm upgrade failed for release a/b: timed out waiting for {'x' * 20} {'y' * 40} {'z' * 40} at the end"
    stalled = FluxObject(
        FluxKey("HelmRelease", "a", "b"),
        "v2",
        Status.STALLED,
        "UpgradeFailed",
        long,
        ("exhausted",),
        since=ago(hours=1),
    )
    rows = settle([stalled], NOON)
    lines = ["".join(run.text for run in line) for line in describe(rows[0], rows, 60, NOON)]
    assert "at the end" in " ".join(lines)
    assert all(len(line) <= 60 for line in lines[: lines.index("Facts")])
    said = " ".join(line.strip() for line in lines)
    assert "it is not tried again by itself" in said
    assert ":reset" in said


@pytest.mark.parametrize(
    ("attempted", "status", "says"),
    [
        ("main@sha1:2", Status.FAILED, "that was tried and failed. The last one that went well is main@sha1:1."),
        ("main@sha1:1", Status.READY, "nobody has tried it: its controller is busy, stuck or not there."),
        ("main@sha1:2", Status.RECONCILING, "Its source serves main@sha1:2. What runs is main@sha1:1."),
    ],
)
def test_what_is_not_at_its_sources_revision_says_what_that_means(attempted: str, status: Status, says: str) -> None:
    source = FluxKey("GitRepository", "a", "home")
    home = FluxObject(source, "v1", Status.READY, revision="main@sha1:2", served=ago(minutes=9))
    key = FluxKey("Kustomization", "a", "b")
    web = FluxObject(key, "v1", status, revision="main@sha1:1", attempted_revision=attempted, source=source)
    rows = settle([home, web], NOON)
    found = next(each for each in rows if each.key == key)
    assert says in " ".join("".join(run.text for run in line).strip() for line in describe(found, rows, 80, NOON))


def test_the_next_pass_is_told_as_an_estimate_and_not_when_that_has_passed() -> None:
    key = FluxKey("Kustomization", "a", "b")
    rows = settle([FluxObject(key, "v1", Status.READY, next_pass=ago(minutes=-5))], NOON)

    def told(now: datetime) -> list[str]:
        return ["".join(run.text for run in line) for line in describe(rows[0], rows, 80, now)]

    assert any("about 12:05:00 UTC" in line for line in told(NOON))
    assert not any("next pass" in line for line in told(NOON + timedelta(minutes=6)))


def test_what_is_suspended_tells_since_when_why_and_how_it_stood() -> None:
    why = Suspension("ada", "2026-11-22T11:00:00Z", "disk")
    of = FluxObject(
        FluxKey("HelmRelease", "a", "b"),
        "v2",
        Status.SUSPENDED,
        last_status=Status.FAILED,
        suspended=why,
        since=ago(days=9),
    )
    rows = settle([of], NOON)
    made = row(rows[0])
    assert [run.shown(NOON) for run in made.cells[-2:]] == ["1h", 'was Failed "disk" by ada']
    said = ["".join(run.text for run in line) for line in describe(rows[0], rows, 80, NOON)]
    assert any(line.split() == ["last", "status", "Failed"] for line in said)


def test_what_is_suspended_tells_why_also_where_it_waits_for_something() -> None:
    why = Suspension("ada", "2026-11-22T11:00:00Z", "disk")
    key, waited_for = FluxKey("HelmRelease", "a", "b"), FluxKey("HelmRelease", "a", "c")
    suspended = FluxObject(key, "v2", Status.SUSPENDED, last_status=Status.BLOCKED, suspended=why, needs=(waited_for,))
    rows = {each.key: each for each in settle([suspended, FluxObject(waited_for, "v2", Status.FAILED)], NOON)}
    assert rows[key].waits_for == waited_for
    assert row(rows[key]).cells[-1].text.endswith('"disk" by ada')


def test_of_a_source_the_latest_event_proves_the_last_pass() -> None:
    key = FluxKey("OCIRepository", "a", "b")
    rows = settle([FluxObject(key, "v1", Status.READY, interval="10m", last_reconciled=ago(days=3))], NOON)
    lines = describe(rows[0], rows, 80, NOON, ago(minutes=4))
    said = [" ".join(run.shown(NOON) for run in line).split() for line in lines]
    assert ["last", "pass", "4m"] in said
    assert ["next", "pass", "about", "12:06:00", "UTC"] in said
