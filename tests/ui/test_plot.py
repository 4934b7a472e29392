"""What is drawn with characters says the same as its numbers."""

from datetime import timedelta

import pytest

from console.model.runs import NodeRun
from console.ui.texts.plot import bars, share, spans, timeline
from tests.ui.desk import NOON


def seconds(*values: int) -> list[timedelta]:
    return [timedelta(seconds=value) for value in values]


@pytest.mark.parametrize(
    ("values", "most", "drawn"),
    [
        ((), 1.0, ""),
        ((0.0, 0.5, 1.0), 1.0, "▁▅█"),
        ((-1.0, 9.0), 1.0, "▁█"),
        ((1.0, 4.0), 4.0, "▃█"),
        ((0.0,), 0.0, ""),
    ],
)
def test_a_bar_is_as_high_as_its_share(values: tuple[float, ...], most: float, drawn: str) -> None:
    assert bars(values, most) == drawn


def test_a_share_tells_where_it_stands_and_between_what_it_went() -> None:
    assert share((0.1, 0.5, 0.31)) == " 31%  ▁▅▃   between 10% and 50%"
    assert share((0.31,)) == " 31%  ▃"
    assert share(()) == ""


def test_spans_are_compared_where_there_are_two() -> None:
    assert spans(seconds(10, 40)) == "▃█  10s to 40s"
    assert spans(seconds(10)) == ""


def drawn(*nodes: NodeRun, width: int = 83) -> list[str]:
    return ["".join(run.text for run in line) for line in timeline(nodes, width, NOON + timedelta(seconds=100))]


ONE = NodeRun("one", (("drain", NOON), ("reboot", NOON + timedelta(seconds=20))), NOON + timedelta(seconds=50))
TWO = NodeRun("two-longer", (("drain", NOON + timedelta(seconds=50)),))


def test_each_node_has_its_bar_on_one_axis_and_each_step_its_part() -> None:
    first, second = drawn(ONE, TWO)
    assert first == "    one         ├──drain──┤────reboot────┤  50s"
    assert second == "    two-longer" + " " * 27 + "├─────────drain──────────┤  50s so far"


def test_what_nobody_watched_has_no_name() -> None:
    again = NOON + timedelta(seconds=20)
    gap = NodeRun(
        "a", (("drain", NOON), ("", again), ("back", again + timedelta(seconds=15))), NOON + timedelta(seconds=50)
    )
    assert drawn(gap)[0].replace("─", "") == "    a  ├?┤?┤back┤  50s"


def test_a_step_too_short_for_its_name_has_what_fits() -> None:
    short = NodeRun("a", (("pre-pull", NOON), ("drain", NOON + timedelta(seconds=2))), NOON + timedelta(seconds=50))
    assert drawn(short)[0].startswith("    a  ├p┤")


def test_no_bar_without_room_or_without_steps() -> None:
    assert drawn(ONE, width=40) == []
    assert drawn(NodeRun("one")) == []
