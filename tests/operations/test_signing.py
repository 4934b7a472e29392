"""Signing as the operator's git is set up: never unsigned instead, never a question on the terminal."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.sources.errors import Refused
from console.sources.git.unsigned import unsigned
from tests.operations.machine import Machine
from tests.operations.remote import IMMICH_BRANCH, Remote, git


def configure(folder: Path, **settings: str) -> None:
    for name, value in settings.items():
        git("config", "--global", name.replace("_", "."), value, at=folder)


def keygen(path: Path, passphrase: str = "") -> Path:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)]
    subprocess.run(words, check=True, timeout=60)
    return path


def stub(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def refused(remote: Remote, machine: Machine) -> Iterator[list[Refused]]:
    """Approves at the end of the test, which has set the signing up so that it can't be done."""
    told: list[Refused] = []
    before = git("for-each-ref", at=remote.bare)
    yield told
    assert git("for-each-ref", at=remote.bare) == before
    assert machine.events() == ["approved", "refused"]


def told_at_once(remote: Remote, machine: Machine) -> Refused:
    """What is seen without signing is refused before anything is begun."""
    before = git("for-each-ref", at=remote.bare)
    told = refusal(machine)
    assert machine.events() == ["refused"]
    assert git("for-each-ref", at=remote.bare) == before
    return told


def refusal(machine: Machine) -> Refused:
    with pytest.raises(Refused) as told:
        machine.approve(machine.review(IMMICH_BRANCH))
    assert told.value.kind == "signing"
    return told.value


