"""An approval: what is reviewed, what must be typed, and what makes it be read again."""

from dataclasses import replace

import pytest
from textual.events import Paste

from console.model.finding import Finding
from console.model.snapshot import Topic
from console.model.updates import ApprovedCommit, RepositoryState, Update
from console.sources.errors import Refused
from tests.ui.desk import BASE, NOON, TALOS, Desk, ago, refused, review
from tests.ui.user import LARGE, SMALL, User, using


def talos(desk: Desk) -> Update:
    """The update that waits."""
    found: Update = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    return found


async def _reviews(user: User) -> None:
    await user.presses("4", "a")
    await user.sees("Approve  Talos v1.13.7 → v1.13.8", "0 blockers  2 warnings  3 passed  1 not asked")


async def test_a_small_screen_walks_the_parts_and_a_large_one_has_them_side_by_side() -> None:
    async with using(Desk(), SMALL) as user:
        await _reviews(user)
        await user.sees("‹1 of 5›", "only control plane", "writes main e8f1b30 → new", "k8s-control-1 will reboot")
        await user.presses("tab")
        await user.sees("spec.talos.version  v1.13.7 → v1.13.8")
        await user.presses("tab")
        await user.sees("+    version: v1.13.8")
        await user.presses("tab")
        await user.sees("Approved-by: Home Operator")
        await user.presses("tab")
        await user.sees("By these commands", "‹5 of 5›")
    async with using(Desk(), LARGE) as user:
        await _reviews(user)
        await user.sees("spec.talos.version", "only control plane", "Approved-by: Home Operator")


async def test_the_typed_version_approves_exactly_what_was_reviewed() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        await user.presses("a")
        await user.sees("Type v1.13.8 to go on:", "k8s-control-1 will reboot")
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("Rollout")
    assert ("approve", TALOS, talos(desk).head) in desk.done


@pytest.mark.parametrize("typed", ["", "v1.13.7", "y"])
async def test_enter_without_the_right_word_does_nothing(typed: str) -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        await user.presses("enter", "enter", "a", "enter")
        await user.types(typed)
        await user.presses("enter")
        await user.sees("That is not v1.13.8.")
        await user.presses("escape")
        await user.does_not_see("Type v1.13.8")
    assert not [done for done in desk.done if done[0] == "approve"]


@pytest.mark.parametrize("writable", [True, False])
async def test_i14_a_dry_run_shows_the_commit_the_leases_and_the_commands_and_writes_nothing(*, writable: bool) -> None:
    desk = Desk(writable=writable)
    async with using(desk, LARGE) as user:
        await _reviews(user)
        await user.presses("n")
        await user.sees("Dry run  approve Talos v1.13.7 → v1.13.8", "nothing is written")
        await user.sees(
            f"Merge {TALOS}", "Approved-by: Home Operator", f"main must be at {BASE}", "$ git push --atomic"
        )
        await user.presses("escape")
        await user.sees("Approve  Talos")
    assert not [done for done in desk.done if done[0] == "approve"]


async def test_a_search_on_the_review_goes_on_by_its_own_key() -> None:
    async with using(Desk(), LARGE) as user:
        await _reviews(user)
        await user.presses("slash")
        await user.types("talos")
        await user.presses("enter")
        await user.sees("1 of ")
        await user.presses("N")
        await user.sees("2 of ", "Approve  Talos")


async def test_an_ordinary_update_asks_yes_or_no_and_enter_is_neither() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("3", "/")
        await user.types("cert-manager")
        await user.presses("enter", "a")
        await user.sees("Approve  cert-manager 1.19.2 → 1.19.3")
        await user.presses("a")
        await user.sees("Go on? y/N")
        await user.presses("enter")
        await user.sees("Go on? y/N")
        await user.presses("n")
        await user.does_not_see("Go on?")
        assert not [done for done in desk.done if done[0] == "approve"]
        await user.presses("a", "y")
        await user.sees("Rollout")
    assert [done[1] for done in desk.done if done[0] == "approve"] == ["renovate/cert-manager"]


async def test_a_branch_that_moves_meanwhile_must_be_read_again() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        desk.store.put(Topic.UPDATES, [replace(talos(desk), head="f" * 40)])
        await user.sees("moved from 5c1e07a to fffffff while you", "ctrl-r reads it again")
        await user.presses("a")
        await user.sees("it moved while you looked")
        await user.does_not_see("Type v1.13.8")
        await user.presses("ctrl+r")
        await user.does_not_see("while you looked")
        await user.presses("a")
        await user.sees("Type v1.13.8")


