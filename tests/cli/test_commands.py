"""The plain commands against the embedded cluster: what they print, and what their exit codes say."""

import re
import subprocess
from typing import Any

import pytest

from console.demo.thread import DemoThread
from tests.cli.conftest import Shell

LISTS = ("nodes", "flux", "updates", "upgrades")


def keys(of: Any) -> set[str]:
    """All keys of a document, but for those that are names of things."""
    if isinstance(of, dict):
        named = {key for key in of if key in {"flux", "services", "updates", "upgrades"}}
        return set(of) | {key for name, value in of.items() if name not in named for key in keys(value)}
    return {key for each in of for key in keys(each)} if isinstance(of, list) else set()


class TestLists:
    @pytest.mark.parametrize("command", LISTS)
    def test_each_has_its_schema_first_and_keys_in_camel_case(self, shell: Shell, command: str) -> None:
        ran = shell.run(command, "-o", "json")
        assert ran.code == 0, ran.err
        assert next(iter(ran.json)) == "schema"
        assert ran.json["schema"] == f"homeconsole/{command}/v1"
        assert not [key for key in keys(ran.json) if not re.fullmatch(r"[a-z][a-zA-Z]*", key)]

    @pytest.mark.parametrize("command", LISTS)
    def test_each_is_a_table_with_nothing_on_standard_error(self, shell: Shell, command: str) -> None:
        ran = shell.run(command)
        assert ran.code == 0
        assert ran.out.splitlines()[0].isupper()
        assert ran.err == ""

    def test_nodes_are_known_to_both_apis(self, shell: Shell) -> None:
        answer = shell.run("nodes", "-o", "json").json
        (node,) = answer["nodes"]
        assert (node["name"], node["talos"], node["kubernetes"]) == ("k8s-control-1", "v1.13.7", "v1.36.2")
        assert node["ready"] is True
        assert node["etcd"]["leader"] is True
        assert answer["etcd"] == {"members": 1, "healthy": 1, "quorum": 1, "canLose": 0, "trouble": []}
        assert answer["cni"]["name"] == "Cilium"

    def test_one_node_can_be_asked_for(self, shell: Shell) -> None:
        assert shell.run("nodes", "k8s-control-1").code == 0
        unknown = shell.run("nodes", "k8s-control-9", "-o", "json")
        assert unknown.code == 2
        assert unknown.json["error"]["kind"] == "not-found"

    def test_a_blocked_object_names_the_root_cause(self, shell: Shell) -> None:
        objects = shell.run("flux", "-o", "json").json["objects"]
        loki = next(o for o in objects if (o["kind"], o["name"]) == ("Kustomization", "loki"))
        assert loki["status"] == "Blocked"
        assert (loki["rootCause"]["kind"], loki["rootCause"]["name"]) == ("HelmRelease", "grafana")
        suspended = next(o for o in objects if (o["kind"], o["name"]) == ("HelmRelease", "plex"))
        assert suspended["suspended"]["reason"] == "disk"

    def test_every_flux_object_has_all_that_scripts_may_ask_for(self, shell: Shell) -> None:
        answer = shell.run("flux", "-o", "json").json
        wanted = {
            *("kind", "namespace", "name", "status", "reason", "message", "revision", "sourceRevision", "suspended"),
            *("lastReconciledAt", "nextReconcileAt", "rootCause", "blocks"),
        }
        for each in answer["objects"]:
            assert wanted <= each.keys()
            assert each["suspended"] is None or each["suspended"].keys() == {"by", "at", "reason"}
            assert each["rootCause"] is None or each["rootCause"].keys() == {"kind", "namespace", "name", "message"}

    def test_the_next_pass_of_a_flux_object_is_an_estimate_that_lies_ahead_or_nothing(self, shell: Shell) -> None:
        answer = shell.run("flux", "-o", "json").json
        due = [each["nextReconcileAt"] for each in answer["objects"] if each["nextReconcileAt"]]
        assert due
        assert min(due) >= answer["sources"]["flux"]["at"]

    def test_every_node_has_all_that_scripts_may_ask_for(self, shell: Shell) -> None:
        answer = shell.run("nodes", "-o", "json").json
        wanted = {
            *("name", "address", "role", "stage", "ready", "unmet", "talos", "kubernetes", "schematic", "cordoned"),
            *("etcd", "error"),
        }
        assert all(wanted <= each.keys() for each in answer["nodes"])
        assert answer["etcd"].keys() >= {"members", "healthy", "quorum", "canLose"}
        ran = shell.run("nodes", "-o", "json", extra={"HOMECONSOLE_TALOSCTL": "/none/talosctl"})
        assert ran.code == 3  # what the other source knows is told all the same
        away = ran.json
        assert away["nodes"][0]["etcd"] is away["etcd"] is None
        assert away["sources"]["talos"]["error"].keys() == {"kind", "message", "hint"}

    def test_a_server_that_asks_to_come_back_later_is_asked_again_before_anything_is_told(
        self, demo: DemoThread, shell: Shell
    ) -> None:
        demo.call(lambda: demo.api.faults.answer(429, 2, retry_after=2, path="upgrades"))
        answer = shell.run("upgrades", "-o", "json").json
        assert answer["sources"]["tuppr"]["error"] is None

    def test_one_flux_object_can_be_asked_for_with_its_kind_in_any_case(self, shell: Shell) -> None:
        answer = shell.run("flux", "helmrelease/media/plex", "-o", "json").json
        assert [o["name"] for o in answer["objects"]] == ["plex"]

    @pytest.mark.parametrize("ref", ["HelmRelease/media", "Pod/media/plex", "HelmRelease/media/none", "a/b/c/d"])
    def test_a_flux_object_that_is_not_there_is_wrong_usage(self, shell: Shell, ref: str) -> None:
        assert shell.run("flux", ref).code == 2

    def test_updates_begin_with_the_node_upgrades(self, shell: Shell) -> None:
        answer = shell.run("updates", "-o", "json").json
        assert answer["repository"]["branch"] == "main"
        assert [update["system"] for update in answer["updates"][:2]] == ["talos", "kubernetes"]
        first = answer["updates"][0]
        assert (first["id"], first["pull"], first["state"]) == ("renovate/siderolabs-talos-1.x", 2307, "ready")
        assert {(change["from"], change["to"]) for change in first["changes"]} == {("v1.13.7", "v1.13.8")}
        assert [each["commit"] for each in first["commits"]] == [first["head"]]
        assert first["releaseNotes"] == ["https://github.com/siderolabs/talos/releases/tag/v1.13.8"]
        assert (first["concern"], first["firstSeen"], answer["gone"]) == ("node", None, [])

    def test_what_was_pushed_a_moment_ago_is_there_though_an_older_clone_is_at_hand(self, shell: Shell) -> None:
        shell.run("updates")
        tree = shell.git("rev-parse", "main^{tree}")
        names = ("-c", "user.name=Bot", "-c", "user.email=b@example.org")
        commit = shell.git(*names, "commit-tree", tree, "-p", "main", "-m", "new")
        shell.git("update-ref", "refs/heads/renovate/new", commit)
        try:
            answer = shell.run("updates", "-o", "json").json
        finally:
            shell.git("update-ref", "-d", "refs/heads/renovate/new")
        assert "renovate/new" in {update["id"] for update in answer["updates"]}

    def test_node_upgrades_are_held_with_the_verdict_of_their_preflight(self, shell: Shell) -> None:
        answer = shell.run("upgrades", "-o", "json").json
        held = {line["system"]: line for line in answer["held"]}
        assert held["talos"]["target"] == "v1.13.8"
        assert held["talos"]["blockers"] == 0
        assert held["kubernetes"]["first"] == "talos"


