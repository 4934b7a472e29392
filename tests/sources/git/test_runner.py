"""How git is started, and what its failures are called."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.sources.errors import (
    Forbidden,
    Malformed,
    MissingTool,
    NotConfigured,
    SourceError,
    TimedOut,
    Unauthorized,
    Unreachable,
    UsageError,
)
from console.sources.git.address import Address, resolve
from console.sources.git.failures import failure, last_words
from console.sources.git.identity import identity
from console.sources.git.runner import Git
from console.sources.process import Done
from console.sources.stop import Stop
from tests.sources.git.workshop import OPERATOR, Workshop, oci


def program(folder: Path, name: str, script: str) -> Path:
    """An executable that stands for ssh or git."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


class TestEnvironment:
    def test_nothing_that_steers_git_gets_through(self) -> None:
        foreign = {
            "GIT_DIR": "/x",
            "GIT_INDEX_FILE": "/y",
            "GIT_CONFIG_PARAMETERS": "'a=b'",
            "PATH": os.environ["PATH"],
        }
        env = Git(environ=foreign).environment(operator=True)
        assert not {"GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS"} & env.keys()
        assert (env["GIT_TERMINAL_PROMPT"], env["GIT_ASKPASS"], env["SSH_ASKPASS_REQUIRE"]) == ("0", "", "never")

    def test_local_work_knows_no_configuration_of_the_operator(self, workshop: Workshop) -> None:
        workshop.configure("merge.renames", "false")
        git = Git(environ=workshop.environ)
        assert git.run("config", "--get", "merge.renames").code == 1
        assert git.run("config", "--get", "merge.renames", operator=True).out == b"false\n"

    def test_ssh_keeps_the_operators_command_and_adds_ours(self, workshop: Workshop) -> None:
        workshop.configure("core.sshCommand", "ssh -i key")
        command = Git(environ=workshop.environ).environment(operator=True)["GIT_SSH_COMMAND"]
        assert command.startswith("ssh -i key -o BatchMode=yes -o ConnectTimeout=10")

    def test_the_environments_ssh_goes_first(self, workshop: Workshop) -> None:
        workshop.configure("core.sshCommand", "ssh -i key")
        environ = workshop.environ | {"GIT_SSH_COMMAND": "ssh -F other"}
        assert Git(environ=environ).environment(operator=True)["GIT_SSH_COMMAND"].startswith("ssh -F other -o")

    def test_a_foreign_ssh_gets_no_options_that_it_does_not_know(self, workshop: Workshop) -> None:
        environ = workshop.environ | {"GIT_SSH_COMMAND": "plink -batch"}
        assert Git(environ=environ).environment(operator=True)["GIT_SSH_COMMAND"] == "plink -batch"

    def test_hooks_and_watchers_of_the_operator_never_run(self, workshop: Workshop) -> None:
        mark = workshop.folder / "ran"
        hooks = workshop.folder / "hooks"
        for name in ("pre-push", "reference-transaction", "post-merge", "pre-auto-gc"):
            program(hooks, name, f"touch {mark}")
        workshop.configure("core.hooksPath", str(hooks))
        workshop.configure("core.fsmonitor", str(program(hooks, "watch", f"touch {mark}")))
        workshop.commit("main", {"a.yaml": oci("1")}, by=OPERATOR)
        mark.unlink(missing_ok=True)
        mirror = workshop.mirror()
        mirror.fetch()
        mirror.scan()
        assert not mark.exists()


class TestVersion:
    def test_no_git_is_a_missing_tool(self) -> None:
        with pytest.raises(MissingTool, match="not installed"):
            Git("/nonexistent/git").version()

    def test_an_old_git_says_what_is_needed(self, tmp_path: Path) -> None:
        git = Git(str(program(tmp_path, "git", "echo git version 2.34.1")))
        assert git.version() == (2, 34, 1)
        with pytest.raises(MissingTool, match=r"2\.34\.1 is too old: merging needs 2\.38"):
            git.require()

    def test_with_an_old_git_states_are_unknown_and_the_rest_is_there(self, workshop: Workshop) -> None:
        main = workshop.commit("main", {"a.yaml": oci("1.0.0")}, by=OPERATOR)
        workshop.commit("renovate/a", {"a.yaml": oci("1.1.0")}, onto=main)
        mirror = workshop.mirror()
        mirror.fetch()
        mirror._git._version = (2, 34, 1)
        update = mirror.scan()[1][0]
        assert (update.state, update.changes[0].new) == ("unknown", "1.1.0")
        assert "2.34.1 is too old" in update.why


