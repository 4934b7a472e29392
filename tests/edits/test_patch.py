"""A fix's diff is applied where its lines stand, byte for byte, or it is refused."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.edits.patch import applied
from console.sources.errors import Refused


def diff(old: str, new: str) -> str:
    """As a finding offers it."""
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), "a/x", "b/x")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


LINES = st.lists(st.sampled_from(["a: 1", "b: é", "", "  c: x", "- d", "--- e", "+++ f"]), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(old=LINES, new=LINES, end=st.sampled_from(["\n", "\r\n"]), last=st.booleans(), mark=st.booleans())
def test_what_is_made_of_the_old_file_is_the_new_one(
    old: list[str], new: list[str], end: str, last: bool, mark: bool
) -> None:
    before, after = (end.join(lines) + (end if last else "") for lines in (old, new))
    if before == after:
        return
    bom = "\ufeff" if mark else ""
    if not before:
        return
    assert applied((bom + before).encode(), diff(before, after)) == (bom + after).encode()


def test_lines_that_moved_are_found_when_they_stand_once() -> None:
    change = diff("a\nb\nc\nd\n", "a\nb\nC\nd\n")
    assert applied(b"new\nnew\na\nb\nc\nd\n", change) == b"new\nnew\na\nb\nC\nd\n"
    with pytest.raises(Refused, match="2 times"):
        applied(b"x\na\nb\nc\nd\na\nb\nc\nd\n", change)
    with pytest.raises(Refused, match="0 times"):
        applied(b"a\nb\nd\n", change)


def test_a_fix_that_changes_nothing_is_none() -> None:
    with pytest.raises(Refused, match="changes nothing"):
        applied(b"a\n", "--- a/x\n+++ b/x\n")
