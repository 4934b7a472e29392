"""The embedded cluster's repository, looked at with git alone."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.demo.repository import build
from console.demo.repository.history import FIRST_HOURS, LANDED
from console.demo.repository.pins import current
from console.demo.repository.proposals import KUBERNETES, TALOS, proposals
from console.demo.world import Topology

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
UPGRADES = "kubernetes/apps/system/tuppr/upgrades"


class Bare:
    """A bare repository and what git says of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *words: str, ok: bool = True) -> str:
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *words], capture_output=True, text=True, timeout=30, check=ok
        )
        return done.stdout

    def files(self, commit: str = "main") -> list[str]:
        return self.git("ls-tree", "-r", "--name-only", commit).split("\n")[:-1]

    def text(self, path: str, commit: str = "main") -> str:
        return self.git("cat-file", "blob", f"{commit}:{path}")

    def documents(self, path: str) -> list[dict[str, Any]]:
        return [document for document in yaml.safe_load_all(self.text(path)) if document]

    def branches(self) -> list[str]:
        return self.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/renovate/").split()

    def changed(self, branch: str) -> list[str]:
        return self.git("diff", "--name-only", f"main...{branch}").split()

    def merge(self, branch: str, onto: str = "main") -> tuple[str, list[str]]:
        """(tree, paths in conflict) of the three-way merge."""
        out = self.git("merge-tree", "--write-tree", "--name-only", "--no-messages", onto, branch, ok=False).split()
        return out[0], out[1:]


def made(folder: Path, topology: Topology) -> Bare:
    path = folder / "home-ops.git"
    build(path, topology, NOW)
    return Bare(path)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return made(tmp_path_factory.mktemp("repository"), Topology())


def documents(bare: Bare) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in bare.files():
        if path.endswith((".yaml", ".yml")):
            yield from ((path, document) for document in bare.documents(path))


class TestMain:
    def test_git_finds_nothing_wrong_with_it(self, bare: Bare) -> None:
        assert bare.git("fsck", "--full", "--strict", "--no-dangling") == ""

    def test_has_months_of_commits_by_the_operator_and_a_bot(self, bare: Bare) -> None:
        authors = bare.git("log", "--format=%an", "main").split("\n")[:-1]
        assert len(authors) > 40
        assert set(authors) == {"Home Operator", "home-bot[bot]"}

    def test_its_commits_never_go_back_in_time(self, bare: Bare) -> None:
        times = [int(line) for line in bare.git("log", "--format=%ct", "main").split()]
        assert times == sorted(times, reverse=True)
        assert times[0] < NOW.timestamp()

    def test_every_value_of_the_history_leads_to_the_next(self) -> None:
        pins = dict(current(Topology()))
        for landed in reversed(LANDED):
            for name, (before, after) in landed.moves.items():
                assert pins[name] == after, (landed.subject, name)
                assert before != after
                pins[name] = before

    def test_no_commit_is_empty(self, bare: Bare) -> None:
        for commit in bare.git("rev-list", "main").split()[:-1]:
            assert bare.git("diff-tree", "--no-commit-id", "-r", commit)

    def test_the_same_moment_gives_the_same_commits(self, bare: Bare, tmp_path: Path) -> None:
        again = made(tmp_path, Topology())
        assert again.git("for-each-ref") == bare.git("for-each-ref")

    def test_has_no_hooks_and_can_be_cloned_and_pushed_to(self, bare: Bare, tmp_path: Path) -> None:
        assert not (bare.path / "hooks").exists()
        clone = tmp_path / "clone"
        bare.git("clone", "--quiet", str(bare.path), str(clone))
        here = Bare(clone / ".git")
        here.git("push", "--quiet", "origin", "origin/main~1:refs/heads/elsewhere")
        assert bare.git("rev-parse", "elsewhere") == bare.git("rev-parse", "main~1")
        bare.git("update-ref", "-d", "refs/heads/elsewhere")