class TestAddress:
    @pytest.mark.parametrize(
        "text",
        [
            "https://github.com/o/r",
            "https://user:token@host/o/r.git",
            "ssh://git@host:22/o/r",
            "git@github.com:o/r.git",
            "host:o/r",
            "http://127.0.0.1:1/r",
            "file:///srv/r.git",
        ],
    )
    def test_what_git_may_be_asked_for(self, text: str) -> None:
        assert resolve(text).url == text

    @pytest.mark.parametrize(
        "text",
        ["ext::sh -c x", "ext://x", "fd::17", "-oProxyCommand=x", "--upload-pack=x", "a\nb", "", "ftp://h/r", "git://h/r",
         "ssh://-oProxyCommand=x/r", "javascript://x"],
    )  # fmt: skip
    def test_what_it_may_not(self, text: str) -> None:
        with pytest.raises((UsageError, NotConfigured)):
            resolve(text)

    @pytest.mark.parametrize("text", ["https://[bad", "https://[bad/x.git", "ssh://git@[::1/x"])
    def test_an_address_that_is_none_is_wrong_usage(self, text: str) -> None:
        with pytest.raises(UsageError):
            resolve(text)

    def test_a_bare_path_stands_for_itself(self, workshop: Workshop) -> None:
        assert resolve(str(workshop.remote)) == Address(str(workshop.remote))

    def test_a_checkout_stands_for_its_origin_wherever_one_stands_in_it(self, workshop: Workshop) -> None:
        workshop.commit("main", {"a/b.yaml": "x\n"}, by=OPERATOR)
        checkout = workshop.folder / "checkout"
        workshop.git("clone", "--quiet", str(workshop.remote), str(checkout), at=workshop.folder)
        assert resolve(str(checkout / "a")) == Address(str(workshop.remote), checkout / "a")
        workshop.git("remote", "set-url", "origin", "git@host:o/r.git", at=checkout)
        assert resolve(str(checkout)).url == "git@host:o/r.git"
        workshop.git("remote", "set-url", "origin", "../remote.git", at=checkout)
        assert resolve(str(checkout)).url == str(workshop.remote)
        workshop.git("remote", "set-url", "origin", "ext::sh -c x", at=checkout)
        with pytest.raises(UsageError):
            resolve(str(checkout))

    def test_a_checkout_without_origin_stands_for_itself(self, tmp_path: Path, workshop: Workshop) -> None:
        workshop.git("init", "--quiet", str(tmp_path / "c"), at=tmp_path)
        assert resolve(str(tmp_path / "c")).url == str(tmp_path / "c" / ".git")

    def test_credentials_are_never_shown(self) -> None:
        assert Address("https://me:secret@host/o/r").shown == "https://host/o/r"
        assert Address("https://me:sec@ret@host/o/r").shown == "https://host/o/r"
        assert Address("ssh://git@host/r").shown == "ssh://git@host/r"

    @pytest.mark.parametrize(
        ("url", "host"),
        [("https://u:p@h.example/o", "h.example"), ("git@h:o/r", "h"), ("ssh://g@h:22/r", "h"), ("/srv/r", "")],
    )
    def test_host(self, url: str, host: str) -> None:
        assert Address(url).host == host


