"""Edits of the operator on a review, through the desk, on a real repository."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.model.finding import Finding, Preflight
from console.model.intent import Intent
from console.model.review import FileEdit
from console.model.snapshot import Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import Update
from console.settings import load
from console.sources.errors import Refused
from console.sources.stop import Stop
from console.wiring import Console
from tests.operations import remote as remotes
from tests.operations.remote import (
    IMMICH,
    IMMICH_BRANCH,
    OTHER,
    RESOURCE,
    TALENV,
    TALOS_BRANCH,
    Remote,
    introduce,
)

_OF_GIT = (Topic.REPOSITORY, Topic.UPDATES)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


class Blocked(Console):
    """Something always stands against it."""

    def _checked(self, update: Update, snapshot: Snapshot) -> Preflight:
        found = super()._checked(update, snapshot)
        return replace(found, findings=(*found.findings, Finding("etcd", "block", "fail", "etcd has no leader")))


class Asked(Console):
    """Notes for which commits it is asked, instead of asking a cluster."""

    def hasten(self, commit: str, stop: Stop) -> Iterator[Step]:
        del stop
        yield Step("asked", StepState.DONE, commit)


@contextmanager
def console(remote: Remote, home: Path, kind: type[Console] = Console, **changes: Any) -> Iterator[Console]:
    """A desk that has read the repository, and no cluster."""
    settings = replace(load({}, {"HOME": str(home)}), repository=str(remote.bare), state=home / "state", **changes)
    desk = kind(settings)
    desk.start(_OF_GIT)
    try:
        assert desk.read(_OF_GIT, 60)
        yield desk
    finally:
        desk.stop()


def test_a_kept_edit_is_refused_when_the_branch_has_another_file_than_it_was_made_from(
    remote: Remote, tmp_path: Path
) -> None:
    with console(remote, tmp_path / "here") as desk:
        data = desk.planned(desk.review(TALOS_BRANCH), TALENV)
        edits = (FileEdit(TALENV, data + b"# mine\n", data),)
        assert desk.review(TALOS_BRANCH, edits=edits).edits == edits
    remote.push(TALENV, data.decode().replace("v1.13.8", "v1.13.9"), branch=TALOS_BRANCH)
    with (
        console(remote, tmp_path / "here") as desk,
        pytest.raises(Refused, match="the edit would undo what moved"),
    ):
        desk.review(TALOS_BRANCH, edits=edits)


def test_the_reason_of_a_revert_answers_what_blocks_it(remote: Remote, tmp_path: Path) -> None:
    commit = remote.push(IMMICH, remote.file(IMMICH).replace("v2.4.1", "v3.0.0"))
    with console(remote, tmp_path / "here", Blocked) as desk:
        blocked = desk.plan_revert(commit).review
        answered = desk.plan_revert(commit, reason="photos are gone").review
    assert blocked
    assert answered
    assert [each.rule for each in blocked.unanswered] == ["etcd"]
    assert (answered.unanswered, answered.typed) == ((), "immich-server")
    assert "Override: etcd: photos are gone" in answered.commit.message


def asked(steps: Iterable[Step]) -> list[str]:
    return [step.text for step in steps if step.name == "asked"]


class TestWhatIsWrittenIsAskedFor:
    """``approval.reconcile``: not only what is approved by itself."""

    def test_of_a_queue_each_and_its_total_comes_last(self, remote: Remote, tmp_path: Path) -> None:
        with console(remote, tmp_path / "here", Asked, write=True, hasten=True) as desk:
            steps = list(desk.approve_all([desk.review(IMMICH_BRANCH)], Stop()))
        assert asked(steps) == [remote.tip()]
        assert (steps[-1].name, steps[-1].text) == ("all", "1 approved")

    def test_of_a_queue_what_another_console_pushed_meanwhile_is_its_own_affair(
        self, remote: Remote, tmp_path: Path
    ) -> None:
        with console(remote, tmp_path / "here", Asked, write=True, hasten=True) as desk:
            steps = desk.approve_all([desk.review(IMMICH_BRANCH)], Stop())
            next(steps)
            next(steps)
            desk.journal.append("pushed", "another", commit="c" * 40)
            assert asked(steps) == [remote.tip()]

    def test_of_a_hold_its_release_and_a_revert(self, remote: Remote, tmp_path: Path) -> None:
        remote.push("renovate.json", "{}\n")
        with console(remote, tmp_path / "here", Asked, write=True, hasten=True) as desk:
            for name in ("hold", "release", "revert"):
                assert asked(desk.carry_out(self.planned(desk, remote, name), Stop())) == [remote.tip()]

    def planned(self, desk: Console, remote: Remote, name: str) -> Intent:
        """As the key on the screen has it planned."""
        if name == "hold":
            return desk.plan_hold(IMMICH_BRANCH, reason="it breaks")
        return desk.plan_release(IMMICH_BRANCH) if name == "release" else desk.plan_revert(remote.tip(), reason="no")

    def test_that_flux_can_not_be_asked_takes_nothing_back(self, remote: Remote, tmp_path: Path) -> None:
        with console(remote, tmp_path / "here", write=True, hasten=True) as desk:
            *_, told, total = desk.approve_all([desk.review(IMMICH_BRANCH)], Stop())
        assert (told.name, told.state, total.text) == ("reconcile", StepState.FAILED, "1 approved")

    def test_only_where_it_is_configured(self, remote: Remote, tmp_path: Path) -> None:
        with console(remote, tmp_path / "here", Asked, write=True) as desk:
            assert asked(desk.approve_all([desk.review(IMMICH_BRANCH)], Stop())) == []


class TestRefusals:
    """What is refused before anything was begun is in the journal, with its verb and its reason."""

    def test_of_holds_releases_and_reverts_are_told(self, remote: Remote, tmp_path: Path) -> None:
        commit = remote.push(TALENV, remote.file(TALENV).replace("v1.13.7", "v1.13.6"))
        with console(remote, tmp_path / "here", write=True) as desk:
            with pytest.raises(Refused):
                desk.plan_hold(IMMICH_BRANCH, reason=" ")
            with pytest.raises(Refused):
                desk.plan_release(IMMICH_BRANCH)
            with pytest.raises(Refused):
                desk.plan_revert(commit)
            entries = {entry.action: entry for entry in desk.history().entries}
        assert {each.outcome for each in entries.values()} == {"refused"}
        assert (entries["hold"].update, entries["hold"].reason) == (IMMICH_BRANCH, "A hold needs a reason.")
        assert entries["release"].reason == f"{IMMICH_BRANCH} is not held by us."
        assert entries["revert"].update == commit
        assert "takes nodes to another Talos" in entries["revert"].reason

    def test_of_what_can_not_be_approved_are_told(self, remote: Remote, tmp_path: Path) -> None:
        remote.push(TALENV, remote.file(TALENV).replace("v1.13.7", "v1.13.9"))
        with console(remote, tmp_path / "here", write=True) as desk:
            made = desk.review(TALOS_BRANCH)
            desk.refused(made)
            (entry,) = desk.history().entries
        assert (entry.action, entry.outcome, entry.update, entry.reason) == (
            "approve", "refused", TALOS_BRANCH, made.refusal,
        )  # fmt: skip
        assert made.refusal.startswith("It conflicts with main")

    def test_of_a_dry_run_or_without_write_mode_are_not(self, remote: Remote, tmp_path: Path) -> None:
        with console(remote, tmp_path / "here", write=True) as desk:
            with pytest.raises(Refused):
                desk.plan_release(IMMICH_BRANCH, supposed=True)
            desk.set_writable(False)
            with pytest.raises(Refused):
                desk.plan_release(IMMICH_BRANCH)
            assert desk.history().entries == ()


def test_windows_that_go_stay_gone_when_main_moved_elsewhere(remote: Remote, tmp_path: Path) -> None:
    windows = "  maintenance:\n    windows:\n      - start: '0 3 * * 6'\n        duration: 2h\n        timezone: UTC\n"
    remote.push(RESOURCE, remote.file(RESOURCE).replace("spec:\n", "spec:\n" + windows))
    with console(remote, tmp_path / "here") as desk:
        waits, at_once = (desk.review(TALOS_BRANCH, windows=each) for each in (False, True))
        assert not waits.edits
        assert any("maintenance windows go" in note for note in at_once.notes)
        remote.push(OTHER, remote.file(OTHER) + "# a note\n")
        desk._bound.mirror.fetch(Stop())
        again = desk.again(at_once)
        text = desk.planned(again, RESOURCE).decode()
    assert again.base == remote.tip() != at_once.base
    assert (again.notes, again.windows) == (at_once.notes, True)
    assert "maintenance" not in text
    assert "v1.13.8" in text
