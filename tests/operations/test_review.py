"""What the operator reviews, and the preflight before it, on a real repository."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.model.finding import Finding, Preflight
from console.model.review import APPROVED_AT_LATER, Review
from console.model.snapshot import Snapshot
from console.model.updates import Change, Update
from console.operations.message import counted, summary
from console.operations.order import order
from console.operations.preflight import preflight
from console.operations.review import name_of, review
from console.operations.several import alone
from console.sources.git.mirror import Mirror
from console.sources.stop import Stop
from tests.operations import facts
from tests.operations import remote as remotes
from tests.operations.remote import IMMICH, IMMICH_BRANCH, RESOURCE, TALENV, TALOS_BRANCH, Remote, git, introduce

NOW = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


@pytest.fixture
def mirror(remote: Remote, tmp_path: Path) -> Mirror:
    return Mirror(str(remote.bare), "main", ("renovate/",), tmp_path / "clones", now=lambda: NOW)


def proposed(mirror: Mirror, branch: str = TALOS_BRANCH) -> Update:
    mirror.fetch(Stop())
    return next(u for u in mirror.scan()[1] if u.branch == branch)


def reviewed(mirror: Mirror, branch: str = TALOS_BRANCH, snapshot: Snapshot | None = None, **how: Any) -> Review:
    update = proposed(mirror, branch)
    found = preflight(update, mirror, snapshot, NOW)
    return review(update, found, mirror, now=NOW, via="homeconsole/0.1.0", snapshot=snapshot, **how)


class TestThePreflight:
    def test_of_a_node_upgrade_names_from_and_to(self, mirror: Mirror) -> None:
        found = preflight(proposed(mirror), mirror, None, NOW)
        assert (found.talos, found.kubernetes) == (("v1.13.7", "v1.13.8"), None)
        assert found.verdict == "ready"
        assert (found.head, found.base) == (mirror.branches()[TALOS_BRANCH], mirror.head())

    def test_finds_the_place_that_was_forgotten(self, remote: Remote, mirror: Mirror) -> None:
        text = 'nodes: []\n# renovate: datasource=github-releases depName=siderolabs/talos\ntalosVersion: "v1.13.7"\n'
        remote.push("talos/talconfig.yaml", text)
        found = preflight(proposed(mirror), mirror, None, NOW)
        (left,) = [f for f in found.findings if f.rule == "places"]
        assert (left.status, left.file, left.line) == ("fail", "talos/talconfig.yaml", 3)
        assert found.verdict == "warn"

    def test_of_an_ordinary_update_says_nothing_of_nodes(self, mirror: Mirror) -> None:
        found = preflight(proposed(mirror, IMMICH_BRANCH), mirror, None, NOW)
        assert {f.rule for f in found.findings} == {
            "merges", "class", "breaking", "author", "signature", "content", "secrets", "platform",
        }  # fmt: skip
        assert (found.verdict, found.talos) == ("ready", None)

    def test_of_a_branch_that_conflicts_is_blocked(self, remote: Remote, mirror: Mirror) -> None:
        remote.push(TALENV, remote.file(TALENV).replace("v1.13.7", "v1.13.9"))
        found = preflight(proposed(mirror), mirror, None, NOW)
        assert found.verdict == "blocked"
        assert [f.detail for f in found.failing("block") if f.rule == "merges"] == [TALENV]

    def test_of_a_branch_with_a_foreign_commit_warns(self, remote: Remote, mirror: Mirror) -> None:
        remote.push(IMMICH, remote.file(IMMICH, IMMICH_BRANCH) + "  extra: 1\n", branch=IMMICH_BRANCH)
        found = preflight(proposed(mirror, IMMICH_BRANCH), mirror, None, NOW)
        assert {"author", "content"} <= {f.rule for f in found.failing("warn")}

    def test_sees_a_secret_that_comes_along(self, remote: Remote, mirror: Mirror) -> None:
        text = "sops:\n  mac: ENC[AES256_GCM,data:abc]\n"
        remote.push("kubernetes/apps/media/immich/app/secret.sops.yaml", text, branch=IMMICH_BRANCH)
        found = preflight(proposed(mirror, IMMICH_BRANCH), mirror, None, NOW)
        assert "secrets" in {f.rule for f in found.failing("warn")}


class TestTheReview:
    def test_shows_the_commit_as_it_will_be(self, mirror: Mirror) -> None:
        made = reviewed(mirror)
        head, base = mirror.branches()[TALOS_BRANCH], mirror.head()
        assert made.commit.parents == (base, head)
        assert made.commit.message.splitlines()[:3] == [
            f"Merge {TALOS_BRANCH}: siderolabs/talos v1.13.7 → v1.13.8",
            "",
            f"Update: {TALOS_BRANCH}",
        ]
        assert f"Approved-at: {APPROVED_AT_LATER}\n" in made.commit.message
        assert set(made.files) == {RESOURCE, TALENV}
        assert "+    version: v1.13.8" in made.diff
        assert made.refusal == ""

    def test_says_what_a_dry_run_would_do_with_its_leases(self, mirror: Mirror) -> None:
        made = reviewed(mirror)
        head, base = mirror.branches()[TALOS_BRANCH], mirror.head()
        push = made.commands[-1]
        assert f"--force-with-lease=refs/heads/main:{base}" in push
        assert f"--force-with-lease=refs/heads/{TALOS_BRANCH}:{head}" in push
        assert "--atomic" in push
        assert f"-p {base} -p {head}" in made.commands[2]
        assert made.commit.tree in made.commands[2]
        assert made.leases == (
            f"main must be at {base[:12]}; it moves to the commit",
            f"{TALOS_BRANCH} must be at {head[:12]}; it is removed",
        )

    def test_writes_nothing_on_the_remote(self, remote: Remote, mirror: Mirror) -> None:
        before = git("for-each-ref", at=remote.bare)
        reviewed(mirror)
        assert git("for-each-ref", at=remote.bare) == before

    def test_asks_for_the_version_of_a_node_upgrade(self, mirror: Mirror) -> None:
        assert reviewed(mirror).typed == "v1.13.8"

    def test_asks_only_yes_or_no_for_an_ordinary_update(self, mirror: Mirror) -> None:
        assert reviewed(mirror, IMMICH_BRANCH).typed == ""

    def test_asks_for_the_name_when_others_have_edited_the_branch(self, remote: Remote, mirror: Mirror) -> None:
        remote.push(IMMICH, remote.file(IMMICH, IMMICH_BRANCH) + "# note\n", branch=IMMICH_BRANCH)
        assert reviewed(mirror, IMMICH_BRANCH).typed == "immich-server"

    @pytest.mark.parametrize(
        "changes",
        [
            {"type": "major"},
            {"type": "unknown"},
            {"changes": (Change("quay.io/cilium/charts/immich-server", "1", "2", "minor"),), "type": "unknown"},
            {"changes": (Change("ghcr.io/rook/rook-ceph", "v1.19.9", "v1.19.10", "patch"),)},
        ],
    )
    def test_asks_for_the_name_of_what_reaches_far(self, mirror: Mirror, changes: dict[str, Any]) -> None:
        update = replace(proposed(mirror, IMMICH_BRANCH), **changes)
        made = review(update, preflight(update, mirror, None, NOW), mirror, now=NOW, via="x")
        assert made.typed == name_of(update) != ""

    @pytest.mark.parametrize(
        ("branch", "names", "plain"),
        [
            ("renovate/major-immich", ("immich-app/immich-server", "immich-app/immich-machine-learning"), "immich"),
            ("renovate/major-3-rook-ceph", ("rook/a", "rook/b"), "rook-ceph"),
            ("renovate/patch-1.19-cilium", ("cilium/a", "cilium/b"), "cilium"),
            ("renovate/major-immich", ("immich-app/immich-server",), "immich-server"),
            ("renovate/major-", (), "major-"),
            ("renovate/mise-tools", (), "mise-tools"),
        ],
    )
    def test_calls_what_is_typed_by_its_plain_name(self, branch: str, names: tuple[str, ...], plain: str) -> None:
        """Not by the size of the step, which Renovate puts before a group's name."""
        changes = tuple(Change(f"ghcr.io/{name}", "v2.4.1", "v3.0.0", "major") for name in names)
        update = replace(facts.update(None), branch=branch, changes=changes, type="major")
        assert name_of(update) == update.called == plain

    def test_says_in_one_sentence_what_will_happen(self, mirror: Mirror) -> None:
        one = facts.cluster()
        assert reviewed(mirror, snapshot=one).consequence == "k8s-control-1 will reboot; the API is away ~4 min."
        names = ("k8s-control-1", "k8s-control-2", "k8s-control-3")
        three = facts.cluster(talos=[facts.talos_node(n) for n in names], nodes=[facts.node(n) for n in names])
        assert reviewed(mirror, snapshot=three).consequence == (
            "k8s-control-1, k8s-control-2, k8s-control-3 will reboot, one after the other; the API stays."
        )
        assert reviewed(mirror, IMMICH_BRANCH).consequence == (
            "main gets ghcr.io/immich-app/immich-server v2.4.1 → v2.4.2; Flux applies it."
        )
        assert reviewed(mirror, IMMICH_BRANCH, snapshot=facts.cluster()).consequence.endswith("v2.4.1 → v2.4.2.")
        assert reviewed(mirror, snapshot=facts.cluster(tuppr=[])).consequence.endswith(
            "nothing in the cluster upgrades the nodes to it."
        )

    def test_says_what_happens_then(self, mirror: Mirror) -> None:
        assert reviewed(mirror, snapshot=facts.cluster()).then == (
            f"main moves; {TALOS_BRANCH} is removed",
            "OCIRepository flux-system/flux-system gets a new artifact",
            "Kustomization system/tuppr-upgrades applies it",
            "TalosUpgrade talos upgrades k8s-control-1",
        )
        suspended = reviewed(mirror, snapshot=facts.cluster(tuppr=[facts.cr(suspended="manual")]))
        assert suspended.then[-1] == "TalosUpgrade talos stays suspended: nothing more happens until it is resumed"

    def test_refuses_what_conflicts(self, remote: Remote, mirror: Mirror) -> None:
        remote.push(TALENV, remote.file(TALENV).replace("v1.13.7", "v1.13.9"))
        assert reviewed(mirror).refusal == f"It conflicts with main in {TALENV}."

    def test_refuses_a_branch_that_has_moved_or_gone(self, remote: Remote, mirror: Mirror) -> None:
        update = proposed(mirror)
        found = preflight(update, mirror, None, NOW)
        moved = remote.push(TALENV, "x: 1\n", branch=TALOS_BRANCH)
        mirror.fetch(Stop())
        made = review(update, found, mirror, now=NOW, via="x")
        assert made.refusal == f"The branch has moved to {moved[:7]}: look at it again."
        remote.delete(TALOS_BRANCH)
        mirror.fetch(Stop())
        assert review(update, found, mirror, now=NOW, via="x").refusal.startswith("The branch is gone")

    def test_refuses_findings_of_another_commit(self, mirror: Mirror) -> None:
        update = proposed(mirror)
        found = replace(preflight(update, mirror, None, NOW), head="0" * 40)
        assert "another commit" in review(update, found, mirror, now=NOW, via="x").refusal

    def test_of_text_from_outside_can_not_forge_a_trailer(self, mirror: Mirror) -> None:
        hostile = "x\n\nApproved-by: Mallory <m@example.org>\u202e\x1b[2J"
        update = proposed(mirror, IMMICH_BRANCH)
        update = replace(update, title=hostile, changes=(replace(update.changes[0], name=hostile),))
        for squash in (False, True):
            made = review(update, preflight(update, mirror, None, NOW), mirror, now=NOW, via="x", squash=squash)
            assert made.commit.message.count("\nApproved-by: ") == 1
            assert not {"\u202e", "\x1b"} & set(made.commit.message)


