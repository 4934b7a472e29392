"""Rows in columns, and the frame that sends only differences."""

from datetime import timedelta

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from console.ui.frame import Difference, Frame
from console.ui.looks import Looks, Run, age
from console.ui.palettes import PALETTES
from console.ui.widgets.arrangement import arranged
from console.ui.widgets.columns import Row, columns, laid_out, widths
from console.ui.widgets.table import Table
from tests.ui.desk import NOON

ROWS = (
    Row(("a",), (Run("✔ Ready"), Run("observability/grafana"), Run("HelmRelease", "", "hr"), age(NOON), Run("a note"))),
    Row(("b",), (Run("✖ Failed"), Run("media/plex"), Run("Kustomization", "", "ks"), age(NOON), Run("blocks 3"))),
)


def _text(width: int, row: Row = ROWS[0]) -> str:
    layout = columns(widths(ROWS), width, gives=1)
    now = NOON + timedelta(minutes=14)
    return "".join(run.text for run in laid_out(row, layout, now))


@pytest.mark.parametrize("width", range(20, 120, 7))
def test_a_line_is_never_longer_than_there_is_room(width: int) -> None:
    assert len(_text(width)) <= max(width, 34)


def test_where_there_is_room_everything_is_whole() -> None:
    assert _text(100) == "✔ Ready   observability/grafana  HelmRelease      14m  a note"


def test_short_texts_stand_in_first() -> None:
    assert _text(58) == "✔ Ready   observability/grafana  hr    14m  a note"


def test_then_the_note_gives_way_and_then_the_name() -> None:
    assert _text(44) == "✔ Ready  …vability/grafana hr   14m a note"
    assert _text(34) == "✔ Ready  …ability/grafana hr   14m"


def test_wide_characters_count_twice() -> None:
    rows = (Row(("w",), (Run("日本語"), Run("x"))), Row(("n",), (Run("abcdef"), Run("x"))))
    layout = columns(widths(rows), 40, gives=0)
    assert [run.text for run in laid_out(rows[0], layout, NOON)] == ["日本語  ", "x"]


def test_a_line_has_as_few_styles_as_possible() -> None:
    strip = Looks().strip((Run("a"), Run("  ", "muted"), Run("b"), Run("  c", "bad")), 10, NOON)
    assert [segment.text for segment in strip] == ["a  b  ", "c   "]


def test_every_symbol_has_its_letter_in_ascii() -> None:
    looks = Looks(ascii_only=True)
    assert looks.text("✔✖◌‖▲▶●▌→…·╭─╮│╰╯▁█") == "vx~=!>*>>>.+-+|++_#"
    assert looks.text("naïve 日本") == "na?ve ??"


def _update(*lines: tuple[str, ...]) -> LayoutUpdate:
    strips = [[Strip([Segment(text, Style(bold=index % 2 == 1)) for index, text in enumerate(line)])] for line in lines]
    return LayoutUpdate(list(strips), Region(0, 0, 6, len(lines)))


def _pieces(update: object) -> list[tuple[int, int, str]]:
    assert isinstance(update, Difference)
    return [(y, x, strip.text) for y, x, strip in update._pieces]


def test_a_frame_sends_the_first_update_whole_and_then_only_what_differs() -> None:
    frame = Frame()
    size = Size(6, 2)
    assert _pieces(frame.difference(_update(("abc", "def"), ("ghi", "jkl")), size)) == [
        (0, 0, "abcdef"),
        (1, 0, "ghijkl"),
    ]
    assert frame.difference(_update(("abc", "def"), ("ghi", "jkl")), size) is None
    assert _pieces(frame.difference(_update(("abc", "xyz"), ("ghi", "jkl")), size)) == [(0, 3, "xyz")]


def test_a_frame_that_forgot_sends_everything() -> None:
    frame = Frame()
    size = Size(6, 1)
    frame.difference(_update(("abc", "def")), size)
    frame.forget()
    assert _pieces(frame.difference(_update(("abc", "def")), size)) == [(0, 0, "abcdef")]
    assert _pieces(frame.difference(_update(("abc", "def")), Size(6, 2))) == [(0, 0, "abcdef")]


def test_a_filter_that_lets_nothing_through_says_so_and_not_that_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = Table()
    monkeypatch.setattr(table, "_alter", lambda: None)  # without a screen
    table.empty = ((Run("Nothing here."),),)
    table.refill()
    assert table.absence == table.empty
    table.show(arranged(ROWS))
    table.narrow_to("zebra !cilium")
    assert [run.text for line in table.absence for run in line] == [" Nothing matches zebra !cilium, esc clears"]


def test_without_colours_what_is_active_still_differs_from_what_is_not() -> None:
    looks = Looks(PALETTES["terminal"])
    assert [looks.style(name).bold for name in ("accent", "accent+", "muted", "")] == [True, True, None, None]
