"""Where each invariant of approvals is tested: the list, and that what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_APPROVE, _FAULTS, _REVIEW = "operations/test_approve", "operations/test_faults", "operations/test_review"
_SCREEN, _SEVERAL, _CHECKS = "ui/test_review", "operations/test_several", "operations/test_checks"

# What must hold, in words, and the tests: file below tests/, and a name in it.
INVARIANTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "I1": ("an approval names everything it is bound to, or is refused", (
        (_APPROVE, "test_is_in_the_journal_before_and_after"), (_APPROVE, "test_when_the_review_lacks_anything"))),
    "I2": ("what is shown is what is approved", (
        (_APPROVE, "test_writes_exactly_what_was_shown_but_for_the_moment_that_was_left_open"),
        (_SCREEN, "test_a_branch_that_moves_while_the_word_is_typed_is_not_approved"),
        (_SCREEN, "test_i2_main_that_moves_while_the_word_is_typed_is_looked_at_before_it_goes_on"))),
    "I3": ("a branch that moved or went since the review is not approved", (
        (_APPROVE, "test_when_the_branch_has_moved"), (_APPROVE, "test_when_the_branch_was_withdrawn"),
        (_FAULTS, "test_what_moves_at_the_last_moment_stops_it"))),
    "I4": ("main may move elsewhere only", (
        (_APPROVE, "test_elsewhere_and_the_approval_goes_on"), (_APPROVE, "test_when_main_has_changed_the_same_file"),
        (_APPROVE, "test_when_main_was_rewound"), (_SCREEN, "test_i4_main_that_moves_elsewhere_is_told"))),
    "I5": ("one atomic push, every ref leased, no other ref", (
        (_FAULTS, "TestI5OnlyTheseBranches"), ("sources/git/test_writing", "test_nothing_else_is_ever_written"))),
    "I6": ("the result is read back, and is the reviewed tree", (
        (_APPROVE, "test_puts_the_reviewed_commit_on_main_and_takes_the_branch_away"),
        (_APPROVE, "test_what_the_remote_took_and_could_not_be_read_back_stays_open"),
        (_APPROVE, "test_when_the_reviewed_tree_is_not_what_the_merge_gives"))),
    "I7": ("what can't be told refuses", (
        (_APPROVE, "test_when_the_review_is_a_day_old"), (_APPROVE, "test_when_the_commit_can_not_be_signed"),
        (_FAULTS, "test_i7_a_full_disk_pushes_nothing_and_what_was_begun_is_found"))),
    "I8": ("what reaches far is confirmed by itself, by a typed word; an override has a reason", (
        (_SEVERAL, "TestI8NeverAmongOthers"), (_REVIEW, "test_asks_for_the_name_of_what_reaches_far"),
        (_APPROVE, "test_gives_each_blocker_its_reason"))),
    "I9": ("several are a queue that the first failure stops", (
        (_SEVERAL, "TestI9AQueue"), (_SCREEN, "test_i9_the_first_that_fails_is_told"))),
    "I10": ("exactly once", (
        (_APPROVE, "TestExactlyOnce"), (_FAULTS, "test_two_consoles_at_the_same_instant_write_one_commit"),
        (_FAULTS, "test_the_connection_dies_before_the_answer_to_the_push"))),
    "I11": ("a chained journal and trailers, of refusals too", (
        ("operations/test_history", "test_i11_what_was_altered_is_named"),
        ("operations/test_history", "test_i11_a_refusal_is_there_with_its_reason"),
        ("operations/test_journal", "test_shows_from_where_on_it_was_altered"))),
    "I12": ("two approvers where they are asked for", (
        ("operations/test_seconding", "TestI12TheFirst"), ("operations/test_seconding", "TestI12TheSecond"))),
    "I13": ("no secrets, and text from outside changes nothing", (
        (_FAULTS, "test_an_approval_lands_and_its_login_is_nowhere"),
        (_REVIEW, "test_of_text_from_outside_can_not_forge_a_trailer"),
        (_CHECKS, "test_a_command_can_not_forge_a_trailer"))),
    "I14": ("read-only unless switched on; a dry run shows all and writes nothing", (
        ("cli/test_approve", "test_without_write_mode_nothing_is_written"),
        ("cli/test_approve", "test_a_dry_run_shows_the_commit_and_writes_nothing"),
        (_CHECKS, "test_i14_are_shown_before_and_not_run"))),
    "I15": ("no child touches the terminal or outlives its deadline", (
        ("operations/test_signing", "TestI15TheTerminal"),
        (_CHECKS, "test_i15_have_no_terminal_no_git_of_ours_and_end_with_all_they_started"))),
    "I16": ("a revert is an approval of its own", (("cli/test_editing", "revert"),)),
    "I17": ("the operator's own checkout stays byte for byte", (
        (_FAULTS, "TestI17TheOperatorsOwn"), ("cli/test_approve", "test_the_checkout_one_stands_in_stays_as_it_was"))),
}  # fmt: skip


def test_all_of_them_are_listed() -> None:
    assert list(INVARIANTS) == [f"I{number}" for number in range(1, 18)]


@pytest.mark.parametrize("name", INVARIANTS)
def test_each_has_its_tests(name: str) -> None:
    for file, test in INVARIANTS[name][1]:
        text = (ROOT / "tests" / f"{file}.py").read_text()
        assert re.search(rf"^ *(?:async )?(?:def|class) \w*{test}", text, re.MULTILINE), (file, test)
