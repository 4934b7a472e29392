"""Updates and approvals over a real ssh: every way in, and what an operator is told where there is none."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.live.sshd import PASSPHRASE, Sshd
from tests.operations.remote import IMMICH_BRANCH, TALOS_BRANCH, Remote, git
from tests.terminal import terminal

APPROVE = ("approve", IMMICH_BRANCH, "--write", "--yes", "-o", "json")


def approves(shell: Shell, remote: Remote, url: str) -> None:
    """Everything that the operator does on a repository, in two commands."""
    read = shell.run("updates", "--repo", url, "-o", "json")
    assert read.code == 0, read.err
    assert {update["branch"] for update in read.json["updates"]} == {IMMICH_BRANCH, TALOS_BRANCH}
    ran = shell.run(*APPROVE, "--repo", url)
    assert (ran.code, ran.json["outcome"], ran.json["commit"]) == (0, "pushed", remote.tip()), ran.err
    assert remote.branches() == ["main", TALOS_BRANCH]


class TestAWayIn:
    def test_a_key_that_is_accepted(self, over_ssh: Shell, remote: Remote) -> None:
        approves(over_ssh, remote, f"ssh://box{remote.bare}")

    def test_a_jump_host_that_only_gits_own_configuration_names(self, shell: Shell, sshd: Sshd, remote: Remote) -> None:
        configuration = Path(shell.environment["HOME"]) / ".gitconfig"
        git("config", "--file", str(configuration), "core.sshCommand", shlex.join(sshd.command), at=shell.folder)
        passed = len(sshd.gate.said)
        approves(shell, remote, f"jumped:{remote.bare}")
        assert any("Accepted publickey" in line for line in sshd.gate.said[passed:])

    def test_a_key_with_a_passphrase_that_an_agent_has(
        self, over_ssh: Shell, sshd: Sshd, remote: Remote, agent: str
    ) -> None:
        ask = sshd.folder / "ask"
        ask.write_text(f"#!/bin/sh\necho '{PASSPHRASE}'\n")
        ask.chmod(0o700)
        how = {"SSH_AUTH_SOCK": agent, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
        locked = str(sshd.folder / "locked")
        subprocess.run(
            ["ssh-add", "-q", locked], check=True, timeout=60, capture_output=True, env={**os.environ, **how}
        )
        command = shlex.join([*sshd.command, "-o", "IdentityAgent=SSH_AUTH_SOCK"])
        over_ssh.environment |= {"SSH_AUTH_SOCK": agent, "GIT_SSH_COMMAND": command}
        approves(over_ssh, remote, f"ssh://locked{remote.bare}")

    @pytest.fixture
    def agent(self, sshd: Sshd) -> Iterator[str]:
        """The socket of an ssh-agent."""
        socket = sshd.folder / "agent"
        command = ["ssh-agent", "-D", "-a", str(socket)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stdout.readline()  # it listens
            yield str(socket)
            running.terminate()

    def test_a_connection_that_the_operators_ssh_keeps(
        self, over_ssh: Shell, sshd: Sshd, remote: Remote, tmp_path: Path
    ) -> None:
        """ssh's master outlives git, with its output still in hand."""
        kept = ["-o", "ControlMaster=auto", "-o", "ControlPersist=300", "-o", f"ControlPath={tmp_path}/kept"]
        over_ssh.environment["GIT_SSH_COMMAND"] = shlex.join([*sshd.command, *kept])
        before = len(sshd.box.said)
        try:
            approves(over_ssh, remote, f"ssh://box{remote.bare}")
        finally:
            leave = [*sshd.command, *kept, "-O", "exit", "box"]
            assert subprocess.run(leave, check=False, timeout=60, capture_output=True).returncode == 0
        assert sum("Accepted publickey" in line for line in sshd.box.said[before:]) == 1


# Name for ssh, kind, what is said and what to do.
_NO_WAY_IN = {
    "changed": ("host-key", ["changed shows another host key than before, SHA256:"], ["ssh-keygen -f '", "-R 'box'"]),
    "unknown": ("host-key", ["unknown shows a host key that ssh does not know"], ["ssh -T unknown"]),
    "lost": ("host-key", ["the jump host before lost shows a host key"], ["ssh -T lost"]),
    "locked": ("unauthorized", ["locked does not accept our ssh key", "Permission denied (publickey)"], ["ssh-add -l"]),
    "stranger": ("unauthorized", ["stranger does not accept our ssh key"], ["ssh -T stranger"]),
}


