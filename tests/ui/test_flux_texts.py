"""A Flux object to read."""

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
