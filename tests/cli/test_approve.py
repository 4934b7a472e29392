"""Approvals without a screen: who may, what is asked for, what is written."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.cli.conftest import Shell
from tests.terminal import terminal

TALOS = "renovate/siderolabs-talos-1.x"
ORDINARY = "renovate/ghcr.io-home-operations-plex-1.x"


@pytest.fixture
def shell(shell: Shell, tmp_path: Path) -> Shell:
    """On one cluster for all, and a repository for each: approvals change it. Flux sees none of them."""
    own = shutil.copytree(shell.environment["HOMECONSOLE_REPOSITORY"], tmp_path / "home-ops.git")
    return replace(shell, environment={**shell.environment, "HOMECONSOLE_REPOSITORY": str(own)})


@pytest.fixture
def followed() -> Iterator[Mapping[str, str]]:
    """A cluster whose Flux sees what is approved."""
    with DemoThread(Topology()) as running:
        yield running.cluster.environment()


def refs(shell: Shell) -> str:
    return shell.git("for-each-ref")


class TestRefusals:
    def test_without_write_mode_nothing_is_written(self, shell: Shell) -> None:
        before = refs(shell)
        ran = shell.run("approve", ORDINARY, "--yes", "-o", "json")
        assert ran.code == 1
        assert ran.json["outcome"] == "refused"
        assert ran.json["schema"] == "homeconsole/approve/v1"
        assert "--write" in ran.json["hint"]
        assert refs(shell) == before

    def test_each_of_them_leaves_the_repository_as_it_was(self, shell: Shell) -> None:
        before = refs(shell)
        for words, reason in (
            ([ORDINARY], "Nobody was asked"),
            ([TALOS, "--yes"], "no ordinary update"),
            ([TALOS, "--yes", "--head", "0123456" + "0" * 33], "has moved"),
            (["renovate/mise-tools", "--yes"], "conflicts"),
        ):
            ran = shell.run("approve", *words, "--write", "-o", "json")
            assert (ran.code, ran.json["outcome"]) == (1, "refused"), words
            assert reason in ran.json["reason"], words
        assert refs(shell) == before
        told = shell.run("history", "-o", "json").json["entries"]
        assert sorted(each["update"] for each in told) == sorted([ORDINARY, TALOS, TALOS, "renovate/mise-tools"])
        assert all(each["outcome"] == "refused" and each["reason"] for each in told)
        shell.run("approve", ORDINARY, "--yes")  # without the right to write not even this is written
        assert len(shell.run("history", "-o", "json").json["entries"]) == len(told)

    def test_what_can_not_be_reviewed_is_refused_like_all_else(self, shell: Shell) -> None:
        nothing = shell.git("hash-object", "-t", "tree", "-w", "/dev/null")
        who = ("-c", "user.name=Ada", "-c", "user.email=a@home.example")
        shell.git("update-ref", "refs/heads/bare", shell.git(*who, "commit-tree", nothing, "-m", "Empty"))
        here = {"HOMECONSOLE_BRANCH": "bare"}
        ran = shell.run("approve", "talos@v1.14.0", "--write", "--yes", "-o", "json", extra=here)
        assert (ran.code, ran.json["outcome"]) == (1, "refused"), ran.out + ran.err
        assert (ran.json["schema"], ran.json["reviewed"]) == ("homeconsole/approve/v1", None)
        assert "Nothing in the repository says" in ran.json["reason"]

    def test_a_node_upgrade_of_a_cluster_that_cannot_be_read_needs_a_reason(self, shell: Shell) -> None:
        before, away = refs(shell), {"KUBECONFIG": "/nowhere/config"}
        checked = shell.run("preflight", TALOS, extra=away)
        assert checked.code == 1
        assert "unknown, the Kubernetes API can't be read: " in checked.out
        assert shell.run("preflight", TALOS, "--offline", extra=away).code == 0
        words = ("approve", TALOS, "--write", "--yes", "--head", shell.git("rev-parse", TALOS), "-o", "json")
        ran = shell.run(*words, extra=away)
        assert (ran.code, ran.json["outcome"]) == (1, "refused")
        assert "Kubernetes API can't be read" in ran.json["reason"]
        assert refs(shell) == before
        ran = shell.run(*words, "--reason", "by hand", extra=away)
        assert (ran.code, ran.json["outcome"]) == (0, "pushed")
        overrides = shell.git("log", "-1", "--format=%(trailers:key=Override,valueonly)", "main")
        assert overrides == "cluster-read: by hand"

    @pytest.mark.parametrize("head", ["a", "abcdef", "main", "0123456", "0" * 39])
    def test_a_head_that_is_no_full_id_stands_for_no_question(self, nowhere: Shell, head: str) -> None:
        ran = nowhere.run("approve", TALOS, "--write", "--yes", "--head", head, "-o", "json")
        assert (ran.code, ran.json["error"]["kind"]) == (2, "usage")

    @pytest.mark.parametrize("head", ["a", "abcdef", "main"])
    def test_a_head_is_told_by_seven_digits_at_least(self, nowhere: Shell, head: str) -> None:
        ran = nowhere.run("approve", TALOS, "--dry-run", "--head", head, "-o", "json")
        assert (ran.code, ran.json["error"]["kind"]) == (2, "usage")

    @pytest.mark.parametrize("name", [TALOS, "talos@v1.13.10"])
    def test_what_is_acknowledged_in_a_dry_run_is_not_kept(self, shell: Shell, name: str) -> None:
        def reasons(findings: list[dict[str, str]]) -> list[str]:
            return [f.get("acknowledged", "") for f in findings if f["rule"] == "control-plane"]

        words = ("approve", name, "--dry-run", "-o", "json")
        ran = shell.run(*words, "--ack", "control-plane=at  night")
        assert ran.code == 0, ran.out + ran.err
        assert reasons(ran.json["findings"]) == ["at night"]
        assert "Acknowledged:" not in ran.json["message"]
        assert reasons(shell.run(*words).json["findings"]) == [""]
        checked = shell.run("preflight", name, "--ack", "control-plane=at  night", "-o", "json").json["findings"]
        assert reasons(checked) == ["at night"]
        assert reasons(shell.run(*words).json["findings"]) == ["at night"]

    def test_a_dry_run_shows_the_commit_and_writes_nothing(self, shell: Shell) -> None:
        before = refs(shell)
        ran = shell.run("approve", TALOS, "--dry-run", "-o", "json")
        assert (ran.code, ran.json["outcome"]) == (0, "dry-run")
        assert ran.json["commit"] is None
        assert f"Reviewed-commit: {shell.git('rev-parse', TALOS)}" in ran.json["message"]
        assert any("push" in command for command in ran.json["commands"])
        assert refs(shell) == before

    def test_a_locale_without_utf8_is_served(self, shell: Shell) -> None:
        ran = shell.run("approve", TALOS, "--dry-run", extra={"PYTHONIOENCODING": "ascii"})
        assert "Traceback" not in ran.err
        assert ran.code == 0

    def test_an_unknown_update_is_wrong_usage(self, shell: Shell) -> None:
        ran = shell.run("approve", "renovate/none", "--write", "-o", "json")
        assert ran.code == 2
        assert ran.json["error"]["kind"] == "not-found"


class TestApprovals:
    def test_an_ordinary_update_needs_yes_and_is_done_once(self, shell: Shell) -> None:
        base = shell.git("rev-parse", "main")
        head = shell.git("rev-parse", ORDINARY)
        first = shell.run("approve", ORDINARY, "--write", "--yes", "-o", "json")
        assert first.code == 0, first.err
        assert first.json["outcome"] == "pushed"
        assert first.json["commit"] == shell.git("rev-parse", "main")
        assert first.json["reviewed"]["head"] == head
        assert shell.git("log", "-1", "--format=%P|%an", "main") == f"{base} {head}|Ada Op"
        assert ORDINARY not in refs(shell)
        for words in (["--yes"], ["--yes", "--head", head], []):  # the last: nobody is asked, nothing may be written
            again = shell.run("approve", ORDINARY, *words, "-o", "json")
            assert (again.code, again.json["outcome"]) == (0, "noop"), again.err
            assert again.json["commit"] == first.json["commit"]
            assert again.json["reviewed"] == first.json["reviewed"]

    def test_an_answer_has_all_its_fields_whatever_comes_of_it(self, shell: Shell) -> None:
        fields = {"schema", "update", "outcome", "commit", "reviewed", "reason", "findings"}
        refused = shell.run("approve", ORDINARY, "--yes", "-o", "json").json
        dry = shell.run("approve", ORDINARY, "--dry-run", "-o", "json").json
        pushed = shell.run("approve", ORDINARY, "--write", "--yes", "-o", "json").json
        noop = shell.run("approve", ORDINARY, "--write", "--yes", "-o", "json").json
        answers = {"refused": refused, "dry-run": dry, "pushed": pushed, "noop": noop}
        for outcome, told in answers.items():
            assert fields <= set(told), outcome
            assert (told["schema"], told["update"], told["outcome"]) == ("homeconsole/approve/v1", ORDINARY, outcome)
            assert set(told["reviewed"]) == {"head", "base", "patchId", "tree"}, outcome
            assert (told["commit"] is None) == (outcome in {"refused", "dry-run"})
        assert dry["reviewed"] == pushed["reviewed"]
        assert {"rule", "severity", "status", "title"} <= set(dry["findings"][0])

    def test_what_others_merged_is_a_noop_when_its_branch_is_gone(self, shell: Shell) -> None:
        """By GitHub's button: a merge that names the branch."""
        main, head = shell.git("rev-parse", "main"), shell.git("rev-parse", ORDINARY)
        tree = shell.git("merge-tree", "--write-tree", main, head)
        subject = f"Merge pull request #7 from ada/{ORDINARY}"
        who = ("-c", "user.name=Ada", "-c", "user.email=a@home.example")
        merge = shell.git(*who, "commit-tree", tree, "-p", main, "-p", head, "-m", subject)
        shell.git("update-ref", "refs/heads/main", merge)
        shell.git("update-ref", "-d", f"refs/heads/{ORDINARY}")
        ran = shell.run("approve", ORDINARY, "--write", "--yes", "-o", "json")
        assert (ran.code, ran.json["outcome"], ran.json["commit"]) == (0, "noop", merge)

    def test_a_node_upgrade_takes_the_head_for_the_typed_word(self, shell: Shell) -> None:
        head = shell.git("rev-parse", TALOS)
        ran = shell.run("approve", "talos@v1.13.8", "--write", "--yes", "--head", head, "-o", "json")
        assert (ran.code, ran.json["outcome"]) == (0, "pushed")
        assert "v1.13.8" in shell.git("show", "main:kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml")
        trailers = shell.git("log", "-1", "--format=%(trailers:key=Approved-by,valueonly)", "main").strip()
        assert trailers == "Ada Op <ada@home.example>"
        again = shell.run("approve", "talos@1.13.8", "--write", "--yes", "--head", head, "-o", "json")
        assert (again.code, again.json["outcome"]) == (0, "noop"), again.err

    def test_a_squash_keeps_the_bot_as_its_author(self, shell: Shell) -> None:
        ran = shell.run("approve", ORDINARY, "--write", "--yes", "--squash", "-o", "json")
        assert ran.code == 0, ran.err
        assert shell.git("log", "-1", "--format=%an|%cn", "main") == "home-bot[bot]|Ada Op"
        assert len(shell.git("log", "-1", "--format=%P", "main").split()) == 1

    def test_what_main_holds_already_is_a_noop(self, shell: Shell) -> None:
        before = shell.git("rev-parse", "main")
        for words in (["--write", "--yes"], []):
            ran = shell.run("approve", "renovate/ghcr.io-coredns-charts-coredns-1.x", *words, "-o", "json")
            assert (ran.code, ran.json["outcome"]) == (0, "noop")
        assert shell.git("rev-parse", "main") == before

    def test_the_checkout_one_stands_in_stays_as_it_was(self, shell: Shell) -> None:
        checkout = shell.folder / "home-ops"
        subprocess.run(
            ["git", "clone", "-q", shell.environment["HOMECONSOLE_REPOSITORY"], str(checkout)], check=True, timeout=30
        )
        (checkout / "README.md").write_text("edited\n")
        files = {p: p.read_bytes() for p in sorted(checkout.rglob("*")) if p.is_file()}
        ran = shell.run(
            "approve", ORDINARY, "--write", "--yes", folder=checkout / "talos", extra={"HOMECONSOLE_REPOSITORY": ""}
        )
        assert ran.code == 0, ran.err
        assert ran.out.startswith("pushed  ")
        assert {p: p.read_bytes() for p in sorted(checkout.rglob("*")) if p.is_file()} == files

    def test_its_answer_comes_before_flux_is_asked(self, shell: Shell, followed: Mapping[str, str]) -> None:
        config = shell.folder / "homeconsole" / "config.yaml"
        config.parent.mkdir()
        config.write_text("approval: {reconcile: true}\n")
        words = shell.command("approve", ORDINARY, "--write", "--yes")
        environment = {**shell.environment, **followed, "XDG_CONFIG_HOME": str(shell.folder)}
        ran = subprocess.run(
            words, env=environment, cwd=shell.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout
        lines = ran.stdout.splitlines()
        answer = next(n for n, line in enumerate(lines) if line.startswith("pushed  "))
        asked = [n for n, line in enumerate(lines) if "Kustomization/" in line or "reconcile" in line]
        assert asked, ran.stdout
        assert answer < min(asked), ran.stdout


class TestAProtectedMain:
    def test_is_explained_and_a_branch_for_a_pull_request_can_be_pushed(self, shell: Shell) -> None:
        hook = Path(shell.environment["HOMECONSOLE_REPOSITORY"]) / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        said = "GitLab: You are not allowed to push code to protected branches on this project."
        hook.write_text(f'#!/bin/sh\n[ "$1" = refs/heads/main ] && echo "{said}" >&2 && exit 1\nexit 0\n')
        hook.chmod(0o755)
        before = refs(shell)
        ran = shell.run("approve", ORDINARY, "--write", "--yes", "-o", "json")
        assert (ran.code, ran.json["outcome"]) == (1, "refused")
        assert said in ran.json["reason"]
        assert "--pull-request" in ran.json["hint"]
        assert refs(shell) == before
        ran = shell.run("approve", ORDINARY, "--write", "--yes", "--pull-request", "-o", "json")
        assert (ran.code, ran.json["outcome"]) == (0, "pushed")
        assert ran.json["branch"].startswith("homeconsole/approve/")
        assert shell.git("rev-parse", ran.json["branch"]) == ran.json["commit"]
        assert "open a pull request" in ran.json["reason"]
        left = [line for line in refs(shell).splitlines() if ran.json["branch"] not in line]
        assert left == before.splitlines()


class TestHistory:
    def test_tells_what_was_approved_and_refused_and_names_what_was_altered(self, shell: Shell) -> None:
        assert shell.run("history", "-o", "json").json["entries"] == []
        pushed = shell.run("approve", ORDINARY, "--write", "--yes", "-o", "json").json
        ran = shell.run("history", "-o", "json")
        assert (ran.code, ran.json["schema"]) == (0, "homeconsole/history/v1")
        (entry,) = ran.json["entries"]
        assert (entry["action"], entry["outcome"], entry["commit"]) == ("approve", "pushed", pushed["commit"])
        assert (entry["inJournal"], entry["onMain"], entry["reviewed"]) == (True, True, pushed["reviewed"])
        assert entry["trailers"]["Update"] == [ORDINARY]
        journal = Path(ran.json["journal"]["path"])
        journal.write_bytes(journal.read_bytes().replace(b'"committed"', b'"c0mmitted"'))
        altered = shell.run("history")
        assert altered.code == 1
        assert "line 3: the chain is broken" in altered.err
        assert ORDINARY in altered.out


class TestAtTheTerminal:
    def test_the_version_is_typed_for_a_node_upgrade_and_anything_else_is_no(self, shell: Shell) -> None:
        before = refs(shell)
        with terminal(shell.command("approve", TALOS, "--write"), columns=120, env=shell.environment) as screen:
            screen.sees("Type v1.13.8 to approve:")
            screen.presses("y\r")
            assert screen.ends() == 1
        assert refs(shell) == before
        with terminal(shell.command("approve", TALOS, "--write"), columns=120, env=shell.environment) as screen:
            screen.sees("Type v1.13.8 to approve:")
            screen.presses("v1.13.8\r")
            assert screen.ends() == 0
        assert TALOS not in refs(shell)

    def test_enter_alone_approves_nothing(self, shell: Shell) -> None:
        before = refs(shell)
        with terminal(shell.command("approve", ORDINARY, "--write"), columns=120, env=shell.environment) as screen:
            screen.sees("Approve? [y/N]")
            assert f"On home, in {shell.environment['HOMECONSOLE_REPOSITORY']}, branch main" in screen.raw.decode()
            screen.presses("\r")
            assert screen.ends() == 1
        assert refs(shell) == before