class TestManifests:
    def test_every_place_is_filled(self, bare: Bare) -> None:
        for path in bare.files():
            assert "«" not in bare.text(path), path

    def test_every_kustomization_names_files_that_are_there_and_all_of_them(self, bare: Bare) -> None:
        files = set(bare.files())
        for path in files:
            if not path.endswith("kustomization.yaml"):
                continue
            folder = path.rpartition("/")[0]
            (document,) = bare.documents(path)
            for resource in document["resources"]:
                target = f"{folder}/{resource.removeprefix('./')}"
                assert target in files or f"{target}/kustomization.yaml" in files, (path, resource)
            beside = {f"./{f.removeprefix(folder + '/')}" for f in files if f.rpartition("/")[0] == folder}
            assert beside - {"./kustomization.yaml"} <= set(document["resources"]), path

    @pytest.mark.parametrize(("source", "kind"), [("oci", "OCIRepository"), ("git", "GitRepository")])
    def test_flux_follows_the_source_that_was_asked_for(self, source: str, kind: str, tmp_path: Path) -> None:
        repository = made(tmp_path, Topology(source=source))
        kinds = {
            document["spec"]["sourceRef"]["kind"]
            for path, document in documents(repository)
            if str(document.get("apiVersion", "")).startswith("kustomize.toolkit.fluxcd.io")
        }
        assert kinds == {kind}
        (release,) = repository.documents("kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml")
        assert release["spec"]["values"]["instance"]["sync"]["kind"] == kind

    def test_what_a_kustomization_depends_on_exists_and_can_be_waited_for(self, bare: Bare) -> None:
        found = {
            (document["metadata"]["namespace"], document["metadata"]["name"]): document["spec"]
            for path, document in documents(bare)
            if path.endswith("ks.yaml")
        }
        assert len(found) > 25
        for name, spec in found.items():
            for need in spec.get("dependsOn", ()):
                assert found[need["namespace"], need["name"]]["wait"], (name, need)
            assert f"{spec['path'].removeprefix('./')}/kustomization.yaml" in bare.files()

    def test_secrets_are_encrypted(self, bare: Bare) -> None:
        secrets = [(path, document) for path, document in documents(bare) if document.get("kind") == "Secret"]
        assert len(secrets) > 5
        for path, document in secrets:
            assert path.endswith(".sops.yaml")
            assert all(str(value).startswith("ENC[AES256_GCM,") for value in document["stringData"].values())
            assert "sops" in document

    def test_every_machine_is_in_the_talos_configuration(self, tmp_path: Path) -> None:
        topology = Topology(nodes=4)
        repository = made(tmp_path, topology)
        (config,) = repository.documents("talos/talconfig.yaml")
        nodes = [(node["hostname"], node["ipAddress"], node["controlPlane"]) for node in config["nodes"]]
        assert nodes == topology.machines()

    def test_the_versions_of_the_cluster_stand_where_they_belong(self, bare: Bare) -> None:
        topology = Topology()
        (environment,) = bare.documents("talos/talenv.yaml")
        assert environment == {"talosVersion": topology.talos, "kubernetesVersion": topology.kubernetes}
        (talos,) = bare.documents(f"{UPGRADES}/talosupgrade.yaml")
        assert talos["spec"]["talos"]["version"] == topology.talos
        (kubernetes,) = bare.documents(f"{UPGRADES}/kubernetesupgrade.yaml")
        assert kubernetes["spec"]["kubernetes"]["version"] == topology.kubernetes


