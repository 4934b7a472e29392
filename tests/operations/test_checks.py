"""The repository's own checks before the push, and the branch for a pull request where main takes none."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from console.operations.settle import settle, unfinished
from console.sources.errors import Refused
from console.sources.stop import Stop
from tests.operations.machine import Machine, kill
from tests.operations.remote import IMMICH, IMMICH_BRANCH, TALOS_BRANCH, Remote, git

PROTECTED = 'case "$1" in refs/heads/main) echo "GH006: Protected branch update failed for $1." >&2; exit 1;; esac'


def runs(pid: int) -> bool:
    """Whether a process is there and is no zombie that nobody took in."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def until(true: Callable[[], bool]) -> None:
    """Wait for a condition, by looking."""
    wait = Stop()
    for _ in range(600):
        if true():
            return
        wait.wait(0.1)
    raise AssertionError("it did not come about")


class TestChecks:
    def test_run_on_the_resulting_tree_and_stand_in_the_commit(
        self, remote: Remote, machine: Machine, tmp_path: Path
    ) -> None:
        seen = tmp_path / "seen"
        commands = (f"grep -q v2.4.2 {IMMICH}", f"find . -type f | sort > {seen}; pwd >> {seen}; echo 2 files, fine")
        made = machine.review(IMMICH_BRANCH, checks=commands)
        steps, done = machine.approve(made)
        assert done.outcome == "pushed"
        *files, folder = seen.read_text().splitlines()
        assert files == sorted(f"./{path}" for path in machine.clone.files(done.commit))
        assert not Path(folder).exists()
        assert remote.field("%(trailers:key=Checks,valueonly)") == f"passed: {'; '.join(commands)}"
        (ended,) = [step for step in steps if step.name == "checks" and step.state == "done"]
        assert ended.detail == ("2 files, fine",)
        names = [step.name for step in steps]
        assert names.index("check") < names.index("checks") < names.index("commit")

    def test_a_secret_in_one_is_shown_and_kept_nowhere(self, remote: Remote, machine: Machine) -> None:
        token = "ghp_" + 30 * "x"
        made = machine.review(IMMICH_BRANCH, checks=(f": {token}",))
        assert token not in repr(made.commands)
        steps, done = machine.approve(made)
        assert remote.field("%(trailers:key=Checks,valueonly)", done.commit) == "passed: : ••••••"
        assert token not in repr(steps)
        assert token not in machine.journal.path.read_text()

    def test_one_that_fails_stops_before_the_push_with_its_last_words(self, remote: Remote, machine: Machine) -> None:
        main = remote.tip()
        with pytest.raises(Refused, match="ended with 3") as refused:
            machine.approve(machine.review(IMMICH_BRANCH, checks=("true", "echo chart not found >&2; exit 3")))
        assert (refused.value.kind, refused.value.hint) == ("checks", "chart not found")
        assert remote.tip() == main
        assert machine.events() == ["approved", "refused"]

    def test_i15_have_no_terminal_no_git_of_ours_and_end_with_all_they_started(
        self, remote: Remote, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("console.operations.checks.TIMEOUT", 1.0)
        left = tmp_path / "pid"
        asks = 'test -z "$GIT_DIR$GIT_INDEX_FILE" && ! (exec < /dev/tty) 2>/dev/null'
        command = f"{asks} || exit 9; sleep 300 & echo $! > {left}; wait"
        with pytest.raises(Refused, match="did not end"):
            machine.approve(machine.review(IMMICH_BRANCH, checks=(command,)))
        assert not runs(int(left.read_text()))
        assert remote.commits()[0] == "Second"

    def test_take_along_what_they_leave_running(self, machine: Machine, tmp_path: Path) -> None:
        left = tmp_path / "pid"
        _, done = machine.approve(machine.review(IMMICH_BRANCH, checks=(f"sleep 300 & echo $! > {left}",)))
        assert done.outcome == "pushed"
        until(lambda: not runs(int(left.read_text())))

    def test_that_find_no_room_are_the_approvals_end(
        self, remote: Remote, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = machine.review(IMMICH_BRANCH, checks=("true",))
        main = remote.tip()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
        with pytest.raises(Refused, match="No such file") as refused:
            machine.approve(made)
        assert refused.value.kind == "disk"
        assert machine.events() == ["approved", "refused"]
        assert (remote.tip(), unfinished(machine.journal)) == (main, [])
        with pytest.raises(Refused) as refused:
            machine.clone.edited_tree(remote.field("%T"), {"x": b"y"})
        assert refused.value.kind == "disk"

    def test_run_again_when_main_moved_meanwhile(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        ran = tmp_path / "ran"
        made = machine.review(IMMICH_BRANCH, checks=(f"cat other.txt >> {ran} 2>/dev/null || echo none >> {ran}",))
        machine.approve(made, "commit", lambda: remote.push("other.txt", "there\n"))
        assert ran.read_text() == "none\nthere\n"

    def test_i14_are_shown_before_and_not_run(self, machine: Machine, tmp_path: Path) -> None:
        made = machine.review(IMMICH_BRANCH, checks=(f"touch {tmp_path / 'ran'}",))
        assert f"touch {tmp_path / 'ran'}" in made.commands
        assert not (tmp_path / "ran").exists()

    def test_a_command_can_not_forge_a_trailer(self, machine: Machine) -> None:
        made = machine.review(IMMICH_BRANCH, checks=("true\nApproved-by: Mallory <m@example.org>",))
        assert made.commit.message.count("\nApproved-by: ") == 1


class TestABranchForAPullRequest:
    def test_gets_the_same_commit_and_nothing_else_is_written(self, remote: Remote, machine: Machine) -> None:
        remote.hook("update", PROTECTED)
        made, before = machine.review(), git("for-each-ref", at=remote.bare)
        with pytest.raises(Refused) as refused:
            machine.approve(made)
        assert refused.value.kind == "protected"
        assert git("for-each-ref", at=remote.bare) == before
        _, done = machine.approve(made, aside=True)
        assert done.branch.startswith("homeconsole/approve/")
        assert remote.tip(done.branch) == done.commit
        assert remote.field("%T", done.commit) == made.commit.tree
        assert set(remote.branches()) == {"main", TALOS_BRANCH, IMMICH_BRANCH, done.branch}
        assert remote.commits()[0] == "Second"
        assert machine.events()[-1] == "proposed"
        assert unfinished(machine.journal) == []

    def test_that_is_merged_by_the_forge_makes_the_update_a_noop(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        _, done = machine.approve(made, aside=True)
        git("update-ref", "refs/heads/main", done.commit, at=remote.bare)
        machine.now += timedelta(minutes=1)
        _, again = machine.approve(made)
        assert (again.outcome, again.commit) == ("noop", done.commit)

    def test_whose_console_was_killed_after_the_push_is_found(self, remote: Remote, machine: Machine) -> None:
        kill(remote, machine, TALOS_BRANCH, "push", aside=True)
        (order,) = unfinished(machine.journal)
        done = settle(order, machine.clone, machine.journal, Stop(), record=True)
        assert remote.tip(done.branch) == done.commit
        assert remote.commits()[0] == "Second"
        assert unfinished(machine.journal) == []
