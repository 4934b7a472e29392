"""One thing whole without a screen; what homeconsole tells of itself."""

import json
import re
import shlex
import subprocess

import yaml

from console import __version__
from console.cli.arguments import parse
from console.wiring import rights
from tests.answers import check
from tests.cli.conftest import Shell

TALOS = "renovate/siderolabs-talos-1.x"


class TestUpdate:
    def test_one_is_told_whole(self, shell: Shell) -> None:
        told = shell.run("updates", "talos").out
        for word in (f"branch     {TALOS}", "talos/talenv.yaml:2", "v1.13.8", "home-bot[bot]", "releases/tag/v1.13.8"):
            assert word in told
        (found,) = shell.run("updates", "talos", "-o", "json").json["updates"]
        assert (found["id"], "diff" in found) == (TALOS, False)

    def test_its_diff_is_printed_as_git_has_it(self, shell: Shell) -> None:
        printed = shell.run("updates", "talos", "--diff").out
        assert printed.startswith("diff --git a/kubernetes/")
        assert "\n-    version: v1.13.7\n+    version: v1.13.8\n" in printed
        (found,) = shell.run("updates", "talos", "--diff", "-o", "json").json["updates"]
        assert found["diff"] == printed.removesuffix("\n")

    def test_words_that_mean_nothing_are_wrong_usage(self, shell: Shell) -> None:
        assert shell.run("updates", "--diff").code == 2
        assert shell.run("updates", "nonesuch").code == 2


class TestYaml:
    def test_the_object_is_printed_as_the_api_has_it(self, shell: Shell) -> None:
        ref = "HelmRelease/media/plex"
        printed = shell.run("flux", ref, "--yaml").out
        found = yaml.safe_load(printed)
        assert (found["kind"], found["metadata"]["name"], "managedFields" in found["metadata"]) == (
            "HelmRelease",
            "plex",
            False,
        )
        (document,) = shell.run("flux", ref, "--yaml", "-o", "json").json["objects"]
        assert yaml.safe_load(document["manifest"])["spec"] == found["spec"]

    def test_only_of_one_that_is_of_flux(self, shell: Shell) -> None:
        for words in (["--yaml"], ["Pod/media/plex-0", "--yaml"], ["HelmRelease/media/none", "--yaml"]):
            assert shell.run("flux", *words).code == 2


def first(shell: Shell, *words: str) -> str:
    """The first line that a command prints which goes on and on; then it is ended."""
    with subprocess.Popen(
        shell.command(*words), env=shell.environment, cwd=shell.folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            return process.stdout.readline()
        finally:
            process.terminate()


class TestLogs:
    def test_of_a_flux_object_its_controllers_lines_are_told(self, shell: Shell) -> None:
        line = json.loads(first(shell, "logs", "hr/observability/grafana", "-o", "json"))
        check(line)
        assert (line["by"], line["level"] in {"info", "error"}, line["at"][:2]) == ("helm-controller", True, "20")

    def test_of_a_node_its_kernels_or_a_services(self, shell: Shell) -> None:
        assert "Linux version" in first(shell, "logs", "k8s-control-1")
        assert json.loads(first(shell, "logs", "k8s-control-1", "kubelet", "-o", "json"))["by"] == "kubelet"

    def test_it_ends_in_order_when_the_time_is_over(self, shell: Shell) -> None:
        for what in ("hr/observability/grafana", "k8s-control-1"):
            ran = shell.run("logs", what, "--timeout", "0.1")
            assert (ran.code, ran.err) == (0, "")

    def test_what_is_not_there_is_wrong_usage(self, shell: Shell) -> None:
        for words in (["HelmRelease/media/none"], ["k8s-none"], ["hr/media/plex", "kubelet"], ["k8s-control-1", "a/b"]):
            assert shell.run("logs", *words, "--timeout", "5").code == 2, words


class TestItself:
    def test_its_version_comes_with_those_of_what_it_uses(self, shell: Shell) -> None:
        lines = shell.run("--version").out.splitlines()
        assert lines[0] == f"homeconsole {__version__}"
        assert [line.split()[0] for line in lines[1:]] == [
            *("python", "textual", "kubernetes", "gitpython", "git", "talosctl")
        ]
        assert lines[-1] == "talosctl v1.13.7"
        gone = shell.run("--version", extra={"HOMECONSOLE_TALOSCTL": "/none/talosctl"})
        assert (gone.code, "talosctl not found" in gone.out) == (0, True)

    def test_what_it_prints_may_be_applied(self, nowhere: Shell) -> None:
        assert nowhere.run("manifests", "rights").out == rights.MANIFEST.read_text(encoding="utf-8")
        account, job = yaml.safe_load_all(nowhere.run("manifests", "job").out)
        granted = list(yaml.safe_load_all(rights.MANIFEST.read_text("utf-8")))
        (user,) = [each for each in granted if each["kind"] == "ServiceAccount"]
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        assert pod["serviceAccountName"] == user["metadata"]["name"]
        assert job["metadata"]["namespace"] == account["metadata"]["namespace"] == user["metadata"]["namespace"]
        (container,) = pod["containers"]
        options = parse([*container["command"][1:], *container["args"]])
        assert (options.command, options.write) == ("status", False)
        assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
        assert account["metadata"]["name"] in {v.get("secret", {}).get("secretName") for v in pod["volumes"]}
        assert account["spec"]["roles"] == ["os:reader"]

    def test_none_of_it_needs_a_configuration_that_is_sound(self, nowhere: Shell) -> None:
        config = nowhere.folder / "homeconsole" / "config.yaml"
        config.parent.mkdir()
        config.write_text("nonesuch: 1\n")
        for line in ("completion bash", "man", "manifests rights", "schema status", "--version"):
            assert nowhere.run(*shlex.split(line), extra={"XDG_CONFIG_HOME": str(nowhere.folder)}).code == 0, line


def test_what_keeps_an_upgrade_and_what_tuppr_says_are_told(shell: Shell) -> None:
    told = shell.run("upgrades").out
    assert re.search(r"^Talos +tuppr +TalosUpgrade/talos v1\.13\.7 Completed$", told, re.MULTILINE)
    held = {line["system"]: line["tuppr"] for line in shell.run("upgrades", "-o", "json").json["held"]}
    assert held["talos"]["completedNodes"] == ["k8s-control-1"]
