"""Nothing that comes from outside can act on a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.text import safe, safe_lines, width


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\nb\tc\r", "a␊b␉c␍"),
        ("\x9b2J", "�2J"),
        ("abc\u202edef", "abc�def"),
        ("zero\u200bwidth", "zero�width"),
        ("\ud800", "�"),
        ("del\x7f", "del␡"),
        ("[bold]kept[/bold] ➔ ✔ ü", "[bold]kept[/bold] ➔ ✔ ü"),
    ],
)
def test_controls_become_symbols_and_the_rest_stays(hostile: str, shown: str) -> None:
    assert safe(hostile) == shown


@given(st.text())
def test_what_is_shown_holds_nothing_a_terminal_obeys(text: str) -> None:
    assert not {unicodedata.category(c) for c in safe(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text())
def test_showing_twice_changes_nothing(text: str) -> None:
    assert safe(safe(text)) == safe(text)


def test_a_long_text_is_cut_and_says_so() -> None:
    assert safe("x" * 5000, limit=10) == "x" * 9 + "…"


def test_lines_stay_lines() -> None:
    assert safe_lines("a\tb\nc\x1b") == ["a   b", "c␛"]


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0)])
def test_width_counts_cells(text: str, cells: int) -> None:
    assert width(text) == cells
