"""A Flux object to read."""

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_graph import settle
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
    lines = ["".join(run.text for run in line) for line in describe(rows[0], rows, 60)]
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
    row = next(row for row in rows if row.key == key)
    assert says in " ".join("".join(run.text for run in line).strip() for line in describe(row, rows, 80))