async def test_a_branch_that_moves_while_the_word_is_typed_is_not_approved() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        await user.presses("a")
        desk.store.put(Topic.UPDATES, [replace(talos(desk), head="f" * 40)])
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("moved from 5c1e07a to fffffff")
    assert not [done for done in desk.done if done[0] == "approve"]


def _moves_main(desk: Desk, head: str = "a" * 40) -> None:
    desk.store.put(Topic.REPOSITORY, [RepositoryState("url", "main", head, NOON)])


async def test_i4_main_that_moves_elsewhere_is_told_and_the_approval_goes_on() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        _moves_main(desk)
        await user.sees(f"main moved elsewhere, {BASE[:7]} → aaaaaaa; looked at again", "writes main aaaaaaa")
        await user.presses("a")
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("Rollout")
    assert ("approve", TALOS, talos(desk).head) in desk.done


async def test_i4_main_that_moves_where_it_matters_must_be_read_again() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        desk.fails = refused("Main has changed talos/talenv.yaml since the review.")
        _moves_main(desk)
        await user.sees("main moved while you looked, e8f1b30 → aaaaaaa. Main has", "ctrl-r reads it again")
        await user.presses("a")
        await user.does_not_see("Type v1.13.8")


async def test_i2_main_that_moves_while_the_word_is_typed_is_looked_at_before_it_goes_on() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        await user.presses("a")
        _moves_main(desk)
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("looked at again: the same change")
        await user.does_not_see("Type v1.13.8")
    assert not [done for done in desk.done if done[0] == "approve"]


async def test_a_protected_main_is_explained_and_a_branch_for_a_pull_request_is_offered() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        desk.fails = Refused("GH006: Protected branch update failed", kind="protected")
        await user.presses("a")
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("Push it for a pull request", "GH006", "Go on? y/N")
        desk.fails = None
        await user.presses("y")
        await user.sees("open a pull request from homeconsole/approve/1")
    assert [done for done in desk.done if done[0] == "approve aside"] == [("approve aside", TALOS, talos(desk).head)]


async def test_a_refusal_is_said_and_no_word_is_asked() -> None:
    desk = Desk()
    desk.reviewed[TALOS] = replace(review(talos(desk)), refusal="git does not know who you are")
    async with using(desk) as user:
        await _reviews(user)
        await user.sees("✖ git does not know who you are")
        await user.presses("a")
        await user.sees("approve: git does not know who you are")
        await user.does_not_see("Type v1.13.8")
        await user.presses("a", "a")
        await user._until(lambda: not user.app.work.waits, "noted on", 60)
    assert desk.done == [("refused", TALOS, "git does not know who you are")]


async def test_read_only_shows_everything_and_refuses_the_last_step() -> None:
    async with using(Desk(writable=False)) as user:
        await _reviews(user)
        await user.presses("a")
        await user.sees("read-only: :write switches writing on")


async def test_blockers_ask_for_a_reason_which_is_then_in_the_commit() -> None:
    desk = Desk()
    blocker = Finding("pdb", "block", "fail", "PodDisruptionBudget postgres lets no pod go")
    desk.reviewed[TALOS] = replace(review(talos(desk)), unanswered=(blocker,))
    async with using(desk, LARGE) as user:
        await _reviews(user)
        await user.presses("a")
        await user.sees("PodDisruptionBudget postgres", "Why:")
        await user.types("drained by hand")
        await user.presses("enter")
        await user.sees("Type v1.13.8 to go on:")
        await user.presses("escape")
        await user.sees("Override: pdb: drained by hand")


async def test_a_refused_approval_says_why_and_must_be_read_again() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        desk.fails = refused("main moved and touches talos/talenv.yaml")
        await user.presses("a")
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("main moved and touches talos/talenv.yaml", "ctrl-r reads it again")


async def test_a_review_that_cannot_be_made_says_why() -> None:
    desk = Desk()
    desk.fails = refused("the repository has not been read yet")
    async with using(desk) as user:
        await user.presses("4", "a")
        await user.sees("✖ the repository has not been read yet")


