"""What goes wrong on the way: the remote over HTTP, disks, clocks. Never lost, never twice, never anything else."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.operations.journal import Journal
from console.operations.settle import settle, unfinished
from console.sources.errors import HomeconsoleError, Refused, SourceError
from console.sources.stop import Stop
from tests.operations.machine import NOW, Machine, at_the_same_instant, clone, kill
from tests.operations.remote import IMMICH_BRANCH, OTHER, TALENV, TALOS_BRANCH, Remote, git
from tests.operations.wire import Wire
from tests.sources.git.forge import Forge, serving


@pytest.fixture
def forge(remote: Remote) -> Iterator[Forge]:
    with serving(remote.bare, login="ada:s3cret") as running:
        yield running


@pytest.fixture
def over_http(remote: Remote, forge: Forge, tmp_path: Path) -> Callable[[str], Machine]:
    def machine(name: str = "here") -> Machine:
        mirror = clone(remote, tmp_path / name, forge.url.replace("//", "//ada:s3cret@"))
        return Machine(mirror, Journal(tmp_path / name / "state", lambda: NOW))

    return machine


def merges(remote: Remote) -> list[str]:
    return [subject for subject in remote.commits() if subject.startswith("Merge")]


class TestOverHttp:
    def test_an_approval_lands_and_its_login_is_nowhere(
        self, remote: Remote, over_http: Callable[[str], Machine], tmp_path: Path
    ) -> None:
        """I13."""
        machine = over_http("here")
        made = machine.review()
        _, done = machine.approve(made)
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        assert remote.branches() == ["main", IMMICH_BRANCH]
        assert "s3cret" not in remote.message() + repr(made) + machine.journal.path.read_text()
        written = [path for path in (tmp_path / "here").rglob("*") if path.is_file()]
        assert not any(b"s3cret" in path.read_bytes() for path in written)

    def test_without_a_login_nothing_is_begun(self, remote: Remote, forge: Forge, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="asks for a login"):
            clone(remote, tmp_path / "x", forge.url).fetch(Stop())


class TestOverAWire:
    """HTTP; ssh in the second tier."""

    def test_the_connection_dies_before_the_answer_to_the_push(
        self, remote: Remote, wire: Wire, far: Callable[[str], Machine]
    ) -> None:
        machine = far("here")
        made = machine.review()
        wire.cut()
        _, done = machine.approve(made)
        assert wire.cuts() == 1
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        assert machine.events() == ["approved", "committed", "pushed"]
        assert len(merges(remote)) == 1

    def test_the_connection_dies_and_the_remote_is_away_after_it(
        self, remote: Remote, wire: Wire, far: Callable[[str], Machine]
    ) -> None:
        machine = far("here")
        made = machine.review()
        wire.cut(away=True)
        with pytest.raises(SourceError) as error:
            machine.approve(made)
        assert error.value.kind == "unknown"
        assert machine.events() == ["approved", "committed", "failed"]
        wire.back()
        (order,) = unfinished(machine.journal)
        done = settle(order, machine.clone, machine.journal, Stop(), record=True)
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        machine.now += timedelta(minutes=1)
        assert machine.approve(made)[1].outcome == "noop"
        assert len(merges(remote)) == 1

    def test_a_login_that_may_only_read_is_told(
        self, remote: Remote, wire: Wire, far: Callable[[str], Machine]
    ) -> None:
        wire.only_reads()
        machine, before = far("here"), git("for-each-ref", at=remote.bare)
        made = machine.review()
        with pytest.raises(Refused) as refused:
            machine.approve(made)
        assert refused.value.kind == "forbidden"
        assert git("for-each-ref", at=remote.bare) == before

    @pytest.mark.parametrize("what", ["branch moves", "branch vanishes", "main rewound", "main changes the file"])
    def test_what_moves_at_the_last_moment_stops_it(
        self, remote: Remote, far: Callable[[str], Machine], what: str
    ) -> None:
        """I3, I4 and I5: after our own look, so that only the leases can tell."""
        moves: dict[str, Callable[[], object]] = {
            "branch moves": lambda: remote.push(TALENV, "x\n", branch=TALOS_BRANCH),
            "branch vanishes": lambda: remote.delete(TALOS_BRANCH),
            "main rewound": remote.rewind,
            "main changes the file": lambda: remote.push(TALENV, remote.file(TALENV) + "# a note\n"),
        }
        machine = far("here")
        made = machine.review()
        with pytest.raises(Refused) as refused:
            machine.approve(made, "commit", moves[what])
        assert refused.value.kind in {"moved", "withdrawn", "rewound"}
        assert merges(remote) == []

    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            ("policy: no pushes on Fridays", "declined"),
            ("GH006: Protected branch update failed for refs/heads/main.", "protected"),
        ],
    )
    def test_a_server_that_declines_is_quoted_and_nothing_changes(
        self, remote: Remote, far: Callable[[str], Machine], said: str, kind: str
    ) -> None:
        remote.hook("pre-receive", f"echo '{said}' >&2; exit 1")
        machine, before = far("here"), git("for-each-ref", at=remote.bare)
        with pytest.raises(Refused) as refused:
            machine.approve(machine.review())
        assert refused.value.kind == kind
        assert kind == "protected" or said in refused.value.message
        assert git("for-each-ref", at=remote.bare) == before
        assert machine.events() == ["approved", "committed", "refused"]

    @pytest.mark.parametrize("step", ["commit", "push"])
    def test_after_a_kill_before_or_after_the_push_it_is_found_out(
        self, remote: Remote, wire: Wire, far: Callable[[str], Machine], step: str
    ) -> None:
        """The other steps are the same without a wire: test_approve."""
        machine = far("here")
        kill(replace(remote, url=wire.url), machine, TALOS_BRANCH, step)
        main, (order,) = remote.tip(), unfinished(machine.journal)
        if step == "push":
            done = settle(order, machine.clone, machine.journal, Stop(), record=True)
            assert (done.outcome, done.commit) == ("pushed", main)
        else:
            with pytest.raises(Refused, match="never got to main"):
                settle(order, machine.clone, machine.journal, Stop(), record=True)
        assert remote.tip() == main
        assert len(merges(remote)) == (step == "push")
        assert unfinished(machine.journal) == []

    def test_two_consoles_at_the_same_instant_write_one_commit(
        self, remote: Remote, far: Callable[[str], Machine]
    ) -> None:
        """I10."""
        results = at_the_same_instant(far("one"), far("two"))
        assert sorted(done.outcome for done in results) == ["noop", "pushed"]
        assert {done.commit for done in results} == {remote.tip()}
        assert len(merges(remote)) == 1


class TestDisks:
    def test_a_remote_that_may_only_be_read(self, remote: Remote, machine: Machine) -> None:
        made, main = machine.review(), remote.tip()
        remote.hook("pre-receive", "echo 'error: insufficient permission, Read-only file system' >&2; exit 1")
        with pytest.raises(Refused) as refused:
            machine.approve(made)
        assert "Read-only file system" in refused.value.message
        assert remote.tip() == main

    @pytest.mark.parametrize(("step", "left"), [("", 0), ("record", 1), ("check", 1)])
    def test_i7_a_full_disk_pushes_nothing_and_what_was_begun_is_found(
        self, remote: Remote, tmp_path: Path, step: str, left: int
    ) -> None:
        """A limit on the size of files stands for the full disk: from the beginning, or from a step on."""
        program = (
            "import resource, signal, sys\n"
            "from pathlib import Path\n"
            "from console.operations.approve import approve\n"
            "from console.operations.journal import Journal\n"
            "from console.sources.errors import HomeconsoleError\n"
            "from console.sources.stop import Stop\n"
            "from tests.operations.machine import Machine, clone, NOW\n"
            "from tests.operations.remote import IMMICH_BRANCH, Remote\n"
            "bare, folder, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]\n"
            "here = Machine(clone(Remote(bare, bare, str(bare)), folder), Journal(folder / 'state', lambda: NOW))\n"
            "made = here.review(IMMICH_BRANCH)\n"
            "def fill(told):\n"
            "    if told == step: resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "fill('')\n"
            "try:\n"
            "    for each in approve(made, here.clone, here.journal, here.clock, Stop()): fill(each.name)\n"
            "except HomeconsoleError as error: print(error.kind, error.message)\n"
        )
        before = git("for-each-ref", at=remote.bare)
        done = subprocess.run(
            [sys.executable, "-c", program, str(remote.bare), str(tmp_path / "full"), step],
            capture_output=True, text=True, timeout=100, check=False, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip(), "nothing was said"
        assert git("for-each-ref", at=remote.bare) == before
        journal = Journal(tmp_path / "full" / "state", lambda: NOW)
        assert all(record.intact for record in journal.records())
        orders = unfinished(journal)
        assert len(orders) == left
        for order in orders:
            with pytest.raises(Refused, match="never got to main"):
                settle(order, clone(remote, tmp_path / "full"), journal, Stop(), record=True)
        assert unfinished(journal) == []


class TestClocks:
    @pytest.mark.parametrize("days", [-400, 400])
    def test_one_that_is_far_off_changes_nothing_but_the_dates(
        self, remote: Remote, machine: Machine, days: int
    ) -> None:
        machine.now = NOW + timedelta(days=days)
        machine.approve(machine.review())
        assert remote.field("%ct") == str(int(machine.now.timestamp()))
        machine.clone.fetch(Stop())
        (found,) = machine.clone.scan()[0].approvals
        assert (found.branch, found.at) == (TALOS_BRANCH, machine.now)
        machine.now = NOW
        assert machine.approve(machine.review(IMMICH_BRANCH))[1].outcome == "pushed"

    def test_one_that_went_back_since_the_review_asks_for_a_new_one(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        machine.now = NOW - timedelta(hours=1)
        with pytest.raises(Refused, match="clock went back"):
            machine.approve(made)
        assert merges(remote) == []


class TestI17TheOperatorsOwn:
    def test_checkout_index_stash_configuration_and_hooks_stay_byte_for_byte(
        self, remote: Remote, tmp_path: Path
    ) -> None:
        work = remote.work
        (work / "dirty.txt").write_text("mine")
        git("stash", "-u", at=work)
        (work / OTHER).write_text("edited\n")
        git("add", OTHER, at=work)
        hook = work / ".git" / "hooks" / "pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'hook ran'}\nexit 1\n")
        hook.chmod(0o755)
        git("config", "core.hooksPath", str(hook.parent), at=work)
        home = Path.home()

        def everything() -> dict[str, tuple[int, bytes]]:
            files = [*work.rglob("*"), *(home / ".gitconfig",)]
            return {str(p): (p.stat().st_mode, p.read_bytes()) for p in sorted(files) if p.is_file()}

        before = everything()
        machine = Machine(clone(remote, tmp_path / "x", str(work)), Journal(tmp_path / "x" / "state", lambda: NOW))
        machine.approve(machine.review(checks=("true",)))
        with pytest.raises(HomeconsoleError):
            machine.approve(machine.review(IMMICH_BRANCH, checks=("false",)))
        machine.approve(machine.review(IMMICH_BRANCH), aside=True)
        assert everything() == before
        assert not (tmp_path / "hook ran").exists()
        assert remote.commits()[0].startswith("Merge")


class TestI5OnlyTheseBranches:
    def test_are_written_whatever_happens(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        """What the server is asked to do is noted down by a hook of its own."""
        asked = tmp_path / "asked"
        remote.hook("pre-receive", f"cat >> {asked}")
        git("push", "-q", "origin", "main:refs/heads/feature", "main:refs/tags/v1", at=remote.work)
        asked.write_text("")
        machine.approve(machine.review())
        machine.approve(machine.review(IMMICH_BRANCH, squash=True))
        refs = {line.split()[2] for line in asked.read_text().splitlines()}
        assert refs == {"refs/heads/main", f"refs/heads/{TALOS_BRANCH}", f"refs/heads/{IMMICH_BRANCH}"}
        assert {"feature"} <= set(remote.branches())

    def test_every_ref_of_a_push_is_leased_and_none_is_forced(self, machine: Machine) -> None:
        (push,) = [line for line in machine.review().commands if line.startswith("git push")]
        words = push.split()
        refspecs = words[words.index("--end-of-options") + 2 :]
        leased = {word.split("=")[1].split(":")[0] for word in words if word.startswith("--force-with-lease=")}
        assert {spec.split(":")[1] for spec in refspecs} == leased
        assert not {"-f", "--force", "--mirror", "--all", "--tags"} & set(words)
        assert not any(spec.startswith("+") for spec in refspecs)
        assert "--atomic" in words


def test_i10_a_kill_while_the_remote_is_away_is_found_out_later(remote: Remote, machine: Machine) -> None:
    kill(remote, machine, TALOS_BRANCH, "push")
    away = remote.bare.rename(remote.bare.with_suffix(".away"))
    (order,) = unfinished(machine.journal)
    with pytest.raises(SourceError):
        settle(order, machine.clone, machine.journal, Stop(), record=True)
    assert unfinished(machine.journal) == [order]
    away.rename(remote.bare)
    assert settle(order, machine.clone, machine.journal, Stop(), record=True).commit == remote.tip()
    assert len(merges(remote)) == 1
