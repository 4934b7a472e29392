"""What the benchmarks make of their measurements. The measurements themselves are no tests."""

from importlib import import_module

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import report
from tests.benchmarks.figure import Figure, Goal, least, most, percentile, times, unmeasured


@pytest.mark.parametrize(
    ("ours", "theirs", "goal", "met"),
    [
        ([2, 3, 30], [2, 2, 20], times(1.5), True),  # the machine was busy in one run, for both
        ([2, 3.2, 30], [2, 2, 10], times(1.5), False),
        ([9, 10, 50], [], most(10), True),
        ([9, 11, 50], [], most(10), False),
        ([9, 11, 50], [], least(10), True),
        ([9, 9, 50], [], least(10), False),
        ([0, 0], [], most(0), True),
        ([1, 2], [], times(1.5), False),  # nothing to compare with is no success
    ],
)
def test_a_goal_is_kept_by_the_median(ours: list[float], theirs: list[float], goal: Goal, met: bool) -> None:
    assert Figure("start", "ms wall", ours, "bare", theirs, goal).is_met is met


def test_what_was_not_measured_is_neither_met_nor_missed_and_says_why() -> None:
    figure = unmeasured("beside k9s", "k9s is not on PATH")
    assert figure.is_met is None
    told = "\n".join(report.table(report.document([("idle", figure)], 5)))
    assert "not measured" in told
    assert "k9s is not on PATH" in told
    assert "met" not in told.replace("not measured", "")


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1, 100), (0.001, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_the_table_has_value_spread_ratio_and_goal_and_tells_what_remains_of_what_is_missed() -> None:
    figures = [
        ("a", Figure("scan", "ms wall", [10, 30, 20], "bare git", [10, 10, 10], times(1.5), "processes")),
        ("a", Figure("bytes", "bytes", [500], goal=most(600), why="is not told")),
    ]
    text = report.markdown(report.document(figures, 3))
    assert "| scan | 20 (10–30) ms wall | bare git: 10 | 2.00 | ≤ 1.5 × | missed |" in text
    assert "| bytes | 500 bytes |  |  | ≤ 600 | met |" in text
    assert "- scan: processes" in text
    assert "is not told" not in text


@pytest.mark.parametrize("row", benchmarks.ROWS)
def test_every_row_can_be_measured(row: str) -> None:
    assert callable(import_module(f"tests.benchmarks.{row}").measure)