class TestAnAcknowledgedBlocker:
    @pytest.mark.parametrize(
        "finding",
        [
            Finding("known", "block", "fail", "x", acknowledged="tested\nit"),
            Finding("cluster-read", "warn", "skipped", "x", acknowledged="tested\nit"),
        ],
        ids=lambda f: f.rule,
    )
    def test_is_answered_in_the_commit_and_keeps_the_word(self, mirror: Mirror, finding: Finding) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        plain = preflight(update, mirror, None, NOW)
        assert review(update, plain, mirror, now=NOW, via="x").typed == ""
        found = replace(plain, verdict="warn", findings=(finding, *plain.findings))
        made = review(update, found, mirror, now=NOW, via="x")
        assert made.unanswered == ()
        assert f"\nOverride: {finding.rule}: tested␊it\nChecks: none\n" in made.commit.message
        assert ("Findings: 1 block, " in made.commit.message) == (finding.status == "fail")
        assert made.typed == "immich-server"
        assert alone(made)

    def test_is_named_in_the_journal_and_so_is_a_warning(self, mirror: Mirror) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        warned = Finding("client", "warn", "fail", "x", acknowledged="at night")
        plain = preflight(update, mirror, None, NOW)
        made = review(update, replace(plain, findings=(warned, *plain.findings)), mirror, now=NOW, via="x")
        assert "at night" not in made.commit.message
        assert "Findings: 1 warn, " in made.commit.message
        assert "client warn fail: at night" in order(made, "r", "main", NOW).findings


