"""Edits of the operator on a review, through the desk, on a real repository."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from console.model.finding import Finding, Preflight
from console.model.review import FileEdit
from console.model.snapshot import Snapshot, Topic
from console.model.updates import Update
from console.settings import load
from console.sources.errors import Refused
from console.wiring import Console
from tests.operations import remote as remotes
from tests.operations.remote import IMMICH, TALENV, TALOS_BRANCH, Remote, introduce

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


@contextmanager
def console(remote: Remote, home: Path, kind: type[Console] = Console) -> Iterator[Console]:
    """A desk that has read the repository, and no cluster."""
    desk = kind(replace(load({}, {"HOME": str(home)}), repository=str(remote.bare), state=home / "state"))
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
