"""The last door: what the whole corpus becomes before it is shown."""

import sys
import unicodedata

import pytest

from console.model.text import printable, safe, safe_lines
from tests.hostile.corpus import ESCAPES, EVERYTHING, LONG, MARKUP, UNICODE
from tests.hostile.wire import copied, strange


@pytest.mark.parametrize("text", [*ESCAPES, *MARKUP, *UNICODE, *LONG], ids=lambda text: ascii(text[:24]))
def test_nothing_of_it_is_strange_any_more(text: str) -> None:
    shown = safe(text)
    assert strange(shown.encode("utf-8")) == []
    assert "evil" in shown
    assert len(shown) <= 4096
    assert [line for line in safe_lines(text) if strange(line.encode())] == []


@pytest.mark.parametrize("text", ESCAPES, ids=ascii)
def test_what_looks_at_the_terminal_sees_it_as_it_was(text: str) -> None:
    assert strange(text.encode("utf-8", "surrogateescape")) != [] or copied(text.encode()) != []


def test_no_control_and_no_format_character_there_is_gets_through() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    through = [
        each
        for each in every
        if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and printable(each) == each
    ]
    assert through == []


def test_marks_are_kept_as_far_as_a_script_needs_them() -> None:
    assert printable("Việt Nam e\u0301 กำ\u0e49") == "Việt Nam e\u0301 กำ\u0e49"
    flood = printable("a" + "\u0301" * 500 + "b")
    assert len(flood) < 10
    assert flood.endswith("b")


def test_what_was_shown_once_is_shown_the_same_again() -> None:
    assert printable(printable(EVERYTHING)) == printable(EVERYTHING)
