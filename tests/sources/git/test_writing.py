"""Merges, commits, edits and pushes, with real git on both sides."""

import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from console.sources.errors import Malformed, Refused, SourceError
from console.sources.git.identity import Identity
from console.sources.git.mirror import Mirror
from console.sources.git.push import Pushed, RefUpdate, outcome
from console.sources.git.writing import Author
from console.sources.process import Done
from tests.sources.git.workshop import BOT, NOW, OPERATOR, Workshop, oci

FILE = "app/ocirepository.yaml"
MAIN, BRANCH = "refs/heads/main", "refs/heads/renovate/a"


@pytest.fixture
def held(workshop: Workshop) -> Workshop:
    """main, and one branch that waits."""
    main = workshop.commit("main", {FILE: oci("1.0.0"), "run.sh": "x\n"}, by=OPERATOR, modes={"run.sh": "100755"})
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, "feat: a", onto=main)
    return workshop


@pytest.fixture
def mirror(held: Workshop) -> Mirror:
    mirror = held.mirror()
    mirror.fetch()
    return mirror


def approval(mirror: Mirror, *, squash: bool = False) -> list[RefUpdate]:
    """The push that an approval of renovate/a makes."""
    base, head = mirror.head(), mirror.branches()["renovate/a"]
    merge = mirror.merge_tree(base, head)
    assert merge.clean
    author = Author.of(mirror.commit(head)) if squash else None
    parents = [base] if squash else [base, head]
    commit = mirror.commit_tree(merge.tree, parents, "Merge\n\nUpdate: a\n", committer=mirror.identity(), author=author)
    return [RefUpdate(MAIN, base, commit), RefUpdate(BRANCH, head, "")]


class TestCommits:
    def test_a_merge_is_the_operators_with_both_parents(self, held: Workshop, mirror: Mirror) -> None:
        commit = mirror.commit(approval(mirror)[0].new)
        assert commit.parents == (held.tip("main"), held.tip("renovate/a"))
        assert (commit.author, commit.committer, commit.committer_email) == ("Ada", "Ada", "ada@example.org")
        assert (commit.subject, commit.committed_at, commit.signed) == ("Merge", NOW, False)
        assert mirror.read(commit.oid, FILE) == oci("1.1.0").encode()

    def test_a_squash_keeps_the_bots_authorship(self, held: Workshop, mirror: Mirror) -> None:
        commit = mirror.commit(approval(mirror, squash=True)[0].new)
        assert commit.parents == (held.tip("main"),)
        assert (commit.author, commit.author_email, commit.committer) == (*BOT, "Ada")

    def test_the_zone_of_the_moment_is_kept(self, mirror: Mirror) -> None:
        at = datetime(2026, 8, 22, 14, tzinfo=timezone(timedelta(hours=2)))
        who = mirror.identity()
        tree = mirror.merge_tree(mirror.head(), mirror.head()).tree
        oid = mirror.commit_tree(tree, [mirror.head()], "x", committer=who, at=at)
        assert mirror.commit(oid).committed_at == at

    def test_conflicts_are_named(self, held: Workshop, mirror: Mirror) -> None:
        held.commit("main", {FILE: oci("1.0.1")}, by=OPERATOR)
        mirror.fetch()
        merge = mirror.merge_tree(mirror.head(), mirror.branches()["renovate/a"])
        assert (merge.clean, merge.conflicts) == (False, (FILE,))

    def test_the_operators_settings_do_not_change_the_tree(self, held: Workshop, mirror: Mirror) -> None:
        before = mirror.merge_tree(mirror.head(), mirror.branches()["renovate/a"]).tree
        for key, value in {"merge.renames": "false", "core.autocrlf": "true", "merge.conflictStyle": "diff3"}.items():
            held.configure(key, value)
        assert held.mirror().merge_tree(mirror.head(), mirror.branches()["renovate/a"]).tree == before


