"""I12: two approvers. The first one's signed record waits on a branch of ours, the second one's push completes it."""

import os
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from console.model.review import Review
from console.operations import offers
from console.operations.journal import Journal
from console.operations.preflight import preflight
from console.operations.review import review
from console.operations.seconding import is_of
from console.operations.settle import settle, unfinished
from console.sources.errors import Refused
from console.sources.git.mirror import Mirror
from console.sources.git.runner import Git
from console.sources.stop import Stop
from tests.operations.machine import NOW, VIA, Machine
from tests.operations.remote import IMMICH, IMMICH_BRANCH, OTHER, TALENV, TALOS_BRANCH, Remote, git


@dataclass
class Desks:
    """Operators, each on a machine of their own, who know each other's keys."""

    remote: Remote
    folder: Path

    def of(self, name: str, *, signs: bool = True, email: str = "") -> Machine:
        email = email or f"{name}@example.org"
        home = self.folder / name
        home.mkdir()
        key = home / "id"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
        signers = self.folder / "signers"
        with signers.open("a") as file:
            file.write(f"{email} {key.with_suffix('.pub').read_text()}")
        settings = {
            "user.name": name.title(), "user.email": email, "commit.gpgsign": str(signs).lower(), "gpg.format": "ssh",
            "user.signingkey": str(key), "gpg.ssh.allowedSignersFile": str(signers),
        }  # fmt: skip
        for key_name, value in settings.items():
            git("config", "--file", str(home / ".gitconfig"), key_name, value, at=self.folder)
        runner = Git(environ={"HOME": str(home), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"})
        mirror = Mirror(str(self.remote.bare), "main", ("renovate/",), home / "x", git=runner, now=lambda: NOW)
        return Machine(mirror, Journal(home / "state", lambda: NOW))


@pytest.fixture
def desks(remote: Remote, tmp_path: Path) -> Desks:
    return Desks(remote, tmp_path)


def two(machine: Machine, branch: str = IMMICH_BRANCH) -> Review:
    return machine.review(branch, approvers=2)


def record(remote: Remote) -> str:
    """The branch of the record."""
    (name,) = [each for each in remote.branches() if each.startswith("homeconsole/approve/")]
    return name


class TestI12TheFirst:
    def test_writes_a_signed_record_and_nothing_on_main(self, remote: Remote, desks: Desks) -> None:
        ada = desks.of("ada")
        main, head = remote.tip(), remote.tip(IMMICH_BRANCH)
        made = two(ada)
        assert made.recording
        assert any(made.record in command for command in made.commands)
        assert "refs/heads/main" not in made.commands[-1]
        _, done = ada.approve(made)
        assert (done.outcome, done.branch, done.commit) == ("pushed", record(remote), remote.tip(record(remote)))
        assert remote.field("%P", done.branch) == head
        assert remote.field("%(trailers:key=Approved-by,valueonly)", done.branch) == "Ada <ada@example.org>"
        assert "SSH SIGNATURE" in git("cat-file", "commit", done.branch, at=remote.bare)
        assert (remote.tip(), remote.tip(IMMICH_BRANCH)) == (main, head)
        assert unfinished(ada.journal) == []

    def test_can_not_be_the_second_too(self, desks: Desks) -> None:
        ada = desks.of("ada")
        ada.approve(two(ada))
        made = two(ada)
        assert made.refusal == "You have approved it already: it waits for another operator."
        with pytest.raises(Refused):
            ada.approve(made)

    def test_must_sign(self, desks: Desks) -> None:
        assert "git must sign here" in two(desks.of("ada", signs=False)).refusal

    def test_whose_console_was_killed_after_the_push_is_found(self, remote: Remote, desks: Desks) -> None:
        ada = desks.of("ada")
        made = two(ada)
        steps = ada.approve(made, "push", lambda: None)
        assert steps[1].branch == record(remote)
        before = ada.journal.path.read_bytes().splitlines(keepends=True)
        ada.journal.path.write_bytes(b"".join(before[:-1]))  # as if it had been killed before it could say so
        (order,) = unfinished(ada.journal)
        assert settle(order, ada.clone, ada.journal, Stop(), record=True).branch == record(remote)


class TestI12TheSecond:
    def test_completes_it_with_both_names_and_takes_the_record_away(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        base, head = remote.tip(), remote.tip(IMMICH_BRANCH)
        ada.approve(two(ada))
        made = two(bob)
        assert not made.recording
        _, done = bob.approve(made)
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
        assert remote.field("%P") == f"{base} {head}"
        assert remote.field("%(trailers:key=Approved-by,valueonly)").splitlines() == [
            "Ada <ada@example.org>", "Bob <bob@example.org>",
        ]  # fmt: skip
        assert remote.branches() == ["main", TALOS_BRANCH]

    def test_goes_on_when_main_moved_elsewhere_between_them(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        ada.approve(two(ada))
        remote.push(OTHER, remote.file(OTHER) + "# a note\n")
        assert bob.approve(two(bob))[1].commit == remote.tip()

    def test_is_the_first_again_when_the_branch_moved_between_them(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        ada.approve(two(ada))
        remote.push(IMMICH, remote.file(IMMICH, IMMICH_BRANCH) + "# more\n", branch=IMMICH_BRANCH)
        assert two(bob).recording

    @pytest.mark.parametrize("what", ["unsigned", "another name", "another key", "old", "other result"])
    def test_does_not_count_a_record_that_is_not_the_first_ones(self, remote: Remote, desks: Desks, what: str) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        ada.approve(two(ada))
        place = record(remote)
        forge(what, remote, desks, place)
        if what == "old":
            bob.now = NOW + timedelta(hours=25)
        made = two(bob)
        assert made.refusal.startswith("The first approval does not count: "), made.refusal
        main = remote.tip()
        with pytest.raises(Refused):
            bob.approve(made)
        assert remote.tip() == main

    @pytest.mark.parametrize(("key", "why"), [("ada", "signed by ada@example.org, not by bob"), ("new", "verified")])
    def test_must_sign_with_a_key_of_their_own(self, remote: Remote, desks: Desks, key: str, why: str) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        ada.approve(two(ada))
        if key == "new":
            made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(desks.folder / "new")]
            subprocess.run(made, check=True, timeout=60)
        path = desks.folder / "ada" / "id" if key == "ada" else desks.folder / "new"
        git("config", "--file", str(desks.folder / "bob" / ".gitconfig"), "user.signingkey", str(path), at=desks.folder)
        main = remote.tip()
        with pytest.raises(Refused, match=why):
            bob.approve(two(bob))
        assert remote.tip() == main

    def test_is_not_the_first_one_under_another_address(self, remote: Remote, desks: Desks) -> None:
        ada = desks.of("ada")
        signers = desks.folder / "signers"
        signers.write_text(signers.read_text().replace("ada@example.org", "ada@example.org,ada@elsewhere.org"))
        ada.approve(two(ada))
        settings = str(desks.folder / "ada" / ".gitconfig")
        git("config", "--file", settings, "user.email", "ada@elsewhere.org", at=remote.bare)
        main = remote.tip()
        with pytest.raises(Refused, match="signed by ada@example"):
            ada.approve(two(ada))
        assert remote.tip() == main

    def test_is_not_by_who_wrote_the_branch(self, remote: Remote, desks: Desks) -> None:
        bob = desks.of("bob", email="someone@example.org")
        remote.push(TALENV, remote.file(TALENV, TALOS_BRANCH) + "# mine\n", branch=TALOS_BRANCH)
        assert "You wrote a commit of this branch" in two(bob, TALOS_BRANCH).refusal

    def test_stops_when_the_record_goes_between_review_and_push(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        ada.approve(two(ada))
        made, place, main = two(bob), record(remote), remote.tip()
        with pytest.raises(Refused, match="has moved since the review"):
            bob.approve(made, "commit", lambda: remote.delete(place))
        assert remote.tip() == main

    def test_two_firsts_at_once_leave_one_record(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        reviews = [two(ada), two(bob)]
        with pytest.raises(Refused, match="someone else approves the same"):
            bob.approve(reviews[1], "commit", lambda: ada.approve(reviews[0]))
        assert remote.field("%(trailers:key=Approved-by,valueonly)", record(remote)) == "Ada <ada@example.org>"


class TestI12AProposalOfOurOwn:
    """A version that no branch offers, a revert: each operator makes it anew, and approves the same result."""

    def proposal(self, machine: Machine, what: str, reason: str = "") -> Review:
        machine.clone.fetch(Stop())
        if what == "talos":
            offer = offers.target(machine.clone, "talos", "v1.13.9")
        else:
            who, today = machine.clone.identity().name, machine.now.date()
            offer = offers.revert(machine.clone, what, reason=reason, by=who, today=today)
        found = preflight(offer.update, machine.clone, None, machine.now)
        made = review(
            offer.update, found, machine.clone, now=machine.now, via=VIA, notes=offer.notes, approvers=2, reason="known"
        )
        assert not made.refusal
        return made

    def test_a_version_without_a_branch_is_completed_by_the_second(self, remote: Remote, desks: Desks) -> None:
        ada, bob, main = desks.of("ada"), desks.of("bob"), remote.tip()
        first = self.proposal(ada, "talos")
        assert first.recording
        ada.approve(first)
        assert remote.tip() == main
        moved = remote.push(OTHER, remote.file(OTHER) + "# a note\n")  # elsewhere, between the two
        second = self.proposal(bob, "talos")
        assert not second.recording
        bob.approve(second)
        assert remote.field("%P") == moved
        assert "talosVersion: v1.13.9" in remote.file(TALENV)
        names = remote.field("%(trailers:key=Approved-by,valueonly)").splitlines()
        assert names == ["Ada <ada@example.org>", "Bob <bob@example.org>"]
        assert remote.branches() == ["main", IMMICH_BRANCH, TALOS_BRANCH]

    def test_a_revert_has_the_words_of_the_first_whenever_the_second_comes(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        remote.push("renovate.json", "{}\n")
        commit = remote.push(IMMICH, remote.file(IMMICH).replace("v2.4.1", "v2.4.2"))
        ada.approve(self.proposal(ada, commit, "photos are gone"))
        bob.now += timedelta(hours=9)
        bob.approve(self.proposal(bob, commit, "I see it too"))
        assert "tag: v2.4.1" in remote.file(IMMICH)
        assert "homeconsole hold: photos are gone (by Ada, since 2026-08-22)" in remote.file("renovate.json")
        assert remote.field("%(trailers:key=Reverts,valueonly)") == commit
        assert len(remote.field("%(trailers:key=Approved-by,valueonly)").splitlines()) == 2
        assert not [name for name in remote.branches() if name.startswith("homeconsole/")]

    def test_does_not_count_a_first_with_another_result(self, remote: Remote, desks: Desks) -> None:
        ada, bob = desks.of("ada"), desks.of("bob")
        ada.approve(self.proposal(ada, "talos"))
        remote.push(TALENV, remote.file(TALENV) + "# a note\n")
        bob.clone.fetch(Stop())
        offer = offers.target(bob.clone, "talos", "v1.13.9")
        found = preflight(offer.update, bob.clone, None, bob.now)
        made = review(offer.update, found, bob.clone, now=bob.now, via=VIA, approvers=2)
        assert "The first approval does not count: " in made.refusal


@pytest.mark.parametrize(
    ("signer", "address", "theirs"),
    [
        ("Alice <alice@example.org>", "Alice@example.org", True),
        ("Alice <alice@example.org>", "ice@example.org", False),
        ("ice@example.org <alice@example.org>", "ice@example.org", False),
        ("alice@example.org", "alice@example.org", True),
        ("alice@example.org", "ice@example.org", False),
        ("alice@example.org,al@example.org", "al@example.org", True),
        ("Alice <alice@example.org>", "", False),
        ("", "", False),
    ],
)
def test_a_signer_is_told_by_the_exact_address(signer: str, address: str, *, theirs: bool) -> None:
    assert is_of(signer, address) is theirs


def _again(remote: Remote, place: str, *words: str, tree: str = "") -> None:
    """The record made anew with something else in it."""
    parent, tree = remote.field("%P", place), tree or remote.field("%T", place)
    date = remote.field("%cI", place)
    environment = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    made = git(
        *words, "commit-tree", *(["-S"] if words[-1].startswith("user.signingkey") else []), tree, "-p", parent,
        at=remote.bare, text=remote.message(place), env=environment,
    ).strip()  # fmt: skip
    git("update-ref", f"refs/heads/{place}", made, at=remote.bare)


def _who(name: str, email: str = "") -> tuple[str, ...]:
    return ("-c", f"user.name={name.title()}", "-c", f"user.email={email or name + '@example.org'}")


def _signed(desks: Desks, key: str) -> tuple[str, ...]:
    return ("-c", "gpg.format=ssh", "-c", f"user.signingkey={desks.folder / key / 'id'}")


def forge(what: str, remote: Remote, desks: Desks, place: str) -> None:
    """The record as someone might make it up."""
    if what == "unsigned":
        _again(remote, place, *_who("ada"))
    elif what == "another name":
        _again(remote, place, *_who("eve"), *_signed(desks, "ada"))
    elif what == "another key":
        _again(remote, place, *_who("ada"), *_signed(desks, "bob"))
    elif what == "other result":
        _again(remote, place, *_who("ada"), *_signed(desks, "ada"), tree=remote.field("%T", "main"))