class TestNoWayIn:
    @pytest.mark.parametrize("host", _NO_WAY_IN)
    def test_what_where_and_what_to_do_is_told(self, over_ssh: Shell, remote: Remote, host: str) -> None:
        kind, said, hints = _NO_WAY_IN[host]
        before = git("for-each-ref", at=remote.bare)
        for command in (("updates", "-o", "json"), APPROVE):
            ran = over_ssh.run(*command, "--repo", f"ssh://{host}{remote.bare}")
            assert (ran.code, ran.json["error"]["kind"]) == (3, kind), ran.json["error"]
            assert [words for words in said if words not in ran.json["error"]["message"]] == []
            assert [words for words in hints if words not in ran.json["error"]["hint"]] == []
            assert "Could not read from remote" not in ran.out  # the echo of every failure of ssh
        assert git("for-each-ref", at=remote.bare) == before

    def test_the_command_that_forgets_a_changed_key_works(self, over_ssh: Shell, sshd: Sshd, remote: Remote) -> None:
        known = sshd.folder / "known-before"
        before, url = known.read_text(), f"ssh://changed{remote.bare}"
        hint = over_ssh.run("updates", "--repo", url, "-o", "json").json["error"]["hint"]
        try:
            command = shlex.split(hint.partition(": ")[2].partition(", then")[0])
            subprocess.run(command, check=True, timeout=60, capture_output=True)
            known.write_text(known.read_text() + (sshd.folder / "known").read_text())  # taken by hand
            assert over_ssh.run("updates", "--repo", url).code == 0
        finally:
            known.write_text(before)

    @pytest.mark.parametrize("host", ["locked", "unknown", "lost"])
    def test_nobody_is_asked_at_the_terminal(self, over_ssh: Shell, remote: Remote, host: str) -> None:
        """A passphrase, and whether a host is to be trusted: ssh would ask, at the terminal that the screen is on."""
        command = over_ssh.command("updates", "--repo", f"ssh://{host}{remote.bare}")
        with terminal(command, env=over_ssh.environment) as screen:
            assert screen.ends(60) == 3
        for question in (b"passphrase", b"yes/no", b"password"):
            assert question not in bytes(screen.raw).replace(b"A key with a passphrase", b"")

    def test_a_host_that_is_away_is_told_and_may_come_back(self, over_ssh: Shell, sshd: Sshd, remote: Remote) -> None:
        sshd.box.stop()
        try:
            for host, where in (("box", "box can't be reached"), ("jumped", "jumped can't be reached")):
                ran = over_ssh.run("updates", "--repo", f"ssh://{host}{remote.bare}", "-o", "json")
                assert (ran.code, ran.json["error"]["kind"]) == (3, "unreachable"), ran.out
                assert ran.json["error"]["message"].startswith(where)
        finally:
            sshd.start()
        assert over_ssh.run("updates", "--repo", f"ssh://box{remote.bare}").code == 0


class TestAKeyThatMayOnlyRead:
    def test_reads(self, over_ssh: Shell, remote: Remote) -> None:
        assert over_ssh.run("updates", "--repo", f"ssh://reader{remote.bare}").code == 0

    def test_approves_nothing_and_is_told_why(self, over_ssh: Shell, remote: Remote) -> None:
        before = git("for-each-ref", at=remote.bare)
        ran = over_ssh.run(*APPROVE, "--repo", f"ssh://reader{remote.bare}")
        assert (ran.code, ran.json["outcome"]) == (1, "refused")
        assert "marked as read only" in ran.json["reason"]
        assert ran.json["hint"] == "This key or token may only read. Use one that may write."
        assert git("for-each-ref", at=remote.bare) == before
        (entry,) = over_ssh.run("history", "--repo", f"ssh://reader{remote.bare}", "-o", "json").json["entries"]
        assert (entry["outcome"], "read only" in entry["reason"]) == ("refused", True)