class TestSigning:
    @pytest.fixture
    def key(self, held: Workshop) -> Path:
        path = held.folder / "id"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True, timeout=30)
        for name, value in {
            "gpg.format": "ssh",
            "user.signingKey": f"{path}.pub",
            "commit.gpgSign": "true",
            "gpg.ssh.allowedSignersFile": str(held.folder / "signers"),
        }.items():
            held.configure(name, value)
        public = path.with_suffix(".pub").read_text()
        (held.folder / "signers").write_text(f"{OPERATOR[1]} {public}")
        return path

    def test_commits_are_signed_when_the_operators_git_signs(self, held: Workshop, key: Path) -> None:
        assert key.exists()
        mirror = held.mirror()
        mirror.fetch()
        oid = approval(mirror)[0].new
        assert mirror.commit(oid).signed
        assert mirror.signer(oid)
        assert not mirror.signer(mirror.head())

    def test_what_is_pushed_shows_as_good(self, held: Workshop, key: Path) -> None:
        assert key.exists()
        mirror = held.mirror()
        mirror.fetch()
        oid = approval(mirror)[0].new
        assert mirror.push([RefUpdate("refs/heads/renovate/signed", "", oid)]).ok
        assert held.scanned(mirror)["renovate/signed"].signature == "good"

    def test_without_the_key_a_signature_is_unverified(self, held: Workshop, key: Path) -> None:
        mirror = held.mirror()
        mirror.fetch()
        assert mirror.push([RefUpdate("refs/heads/renovate/signed", "", approval(mirror)[0].new)]).ok
        (held.folder / "signers").write_text("")
        assert key.exists()
        assert held.scanned()["renovate/signed"].signature == "unverified"

    def test_a_missing_key_refuses_and_writes_nothing_unsigned(self, held: Workshop, key: Path) -> None:
        key.unlink()
        mirror = held.mirror()
        mirror.fetch()
        with pytest.raises(Refused, match="can't be signed") as caught:
            approval(mirror)
        assert caught.value.kind == "signing"

    def test_a_key_that_wants_a_person_is_not_waited_for(
        self, held: Workshop, key: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signer = held.folder / "sign"
        signer.write_text("#!/bin/sh\nsleep 300\n")
        signer.chmod(0o755)
        held.configure("gpg.ssh.program", str(signer))
        monkeypatch.setattr("console.sources.git.writing._SIGN_TIMEOUT", 0.5)
        assert key.exists()
        mirror = held.mirror()
        mirror.fetch()
        with pytest.raises(Refused, match="did not answer"):
            approval(mirror)


class TestOpenPgp:
    @pytest.fixture
    def keyring(self, held: Workshop) -> Iterator[Workshop]:
        """A GnuPG home with a key, and a bot's branch signed with it."""
        with tempfile.TemporaryDirectory(prefix="gpg") as folder:  # a socket's path must be short
            held.more["GNUPGHOME"] = folder
            Path(folder).chmod(0o700)
            args = [
                "--batch",
                "--quiet",
                "--passphrase",
                "",
                "--quick-generate-key",
                "Ada <ada@example.org>",
                "ed25519",
            ]
            environ = held.environ
            subprocess.run(["gpg", *args], check=True, timeout=60, env=environ, capture_output=True)
            held.configure("commit.gpgSign", "true")
            yield held
            subprocess.run(["gpgconf", "--kill", "all"], check=True, timeout=60, env=environ)

    def test_a_signature_is_worth_what_is_known_of_the_key_here(self, keyring: Workshop) -> None:
        mirror = keyring.mirror()
        mirror.fetch()
        oid = approval(mirror)[0].new
        assert mirror.signer(oid)
        assert mirror.push([RefUpdate("refs/heads/renovate/signed", "", oid)]).ok
        assert keyring.scanned()["renovate/signed"].signature == "good"
        assert keyring.scanned()["renovate/a"].signature == "none"
        home = keyring.more["GNUPGHOME"]
        keyring.more["GNUPGHOME"] = str(keyring.folder / "nothing")
        assert keyring.scanned()["renovate/signed"].signature == "unverified"
        assert not (keyring.folder / "nothing").exists()
        keyring.more["GNUPGHOME"] = home
        (revocation,) = (Path(home) / "openpgp-revocs.d").iterdir()
        armoured = revocation.read_text().replace(":-----BEGIN", "-----BEGIN").encode()
        gpg = ["gpg", "--batch", "--quiet", "--import"]
        subprocess.run(gpg, check=True, timeout=60, env=keyring.environ, capture_output=True, input=armoured)
        assert keyring.scanned()["renovate/signed"].signature == "revoked"

    def test_a_key_that_comes_while_it_runs_is_asked_at_once_and_by_the_next_run(self, keyring: Workshop) -> None:
        mirror = keyring.mirror()
        mirror.fetch()
        assert mirror.push([RefUpdate("refs/heads/renovate/signed", "", approval(mirror)[0].new)]).ok

        def gpg(*args: str, stdin: bytes = b"") -> bytes:
            command = ["gpg", "--batch", "--quiet", *args]
            return subprocess.run(
                command, check=True, timeout=60, env=keyring.environ, capture_output=True, input=stdin
            ).stdout

        key = gpg("--export")
        with tempfile.TemporaryDirectory(prefix="gpg") as folder:
            Path(folder).chmod(0o700)
            keyring.more["GNUPGHOME"] = folder
            gpg("--passphrase", "", "--quick-generate-key", "Bea <bea@example.org>", "ed25519")
            running = keyring.mirror()
            assert keyring.scanned(running)["renovate/signed"].signature == "unverified"
            gpg("--import", stdin=key)
            assert keyring.scanned(running)["renovate/signed"].signature == "good"
            assert keyring.scanned()["renovate/signed"].signature == "good"
            subprocess.run(["gpgconf", "--kill", "all"], check=True, timeout=60, env=keyring.environ)


class TestEdits:
    def test_a_file_is_written_anew_and_all_else_stays(self, mirror: Mirror) -> None:
        tree = mirror.edited_tree(f"{mirror.head()}^{{tree}}", {FILE: b"a\r\n\xff", "run.sh": b"y\n", "new/x": b"1"})
        oid = mirror.commit_tree(tree, [mirror.head()], "x", committer=mirror.identity())
        assert mirror.read(oid, FILE) == b"a\r\n\xff"
        assert mirror.files(oid) == [FILE, "new/x", "run.sh"]
        assert b"100755" in mirror._repository.out("ls-tree", oid, "run.sh")

    def test_a_file_is_removed(self, mirror: Mirror) -> None:
        tree = mirror.edited_tree(mirror.head(), {FILE: None})
        oid = mirror.commit_tree(tree, [mirror.head()], "x", committer=mirror.identity())
        assert mirror.files(oid) == ["run.sh"]
        with pytest.raises(Refused) as caught:
            mirror.read(oid, FILE)
        assert caught.value.kind == "not-found"

    @pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../b", ".git/config", "a/.GIT/x", "a//b", ""])
    def test_paths_that_lead_out_are_refused(self, mirror: Mirror, path: str) -> None:
        with pytest.raises(SourceError):
            mirror.edited_tree(mirror.head(), {path: b"x"})

    def test_a_link_is_not_written_through(self, held: Workshop) -> None:
        held.commit("main", {"link": "/etc/passwd"}, by=OPERATOR, modes={"link": "120000"})
        mirror = held.mirror()
        mirror.fetch()
        with pytest.raises(Malformed):
            mirror.edited_tree(mirror.head(), {"link": b"x"})

    def test_the_same_content_gives_the_same_tree(self, mirror: Mirror) -> None:
        tree = mirror.edited_tree(mirror.head(), {FILE: oci("1.0.0").encode()})
        assert tree == mirror.commit(mirror.head()).tree


class TestPatchId:
    def test_it_names_the_change_wherever_it_stands(self, held: Workshop, mirror: Mirror) -> None:
        base, head = mirror.head(), mirror.branches()["renovate/a"]
        before = mirror.patch_id(base, head)
        assert len(before) == 40
        held.commit("main", {"other": "1\n"}, by=OPERATOR)
        mirror.fetch()
        merged = mirror.merge_tree(mirror.head(), head).tree
        assert mirror.patch_id(mirror.head(), head) == mirror.patch_id(mirror.head(), merged) == before

    def test_another_change_has_another(self, held: Workshop, mirror: Mirror) -> None:
        before = mirror.patch_id(mirror.head(), mirror.branches()["renovate/a"])
        held.commit("renovate/a", {FILE: oci("1.2.0")}, onto=held.tip("main"))
        mirror.fetch()
        assert mirror.patch_id(mirror.head(), mirror.branches()["renovate/a"]) != before

    def test_no_change_has_none(self, mirror: Mirror) -> None:
        assert mirror.patch_id(mirror.head(), mirror.head()) == ""


class TestReaching:
    def test_it_says_whether_a_commit_is_in_the_history(self, held: Workshop, mirror: Mirror) -> None:
        old, new = held.tip("main"), held.tip("renovate/a")
        assert mirror.reaches(new, old)
        assert not mirror.reaches(old, new)

    def test_what_is_not_here_is_not_in_a_history_that_is_whole(self, held: Workshop, mirror: Mirror) -> None:
        """A commit of an earlier attempt, when the clone was made anew since."""
        assert not mirror.reaches(held.tip("main"), "0123456" * 5 + "01234")

    def test_what_git_can_not_tell_is_not_a_no(self, held: Workshop, mirror: Mirror) -> None:
        """A no would let an approval be written once more."""
        old, new = held.tip("main"), held.tip("renovate/a")
        for pack in (mirror.path / "objects" / "pack").iterdir():
            pack.unlink()
        with pytest.raises(SourceError):
            mirror.reaches(new, old)


class TestPush:
    def test_main_moves_and_the_branch_goes_in_one_step(self, held: Workshop, mirror: Mirror) -> None:
        updates = approval(mirror)
        pushed = mirror.push(updates)
        assert (pushed.outcome, held.tip("main"), held.tip("renovate/a")) == ("pushed", updates[0].new, "")
        assert (mirror.head(), mirror.branches()) == (updates[0].new, {})

    def test_the_same_push_again_changes_nothing(self, held: Workshop, mirror: Mirror) -> None:
        updates = approval(mirror)[:1]
        assert mirror.push(updates).outcome == "pushed"
        assert mirror.push(updates).outcome == "up-to-date"
        assert held.tip("main") == updates[0].new

    def test_main_that_moved_refuses_all(self, held: Workshop, mirror: Mirror) -> None:
        updates = approval(mirror)
        moved = held.commit("main", {"x": "1\n"}, by=OPERATOR)
        pushed = mirror.push(updates)
        assert (pushed.outcome, held.tip("main"), bool(held.tip("renovate/a"))) == ("stale", moved, True)

    def test_a_branch_that_moved_refuses_main_too(self, held: Workshop, mirror: Mirror) -> None:
        updates = approval(mirror)
        before = held.tip("main")
        held.commit("renovate/a", {FILE: oci("1.2.0")})
        assert (mirror.push(updates).outcome, held.tip("main")) == ("stale", before)

    def test_a_branch_that_vanished_refuses_main_too(self, held: Workshop, mirror: Mirror) -> None:
        updates = approval(mirror)
        before = held.tip("main")
        held.git("update-ref", "-d", BRANCH)
        assert (mirror.push(updates).outcome, held.tip("main")) == ("stale", before)

    def test_a_rewound_main_is_never_overwritten(self, held: Workshop, mirror: Mirror) -> None:
        first = held.tip("main")
        held.commit("main", {"x": "1\n"}, by=OPERATOR)
        mirror.fetch()
        updates = approval(mirror)
        held.git("update-ref", MAIN, first)
        assert (mirror.push(updates).outcome, held.tip("main")) == ("stale", first)

    def test_a_hook_that_declines_is_heard(self, held: Workshop, mirror: Mirror) -> None:
        hook = held.remote / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'flate: chart not found' >&2\nexit 1\n")
        hook.chmod(0o755)
        pushed = mirror.push(approval(mirror))
        assert pushed.outcome == "declined"
        assert "flate: chart not found" in pushed.message

    def test_a_protected_branch_is_recognised(self, held: Workshop, mirror: Mirror) -> None:
        hook = held.remote / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed for refs/heads/main.' >&2\nexit 1\n")
        hook.chmod(0o755)
        pushed = mirror.push(approval(mirror))
        assert (pushed.outcome, bool(held.tip("renovate/a"))) == ("protected", True)
        assert "pull request" in pushed.hint

    def test_a_dry_run_changes_nothing(self, held: Workshop, mirror: Mirror) -> None:
        before = held.git("for-each-ref")
        assert mirror.push(approval(mirror), dry_run=True).outcome == "pushed"
        assert held.git("for-each-ref") == before
        assert mirror.branches()

    @pytest.mark.parametrize(
        "update",
        [
            RefUpdate("refs/heads/other", "", "1" * 40),
            RefUpdate("refs/tags/v1", "", "1" * 40),
            RefUpdate(MAIN, "1" * 40, ""),
            RefUpdate(MAIN, "", "1" * 40),
            RefUpdate("--force", "", "1" * 40),
        ],
    )
    def test_nothing_else_is_ever_written(self, mirror: Mirror, update: RefUpdate) -> None:
        with pytest.raises(Refused, match="not ours to write"):
            mirror.push([update])

    def test_a_branch_for_approvals_may_be_made(self, held: Workshop, mirror: Mirror) -> None:
        update = RefUpdate("refs/heads/homeconsole/approve/1", "", mirror.head())
        assert mirror.push([update]).ok
        assert held.tip("homeconsole/approve/1") == mirror.head()
        assert mirror.push([RefUpdate(update.ref, "", mirror.branches()["renovate/a"])]).outcome == "stale"

    def test_a_remote_that_is_gone_fails_and_was_not_reached(self, held: Workshop, mirror: Mirror) -> None:
        updates = approval(mirror)
        held.remote.rename(held.folder / "away")
        assert mirror.push(updates).outcome == "failed"

    def test_a_connection_that_dies_before_the_answer_is_unknown(self, held: Workshop, mirror: Mirror) -> None:
        hook = held.remote / "hooks" / "reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nif [ $1 = committed ]; then kill -9 $PPID; fi\n")
        hook.chmod(0o755)
        updates = approval(mirror)
        assert mirror.push(updates).outcome == "unknown"
        hook.unlink()
        assert mirror.head() == updates[0].old  # nothing is believed
        mirror.fetch()
        assert mirror.head() == updates[0].new == held.tip("main")

    def test_the_command_is_told_without_credentials(self, held: Workshop) -> None:
        command = held.mirror("https://me:secret@host/o/r.git").push_command([RefUpdate(MAIN, "1" * 40, "2" * 40)])
        assert "secret" not in command
        assert f"--force-with-lease={MAIN}:{'1' * 40}" in command
        assert command.endswith(f"https://host/o/r.git {'2' * 40}:{MAIN}")

    def test_two_at_once_and_exactly_one_commit(self, held: Workshop) -> None:
        sides = []
        for name in ("one", "two"):
            side = Mirror(
                str(held.remote), "main", ("renovate/",), held.folder / name, git=held.mirror()._git, now=lambda: NOW
            )
            side.fetch()
            sides.append((side, approval(side, squash=name == "two")))
        outcomes = [side.push(updates).outcome for side, updates in sides]
        assert outcomes == ["pushed", "stale"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("! [remote rejected] main -> main (protected branch hook declined)", "protected"),
        ("! [remote rejected] (push declined due to repository rule violations)\nremote: error: GH013", "protected"),
        ("! [remote rejected] (hook declined)\nremote: GitLab: You are not allowed to push code to protected "
         "branches on this project.", "protected"),
        ("! [remote rejected] (hook declined)\nremote: Gitea: Not allowed to push to protected branch main",
         "protected"),
        ("! [remote rejected] (pre-receive hook declined)\nremote: Forgejo: branch main is protected from it",
         "protected"),
        ("! [remote rejected] (push declined due to rules)\nremote: - Changes must be made through "
         "a pull request.", "protected"),
        ("! [rejected] (fetch first)", "stale"),
        ("! [remote rejected] (cannot lock ref 'refs/heads/main')", "stale"),
        ("! [remote rejected] (incorrect old value provided)", "stale"),
        ("! [remote rejected] (Commits must have verified signatures.)", "unsigned"),
        ("! [remote rejected] (pre-receive hook declined)", "declined"),
        ("! [remote rejected] (read-only)", "forbidden"),
    ],
)  # fmt: skip
def test_what_forges_answer(said: str, kind: str) -> None:
    line, _, rest = said.partition("\n")
    out = f"!\t{'2' * 40}:{MAIN}\t{line.removeprefix('! ')}\nDone\n".encode()
    done = Done(1, out, rest + "\nerror: failed to push some refs")
    pushed = outcome(done, [RefUpdate(MAIN, "1" * 40, "2" * 40)], "u", "h")
    assert pushed.outcome == kind
    assert pushed.hint


