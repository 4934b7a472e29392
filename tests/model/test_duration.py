"""Durations as Go writes them."""

from datetime import timedelta

import pytest

from console.model.duration import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1h", 3600), ("1h30m", 5400), ("5m0s", 300), ("500ms", 0.5), ("1.5h", 5400), ("10m30.5s", 630.5), ("0s", 0)],
)
def test_is_read(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "h", "1 h", "1d", "-5m", "5m!", "9" * 400 + "h", "2562048h"])
def test_anything_else_is_none(text: str) -> None:
    assert duration(text) is None
