"""A preflight of whatever can be named: a branch, a commit, a version that nothing proposes yet."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.model.version import Version
from console.operations.acknowledge import Acknowledgements
from console.operations.preflight import preflight, supposed
from console.sources.errors import UsageError
from console.sources.git.mirror import Mirror
from console.sources.stop import Stop
from tests.operations import remote as remotes
from tests.operations.remote import TALENV, TALOS_BRANCH, Remote

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONFIG = "cluster:\n  etcd:\n    image: registry.k8s.io/etcd:3.5.26-0\n"  # Talos 1.14 takes etcd 3.6 and newer only


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return remotes.build(tmp_path)


@pytest.fixture
def mirror(remote: Remote, tmp_path: Path) -> Mirror:
    made = Mirror(str(remote.bare), "main", ("renovate/",), tmp_path / "clones", now=lambda: NOW)
    made.fetch(Stop())
    return made


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found
    return found


def failing(findings: object) -> set[str]:
    return {f.rule for f in findings if f.status == "fail"}  # type: ignore[attr-defined]


class TestSupposed:
    def test_a_version_that_nothing_proposes_is_judged_as_if_main_said_it(self, mirror: Mirror) -> None:
        found = supposed("talos", version("v1.14.0"), mirror, None, NOW)
        assert found.talos == ("v1.13.7", "v1.14.0")
        assert found.kubernetes is None
        assert (found.update, found.head, found.base) == ("talos@v1.14.0", mirror.head(), mirror.head())
        assert "places" not in failing(found.findings)

    def test_one_beyond_what_is_known_is_unknown_and_loud(self, mirror: Mirror) -> None:
        found = supposed("kubernetes", version("v1.99.0"), mirror, None, NOW)
        assert {f.severity for f in found.findings if f.rule == "kubernetes-minor" and f.status == "fail"} == {"block"}
        beyond = supposed("talos", version("v1.15.0"), mirror, None, NOW)
        assert "known" in failing(beyond.findings)
        assert beyond.verdict in {"unknown", "blocked"}

    def test_what_main_does_not_hold_can_not_be_raised(self, remote: Remote, mirror: Mirror) -> None:
        for path in mirror.files(mirror.head()):
            if any(word in path for word in ("talos", "tuppr")):
                remote.push(path, "x: 1\n")
        mirror.fetch(Stop())
        with pytest.raises(UsageError, match="main holds no version of talos"):
            supposed("talos", version("v1.14.0"), mirror, None, NOW)


@pytest.mark.parametrize(
    ("folder", "looked"),
    [("talos", True), ("clusters/other/talos", False), ("clusters/third/talos", False), ("elsewhere", True)],
)
def test_the_configuration_of_another_cluster_is_not_looked_at(
    remote: Remote, mirror: Mirror, folder: str, *, looked: bool
) -> None:
    remote.push("clusters/other/talosupgrade.yaml", "kind: TalosUpgrade\nspec:\n  talos:\n    version: v1.12.1\n")
    remote.push(
        "clusters/third/talos/talconfig.yaml", "clusterName: x\nendpoint: y\nnodes: []\ntalosVersion: v1.12.1\n"
    )
    remote.push("talos/talconfig.yaml", "clusterName: x\nendpoint: y\nnodes: []\n")
    remote.push(f"{folder}/later.yaml", "apiVersion: v1alpha1\nkind: KubeletConfig\nimage: x\n")
    mirror.fetch(Stop())
    branch = next(u for u in mirror.scan()[1] if u.branch == TALOS_BRANCH)
    found = preflight(branch, mirror, None, NOW)
    assert ("document-unknown" in failing(found.findings)) is looked, found.findings


class TestFix:
    def test_a_place_that_stays_behind_is_brought_along_by_the_fix(self, remote: Remote, mirror: Mirror) -> None:
        remote.push("talos/old.yaml", "a: 1\ntalosVersion: v1.13.6  # forgotten\n")
        mirror.fetch(Stop())
        found = supposed("talos", version("v1.13.8"), mirror, None, NOW)
        (left,) = [f for f in found.findings if f.rule == "places"]
        assert (left.file, left.line) == ("talos/old.yaml", 2)
        assert left.fix
        assert left.fix.diff.splitlines()[-2:] == [
            "-talosVersion: v1.13.6  # forgotten",
            "+talosVersion: v1.13.8  # forgotten",
        ]

    def test_the_resource_of_another_cluster_is_not_raised_by_a_fix(self, remote: Remote, mirror: Mirror) -> None:
        text = "kind: TalosUpgrade\nspec:\n  talos:\n    version: v1.12.1\n"
        remote.push("clusters/other/talosupgrade.yaml", text)
        mirror.fetch(Stop())
        branch = next(u for u in mirror.scan()[1] if u.branch == TALOS_BRANCH)
        (left,) = [f for f in preflight(branch, mirror, None, NOW).findings if f.rule == "places"]
        assert (left.status, left.file, left.fix) == ("fail", "clusters/other/talosupgrade.yaml", None)

    @pytest.mark.parametrize("locked", [False, True])
    def test_a_client_is_raised_unless_checksums_stand_beside_it(
        self, remote: Remote, mirror: Mirror, *, locked: bool
    ) -> None:
        remote.push("mise.toml", '[tools]\n"aqua:siderolabs/talos" = "1.13.7"\n')
        if locked:
            remote.push("mise.lock", "[[tools.talos]]\n")
        mirror.fetch(Stop())
        found = supposed("talos", version("v1.13.9"), mirror, None, NOW)
        (client,) = [f for f in found.findings if f.rule == "client" and f.file == "mise.toml"]
        assert bool(client.fix) is not locked
        if client.fix:
            assert '+"aqua:siderolabs/talos" = "1.13.9"' in client.fix.diff


class TestCommit:
    def test_one_of_a_branch_is_judged_on_main(self, mirror: Mirror) -> None:
        tip = mirror.branches()[TALOS_BRANCH]
        update = mirror.proposed(tip[:10])
        found = preflight(update, mirror, None, NOW)
        assert (found.update, found.head, found.base) == (tip, tip, mirror.head())
        assert found.talos == ("v1.13.7", "v1.13.8")

    def test_one_that_main_holds_is_judged_on_main_before_it(self, remote: Remote, mirror: Mirror) -> None:
        before = mirror.head()
        text = mirror.read(before, TALENV).decode().replace("v1.13.7", "v1.13.9")
        made = remote.push(TALENV, text)
        mirror.fetch(Stop())
        found = preflight(mirror.proposed(made), mirror, None, NOW)
        assert (found.base, found.talos) == (before, ("v1.13.7", "v1.13.9"))


class TestConfiguration:
    def test_what_a_rule_finds_in_the_repository_is_told_with_file_and_line(
        self, remote: Remote, mirror: Mirror
    ) -> None:
        remote.push("talos/patches/global/install.yaml", CONFIG)
        mirror.fetch(Stop())
        branch = next(u for u in mirror.scan()[1] if u.branch == TALOS_BRANCH)
        quiet = preflight(branch, mirror, None, NOW)
        crossing = supposed("talos", version("v1.14.0"), mirror, None, NOW)
        told = {(f.file, f.line) for f in crossing.findings if f.status == "fail" and f.file}
        assert ("talos/patches/global/install.yaml", 3) in told
        assert quiet.verdict != "blocked"


class TestAcknowledged:
    def test_it_holds_for_this_update_and_this_head_only(self, tmp_path: Path) -> None:
        kept = Acknowledgements(tmp_path / "state", lambda: NOW)
        kept.add("https://git.test/a", "renovate/x", "5" * 40, {"places": "the  second\nfollows"})
        assert kept.of("https://git.test/a", "renovate/x", "5" * 40) == {"places": "the second follows"}
        assert kept.of("https://git.test/a", "renovate/x", "6" * 40) == {}
        assert kept.of("https://git.test/a", "renovate/y", "5" * 40) == {}
        assert kept.of("https://git.test/b", "renovate/x", "5" * 40) == {}
        assert kept.path.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("reasons", [{"no-such-rule": "x"}, {"places": "  "}])
    def test_an_unknown_rule_or_no_reason_is_refused(self, tmp_path: Path, reasons: dict[str, str]) -> None:
        kept = Acknowledgements(tmp_path)
        with pytest.raises(UsageError):
            kept.add("r", "u", "h", reasons)
        assert not kept.path.exists()

    def test_a_torn_line_hides_no_other(self, tmp_path: Path) -> None:
        kept = Acknowledgements(tmp_path, lambda: NOW)
        kept.add("r", "u", "h", {"places": "one"})
        kept.path.write_text('{"rule": "pla\n' + kept.path.read_text(), encoding="utf-8")
        assert kept.of("r", "u", "h") == {"places": "one"}

    def test_what_is_acknowledged_blocks_no_more_and_stays_told(self, mirror: Mirror) -> None:
        target = version("v1.38.0")
        blocked = supposed("kubernetes", target, mirror, None, NOW)
        assert blocked.verdict == "blocked"
        reasons = {f.rule: "read the notes" for f in blocked.failing("block")}
        assert supposed("kubernetes", target, mirror, None, NOW, reasons=reasons).verdict == "unknown"
        reasons |= {"known": "read the notes"}
        found = supposed("kubernetes", target, mirror, None, NOW, reasons=reasons)
        assert found.verdict == "warn"
        assert not found.failing("block")
        assert {f.rule for f in found.acknowledged} == set(reasons)
        assert {f.status for f in found.acknowledged} == {"fail"}
