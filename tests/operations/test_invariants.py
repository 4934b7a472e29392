"""Where each invariant of approvals is tested: the list, and that what it names is there and runs."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

# What must hold, in words, and the tests that show it: file below tests/, and the test by its whole name.
INVARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "I1": (
        "an approval names everything it is bound to, or is refused",
        (
            "operations/test_approve::TestAnApproval::test_is_in_the_journal_before_and_after",
            "operations/test_approve::TestNothingIsWritten::test_when_the_review_lacks_anything",
        ),
    ),
    "I2": (
        "what is shown is what is approved",
        (
            "operations/test_approve::TestAnApproval::test_writes_exactly_what_was_shown_but_for_the_moment_that_was_left_open",
            "ui/test_review::test_a_branch_that_moves_while_the_word_is_typed_is_not_approved",
            "ui/test_review::test_i2_main_that_moves_while_the_word_is_typed_is_looked_at_before_it_goes_on",
        ),
    ),
    "I3": (
        "a branch that moved or went since the review is not approved",
        (
            "operations/test_approve::TestNothingIsWritten::test_when_the_branch_has_moved",
            "operations/test_approve::TestNothingIsWritten::test_when_the_branch_was_withdrawn",
            "operations/test_faults::TestOverAWire::test_what_moves_at_the_last_moment_stops_it",
        ),
    ),
    "I4": (
        "main may move elsewhere only",
        (
            "operations/test_approve::TestMainMoves::test_elsewhere_and_the_approval_goes_on",
            "operations/test_approve::TestNothingIsWritten::test_when_main_has_changed_the_same_file",
            "operations/test_approve::TestNothingIsWritten::test_when_main_was_rewound",
            "ui/test_review::test_i4_main_that_moves_elsewhere_is_told_and_the_approval_goes_on",
        ),
    ),
    "I5": (
        "one atomic push, every ref leased, no other ref",
        (
            "operations/test_faults::TestI5OnlyTheseBranches::test_are_written_whatever_happens",
            "operations/test_faults::TestI5OnlyTheseBranches::test_every_ref_of_a_push_is_leased_and_none_is_forced",
            "sources/git/test_writing::TestPush::test_nothing_else_is_ever_written",
        ),
    ),
    "I6": (
        "the result is read back, and is the reviewed tree",
        (
            "operations/test_approve::TestAnApproval::test_puts_the_reviewed_commit_on_main_and_takes_the_branch_away",
            "operations/test_approve::TestExactlyOnce::test_what_the_remote_took_and_could_not_be_read_back_stays_open",
            "operations/test_approve::TestNothingIsWritten::test_when_the_reviewed_tree_is_not_what_the_merge_gives",
        ),
    ),
    "I7": (
        "what can't be told refuses",
        (
            "operations/test_approve::TestNothingIsWritten::test_when_the_review_is_a_day_old",
            "operations/test_approve::TestNothingIsWritten::test_when_the_commit_can_not_be_signed",
            "operations/test_faults::TestDisks::test_i7_a_full_disk_pushes_nothing_and_what_was_begun_is_found",
        ),
    ),
    "I8": (
        "what reaches far is confirmed by itself, by a typed word; an override has a reason",
        (
            "operations/test_several::TestI8NeverAmongOthers::test_an_ordinary_update_may",
            "operations/test_several::TestI8NeverAmongOthers::test_what_reaches_far_may_not",
            "operations/test_several::TestI8NeverAmongOthers::test_a_node_upgrade_may_not",
            "operations/test_several::TestI8NeverAmongOthers::test_what_is_blocked_may_not_even_with_a_reason",
            "operations/test_review::TestTheReview::test_asks_for_the_name_of_what_reaches_far",
            "operations/test_approve::TestAnApproval::test_gives_each_blocker_its_reason",
        ),
    ),
    "I9": (
        "several are a queue that the first failure stops",
        (
            "operations/test_several::TestI9AQueue::test_writes_one_commit_for_each_on_the_main_that_the_one_before_has_left",
            "operations/test_several::TestI9AQueue::test_the_first_that_fails_stops_the_rest_by_name",
            "operations/test_several::TestI9AQueue::test_a_branch_that_moved_since_the_summary_stops_it",
            "operations/test_several::TestI9AQueue::test_one_that_someone_approved_meanwhile_is_no_failure",
            "operations/test_several::TestI9AQueue::test_after_a_stop_nothing_begins",
            "ui/test_review::test_i9_the_first_that_fails_is_told",
        ),
    ),
    "I10": (
        "exactly once",
        (
            "operations/test_approve::TestExactlyOnce::test_a_second_approval_of_the_same_is_a_noop",
            "operations/test_approve::TestExactlyOnce::test_two_machines_at_the_same_instant",
            "operations/test_approve::TestExactlyOnce::test_two_consoles_of_one_machine_take_turns",
            "operations/test_approve::TestExactlyOnce::test_an_update_that_someone_else_merged_is_a_noop",
            "operations/test_approve::TestExactlyOnce::test_an_update_that_someone_else_squashed_is_a_noop_when_its_branch_is_gone",
            "operations/test_approve::TestExactlyOnce::test_an_update_that_is_on_main_needs_no_approval",
            "operations/test_approve::TestExactlyOnce::test_a_squash_that_was_taken_back_is_approved_anew",
            "operations/test_approve::TestExactlyOnce::test_after_a_kill_at_any_step_it_is_found_out_and_nothing_is_pushed",
            "operations/test_approve::TestExactlyOnce::test_a_push_whose_answer_was_lost_is_found_on_the_remote",
            "operations/test_approve::TestExactlyOnce::test_what_failed_before_the_push_has_ended",
            "operations/test_approve::TestExactlyOnce::test_a_push_that_never_got_to_the_remote_has_ended",
            "operations/test_approve::TestExactlyOnce::test_what_the_remote_took_and_could_not_be_read_back_stays_open",
            "operations/test_approve::TestExactlyOnce::test_what_is_found_out_without_recording_it_stays_open",
            "operations/test_approve::TestExactlyOnce::test_a_refused_approval_is_not_taken_up_again",
            "operations/test_faults::TestOverAWire::test_two_consoles_at_the_same_instant_write_one_commit",
            "operations/test_faults::TestOverAWire::test_the_connection_dies_before_the_answer_to_the_push",
        ),
    ),
    "I11": (
        "a chained journal and trailers, of refusals too",
        (
            "operations/test_history::test_i11_what_was_altered_is_named",
            "operations/test_history::test_i11_a_refusal_is_there_with_its_reason",
            "operations/test_history::test_holds_releases_and_reverts_are_told_with_their_reason_on_any_machine",
            "operations/test_journal::test_shows_from_where_on_it_was_altered",
            "wiring/test_edits::TestRefusals::test_of_holds_releases_and_reverts_are_told",
        ),
    ),
    "I12": (
        "two approvers where they are asked for",
        (
            "operations/test_seconding::TestI12TheFirst::test_writes_a_signed_record_and_nothing_on_main",
            "operations/test_seconding::TestI12TheFirst::test_can_not_be_the_second_too",
            "operations/test_seconding::TestI12TheFirst::test_must_sign",
            "operations/test_seconding::TestI12TheFirst::test_whose_console_was_killed_after_the_push_is_found",
            "operations/test_seconding::TestI12TheSecond::test_completes_it_with_both_names_and_takes_the_record_away",
            "operations/test_seconding::TestI12TheSecond::test_goes_on_when_main_moved_elsewhere_between_them",
            "operations/test_seconding::TestI12TheSecond::test_is_the_first_again_when_the_branch_moved_between_them",
            "operations/test_seconding::TestI12TheSecond::test_does_not_count_a_record_that_is_not_the_first_ones",
            "operations/test_seconding::TestI12TheSecond::test_must_sign_with_a_key_of_their_own",
            "operations/test_seconding::TestI12TheSecond::test_is_not_the_first_one_under_another_address",
            "operations/test_seconding::TestI12TheSecond::test_is_not_by_who_wrote_the_branch",
            "operations/test_seconding::TestI12TheSecond::test_stops_when_the_record_goes_between_review_and_push",
            "operations/test_seconding::TestI12TheSecond::test_two_firsts_at_once_leave_one_record",
            "operations/test_seconding::TestI12AProposalOfOurOwn::test_a_version_without_a_branch_is_completed_by_the_second",
            "operations/test_seconding::TestI12AProposalOfOurOwn::test_a_revert_has_the_words_of_the_first_whenever_the_second_comes",
            "operations/test_seconding::TestI12AProposalOfOurOwn::test_does_not_count_a_first_with_another_result",
        ),
    ),
    "I13": (
        "no secrets, and text from outside changes nothing",
        (
            "operations/test_faults::TestOverHttp::test_an_approval_lands_and_its_login_is_nowhere",
            "operations/test_review::TestTheReview::test_of_text_from_outside_can_not_forge_a_trailer",
            "operations/test_checks::TestChecks::test_a_command_can_not_forge_a_trailer",
        ),
    ),
    "I14": (
        "read-only unless switched on; a dry run shows all and writes nothing",
        (
            "cli/test_approve::TestRefusals::test_without_write_mode_nothing_is_written",
            "cli/test_approve::TestRefusals::test_a_dry_run_shows_the_commit_and_writes_nothing",
            "operations/test_checks::TestChecks::test_i14_are_shown_before_and_not_run",
            "ui/test_review::test_i14_a_dry_run_shows_the_commit_the_leases_and_the_commands_and_writes_nothing",
            "ui/test_review::test_the_dry_run_of_several_shows_each",
            "ui/test_editing::test_tab_shows_the_dry_run_of_what_is_asked_and_leaves_the_question_open",
        ),
    ),
    "I15": (
        "no child touches the terminal or outlives its deadline",
        (
            "operations/test_signing::TestI15TheTerminal::test_is_never_offered_to_gpg",
            "operations/test_signing::TestI15TheTerminal::test_a_key_of_gpg_with_a_passphrase_is_refused_at_once",
            "operations/test_checks::TestChecks::test_i15_have_no_terminal_no_git_of_ours_and_end_with_all_they_started",
        ),
    ),
    "I16": (
        "a revert is an approval of its own",
        (
            "cli/test_editing::test_a_revert_takes_back_what_was_approved_once",
            "cli/test_editing::test_a_revert_of_what_reaches_far_needs_more_than_yes",
            "wiring/test_edits::test_the_reason_of_a_revert_answers_what_blocks_it",
        ),
    ),
    "I17": (
        "the operator's own checkout stays byte for byte",
        (
            "operations/test_faults::TestI17TheOperatorsOwn::test_checkout_index_stash_configuration_and_hooks_stay_byte_for_byte",
            "cli/test_approve::TestApprovals::test_the_checkout_one_stands_in_stays_as_it_was",
        ),
    ),
}
_NOT_RUN = frozenset({"skip", "skipif", "xfail"})


def named(test: str) -> Iterator[Any]:
    """The module, the class where there is one, and the function of a test. Fails when one of them is not there."""
    file, *names = test.split("::")
    found: Any = importlib.import_module(f"tests.{file.replace('/', '.')}")
    yield found
    for name in names:
        found = vars(found)[name]
        yield found


def test_all_of_them_are_listed() -> None:
    assert list(INVARIANTS) == [f"I{number}" for number in range(1, 18)]
    assert all(tests for _, tests in INVARIANTS.values())


@pytest.mark.parametrize("test", [test for _, tests in INVARIANTS.values() for test in tests])
def test_what_the_list_names_is_a_test_that_is_never_left_out(test: str) -> None:
    *around, function = named(test)
    assert callable(function)
    assert function.__name__.startswith("test_")
    assert all(each.__name__.startswith("Test") for each in around[1:]), "pytest would not look into it"
    marks = [getattr(each, "pytestmark", []) for each in (*around, function)]
    names = {mark.name for several in marks for mark in (several if isinstance(several, list) else [several])}
    assert not names & _NOT_RUN
