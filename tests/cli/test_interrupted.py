"""An approval that a killed console left in the middle: the next one takes it up, or says so."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.model.attention import attention
from console.model.review import UnfinishedApproval
from console.model.snapshot import Life, Topic
from console.operations.journal import Journal
from console.operations.settle import unfinished
from console.settings import load
from console.wiring import Console
from tests.cli.conftest import Shell
from tests.cli.test_life import waited
from tests.operations import remote as remotes
from tests.operations.machine import NOW, Machine, clone, kill
from tests.operations.remote import IMMICH_BRANCH, Remote, introduce

TOPICS = (Topic.REPOSITORY, Topic.UPDATES, Topic.APPROVALS)
MERGE = f"Merge {IMMICH_BRANCH}: ghcr.io/immich-app/immich-server v2.4.1 → v2.4.2"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


@pytest.fixture
def killed(remote: Remote, tmp_path: Path) -> Callable[[str], Journal]:
    """Approve, and be killed when the step was told; the journal."""

    def at(step: str) -> Journal:
        journal = Journal(tmp_path / "here" / "state", lambda: NOW)
        kill(remote, Machine(clone(remote, tmp_path / "here"), journal), IMMICH_BRANCH, step)
        return journal

    return at


@contextmanager
def console(repository: Path, state: Path, *, write: bool) -> Iterator[Console]:
    """A desk an hour later, on the same state folder."""
    seconds = itertools.count(3600)
    settings = replace(load({}, {"HOME": str(state)}), repository=str(repository), state=state, write=write)
    desk = Console(settings, now=lambda: NOW + timedelta(seconds=next(seconds)))
    try:
        desk.start(TOPICS)
        yield desk
    finally:
        desk.stop()


def approvals(desk: Console) -> list[UnfinishedApproval]:
    return list(desk.snapshot()[Topic.APPROVALS].items.values())


def states(desk: Console) -> list[str]:
    return [each.state for each in approvals(desk)]


def said(desk: Console) -> list[str]:
    return [f"{each.severity} {each.text}, {each.rest}" for each in attention(desk.snapshot())]


NAME = "the approval of immich-server v2.4.1 → v2.4.2 was interrupted"


def ended(journal: Journal, seconds: float = 60) -> None:
    """Until the journal has an end for everything. What is only recorded is no news to the desk's listeners."""
    deadline = time.monotonic() + seconds
    while unfinished(journal):
        assert time.monotonic() < deadline, journal.records()
        threading.Event().wait(0.05)


class TestInWriteMode:
    @pytest.mark.parametrize("step", ["record", "fetch", "check", "commit"])
    def test_one_that_was_not_pushed_ends_and_is_not_carried_out(
        self, remote: Remote, killed: Callable[[str], Journal], step: str
    ) -> None:
        journal, main, branches = killed(step), remote.tip(), remote.branches()
        with console(remote.bare, journal.path.parent, write=True) as desk:
            assert waited(desk, lambda: states(desk) == ["refused"])
            assert said(desk)[0].startswith(f"act {NAME} and is not carried out, It never got to main.")
        assert (remote.tip(), remote.branches()) == (main, branches)
        assert unfinished(journal) == []

    def test_one_that_was_pushed_is_found(self, remote: Remote, killed: Callable[[str], Journal]) -> None:
        journal = killed("push")
        with console(remote.bare, journal.path.parent, write=True) as desk:
            assert waited(desk, lambda: states(desk) == ["pushed"])
            assert waited(desk, lambda: (IMMICH_BRANCH,) not in desk.snapshot()[Topic.UPDATES].items)
            assert said(desk)[-1].endswith(f"was interrupted and is done, {remote.tip()[:7]}")
        assert remote.commits() == [MERGE, "Second", "Begin"]
        assert unfinished(journal) == []

    def test_one_that_had_ended_is_not_touched(self, remote: Remote, killed: Callable[[str], Journal]) -> None:
        journal = killed("verify")
        before = journal.records()
        with console(remote.bare, journal.path.parent, write=True) as desk:
            assert desk.read(TOPICS, 60)
            assert approvals(desk) == []
        assert journal.records() == before

    def test_it_waits_for_a_remote_that_is_away(self, remote: Remote, killed: Callable[[str], Journal]) -> None:
        journal = killed("push")
        away = remote.bare.rename(remote.bare.with_suffix(".away"))
        with console(remote.bare, journal.path.parent, write=True) as desk:
            assert waited(desk, lambda: desk.snapshot()[Topic.REPOSITORY].freshness.problem is not None)
            assert waited(desk, lambda: states(desk) == ["waiting"])
            away.rename(remote.bare)
            assert waited(desk, lambda: states(desk) == ["pushed"])
        assert remote.commits()[0] == MERGE


class TestReadOnly:
    @pytest.mark.parametrize(("step", "state"), [("commit", "refused"), ("push", "pushed")])
    def test_it_is_told_and_write_mode_records_it_and_pushes_nothing(
        self, remote: Remote, killed: Callable[[str], Journal], step: str, state: str
    ) -> None:
        journal, main = killed(step), remote.tip()
        with console(remote.bare, journal.path.parent, write=False) as desk:
            assert waited(desk, lambda: states(desk) == [state])
            assert len(unfinished(journal)) == 1
            desk.set_writable(True)
            ended(journal)
            assert states(desk) == [state]
        assert remote.tip() == main

    def test_a_plain_command_tells_it_and_writes_nothing_even_where_writing_is_on(
        self, remote: Remote, killed: Callable[[str], Journal], nowhere: Shell, tmp_path: Path
    ) -> None:
        journal, main = killed("commit"), remote.tip()
        state = tmp_path / "xdg" / "homeconsole"
        state.mkdir(parents=True)
        journal.path.rename(state / journal.path.name)
        extra = {"XDG_STATE_HOME": str(state.parent)}
        ran = nowhere.run("status", "--write", "--repo", str(remote.bare), "-o", "json", extra=extra)
        assert any("was interrupted" in each["text"] for each in ran.json["attention"]), ran.out
        assert remote.tip() == main


def test_what_was_approved_for_another_repository_is_left_to_its_console(
    remote: Remote, killed: Callable[[str], Journal], tmp_path: Path
) -> None:
    journal = killed("commit")
    (tmp_path / "other").mkdir()
    other = remotes.build(tmp_path / "other")
    with console(other.bare, journal.path.parent, write=True) as desk:
        assert waited(
            desk, lambda: desk.snapshot()[Topic.APPROVALS].freshness.life is Life.LIVE and not approvals(desk)
        )
    assert len(unfinished(journal)) == 1
    assert remote.commits() == other.commits() == ["Second", "Begin"]