class TestStatus:
    def test_what_fails_makes_it_unhealthy(self, shell: Shell) -> None:
        ran = shell.run("status", "-o", "json")
        assert ran.code == 1
        assert ran.json["healthy"] is False
        assert ran.json["versions"] == {"talos": "v1.13.7", "kubernetes": "v1.36.2", "flux": "v2.9.3"}
        assert any("grafana" in each["text"] for each in ran.json["attention"] if each["severity"] == "bad")

    def test_the_table_says_the_same(self, shell: Shell) -> None:
        ran = shell.run("status")
        assert ran.code == 1
        assert ran.out.splitlines()[0] == "home   Talos v1.13.7   Kubernetes v1.36.2   Flux v2.9.3"
        assert "▲ Talos v1.13.8 waits for approval" in ran.out

    def test_with_nothing_to_read_it_is_no_empty_health(self, nowhere: Shell) -> None:
        ran = nowhere.run("status", "-o", "json")
        assert ran.code == 3
        assert {each["state"] for each in ran.json["sources"].values()} == {"failed"}


class TestPreflight:
    def test_tells_what_it_found(self, shell: Shell) -> None:
        ran = shell.run("preflight", "siderolabs-talos-1.x", "-o", "json")
        assert ran.code == 0, ran.err
        assert ran.json["update"] == "renovate/siderolabs-talos-1.x"
        assert ran.json["target"]["talos"] == {"from": "v1.13.7", "to": "v1.13.8"}
        assert ran.json["verdict"] == "warn"
        assert {"pass", "fail"} <= {finding["status"] for finding in ran.json["findings"]}

    def test_an_update_has_several_names(self, shell: Shell) -> None:
        head = shell.git("rev-parse", "renovate/siderolabs-talos-1.x")
        for name in ("talos@v1.13.8", "talos@1.13.8", "renovate/siderolabs-talos-1.x", head[:12]):
            ran = shell.run("preflight", name, "--offline", "-o", "json")
            assert ran.json["head"] == head, (name, ran.err)

    def test_offline_it_needs_the_repository_alone(self, shell: Shell) -> None:
        ran = shell.run("preflight", "siderolabs-talos-1.x", "--offline", "-o", "json", extra={"KUBECONFIG": "/none"})
        assert ran.code == 0, ran.err
        assert "skipped" in {finding["status"] for finding in ran.json["findings"]}

    def test_a_repository_alone_is_enough(self, shell: Shell, nowhere_env: dict[str, str]) -> None:
        words = ("preflight", "talos@v1.14.0", "--repo", shell.environment["HOMECONSOLE_REPOSITORY"], "-o", "json")
        ran = Shell(shell.folder, nowhere_env).run(*words)
        assert ran.json["target"] == {"talos": {"from": "v1.13.7", "to": "v1.14.0"}, "kubernetes": None}, ran.err
        assert ran.code == (1 if ran.json["verdict"] in {"blocked", "unknown"} else 0)
        assert {f["detail"] for f in ran.json["findings"] if f["rule"] == "etcd"} == {
            "offline: the cluster was not asked"
        }

    def test_a_target_that_nobody_knows_yet_is_never_ready(self, shell: Shell) -> None:
        ran = shell.run("preflight", "talos@v1.15.0", "--offline", "-o", "json")
        assert ran.code == 1
        assert ran.json["verdict"] in {"unknown", "blocked"}
        assert [f["severity"] for f in ran.json["findings"] if f["rule"] == "known" and f["status"] == "fail"]

    def test_a_finding_is_acknowledged_with_a_reason_for_this_commit(self, shell: Shell) -> None:
        first = shell.run("preflight", "siderolabs-talos-1.x", "--offline", "-o", "json")
        rule = next(f["rule"] for f in first.json["findings"] if f["status"] == "fail")
        again = shell.run("preflight", "siderolabs-talos-1.x", "--offline", "--ack", f"{rule}=looked at", "-o", "json")
        assert again.code == 0, again.err
        later = shell.run("preflight", "siderolabs-talos-1.x", "--offline", "-o", "json")
        for ran in (again, later):
            told = [f["acknowledged"] for f in ran.json["findings"] if f["rule"] == rule and f["status"] == "fail"]
            assert set(told) == {"looked at"}
        other = shell.run("preflight", "talos@v1.14.0", "--offline", "-o", "json")
        assert not [f for f in other.json["findings"] if "acknowledged" in f]

    @pytest.mark.parametrize(("word", "said"), [("no-such=x", "was not found here"), ("places", "RULE=REASON")])
    def test_what_was_not_found_is_not_acknowledged(self, shell: Shell, word: str, said: str) -> None:
        ran = shell.run("preflight", "siderolabs-talos-1.x", "--offline", "--ack", word)
        assert ran.code == 2
        assert said in ran.err

    def test_the_rules_are_listed_with_source_and_date(self, nowhere: Shell) -> None:
        ran = nowhere.run("rules", "-o", "json")
        assert ran.code == 0, ran.err
        assert {"talos", "kubernetes"} == set(ran.json["known"])
        assert len(ran.json["rules"]) > 100
        assert all(each["source"] and each["read"] for each in ran.json["rules"])
        assert "talos-host" in nowhere.run("rules").out

    def test_an_unknown_name_gets_the_nearest_one(self, shell: Shell) -> None:
        ran = shell.run("preflight", "renovate/siderolabs-talos-2.x", "-o", "json")
        assert ran.code == 2
        assert "renovate/siderolabs-talos-1.x" in ran.json["error"]["hint"]


