"""Several approvals as a queue, against real git."""

from dataclasses import replace
from typing import Any

import pytest

from console.model.finding import Finding
from console.model.review import Review
from console.model.step import Step, StepState
from console.operations.review import review as made_review
from console.operations.several import alone, several
from console.sources.stop import Stop
from tests.operations.machine import NOW, Machine
from tests.operations.remote import IMMICH_BRANCH, OTHER, TALOS_BRANCH, Remote, git

GRAFANA_BRANCH = "renovate/grafana-9.x"
DONE, FAILED, SKIPPED = StepState.DONE, StepState.FAILED, StepState.SKIPPED


@pytest.fixture
def both(remote: Remote) -> Remote:
    """A second ordinary update, of a file of its own."""
    git("push", "-q", "origin", f"main:refs/heads/{GRAFANA_BRANCH}", at=remote.work)
    text = remote.file(OTHER) + "  image: {tag: v9.4.5}\n"
    remote.push(OTHER, text)
    git("push", "-qf", "origin", f"origin/main:refs/heads/{GRAFANA_BRANCH}", at=remote.work)
    bot = {"GIT_AUTHOR_NAME": "home-bot[bot]", "GIT_AUTHOR_EMAIL": "1+home-bot[bot]@users.noreply.github.com"}
    bot |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in bot.items()}
    git("fetch", "-q", "origin", at=remote.work)
    git("checkout", "-q", "-B", "tmp", "origin/main", at=remote.work)
    (remote.work / OTHER).write_text(text.replace("v9.4.5", "v9.4.6"))
    subject = "fix(container): update image grafana (v9.4.5 ➔ v9.4.6)"
    git("commit", "-q", "-a", "-m", subject, at=remote.work, env=bot)
    git("push", "-qf", "origin", f"tmp:refs/heads/{GRAFANA_BRANCH}", at=remote.work)
    return remote


def run(machine: Machine, reviews: list[Review], stop: Stop | None = None) -> dict[str, Step]:
    """The last step of each."""
    steps = several(reviews, machine.clone, machine.review, machine.journal, now=machine.clock, stop=stop or Stop())
    return {step.name: step for step in steps}


def ordinary(machine: Machine) -> list[Review]:
    return [machine.review(IMMICH_BRANCH), machine.review(GRAFANA_BRANCH)]


class TestI9AQueue:
    def test_writes_one_commit_for_each_on_the_main_that_the_one_before_has_left(
        self, both: Remote, machine: Machine
    ) -> None:
        reviews = ordinary(machine)
        last = run(machine, reviews)
        assert (last["all"].state, last["all"].text) == (DONE, "2 approved")
        assert both.commits()[:2] == [
            f"Merge {GRAFANA_BRANCH}: grafana v9.4.5 → v9.4.6",
            f"Merge {IMMICH_BRANCH}: ghcr.io/immich-app/immich-server v2.4.1 → v2.4.2",
        ]
        assert both.field("%P", "main").split() == [both.field("%H", "main^"), reviews[1].update.head]
        assert [record.event for record in machine.journal.records()] == ["approved", "committed", "pushed"] * 2

    def test_the_first_that_fails_stops_the_rest_by_name(self, both: Remote, machine: Machine) -> None:
        reviews = ordinary(machine)
        both.delete(IMMICH_BRANCH)
        main = both.tip()
        last = run(machine, reviews)
        assert (last[IMMICH_BRANCH].state, last[GRAFANA_BRANCH].state) == (FAILED, SKIPPED)
        assert last[GRAFANA_BRANCH].text == f"not begun: {IMMICH_BRANCH} failed"
        assert last["all"].text == "0 approved, 1 failed, 1 not begun"
        assert both.tip() == main

    def test_a_branch_that_moved_since_the_summary_stops_it(self, both: Remote, machine: Machine) -> None:
        reviews = ordinary(machine)
        both.push(OTHER, "kind: Other\n", branch=GRAFANA_BRANCH)
        last = run(machine, reviews)
        assert (last[IMMICH_BRANCH].state, last[GRAFANA_BRANCH].state) == (DONE, FAILED)
        assert "has moved since the review" in last[GRAFANA_BRANCH].text
        assert last["all"].text == "1 approved, 1 failed, 0 not begun"

    def test_one_that_someone_approved_meanwhile_is_no_failure(self, both: Remote, machine: Machine) -> None:
        reviews = ordinary(machine)
        machine.approve(reviews[0])
        last = run(machine, reviews)
        assert last["all"].state is DONE
        assert len([subject for subject in both.commits() if subject.startswith("Merge")]) == 2

    def test_after_a_stop_nothing_begins(self, both: Remote, machine: Machine) -> None:
        reviews, stop, main = ordinary(machine), Stop(), both.tip()
        stop.set()
        last = run(machine, reviews, stop=stop)
        assert (last[IMMICH_BRANCH].state, last[GRAFANA_BRANCH].state) == (FAILED, SKIPPED)
        assert both.tip() == main


class TestI8NeverAmongOthers:
    def reasons(self, machine: Machine, branch: str, **changes: Any) -> str:
        update = replace(machine.update(branch), **changes)
        found = replace(machine.review(branch).preflight, head=update.head)
        return alone(made_review(update, found, machine.clone, now=NOW, via="x"))

    def test_an_ordinary_update_may(self, machine: Machine) -> None:
        assert self.reasons(machine, IMMICH_BRANCH) == ""

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"type": "major"}, "a major"),
            ({"type": "unknown"}, "asks for a typed immich-server"),
            ({"modified": True}, "others have edited"),
            ({"system": "talos"}, "a node upgrade"),
        ],
    )
    def test_what_reaches_far_may_not(self, machine: Machine, changes: dict[str, Any], reason: str) -> None:
        assert reason in self.reasons(machine, IMMICH_BRANCH, **changes)

    def test_a_node_upgrade_may_not(self, machine: Machine) -> None:
        assert alone(machine.review(TALOS_BRANCH)) == "a node upgrade is approved by itself"

    def test_what_is_blocked_may_not_even_with_a_reason(self, machine: Machine) -> None:
        made = machine.review(IMMICH_BRANCH)
        blocker = Finding("pdb", "block", "fail", "no pod may go")
        found = replace(made.preflight, findings=(*made.preflight.findings, blocker), verdict="blocked")
        blocked = made_review(made.update, found, machine.clone, now=NOW, via="x")
        assert alone(blocked) == "blocked by pdb"
        assert alone(made_review(made.update, found, machine.clone, now=NOW, via="x", reason="tested"))