class TestNothingIsBegunThatCanNotBeSigned:
    def test_when_the_key_is_missing(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        configure(tmp_path, commit_gpgsign="true", gpg_format="ssh", user_signingkey=str(tmp_path / "none.pub"))
        told = told_at_once(remote, machine)
        assert "none.pub is not there" in told.message
        assert "user.signingkey" in told.hint

    def test_when_the_program_is_not_there(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        configure(tmp_path, commit_gpgsign="true", gpg_program=str(tmp_path / "none"))
        assert "its program" in told_at_once(remote, machine).message


@pytest.mark.usefixtures("refused")
class TestNothingIsWrittenUnsigned:
    def test_when_the_key_wants_its_passphrase(self, machine: Machine, tmp_path: Path) -> None:
        key = keygen(tmp_path / "id", "secret")
        configure(tmp_path, commit_gpgsign="true", gpg_format="ssh", user_signingkey=str(key))
        assert "wants its passphrase" in refusal(machine).message

    def test_when_the_agent_is_gone(self, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        key = keygen(tmp_path / "id")
        key.unlink()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
        machine.clone._git._environ["SSH_AUTH_SOCK"] = str(tmp_path / "gone")
        configure(tmp_path, commit_gpgsign="true", gpg_format="ssh", user_signingkey=f"{key}.pub")
        assert "agent" in refusal(machine).message

    def test_when_gpg_has_no_secret_key(self, machine: Machine, tmp_path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="gpg") as home:
            machine.clone._git._environ["GNUPGHOME"] = home
            configure(tmp_path, commit_gpgsign="true", user_signingkey="0123456789ABCDEF")
            told = refusal(machine)
            subprocess.run(["gpgconf", "--kill", "all"], timeout=60, check=True, env=os.environ | {"GNUPGHOME": home})
        assert "the key is not here" in told.message
        assert "No secret key" in told.message


class TestI15TheTerminal:
    def test_is_never_offered_to_gpg(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        """A stand-in for gpg that looks for a terminal as gpg, its agent and pinentry do."""
        seen = tmp_path / "seen"
        look = f'{{ echo "tty=$GPG_TTY"; (exec < /dev/tty) 2>/dev/null && echo open; tty; }} > {seen} 2>&1; exit 2'
        configure(tmp_path, commit_gpgsign="true", gpg_program=str(stub(tmp_path / "gpg", look)))
        machine.clone._git._environ["GPG_TTY"] = "/dev/pts/0"
        refusal(machine)
        assert seen.read_text().splitlines() == ["tty=/dev/none", "not a tty"]
        assert IMMICH_BRANCH in remote.branches()

    def test_a_key_of_gpg_with_a_passphrase_is_refused_at_once(self, machine: Machine, tmp_path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="gpg") as home:
            environ = os.environ | {"GNUPGHOME": home}
            Path(home).chmod(0o700)
            (Path(home) / "gpg-agent.conf").write_text("pinentry-program /usr/bin/pinentry-curses\n")
            words = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "secret"]
            words += ["--quick-generate-key", "Ada L <ada@example.org>", "ed25519"]
            subprocess.run(["gpg", *words], check=True, timeout=60, env=environ, capture_output=True)
            subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True, timeout=60, env=environ)
            machine.clone._git._environ["GNUPGHOME"] = home
            configure(tmp_path, commit_gpgsign="true")
            try:
                assert "wants its passphrase" in refusal(machine).message
            finally:
                subprocess.run(["gpgconf", "--kill", "all"], check=True, timeout=60, env=environ)


class TestEachFormat:
    def test_openpgp_is_good_by_the_key_that_is_here(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="gpg") as home:
            environ = os.environ | {"GNUPGHOME": home}
            Path(home).chmod(0o700)
            words = ["--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "Ada L <ada@example.org>"]
            subprocess.run(["gpg", *words, "ed25519"], check=True, timeout=60, env=environ, capture_output=True)
            machine.clone._git._environ["GNUPGHOME"] = home
            configure(tmp_path, commit_gpgsign="true")
            try:
                machine.approve(machine.review(IMMICH_BRANCH))
                told = git("log", "-1", "--format=%G? %GS", "main", at=remote.bare, env={"GNUPGHOME": home})
            finally:
                subprocess.run(["gpgconf", "--kill", "all"], check=True, timeout=60, env=environ)
        assert told.strip() in {"G Ada L <ada@example.org>", "U Ada L <ada@example.org>"}

    def test_x509_is_signed_by_its_program(self, remote: Remote, machine: Machine, tmp_path: Path) -> None:
        armour = "-----BEGIN SIGNED MESSAGE-----\\nMIIB\\n-----END SIGNED MESSAGE-----"
        script = f'cat > /dev/null; echo >&2; echo "[GNUPG:] SIG_CREATED D 1 8 00 1 2" >&2; printf %b "{armour}\\n"'
        program = stub(tmp_path / "gpgsm", script)
        configure(tmp_path, commit_gpgsign="true", gpg_format="x509", user_signingkey="ada@example.org")
        git("config", "--global", "gpg.x509.program", str(program), at=tmp_path)
        made = machine.review(IMMICH_BRANCH)
        assert made.commit.signature == "x509 ada@example.org"
        machine.approve(made)
        assert "-----BEGIN SIGNED MESSAGE-----" in git("cat-file", "commit", "main", at=remote.bare)

    @pytest.mark.parametrize("squash", [False, True])
    def test_ssh_is_good_by_the_signers_file(
        self, remote: Remote, machine: Machine, tmp_path: Path, *, squash: bool
    ) -> None:
        key = keygen(tmp_path / "id")
        (tmp_path / "signers").write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
        configure(tmp_path, commit_gpgsign="true", gpg_format="ssh", user_signingkey=str(key))
        git("config", "--global", "gpg.ssh.allowedSignersFile", str(tmp_path / "signers"), at=tmp_path)
        machine.approve(machine.review(IMMICH_BRANCH, squash=squash))
        assert remote.field("%G? %GS") == "G ada@example.org"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("gpg: signing failed: Inappropriate ioctl for device\nfatal: failed to write commit object", "passphrase"),
        ("gpg: signing failed: No pinentry", "passphrase"),
        ("gpg: signing failed: Operation cancelled", "passphrase"),
        ("gpg: can't connect to the agent: IPC connect call failed", "agent"),
        ("gpg: skipped \"X\": No secret key\ngpg: signing failed: No secret key", "the key is not here"),
        ("error: Couldn't find key in agent?\nfatal: failed to write commit object", "agent"),
        ("sign_and_send_pubkey: signing failed for ED25519: agent refused operation", "agent"),
        ("Load key \"/x\": incorrect passphrase supplied to decrypt private key", "passphrase"),
        ("Couldn't load public key /x.pub: No such file or directory?", "the key is not here"),
        ("error: cannot run /x/gpg: No such file or directory\nerror: gpg failed to sign the data", "started"),
        ("", "did not answer"),
    ],
)  # fmt: skip
def test_what_signing_programs_say(said: str, told: str) -> None:
    refused = unsigned(said, "openpgp X")
    assert told in refused.message
    assert refused.hint
    assert "failed to write commit" not in refused.message