class TestReconcile:
    def test_tells_the_real_outcome(self, shell: Shell) -> None:
        ran = shell.run("reconcile", "Kustomization/media/sonarr", "--write", "--with-source", "-o", "json")
        assert ran.code == 0, ran.err
        assert ran.json["outcome"] == "done"
        assert [step["name"] for step in ran.json["steps"]] == [
            "OCIRepository/flux-system/flux-system",
            "Kustomization/media/sonarr",
        ]

    def test_a_failure_is_told_by_its_reason(self, shell: Shell) -> None:
        ran = shell.run("reconcile", "OCIRepository/observability/gatus", "--write", "-o", "json")
        assert ran.code == 1, ran.out
        assert ran.json["outcome"] == "failed"
        assert "OCIArtifactPullFailed" in ran.json["message"]

    def test_what_is_suspended_is_refused(self, shell: Shell) -> None:
        ran = shell.run("reconcile", "HelmRelease/media/plex", "--write", "-o", "json")
        assert ran.code == 1
        assert ran.json["error"]["kind"] == "suspended"

    def test_without_write_mode_it_is_refused(self, shell: Shell) -> None:
        ran = shell.run("reconcile", "Kustomization/media/sonarr", "-o", "json")
        assert ran.code == 1
        assert ran.json["error"]["kind"] == "read-only"