class TestFailures:
    @pytest.mark.parametrize(
        ("said", "error", "kind"),
        [
            ("Host key verification failed.\nfatal: Could not read from remote", Unauthorized, "host-key"),
            ("git@h: Permission denied (publickey).\nfatal: Could not read", Unauthorized, "unauthorized"),
            ("fatal: could not read Username for 'https://h': terminal prompts disabled", Unauthorized, "unauthorized"),
            ("Unable to negotiate with h: no matching host key type found.", Unauthorized, "host-key"),
            ("Connection to h closed by remote host.\nfatal: Could not read from remote repository.", Unreachable,
             "unreachable"),
            ("ERROR: The key you are authenticating with has been marked as read only.", Forbidden, "forbidden"),
            ("fatal: Authentication failed for 'https://h/'", Unauthorized, "unauthorized"),
            ("fatal: unable to access 'https://h/': Could not resolve host: h", Unreachable, "dns"),
            ("ssh: Could not resolve hostname h: Name or service not known", Unreachable, "dns"),
            ("Failed to connect to h port 443: Connection refused", Unreachable, "unreachable"),
            ("ssh: connect to host h port 22: Connection timed out", TimedOut, "timeout"),
            ("SSL certificate problem: self-signed certificate", Unauthorized, "wrong-ca"),
            ("fatal: unable to access 'https://h/': The requested URL returned error: 403", Forbidden, "forbidden"),
            ("remote: Repository not found.\nfatal: repository 'https://h/' not found", NotConfigured, "no-repository"),
            ("fatal: '/x' does not appear to be a git repository", NotConfigured, "no-repository"),
            ("fatal: detected dubious ownership in repository at '/x'", Forbidden, "ownership"),
            ("fatal: write error: No space left on device", SourceError, "disk-full"),
            ("remote: aborting due to possible repository corruption on the remote side", Malformed, "missing-objects"),
        ],
    )  # fmt: skip
    def test_what_git_says_has_a_name_and_advice(self, said: str, error: type[SourceError], kind: str) -> None:
        problem = failure(Done(128, b"", said), "https://h/r", "h")
        assert type(problem) is error
        assert problem.kind == kind
        assert problem.hint

    def test_credentials_in_what_git_says_are_taken_out(self) -> None:
        problem = failure(Done(128, b"", "fatal: unable to access 'https://u:secret@h/': odd"), "https://h")
        assert "secret" not in problem.message

    def test_a_host_key_that_changed_is_told_with_what_forgets_the_old_one(self) -> None:
        said = (
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nThe fingerprint for the ED25519 key sent by "
            "the remote host is\nSHA256:ZhOL/RMZ+5174.\nOffending ED25519 key in /home/ada/.ssh/known hosts:12\n"
            "Host key for [h]:2222 has changed and you have requested strict checking.\nHost key verification failed."
        )
        problem = failure(Done(128, b"", said), "ssh://box/r", "box")
        assert problem.message.startswith("box shows another host key than before, SHA256:ZhOL/RMZ+5174 (")
        assert "ssh-keygen -f '/home/ada/.ssh/known hosts' -R '[h]:2222', then once by hand: ssh -T box" in problem.hint

    def test_who_refused_may_be_the_host_on_the_way(self) -> None:
        def told(said: str) -> str:
            return failure(Done(128, b"", f"{said}\nConnection closed by UNKNOWN port 65535\n"), "", "box").message

        assert told("ada@gate: Permission denied (publickey).").startswith("the jump host before box does not accept")
        beyond = "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed"
        assert told(beyond).startswith("box can't be reached")

    def test_the_line_that_tells_most(self) -> None:
        assert last_words("remote: \nfatal: one\nhint: two\n") == "fatal: one"
        assert last_words("") == ""
        echo = "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\n"
        assert last_words(f"ada@h: Permission denied (publickey).\n{echo}") == "ada@h: Permission denied (publickey)."
        assert last_words(echo) == "fatal: Could not read from remote repository."


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()
        kept: list[socket.socket] = []

        def accept() -> None:
            while not ended.is_set():
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            ended.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


