"""Updates and approvals over HTTP, with git's own server: logins and hooks, as an operator meets them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.live.git.test_ssh import APPROVE, approves
from tests.operations.remote import Remote, git
from tests.sources.git.forge import serving
from tests.terminal import terminal

LOGIN = "ada:s3cret"


def test_without_a_login_where_none_is_asked_for(shell: Shell, remote: Remote) -> None:
    with serving(remote.bare) as forge:
        approves(shell, remote, forge.url)


def test_with_a_login_from_gits_credential_helper(shell: Shell, remote: Remote) -> None:
    helper = "!f() { echo username=ada; echo password=s3cret; }; f"
    configuration = Path(shell.environment["HOME"]) / ".gitconfig"
    git("config", "--file", str(configuration), "credential.helper", helper, at=shell.folder)
    with serving(remote.bare, login=LOGIN) as forge:
        approves(shell, remote, forge.url)
    kept = [path for path in (Path(shell.environment["HOME"]) / ".local").rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"s3cret" in path.read_bytes()] == []
    assert "s3cret" not in remote.message()


@pytest.mark.parametrize(
    ("login", "said", "hint"),
    [
        ("", "asks for a login that git does not have", "credential helper"),
        ("ada:0ld-t0ken@", "does not accept our login", "Renew the token"),
    ],
)
def test_a_login_that_is_missing_or_wrong_is_told_without_it(
    shell: Shell, remote: Remote, login: str, said: str, hint: str
) -> None:
    before = git("for-each-ref", at=remote.bare)
    with serving(remote.bare, login=LOGIN) as forge:
        for command in (("updates", "-o", "json"), APPROVE):
            ran = shell.run(*command, "--repo", forge.url.replace("//", f"//{login}"))
            assert (ran.code, ran.json["error"]["kind"]) == (3, "unauthorized")
            assert ran.json["error"]["message"].startswith(f"{forge.url} {said}")
            assert hint in ran.json["error"]["hint"]
            assert "0ld-t0ken" not in ran.out + ran.err
    assert git("for-each-ref", at=remote.bare) == before


def test_nobody_is_asked_at_the_terminal(shell: Shell, remote: Remote) -> None:
    with (
        serving(remote.bare, login=LOGIN) as forge,
        terminal(shell.command("updates", "--repo", forge.url), env=shell.environment) as screen,
    ):
        assert screen.ends(60) == 3


def test_a_login_that_may_only_read_approves_nothing(shell: Shell, remote: Remote) -> None:
    before = git("for-each-ref", at=remote.bare)
    with serving(remote.bare, login=LOGIN, writable=False) as forge:
        ran = shell.run(*APPROVE, "--repo", forge.url.replace("//", f"//{LOGIN}@"))
    assert (ran.code, ran.json["outcome"]) == (1, "refused")
    assert ran.json["hint"] == "This key or token may only read. Use one that may write."
    assert git("for-each-ref", at=remote.bare) == before


@pytest.mark.parametrize("way", ["http", "ssh"])
def test_what_a_hook_says_is_told(over_ssh: Shell, remote: Remote, way: str) -> None:
    before = git("for-each-ref", at=remote.bare)
    remote.hook("pre-receive", "echo 'policy: not on Fridays' >&2; exit 1")
    with serving(remote.bare) as forge:
        ran = over_ssh.run(*APPROVE, "--repo", forge.url if way == "http" else f"ssh://box{remote.bare}")
        assert (ran.code, ran.json["outcome"]) == (1, "refused")
        assert "pre-receive hook declined" in ran.json["reason"]
        assert "policy: not on Fridays" in ran.json["reason"]
        remote.hook("pre-receive", "echo 'GH006: Protected branch update failed for refs/heads/main.' >&2; exit 1")
        told = over_ssh.run(*APPROVE, "--repo", forge.url if way == "http" else f"ssh://box{remote.bare}")
    assert "--pull-request" in told.json["hint"]
    assert git("for-each-ref", at=remote.bare) == before