class TestErrors:
    @pytest.mark.parametrize(
        "words", [["--bogus"], ["nodes", "-o", "xml"], ["approve"], ["nonesuch"], ["demo", "--nodes", "0"]]
    )
    def test_wrong_usage_is_2(self, nowhere: Shell, words: list[str]) -> None:
        ran = nowhere.run(*words)
        assert ran.code == 2
        assert ran.out == ""
        assert "--help" in ran.err

    @pytest.mark.parametrize("words", [["updates", "--bogus", "-o", "json"], ["--output=json", "updates", "--bogus"]])
    def test_wrong_usage_is_json_where_json_was_asked_for(self, nowhere: Shell, words: list[str]) -> None:
        ran = nowhere.run(*words)
        assert ran.code == 2
        assert ran.json["schema"] == "homeconsole/updates/v1"
        assert ran.json["error"]["kind"] == "usage"

    def test_a_wrong_configuration_names_file_and_line(self, nowhere: Shell) -> None:
        config = nowhere.folder / "homeconsole" / "config.yaml"
        config.parent.mkdir()
        config.write_text("write: true\nrepositori: {}\n")
        ran = nowhere.run("updates", "-o", "json", extra={"XDG_CONFIG_HOME": str(nowhere.folder)})
        assert ran.code == 2
        assert f"{config}, line 2" in ran.json["error"]["message"]
        assert ran.json["error"]["hint"] == "Did you mean repository?"

    @pytest.mark.parametrize("command", [*LISTS, "preflight x", "approve x", "reconcile Kustomization/a/b"])
    def test_a_source_that_can_not_be_reached_is_3(self, nowhere: Shell, command: str) -> None:
        ran = nowhere.run(*command.split(), "-o", "json")
        assert ran.code == 3
        assert ran.json["error"]["kind"] == "not-configured"
        assert ran.json["error"]["hint"]

    def test_options_may_stand_before_and_after_the_command(self, shell: Shell) -> None:
        before = shell.run("-o", "json", "--kubeconfig", "/none", "flux")
        after = shell.run("flux", "--kubeconfig", "/none", "-o", "json")
        assert before.code == after.code == 3
        assert before.json == after.json

    def test_no_talosconfig_is_ever_created(self, shell: Shell) -> None:
        missing = shell.folder / "none" / "talosconfig"
        ran = shell.run("nodes", extra={"TALOSCONFIG": str(missing)})
        assert ran.code == 3
        assert str(missing) in ran.err
        assert not missing.parent.exists()
        assert not (shell.folder.parent / "home" / ".talos").exists()

    def test_the_console_refuses_without_a_terminal_and_names_the_plain_command(self, shell: Shell) -> None:
        for words in ([], ["demo"]):
            ran = shell.run(*words)
            assert ran.code == 2
            assert "homeconsole status" in ran.err
            assert len(ran.err.splitlines()) == 1

    def test_a_reader_that_leaves_early_is_no_error(self, shell: Shell) -> None:
        producer = subprocess.Popen(
            shell.command("flux"),
            env=shell.environment,
            cwd=shell.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert producer.stdout is not None
        producer.stdout.close()
        _, err = producer.communicate(timeout=60)
        assert producer.returncode == 0
        assert err == b""

    def test_a_locale_without_utf8_is_served(self, shell: Shell) -> None:
        ran = shell.run("status", extra={"PYTHONIOENCODING": "ascii"})
        assert ran.code == 1
        assert "Talos v1.13.7" in ran.out


class TestHostileText:
    def test_a_subject_can_not_reach_the_terminal(self, shell: Shell) -> None:
        evil = "fix: update \x1b[2Jboom \u202egnp (1.0.0 ➔ 2.0.0)"
        tree = shell.git("rev-parse", "main^{tree}")
        names = ("-c", "user.name=Bot\x07", "-c", "user.email=b@example.org")
        commit = shell.git(*names, "commit-tree", tree, "-p", "main", "-m", evil)
        shell.git("update-ref", "refs/heads/renovate/evil", commit)
        try:
            table, document = shell.run("updates"), shell.run("updates", "-o", "json")
        finally:
            shell.git("update-ref", "-d", "refs/heads/renovate/evil")
        assert "renovate/evil" in table.out
        for text in (table.out, document.out):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
        update = next(u for u in document.json["updates"] if u["id"] == "renovate/evil")
        assert "\x1b[2J" in update["title"]