class TestRemotes:
    def test_one_that_hangs_ends_with_stop(self, workshop: Workshop) -> None:
        stop = Stop()
        with silent_server() as port:
            threading.Timer(0.3, stop.set).start()
            with pytest.raises(SourceError) as caught:
                workshop.mirror(f"http://127.0.0.1:{port}/r.git").fetch(stop)
        assert caught.value.kind == "stopped"

    def test_one_that_hangs_ends_by_our_deadline(self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("console.sources.git.clone._FIRST_TIMEOUT", 0.3)
        with silent_server() as port, pytest.raises(TimedOut, match=r"127\.0\.0\.1 did not answer in time"):
            workshop.mirror(f"http://127.0.0.1:{port}/r.git").fetch()

    def test_one_that_refuses(self, workshop: Workshop) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(Unreachable):
            workshop.mirror(f"http://127.0.0.1:{port}/r.git").fetch()

    def test_an_ssh_that_asks_for_a_password_finds_nobody(self, workshop: Workshop) -> None:
        said = workshop.folder / "said"
        tty = f"if (: < /dev/tty) 2>/dev/null; then echo tty >> {said}; fi"
        script = f'echo "$@" > {said}; {tty}; echo "Permission denied (publickey,password)." >&2; exit 255'
        ssh = program(workshop.folder / "bin", "ssh", script)
        environ = workshop.environ | {"GIT_SSH_COMMAND": str(ssh)}
        mirror = workshop.mirror("git@host.invalid:o/r.git")
        mirror._git._environ.update(environ)
        with pytest.raises(Unauthorized) as caught:
            mirror.fetch()
        assert "BatchMode=yes" in said.read_text()
        assert "tty" not in said.read_text()
        assert "ssh-add -l" in caught.value.hint

    def test_one_that_talks_nonsense(self, workshop: Workshop) -> None:
        ssh = program(workshop.folder / "bin", "ssh", "echo 'welcome to this machine'; exit 0")
        mirror = workshop.mirror("git@host.invalid:o/r.git")
        mirror._git._environ["GIT_SSH_COMMAND"] = str(ssh)
        with pytest.raises(SourceError):
            mirror.fetch()


class TestIdentity:
    def test_name_address_and_signing_are_the_operators(self, workshop: Workshop) -> None:
        for key, value in {
            "commit.gpgSign": "true",
            "gpg.format": "ssh",
            "user.signingKey": "/keys/id.pub",
            "gpg.ssh.program": "/bin/sign",
        }.items():
            workshop.configure(key, value)
        who = workshop.mirror(str(workshop.remote)).identity()
        assert (who.person, who.sign, who.format, who.key) == ("Ada <ada@example.org>", True, "ssh", "/keys/id.pub")
        assert "gpg.ssh.program=/bin/sign" in who.settings

    @pytest.mark.parametrize(
        ("line", "sign"),
        [
            ("gpgsign", True), ("gpgsign = yes", True), ("gpgsign = 1", True), ("gpgsign = 5", True),
            ("gpgsign =", False), ("gpgsign = off", False), ("gpgsign = true\n gpgsign = false", False), ("", False),
        ],
    )  # fmt: skip
    def test_whether_to_sign_is_read_as_git_reads_it(self, workshop: Workshop, line: str, *, sign: bool) -> None:
        with (workshop.home / "gitconfig").open("a") as config:
            config.write(f"[commit]\n {line}\n")
        assert workshop.mirror(str(workshop.remote)).identity().sign is sign

    def test_a_sign_setting_that_git_can_not_read_is_an_error(self, workshop: Workshop) -> None:
        workshop.configure("commit.gpgSign", "perhaps")
        with pytest.raises(SourceError):
            workshop.mirror(str(workshop.remote)).identity()

    def test_the_checkouts_own_configuration_counts(self, workshop: Workshop) -> None:
        workshop.commit("main", {"a": "x\n"}, by=OPERATOR)
        checkout = workshop.folder / "checkout"
        workshop.git("clone", "--quiet", str(workshop.remote), str(checkout), at=workshop.folder)
        workshop.git("config", "user.email", "work@example.org", at=checkout)
        assert workshop.mirror(str(checkout)).identity().email == "work@example.org"

    def test_the_clones_configuration_never_counts(self, workshop: Workshop) -> None:
        workshop.commit("main", {"a": "x\n"}, by=OPERATOR)
        mirror = workshop.mirror()
        mirror.fetch()
        workshop.git("config", "user.email", "evil@example.org", at=mirror.path)
        assert mirror.identity().email == "ada@example.org"

    def test_nobody_is_refused(self, tmp_path: Path) -> None:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
        with pytest.raises(NotConfigured) as caught:
            identity(Git(environ=environ))
        assert caught.value.kind == "identity"