def test_no_access_is_not_taken_for_a_lost_connection() -> None:
    done = Done(128, b"", "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.")
    assert outcome(done, [RefUpdate(MAIN, "1" * 40, "2" * 40)], "u", "h").outcome == "forbidden"


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (-9, "", "unknown"),  # the kernel was out of memory
        (137, "", "unknown"),
        (137, "fatal: unable to access 'https://h/r/': Could not resolve host: h", "unknown"),
        (1, "error: something that nobody has heard of", "unknown"),
        (128, "error: RPC failed; curl 56 Recv failure: Connection reset by peer", "unknown"),
        (128, "error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403", "unknown"),
        (128, "client_loop: send disconnect: Broken pipe\nfatal: Could not read from remote repository.", "unknown"),
        (128, "Connection to h closed by remote host.\nfatal: Could not read from remote repository.", "unknown"),
        (128, "remote: curl: (7) Failed to connect: Connection refused\nfatal: protocol error", "unknown"),
        (128, "fatal: unable to access 'https://h/r/': Could not resolve host: h", "failed"),
        (128, "fatal: unable to access 'https://h/r/': Failed to connect to h port 443", "failed"),
        (128, "fatal: unable to access 'https://h/r/': The requested URL returned error: 502", "failed"),
        (128, "remote: Write access to repository not granted.\n"
         "fatal: unable to access 'https://h/r/': The requested URL returned error: 403", "forbidden"),
        (128, "fatal: Authentication failed for 'https://h/r/'", "failed"),
        (128, "remote: Not Found\nfatal: repository 'https://h/r/' not found", "failed"),
        (128, "ssh: Could not resolve hostname h: Name or service not known\nfatal: Could not read from remote "
         "repository.", "failed"),
        (128, "ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.",
         "failed"),
        (128, "ERROR: Permission to o/r.git denied to deploy key\nfatal: Could not read from remote repository.",
         "forbidden"),
        (128, "ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from "
         "remote repository.", "forbidden"),
        (128, "stdio forwarding failed\nkex_exchange_identification: Connection closed by remote host\nConnection "
         "closed by UNKNOWN port 65535\nfatal: Could not read from remote repository.", "failed"),
        (128, "Host key verification failed.\nfatal: Could not read from remote repository.", "failed"),
    ],
)  # fmt: skip
def test_only_what_is_known_to_come_before_the_sending_has_failed(code: int, said: str, kind: str) -> None:
    assert outcome(Done(code, b"", said), [RefUpdate(MAIN, "1" * 40, "2" * 40)], "u", "h").outcome == kind


def test_nothing_of_the_operators_is_touched(held: Workshop) -> None:
    checkout = held.folder / "checkout"
    held.git("clone", "--quiet", str(held.remote), str(checkout), at=held.folder)
    (checkout / FILE).write_text("dirty\n")
    held.git("stash", at=checkout)
    (checkout / "run.sh").write_text("dirty\n")
    held.git("add", "run.sh", at=checkout)
    everything = {p: p.read_bytes() for p in [*checkout.rglob("*"), *held.home.rglob("*")] if p.is_file()}
    mirror = held.mirror(str(checkout))
    mirror.fetch()
    mirror.scan()
    assert isinstance(mirror.push(approval(mirror)), Pushed)
    assert {p: p.read_bytes() for p in [*checkout.rglob("*"), *held.home.rglob("*")] if p.is_file()} == everything


def test_an_identity_says_how_it_signs() -> None:
    assert Identity("a", "b", sign=True, format="ssh", key="k").signature == "ssh k"
    assert Identity("a", "b").signature == ""