async def test_what_is_pasted_is_typed_but_never_pressed() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _reviews(user)
        user.app.screen.post_message(Paste("a\nv1.13.8\ny\n"))
        await user.pilot.pause()
        await user.does_not_see("Type v1.13.8")
        await user.presses("a")
        user.app.screen.post_message(Paste("v1.13.8\n"))
        await user.sees("Type v1.13.8 to go on: v1.13.8")
    assert not [done for done in desk.done if done[0] == "approve"]


async def test_a_conflict_is_not_offered_for_approval() -> None:
    async with using(Desk()) as user:
        await user.presses("3", "/")
        await user.types("mise")
        await user.presses("enter", "a")
        await user.sees("conflicts with main")
        await user.does_not_see("Approve  ")


async def test_the_rollout_follows_what_the_repository_says() -> None:
    desk = Desk()
    update = talos(desk)
    commit = ApprovedCommit(
        "7d20c4e" + "0" * 33, TALOS, "Merge", ago(minutes=4), "Home", update.changes, system="talos"
    )
    desk.store.put(
        Topic.REPOSITORY,
        [RepositoryState("url", "main", commit.commit, NOON, (commit.commit, BASE), (commit,))],
    )
    async with using(desk) as user:
        await user.presses("w")
        await user.sees("Rollout  Talos v1.13.8", "7d20c4e on main", "artifact")


def _on_main(desk: Desk, *approvals: ApprovedCommit) -> None:
    history = (*(each.commit for each in approvals), BASE)
    desk.store.put(Topic.REPOSITORY, [RepositoryState("url", "main", history[0], NOON, history, approvals)])


async def test_a_second_approval_is_followed_and_not_the_one_before() -> None:
    desk = Desk()
    update = talos(desk)
    first = ApprovedCommit("a" * 40, TALOS, "Merge", ago(minutes=9), "Home", update.changes, system="talos")
    _on_main(desk, first)
    branch = "renovate/cert-manager"
    other = desk.snapshot()[Topic.UPDATES].items[(branch,)]
    desk.reviewed[branch] = replace(review(other), base="a" * 40)
    async with using(desk) as user:
        await user.presses("3", "/")
        await user.types("cert-manager")
        await user.presses("enter", "a")
        await user.sees("Approve  cert-manager")
        await user.presses("a", "y")
        await user.sees(f"Rollout  {branch}", "is written; main is being fetched")
        await user.does_not_see("Rollout  Talos")
        second = ApprovedCommit("b" * 40, branch, "Merge", NOON, "Home", other.changes)
        _on_main(desk, second, first)
        await user.sees("bbbbbbb on main", "‹1 of 2›")
        await user.presses("tab")
        await user.sees("Rollout  Talos v1.13.8", "‹2 of 2›")


@pytest.mark.parametrize("away", [False, True])
async def test_what_is_written_is_asked_for_once_where_it_is_configured_whoever_looks(*, away: bool) -> None:
    desk = Desk()
    desk.hastens = True
    async with using(desk) as user:
        await _reviews(user)
        await user.presses("a")
        await user.types("v1.13.8")
        if away:
            desk.slow.clear()
        await user.presses("enter")
        if away:
            await user.presses("escape")
            desk.slow.set()
        await user.sees("✔ reconcile 7d20c4e: all that carries it has it already")
    assert desk.done.count(("hasten", "7d20c4e")) == 1


async def test_the_next_version_of_the_same_branch_is_waited_for_too() -> None:
    desk = Desk()
    update = talos(desk)
    first = ApprovedCommit("a" * 40, TALOS, "Merge", ago(minutes=9), "Home", update.changes, system="talos")
    _on_main(desk, first)
    desk.reviewed[TALOS] = replace(review(update), base="a" * 40)
    async with using(desk) as user:
        await _reviews(user)
        await user.presses("a")
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees(f"Rollout  {TALOS}", "main is being fetched")
        _on_main(desk, replace(first, commit="b" * 40, at=NOON), first)
        await user.sees("Rollout  Talos v1.13.8", "bbbbbbb on main")


async def test_what_will_be_written_shows_that_there_is_more_and_what_it_costs_stays() -> None:
    desk = Desk()
    long = "the API and all apps are away for about 4 minutes while its only control plane restarts, once, at noon"
    steps = tuple(f"reconciles the Kustomization number {number}" for number in range(9))
    desk.reviewed[TALOS] = replace(review(talos(desk)), then=steps, consequence=f"k8s-control-1 will reboot: {long}")
    async with using(desk, SMALL) as user:
        await _reviews(user)
        for _ in range(5):
            await user.sees("▲ k8s-control-1 will reboot", "once, at noon", "writes main e8f1b30 → new")
            lines = user.screen.split("\n")
            at = next(index for index, line in enumerate(lines) if "writes main" in line)
            assert any(line.endswith(" …") for line in lines[at : at + 4])
            await user.presses("end", "tab")