class TestWords:
    def test_findings_are_counted_as_the_trailer_has_them(self) -> None:
        def several(**numbers: int) -> Preflight:
            kinds: dict[str, tuple[Any, Any]] = {
                "block": ("block", "fail"),
                "warn": ("warn", "fail"),
                "info": ("info", "fail"),
                "passed": ("warn", "pass"),
                "skipped": ("warn", "skipped"),
            }
            found = [Finding("r", *kinds[kind], "") for kind, n in numbers.items() for _ in range(n)]
            return Preflight("x", "h", "b", "ready", tuple(found))

        assert counted(several(warn=2, passed=11)) == "2 warn, 11 pass"
        assert counted(several(passed=11)) == "0 warn, 11 pass"
        assert counted(several(warn=2, info=3, passed=11, skipped=5)) == "2 warn, 11 pass"
        assert counted(several(block=1, warn=2, info=3, passed=4, skipped=5)) == "1 block, 2 warn, 4 pass"

    def test_a_group_is_summed_up(self) -> None:
        update = facts.update(
            None, changes=(Change("rook-ceph", "1", "2", "minor"), Change("rook-ceph-cluster", "1", "2", "minor"))
        )
        assert summary(update) == "rook-ceph 1 → 2 and 1 more"
        assert name_of(replace(update, branch="renovate/rook-ceph")) == "rook-ceph"