class TestProposals:
    def test_there_are_enough_of_them_in_several_dialects(self, bare: Bare) -> None:
        branches = bare.branches()
        subjects = [bare.git("log", "-1", "--format=%s", branch).strip() for branch in branches]
        assert len(branches) >= 25
        for arrow in ("➔", "→", "➜", "->", " to v", "digest to", "!:", "( ", "group", "maintenance", "⬆️", "[SECURITY]"):
            assert any(arrow in subject for subject in subjects), arrow

    def test_one_conflicts_one_is_applied_and_the_rest_merge(self, bare: Bare) -> None:
        tree = bare.git("rev-parse", "main^{tree}").strip()
        merged = {branch: bare.merge(branch) for branch in bare.branches()}
        assert {branch: paths for branch, (_, paths) in merged.items() if paths} == {
            "renovate/mise-tools": [".mise.toml"]
        }
        applied = [branch for branch, (merged_tree, _) in merged.items() if merged_tree == tree]
        assert applied == ["renovate/ghcr.io-coredns-charts-coredns-1.x"]

    def test_every_branch_has_one_commit_of_the_bot_but_the_one_the_operator_took_up(self, bare: Bare) -> None:
        authors = {
            branch: bare.git("log", "--format=%an", f"main..{branch}").split("\n")[:-1] for branch in bare.branches()
        }
        modified = {branch: names for branch, names in authors.items() if names != ["home-bot[bot]"]}
        assert modified == {"renovate/mirror.gcr.io-envoyproxy-gateway-helm-1.x": ["Home Operator", "home-bot[bot]"]}

    def test_some_are_a_few_commits_behind_and_one_is_far_behind(self, bare: Bare) -> None:
        behind = {branch: int(bare.git("rev-list", "--count", f"{branch}..main")) for branch in bare.branches()}
        assert behind[TALOS] == 5
        assert behind[KUBERNETES] == 2
        assert behind["renovate/metrics-server-3.x"] > 40

    def test_the_subject_tells_what_the_change_does(self, bare: Bare) -> None:
        told = 0
        for branch in bare.branches():
            subject = bare.git("log", "-1", "--author=home-bot", "--format=%s", branch)
            found = re.search(r"\(\s*(\S+) (?:➔|→|➜|->) (\S+?)\s*\)", subject)
            if not found:
                continue
            told += 1
            diff = bare.git("diff", f"main...{branch}").replace("\n--- ", "\n").replace("\n+++ ", "\n")
            removed, added = (
                "\n".join(line[1:] for line in diff.split("\n") if line.startswith(sign)) for sign in ("-", "+")
            )
            assert found[1] in removed, (branch, found[1])
            assert found[2] in added, (branch, found[2])
        assert told > 15

    @pytest.mark.parametrize(
        ("branch", "resource", "place"),
        [(TALOS, "talosupgrade.yaml", "talosVersion"), (KUBERNETES, "kubernetesupgrade.yaml", "kubernetesVersion")],
    )
    def test_a_node_upgrade_moves_the_resource_and_the_talos_environment(
        self, bare: Bare, branch: str, resource: str, place: str
    ) -> None:
        assert bare.changed(branch) == [f"{UPGRADES}/{resource}", "talos/talenv.yaml"]
        assert place in bare.git("diff", f"main...{branch}", "--", "talos/talenv.yaml")

    def test_both_node_upgrades_can_be_taken_one_after_the_other(self, bare: Bare) -> None:
        tree, _ = bare.merge(TALOS)
        taken = bare.git(
            "-c", "user.name=x", "-c", "user.email=x@example.org",
            "commit-tree", tree, "-p", "main", "-p", TALOS, "-m", "x",
        ).strip()  # fmt: skip
        assert bare.merge(KUBERNETES, onto=taken)[1] == []

    def test_every_pull_request_has_a_ref_and_some_have_no_branch_left(self, bare: Bare) -> None:
        refs = bare.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/pull/").splitlines()
        pulls = {commit: ref for commit, ref in (line.split() for line in refs)}  # noqa: C416 - names the parts
        tips = {bare.git("rev-parse", branch).strip() for branch in bare.branches()}
        assert tips <= set(pulls)
        assert len(set(pulls) - tips) > 10
        assert pulls[bare.git("rev-parse", TALOS).strip()] == "refs/pull/2307/head"

    def test_none_is_older_than_the_repository(self) -> None:
        assert all(0 < proposal.hours < FIRST_HOURS for proposal in proposals(Topology()))


class TestScenarios:
    def test_no_node_upgrade_waits_when_all_is_healthy(self, tmp_path: Path) -> None:
        branches = made(tmp_path, Topology(scenario="healthy")).branches()
        assert TALOS not in branches
        assert KUBERNETES not in branches
        assert len(branches) >= 25

    @pytest.mark.parametrize("scenario", ["upgrade-running", "drain-stuck", "upgrade-failed"])
    def test_an_upgrade_under_way_was_approved_on_main(self, scenario: str, tmp_path: Path) -> None:
        topology = replace(Topology(), scenario=scenario)
        repository = made(tmp_path, topology)
        assert TALOS not in repository.branches()
        base, head = repository.git("log", "-1", "--format=%P", "main").split()
        trailers = dict(
            line.split(": ", 1)
            for line in repository.git("log", "-1", "--format=%(trailers)", "main").strip().split("\n")
        )
        assert trailers["Update"] == TALOS
        assert trailers["Reviewed-commit"] == head
        assert trailers["Reviewed-base"] == base
        assert repository.merge(head, onto=base)[0] == repository.git("rev-parse", "main^{tree}").strip()
        patch = repository.git("diff", base, "main")
        patch_id = subprocess.run(
            ["git", "patch-id", "--stable"], input=patch, capture_output=True, text=True, check=True, timeout=30
        ).stdout.split()[0]
        assert trailers["Reviewed-patch-id"] == patch_id
        (talos,) = repository.documents(f"{UPGRADES}/talosupgrade.yaml")
        assert talos["spec"]["talos"]["version"] == topology.talos_next
        assert int(repository.git("log", "-1", "--format=%ct", "main")) < NOW.timestamp()
        assert repository.git("fsck", "--strict") == ""