async def test_i8_several_are_approved_one_after_the_other_and_what_reaches_far_is_left_out() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("3", "g", "v", "G", "v", "a")
        await user.sees("updates, one after the other", "Left out", f"– {TALOS}", "it asks for a typed v1.13.8")
        await user.sees("cert-manager 1.19.2 → 1.19.3")
        await user.presses("a")
        await user.sees("Approve 7 updates", "each checked again on", "Go on? y/N")
        await user.presses("enter")
        await user.sees("Go on? y/N")
        assert not desk.done or desk.done[-1][0] != "approve"
        await user.presses("y")
        await user.sees("7 approved", "✔ cert-manager 1.19.2 → 1.19.3")
    written = [done[1] for done in desk.done if done[0] == "approve"]
    assert "renovate/cert-manager" in written
    assert TALOS not in written


async def test_i9_the_first_that_fails_is_told() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("3", "/")
        await user.types("patch")
        await user.presses("enter", "g", "v", "G", "v", "a")
        await user.sees("updates, one after the other")
        desk.fails = refused("main moved and touches its file")
        await user.presses("a", "y")
        await user.sees("0 approved, 1 failed", "main moved and touches its file")


async def test_the_dry_run_of_several_shows_each() -> None:
    desk = Desk(writable=False)
    async with using(desk, LARGE) as user:
        await user.presses("3", "slash")
        await user.types("patch")
        await user.presses("enter", "g", "space", "space", "space", "space", "a")
        await user.sees("one after the other")
        await user.presses("n")
        await user.sees("Dry run  ", "updates, one after the other", "1 of ", "The leases", "$ git push")
    assert not [done for done in desk.done if done[0] == "approve"]


async def test_several_in_read_only_mode_are_shown_and_refused() -> None:
    async with using(Desk(writable=False), LARGE) as user:
        await user.presses("3", "g", "v", "G", "v", "a")
        await user.sees("updates, one after the other")
        await user.presses("a")
        await user.sees("read-only: :write switches writing on")


async def test_what_main_holds_already_is_called_so_and_nothing_is_followed() -> None:
    desk = Desk()
    desk.reviewed[TALOS] = replace(review(talos(desk)), noop=True)
    async with using(desk) as user:
        await user.presses("4", "a")
        await user.sees("main holds it already: nothing will be written.")
        await user.does_not_see("writes main")
        await user.presses("a")
        await user.sees("Go on? y/N", "nothing will be written")
        await user.does_not_see("Writes one commit")
        await user.presses("y")
        await user.sees(f"nothing was written: main holds it already: {BASE[:7]}")
        await user.does_not_see("main is being fetched")


@pytest.mark.parametrize("first", ["", "9" * 40], ids=["first", "second"])
async def test_the_question_to_each_of_two_approvers_says_what_is_written(first: str) -> None:
    desk = Desk()
    made = replace(review(talos(desk)), typed="", target="live", record="homeconsole/approve/1", first=first)
    desk.reviewed[TALOS] = made
    async with using(desk) as user:
        await user.presses("4", "a")
        await user.sees("Approve  Talos v1.13.7 → v1.13.8")
        await user.presses("a")
        if first:
            await user.sees("Writes one commit to live")
            return
        await user.sees("Writes your approval to homeconsole/approve/1", "live stays as it is until another operator")
        await user.does_not_see("Writes one commit")
        await user.presses("y")
        await user.sees("another operator completes homeconsole/approve/1")


async def test_the_dry_run_of_what_git_can_not_write_yet_shows_that_and_all_that_would_be_written() -> None:
    desk = Desk()
    made = review(desk.snapshot()[Topic.UPDATES].items[(TALOS,)])
    desk.reviewed[TALOS] = replace(made, refusal="git does not know who you are.")
    async with using(desk, LARGE) as user:
        await user.presses("4", "a")
        await user.sees("only control plane")
        await user.presses("n")
        await user.sees("It would be refused: git does not know who you are.", "main must be at", "$ git push --atomic")
