from datetime import UTC, datetime, timedelta

import pytest

from console.model.age import since, steps, took


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0s"),
        (4, "0s"),
        (9, "5s"),
        (59, "55s"),
        (60, "1m"),
        (95, "1m30s"),
        (299, "4m30s"),
        (300, "5m"),
        (3599, "59m"),
        (3600, "1h"),
        (3600 + 299, "1h"),
        (3600 + 1500, "1h25m"),
        (7 * 3600 + 1500, "7h"),
        (86399, "23h"),
        (86400 * 3 + 5, "3d"),
    ],
)
def test_ages_move_in_steps(seconds: int, shown: str) -> None:
    assert steps(timedelta(seconds=seconds)) == shown


def test_an_unknown_moment_has_no_age() -> None:
    assert since(None, datetime.now(UTC)) == ""


def test_what_is_over_is_told_to_the_second_while_it_is_short() -> None:
    assert [took(timedelta(seconds=seconds)) for seconds in (-1, 8, 59, 95)] == ["0s", "8s", "59s", "1m30s"]
