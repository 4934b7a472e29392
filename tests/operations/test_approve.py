"""An approval, against real git: the reviewed commit lands, or nothing does."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.model.review import Review
from console.operations.approve import approve
from console.operations.journal import Journal
from console.operations.order import stamped
from console.operations.review import overridden
from console.operations.settle import settle, unfinished
from console.sources.errors import Refused, SourceError
from console.sources.git.mirror import Mirror
from console.sources.stop import Stop
from tests.operations.machine import NOW, VIA, Machine, at_the_same_instant, drain, kill
from tests.operations.remote import IMMICH, IMMICH_BRANCH, OTHER, RESOURCE, TALENV, TALOS_BRANCH, Remote, git
from tests.operations.wire import everywhere


class TestAnApproval:
    def test_puts_the_reviewed_commit_on_main_and_takes_the_branch_away(self, remote: Remote, machine: Machine) -> None:
        base, head = remote.tip(), remote.tip(TALOS_BRANCH)
        made = machine.review()
        steps, done = machine.approve(made)
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        assert remote.field("%P") == f"{base} {head}"
        assert remote.field("%T") == made.commit.tree
        assert remote.file(TALENV).splitlines()[1] == "talosVersion: v1.13.8"
        assert "version: v1.13.8" in remote.file(RESOURCE)
        assert remote.branches() == ["main", IMMICH_BRANCH]
        assert [step.name for step in steps if step.state == "done"] == [
            "record", "fetch", "check", "commit", "push", "verify",
        ]  # fmt: skip

    def test_writes_exactly_what_was_shown_but_for_the_moment_that_was_left_open(
        self, remote: Remote, machine: Machine
    ) -> None:
        made = machine.review()
        machine.now = NOW + timedelta(minutes=3)
        machine.approve(made)
        assert remote.message().strip("\n") == stamped(made.commit.message, machine.now).strip("\n")
        assert made.commit.message.replace("(when you confirm)", "2026-08-22T18:26:11Z") == stamped(
            made.commit.message, machine.now
        )
        assert remote.field("%an <%ae>") == made.commit.author == "Ada L <ada@example.org>"
        assert remote.field("%cn <%ce>") == made.commit.committer
        assert remote.field("%ct") == str(int(machine.now.timestamp()))

    def test_leaves_its_record_in_the_trailers(self, remote: Remote, machine: Machine) -> None:
        base, head = remote.tip(), remote.tip(TALOS_BRANCH)
        made = machine.review()
        machine.approve(made)
        told = dict(line.split(": ", 1) for line in remote.field("%(trailers:only,unfold)").splitlines())
        patch = git("diff", f"{base}...{head}", at=remote.bare)
        assert told == {
            "Update": TALOS_BRANCH,
            "Reviewed-commit": head,
            "Reviewed-base": base,
            "Reviewed-patch-id": git("patch-id", "--stable", at=remote.bare, text=patch).split()[0],
            "Findings": told["Findings"],
            "Checks": "none",
            "Approved-by": "Ada L <ada@example.org>",
            "Approved-at": "2026-08-22T18:23:11Z",
            "Approved-via": VIA,
        }
        warn, passed = len(made.preflight.failing("warn")), made.preflight.count("pass")
        assert told["Findings"] == f"{warn} warn, {passed} pass"
        assert remote.commits()[0] == f"Merge {TALOS_BRANCH}: siderolabs/talos v1.13.7 → v1.13.8"

    def test_is_read_back_as_an_approval(self, machine: Machine) -> None:
        machine.approve(machine.review())
        machine.clone.fetch(Stop())
        (found,) = machine.clone.scan()[0].approvals
        assert (found.branch, found.system, found.by, found.at) == (
            TALOS_BRANCH, "talos", "Ada L <ada@example.org>", NOW,
        )  # fmt: skip

    def test_by_squash_keeps_the_bots_authorship(self, remote: Remote, machine: Machine) -> None:
        base = remote.tip()
        made = machine.review(IMMICH_BRANCH, squash=True)
        machine.approve(made)
        assert remote.field("%P") == base
        assert remote.field("%an") == "home-bot[bot]"
        assert remote.field("%an <%ae>") == made.commit.author
        assert remote.field("%cn") == "Ada L"
        assert remote.commits()[0].startswith("fix(container): update image ghcr.io/immich-app/immich-server")
        assert remote.field("%(trailers:key=Reviewed-commit,valueonly)") == made.update.head

    def test_is_in_the_journal_before_and_after(self, remote: Remote, machine: Machine) -> None:
        machine.approve(machine.review())
        approved, committed, pushed = machine.journal.records()
        assert [r.event for r in (approved, committed, pushed)] == ["approved", "committed", "pushed"]
        assert pushed.data["commit"] == committed.data["commit"] == remote.tip()
        bound = {
            "repository",
            "target",
            "branch",
            "head",
            "base",
            "tree",
            "patch_id",
            "operator",
            "risk",
            "approved_at",
        }
        assert all(approved.data[name] for name in bound)
        assert unfinished(machine.journal) == []

    def test_gives_each_blocker_its_reason(self, remote: Remote, machine: Machine) -> None:
        remote.push(RESOURCE, remote.file(RESOURCE).replace("v1.13.7", "v1.9.6"))
        remote.push(TALENV, remote.file(TALENV).replace("v1.13.7", "v1.9.6"))
        branch = "renovate/talos-far"
        git("update-ref", f"refs/heads/{branch}", "main", at=remote.bare)
        remote.push(TALENV, remote.file(TALENV, branch).replace("v1.9.6", "v1.13.8"), branch=branch)
        remote.push(RESOURCE, remote.file(RESOURCE, branch).replace("v1.9.6", "v1.13.8"), branch=branch)
        made = machine.review(branch)
        assert {f.rule for f in made.unanswered} >= {"talos-host"}
        with pytest.raises(Refused, match="Blocked by"):
            machine.approve(made)
        answered = overridden(made, "tested on\nthe bench\x1b[2J")
        machine.approve(answered)
        overrides = remote.field("%(trailers:key=Override,valueonly)").splitlines()
        assert "talos-host: tested on␊the bench␛[2J" in overrides
        assert len(overrides) == len(made.unanswered)

    def test_signs_when_the_operator_signs(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        key = tmp_path / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
        for name, value in {"commit.gpgsign": "true", "gpg.format": "ssh", "user.signingkey": f"{key}.pub"}.items():
            git("config", "--global", name, value, at=tmp_path)
        made = machine.review()
        assert made.commit.signature.startswith("ssh ")
        machine.approve(made)
        assert "-----BEGIN SSH SIGNATURE-----" in git("cat-file", "commit", "main", at=remote.bare)


class TestNothingIsWritten:
    def refused(self, remote: Remote, machine: Machine, made: Review, *, kind: str = "") -> Refused:
        main = remote.commits()
        with pytest.raises(Refused) as refusal:
            machine.approve(made)
        assert remote.commits() == main
        if kind:
            assert refusal.value.kind == kind
        return refusal.value

    def test_when_the_branch_has_moved(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        moved = remote.push(TALENV, "talosVersion: v6.6.6\n", branch=TALOS_BRANCH)
        refusal = self.refused(remote, machine, made, kind="moved")
        assert f"{made.update.head[:7]} → {moved[:7]}" in refusal.message
        assert machine.events() == ["approved", "refused"]

    def test_when_the_branch_was_withdrawn(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        remote.delete(TALOS_BRANCH)
        self.refused(remote, machine, made, kind="withdrawn")

    def test_when_main_has_changed_the_same_file(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        remote.push(TALENV, remote.file(TALENV) + "# a note\n")
        refusal = self.refused(remote, machine, made, kind="moved")
        assert TALENV in refusal.message

    def test_when_main_conflicts_now(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        remote.push(TALENV, remote.file(TALENV).replace("v1.13.7", "v1.13.9"))
        self.refused(remote, machine, made, kind="conflict")

    def test_when_main_was_rewound(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        remote.rewind()
        self.refused(remote, machine, made, kind="rewound")

    @everywhere
    @pytest.mark.parametrize("hook", ["pre-receive", "update"])
    def test_when_a_hook_declines(self, remote: Remote, machine: Machine, hook: str) -> None:
        remote.hook(hook, "echo 'policy: no pushes on Fridays' >&2; exit 1")
        refusal = self.refused(remote, machine, machine.review(), kind="declined")
        assert "no pushes on Fridays" in refusal.message
        assert machine.events()[-1] == "refused"
        assert TALOS_BRANCH in remote.branches()

    @everywhere
    def test_when_the_branch_is_protected(self, remote: Remote, machine: Machine) -> None:
        remote.hook("pre-receive", "echo 'GH006: Protected branch update failed for refs/heads/main.' >&2; exit 1")
        self.refused(remote, machine, machine.review(), kind="protected")

    def test_when_it_was_stopped_before_the_push(self, remote: Remote, machine: Machine) -> None:
        made, stop = machine.review(), Stop()
        main = remote.tip()
        with pytest.raises(Refused, match="Stopped before the push"):
            machine.approve(made, "check", stop.set, stop)
        assert remote.tip() == main

    def test_when_the_review_is_a_day_old(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        machine.now = NOW + timedelta(hours=25)
        self.refused(remote, machine, made, kind="expired")
        assert machine.events() == ["refused"]

    def test_when_the_journal_can_not_be_written(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        machine.journal.path.mkdir(parents=True)
        self.refused(remote, machine, made, kind="journal")

    def test_when_the_commit_can_not_be_signed(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        for name, value in {"commit.gpgsign": "true", "gpg.format": "ssh", "user.signingkey": "/nowhere"}.items():
            git("config", "--global", name, value, at=tmp_path)
        self.refused(remote, machine, machine.review(), kind="signing")

    @pytest.mark.parametrize("missing", ["user.name", "user.email"])
    def test_when_git_does_not_know_the_operator(
        self, remote: Remote, machine: Machine, tmp_path: Path, missing: str
    ) -> None:
        git("config", "--global", "--unset", missing, at=tmp_path)
        made = machine.review()
        assert "git does not know who you are" in made.refusal
        self.refused(remote, machine, made)

    @pytest.mark.parametrize("field", ["tree", "base", "patch_id", "committer"])
    def test_when_the_review_lacks_anything(self, remote: Remote, machine: Machine, field: str) -> None:
        made = machine.review()
        commit: dict[str, Any] = {field: ""} if field in {"tree", "committer"} else {}
        rest: dict[str, Any] = {} if commit else {field: ""}
        made = replace(made, commit=replace(made.commit, **commit), **rest)
        self.refused(remote, machine, made)

    def test_when_the_reviewed_tree_is_not_what_the_merge_gives(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        for other in (remote.field("%T"), machine.review(IMMICH_BRANCH).commit.tree):
            self.refused(remote, machine, replace(made, commit=replace(made.commit, tree=other)), kind="moved")


class TestMainMoves:
    @everywhere
    def test_elsewhere_and_the_approval_goes_on(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        moved = remote.push(OTHER, remote.file(OTHER) + "# a note\n")
        _, done = machine.approve(made)
        assert done.outcome == "pushed"
        assert remote.field("%P") == f"{moved} {made.update.head}"
        assert remote.field("%(trailers:key=Reviewed-base,valueonly)") == made.base
        assert "# a note" in remote.file(OTHER)

    @everywhere
    def test_just_before_the_push_and_the_approval_is_carried_over(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        machine.approve(made, "commit", lambda: remote.push(OTHER, remote.file(OTHER) + "# a note\n"))
        assert remote.field("%s", "main^") == "Change"
        assert remote.field("%P").split()[1] == made.update.head
        assert machine.events() == ["approved", "committed", "committed", "pushed"]

    def test_just_before_the_push_in_the_same_file_and_it_stops(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        with pytest.raises(Refused, match="Main has changed"):
            machine.approve(made, "commit", lambda: remote.push(TALENV, remote.file(TALENV) + "# a note\n"))
        assert remote.commits()[0] == "Change"

    def test_the_branch_moves_just_before_the_push_and_main_stays(self, remote: Remote, machine: Machine) -> None:
        made, main = machine.review(), remote.tip()
        with pytest.raises(Refused, match="has moved since the review"):
            machine.approve(made, "commit", lambda: remote.push(TALENV, "x\n", branch=TALOS_BRANCH))
        assert remote.tip() == main


class TestExactlyOnce:
    def merges(self, remote: Remote) -> list[str]:
        return [subject for subject in remote.commits() if subject.startswith("Merge")]

    def test_a_second_approval_of_the_same_is_a_noop(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        _, first = machine.approve(made)
        machine.now += timedelta(minutes=1)
        _, second = machine.approve(made)
        assert (second.outcome, second.commit) == ("noop", first.commit)
        assert len(self.merges(remote)) == 1

    @pytest.mark.parametrize("squash", [False, True])
    def test_two_machines_at_the_same_instant(
        self, remote: Remote, machines: Callable[[str], Machine], *, squash: bool
    ) -> None:
        results = at_the_same_instant(machines("one"), machines("two"), squash=squash)
        assert sorted(done.outcome for done in results) == ["noop", "pushed"]
        assert {done.commit for done in results} == {remote.tip()}
        assert len(remote.commits()) == 3

    def test_two_consoles_of_one_machine_take_turns(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        other = Machine(machine.clone, Journal(machine.journal.path.parent, lambda: NOW))
        first = approve(made, machine.clone, machine.journal, machine.clock, Stop())
        next(first)
        stop = Stop()
        stop.set()
        with pytest.raises(Refused, match="under way"):
            next(approve(made, other.clone, other.journal, other.clock, stop))
        drain(first)
        assert len(self.merges(remote)) == 1

    def test_an_update_that_someone_else_merged_is_a_noop(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        git("update-ref", "refs/heads/main", made.update.head, at=remote.bare)
        _, done = machine.approve(made)
        assert (done.outcome, done.commit) == ("noop", remote.tip())

    def test_an_update_that_someone_else_squashed_is_a_noop_when_its_branch_is_gone(
        self, remote: Remote, machine: Machine
    ) -> None:
        made = machine.review(IMMICH_BRANCH)
        remote.push(IMMICH, remote.file(IMMICH, IMMICH_BRANCH), subject="squashed (#2)")
        remote.delete(IMMICH_BRANCH)
        _, done = machine.approve(made)
        assert (done.outcome, done.commit) == ("noop", remote.tip())

    def test_an_update_that_is_on_main_needs_no_approval(self, remote: Remote, machine: Machine) -> None:
        git("update-ref", "refs/heads/main", f"refs/heads/{IMMICH_BRANCH}", at=remote.bare)
        made = machine.review(IMMICH_BRANCH)
        assert (made.noop, made.refusal) == (True, "")
        _, done = machine.approve(made)
        assert done.outcome == "noop"
        assert machine.events() == ["noop"]

    def test_a_squash_that_was_taken_back_is_approved_anew(self, remote: Remote, machine: Machine) -> None:
        made = machine.review(IMMICH_BRANCH, squash=True)
        machine.approve(made)
        git("fetch", "-q", "origin", at=remote.work)
        git("checkout", "-q", "-B", "tmp", "origin/main", at=remote.work)
        git("revert", "--no-edit", "HEAD", at=remote.work)
        git("push", "-q", "origin", "tmp:main", at=remote.work)
        git("update-ref", f"refs/heads/{IMMICH_BRANCH}", made.update.head, at=remote.bare)
        machine.now += timedelta(minutes=1)
        _, done = machine.approve(machine.review(IMMICH_BRANCH, squash=True))
        assert done.outcome == "pushed"
        assert remote.file(IMMICH) == remote.file(IMMICH, made.update.head)

    @everywhere
    @pytest.mark.parametrize("step", ["record", "fetch", "check", "commit", "push", "verify"])
    def test_after_a_kill_at_any_step_it_is_found_out_and_nothing_is_pushed(
        self, remote: Remote, machine: Machine, step: str
    ) -> None:
        kill(remote, machine, TALOS_BRANCH, step)
        main = remote.tip()
        again = Machine(machine.clone, Journal(machine.journal.path.parent, lambda: NOW))
        left = unfinished(again.journal)
        if step == "verify":
            assert left == []
        elif step == "push":
            (order,) = left
            done = settle(order, again.clone, again.journal, Stop(), record=True)
            assert (done.outcome, done.commit) == ("pushed", main)
        else:
            (order,) = left
            with pytest.raises(Refused) as refusal:
                settle(order, again.clone, again.journal, Stop(), record=True)
            assert refusal.value.kind == "lost"
        assert remote.tip() == main
        assert len(self.merges(remote)) == (1 if step in {"push", "verify"} else 0)
        assert unfinished(again.journal) == []
        assert again.events()[-1] == ("pushed" if step in {"push", "verify"} else "refused")
        assert all(record.intact for record in again.journal.records())

    def test_a_push_whose_answer_was_lost_is_found_on_the_remote(self, remote: Remote, machine: Machine) -> None:
        """The remote is killed when its refs have moved and before it says so."""
        made = machine.review()
        remote.hook("reference-transaction", 'if [ "$1" = committed ]; then rm "$0"; kill -9 $PPID; fi')
        _, done = machine.approve(made)
        assert not (remote.bare / "hooks" / "reference-transaction").exists()
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        assert machine.events() == ["approved", "committed", "pushed"]
        assert len(self.merges(remote)) == 1

    def test_what_failed_before_the_push_has_ended(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        away = remote.bare.rename(remote.bare.with_suffix(".away"))
        with pytest.raises(SourceError):
            machine.approve(made)
        away.rename(remote.bare)
        assert machine.events() == ["approved", "refused"]
        assert unfinished(machine.journal) == []

    def test_a_push_that_never_got_to_the_remote_has_ended(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        away = remote.bare.with_suffix(".away")
        with pytest.raises(SourceError):
            machine.approve(made, "commit", lambda: remote.bare.rename(away))
        assert machine.events() == ["approved", "committed", "refused"]
        assert unfinished(machine.journal) == []

    def test_what_the_remote_took_and_could_not_be_read_back_stays_open(self, remote: Remote, machine: Machine) -> None:
        made, away = machine.review(), remote.bare.with_suffix(".away")
        remote.hook("post-receive", f"mv {remote.bare} {away}")
        with pytest.raises(SourceError) as error:
            machine.approve(made)
        assert error.value.kind in {"unknown", "unverified"}
        assert machine.events() == ["approved", "committed", "failed"]
        (order,) = unfinished(machine.journal)
        with pytest.raises(SourceError):
            settle(order, machine.clone, machine.journal, Stop(), record=True)
        assert unfinished(machine.journal) == [order]
        away.rename(remote.bare)
        done = settle(order, machine.clone, machine.journal, Stop(), record=True)
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        assert unfinished(machine.journal) == []

    def test_what_is_found_out_without_recording_it_stays_open(self, remote: Remote, machine: Machine) -> None:
        kill(remote, machine, TALOS_BRANCH, "push")
        before = machine.events()
        (order,) = unfinished(machine.journal)
        assert settle(order, machine.clone, machine.journal, Stop(), record=False).commit == remote.tip()
        assert machine.events() == before

    def test_a_refused_approval_is_not_taken_up_again(self, remote: Remote, machine: Machine) -> None:
        made = machine.review()
        remote.delete(TALOS_BRANCH)
        with pytest.raises(Refused):
            machine.approve(made)
        assert unfinished(machine.journal) == []


class TestTheOperatorsOwnCheckout:
    def test_stays_byte_for_byte(self, remote: Remote, tmp_path: Path) -> None:
        git("reset", "-q", "--hard", at=remote.work)
        (remote.work / "dirty.txt").write_text("mine")
        before = snapshot_of(remote.work)
        mirror = Mirror(str(remote.work), "main", ("renovate/",), tmp_path / "x", now=lambda: NOW)
        here = Machine(mirror, Journal(tmp_path / "x" / "state", lambda: NOW))
        here.approve(here.review())
        assert snapshot_of(remote.work) == before
        assert remote.commits()[0].startswith("Merge")


def snapshot_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(p): (p.stat().st_mode, p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()}
