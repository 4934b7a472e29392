"""What doctor finds, and the fix it names."""

from pathlib import Path
from typing import Any

from tests.cli.conftest import Shell


def checks(answer: Any) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in answer["checks"]}


class TestDoctor:
    def test_all_is_well_on_the_embedded_cluster(self, shell: Shell) -> None:
        ran = shell.run("doctor", "-o", "json")
        assert ran.code == 0, ran.out
        assert ran.json["schema"] == "homeconsole/doctor/v1"
        found = checks(ran.json)
        assert found["kubeconfig"]["origin"] == "KUBECONFIG"
        assert found["repository"]["origin"] == "HOMECONSOLE_REPOSITORY"
        assert "v1.13" in found["talosctl"]["found"]
        assert "os:reader" in found["talos certificate"]["found"]
        assert found["write access"]["state"] == "skipped"

    def test_in_write_mode_the_right_to_push_is_tried_without_pushing(self, shell: Shell) -> None:
        before = shell.git("for-each-ref")
        found = checks(shell.run("doctor", "--write", "-o", "json").json)
        assert found["write access"]["state"] == "ok"
        assert found["identity"]["found"] == "Ada Op <ada@home.example>"
        assert shell.git("for-each-ref") == before

    def test_each_thing_that_is_wrong_has_a_fix(self, nowhere: Shell) -> None:
        config = nowhere.folder / "homeconsole" / "config.yaml"
        config.parent.mkdir()
        config.write_text("keys: {aprove: x}\n")
        nothing = {
            "PATH": "/usr/bin:/bin",
            "HOMECONSOLE_TALOSCTL": "no-talosctl",
            "XDG_CONFIG_HOME": str(nowhere.folder),
        }
        ran = nowhere.run("doctor", "-o", "json", extra=nothing)
        assert ran.code == 1
        found = checks(ran.json)
        assert (
            "config.yaml: keys: aprove: there is no such action; did you mean approve?"
            in found["configuration"]["found"]
        )
        for name in ("configuration", "kubeconfig", "talosctl", "talosconfig", "repository"):
            assert found[name]["state"] == "bad", name
            assert found[name]["fix"], name
            assert found[name]["command"], name
        told = nowhere.run("doctor", extra=nothing).out
        assert "$ talosctl kubeconfig" in [line.strip() for line in told.splitlines()]

    def test_an_identity_that_is_missing_is_told_before_anyone_writes(self, shell: Shell) -> None:
        unknown = {"GIT_CONFIG_GLOBAL": "/dev/null", "EMAIL": ""}
        found = checks(shell.run("doctor", "-o", "json", extra=unknown).json)["identity"]
        assert found["state"] == "warn"
        assert "user.email" in found["command"]
        ran = shell.run("approve", "renovate/siderolabs-talos-1.x", "--dry-run", "-o", "json", extra=unknown)
        assert (ran.code, ran.json["outcome"]) == (0, "dry-run"), "nothing is written: the plan is shown"
        assert "set user.name and user.email" in ran.json["reason"]

    def test_a_key_that_is_not_there_is_told_before_anyone_signs(self, shell: Shell) -> None:
        mine = Path(shell.environment["HOME"]) / ".gitconfig"
        text = "[commit]\n\tgpgsign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = /nonexistent\n"
        mine.write_text(mine.read_text() + text)
        found = checks(shell.run("doctor", "-o", "json").json)["signing"]
        assert (found["state"], "the key /nonexistent is not there" in found["found"]) == ("warn", True)
        assert "user.signingkey" in found["fix"]
        ran = shell.run("approve", "renovate/siderolabs-talos-1.x", "--dry-run")
        assert ran.code == 0, ran.err
        assert "the real one will be refused: git can't sign: the key /nonexistent is not there." in ran.out

    def test_a_flag_is_named_as_the_origin(self, shell: Shell) -> None:
        found = checks(shell.run("doctor", "--branch", "trunk", "--kubeconfig", "/none", "-o", "json").json)
        assert found["kubeconfig"]["origin"] == "--kubeconfig"
        assert found["repository"]["state"] == "bad"

    def test_it_leaves_nothing_behind(self, shell: Shell) -> None:
        shell.run("doctor")
        assert not (shell.folder.parent / "home" / ".local").exists()
