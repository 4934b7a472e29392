"""A minute of accelerated life: random keys, while the API, nodes, git and talosctl fail and come back."""

import pytest

from tests.hostile.measure import Held, growth
from tests.hostile.soak import run


@pytest.mark.live
@pytest.mark.timeout(900)
def test_nothing_grows_and_the_screen_tells_the_truth_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(seed=9, seconds=60, slack=8) == [], capsys.readouterr().out


def test_what_grows_is_told_and_what_swings_is_not() -> None:
    swings = [Held(60_000 + 500 * (n % 3), 20 + n % 2, 15 + n % 3, n % 3) for n in range(60)]
    assert growth(swings) == []
    less_away = [Held(60_000, 25 if n % 10 < (6 if n < 40 else 4) else 50, 45, 1) for n in range(60)]
    assert growth(less_away) == []
    leaks = [Held(60_000 + 1000 * n, 20 + n, 15 + n, n // 3) for n in range(60)]
    assert [each.split()[0] for each in growth(leaks)] == ["memory", "threads", "descriptors", "children"]
    piles_up = [Held(60_000, 25 if n % 10 else 121, 45, 1) for n in range(60)]
    assert growth(piles_up) == ["threads was 121, and may be 120 at most"]
