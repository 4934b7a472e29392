"""The language of the rules: ranges, paths, conditions, edits; and mistakes, which name file and rule."""

from pathlib import Path
from typing import Any

import pytest

from console.foresight.conditions import Ground, Hit, Unasked
from console.foresight.edit import edited
from console.foresight.evidence import offline
from console.foresight.language import rules
from console.foresight.paths import matches
from console.foresight.ranges import parsed
from console.foresight.rule import Repair, Rule, Step
from console.foresight.tree import Tree
from console.model.version import Version
from tests.foresight.test_examples import NOW, answers


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found
    return found


def rule(**parts: Any) -> Rule:
    entry = {"rule": "x", "severity": "warn", "about": "a", "source": "s", "when": {"talos": "1.13"}} | parts
    return rules(Path("x.yaml"), {"read": None, "rules": [entry]})[0]


def hits(find: Any, files: dict[str, str], **ground: Any) -> list[Hit]:
    made = rule(find=find)
    assert made.find
    tree = Tree({path: text.encode() for path, text in files.items()})
    return made.find.found(Ground(tree, ground.get("runs", {}), ground.get("live", offline), NOW))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.12 <1.13.4", ["1.12.0", "1.13.3"], ["1.11.9", "1.13.4"]),
        ("=1.13", ["1.13.0", "1.13.9"], ["1.14.0"]),
        ("<=1.13", ["1.13.9"], ["1.14.0"]),
        (">1.13", ["1.14.0"], ["1.13.9"]),
        ("<1.12 || >=1.14", ["1.11.0", "1.14.0-rc.1"], ["1.12.0"]),
        ("!=1.13.3", ["1.13.2"], ["1.13.3"]),
    ],
)
def test_a_range_holds_what_it_says(text: str, inside: list[str], outside: list[str]) -> None:
    assert all(parsed(text).holds(version(v)) for v in inside)
    assert not any(parsed(text).holds(version(v)) for v in outside)


@pytest.mark.parametrize(
    ("pattern", "path", "means"),
    [
        ("machine.install", ("machine", "install", "image"), True),
        ("machine.install", ("machine", "installer"), False),
        ("nodes[].name", ("nodes", "[12]", "name"), True),
        ("nodes[0]", ("nodes", "[1]"), False),
        ("**.officialExtensions[]", ("a", "[0]", "officialExtensions", "[3]"), True),
        ("*.x", ("a", "x"), True),
        ('machine.sysctls."net.ipv4.ip_forward"', ("machine", "sysctls", "net.ipv4.ip_forward"), True),
        ("spec.**.kind", ("spec", "kind"), True),
    ],
)
def test_a_path_means_itself_and_what_is_below(pattern: str, path: tuple[str, ...], *, means: bool) -> None:
    assert matches(pattern, path) is means


class TestWhen:
    @pytest.mark.parametrize(
        ("about", "old", "new", "asked"),
        [
            ("1.13", "1.12.5", "1.13.0", True),
            ("1.13", "1.12.5", "1.13.0-rc.1", True),
            ("1.13", "1.13.0", "1.13.1", False),
            ("1.13", "1.11.0", "1.14.0", True),
            ("1.13", "1.13.1", "1.12.9", False),
            ({"to": "=1.13.3"}, "1.13.2", "1.13.3", True),
            ({"crosses": "1.11", "from": "<1.10.9"}, "1.10.9", "1.11.0", False),
            ({"step": ">1"}, "1.11.0", "1.13.0", True),
            ({"step": ">1"}, "1.12.0", "1.13.0", False),
        ],
    )
    def test_it_is_asked_of_the_steps_it_names(self, about: Any, old: str, new: str, *, asked: bool) -> None:
        made = rule(when={"talos": about})
        assert (made.asked((Step("talos", version(old), version(new)),)) is not None) is asked
        assert made.asked((Step("kubernetes", version(old), version(new)),)) is None

    @pytest.mark.parametrize(
        ("name", "asked"),
        [("quay.io/cilium/charts/cilium", True), ("cilium", True), ("ghcr.io/x/cilium-cli", False)],
    )
    def test_a_package_is_known_by_its_name(self, name: str, *, asked: bool) -> None:
        made = rule(when={"package": {"name": "cilium", "crosses": "1.20"}})
        assert (made.asked((Step(name, version("1.19.3"), version("1.20.1")),)) is not None) is asked


CHART = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: storage
spec:
  chartRef:
    kind: OCIRepository
    name: storage
  values:
    csi:
      enabled: true
"""
REPOSITORY = """
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: storage
spec:
  url: oci://ghcr.io/rook/rook-ceph
  ref:
    tag: v1.19.2
"""
BOTH = {"a/hr.yaml": CHART, "a/oci.yaml": REPOSITORY}
FROM_FILE = {
    "a/hr.yaml": CHART.replace(
        "  values:\n    csi:\n      enabled: true\n", "  valuesFrom:\n    - kind: ConfigMap\n      name: v\n"
    ),
    "a/oci.yaml": REPOSITORY,
    "a/helm/values.yaml": "csi:\n  enabled: true\n",
}
PAIR = {"config": "machine.network.hostname"}
HOSTNAME = {"config": {"kind": "HostnameConfig"}}
STATIC = "machine:\n  network:\n    hostname: a\n"
DOCUMENT = "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n"


class TestConditions:
    @pytest.mark.parametrize(
        ("find", "files", "where"),
        [
            ({"object": {"chart": "rook-ceph", "has": {"spec.values.csi.enabled": "true"}}}, BOTH, ["a/hr.yaml:12"]),
            ({"object": {"chart": "rook-ceph", "has": {"spec.values.csi.enabled": "false"}}}, BOTH, []),
            ({"object": {"chart": "rook-ceph", "has": ["spec.values.csi"]}}, FROM_FILE, ["a/helm/values.yaml:2"]),
            ({"object": {"chart": "rook-ceph", "lacks": ["spec.values.csi"]}}, FROM_FILE, []),
            ({"object": {"chart": "rook-ceph", "lacks": ["spec.values.other"]}}, BOTH, ["a/hr.yaml:3"]),
            ({"object": {"kind": "OCIRepository", "api": "*/v1beta2"}}, BOTH, []),
            ({"package": {"name": "rook-ceph", "version": "<1.19.5"}}, BOTH, ["a/oci.yaml:9"]),
            ({"package": {"name": "rook-ceph", "version": ">=1.19.5"}}, BOTH, []),
            ({"config": {"path": "machine.network.hostname", "value": "a"}}, {"t/a.yaml": STATIC}, ["t/a.yaml:3"]),
            ({"config": {"path": "machine.network.hostname", "not": "a"}}, {"t/a.yaml": STATIC}, []),
            ([PAIR, HOSTNAME], {"talos/a.yaml": STATIC, "talos/b.yaml": DOCUMENT}, ["talos/a.yaml:3"]),
            ([PAIR, HOSTNAME], {"talos/nodes/a.yaml": STATIC, "talos/nodes/b.yaml": DOCUMENT}, []),
            ([PAIR, {"none": [HOSTNAME]}], {"talos/a.yaml": STATIC, "talos/b.yaml": DOCUMENT}, []),
            ([PAIR, {"none": [HOSTNAME]}], {"talos/a.yaml": STATIC}, ["talos/a.yaml:3"]),
            (
                {"any": [HOSTNAME, PAIR]},
                {"talos/a.yaml": STATIC, "talos/b.yaml": DOCUMENT},
                ["talos/b.yaml:2", "talos/a.yaml:3"],
            ),
            (
                {"extension": "siderolabs/iscsi-*"},
                {"s.yaml": "customization:\n  systemExtensions:\n    officialExtensions: [siderolabs/iscsi-tools]\n"},
                ["s.yaml:3"],
            ),
            ({"kernel": "a=.*"}, {"s.yaml": "customization:\n  extraKernelArgs:\n    - a=b\n"}, ["s.yaml:3"]),
            (
                {"installer": "ghcr\\.io/.*"},
                {"t.yaml": "machine:\n  install:\n    image: ghcr.io/siderolabs/installer:v1.14.0\n"},
                ["t.yaml:3"],
            ),
            (
                {"text": {"files": "*.sh", "match": "talosctl disks"}},
                {"x/a.sh": "set -e\ntalosctl disks\n"},
                ["x/a.sh:2"],
            ),
            ({"text": {"files": "*.sh", "match": "talosctl disks"}}, {"x/a.sh": "# talosctl disks\n"}, []),
        ],
    )
    def test_what_is_looked_for_is_found_where_it_is(self, find: Any, files: dict[str, str], where: list[str]) -> None:
        assert [f"{hit.file}:{hit.line}" for hit in hits(find, files)] == where

    def test_what_a_template_puts_there_is_not_known(self) -> None:
        files = {"t.yaml.j2": "machine:\n  network:\n    hostname: {{ name }}\n"}
        assert hits(PAIR, files)
        assert not hits({"config": {"path": "machine.network.hostname", "not": "a"}}, files)

    def test_versions_beside_each_other_are_asked_for(self) -> None:
        runs = {"kubernetes": (version("1.31.2"),)}
        assert hits({"runs": {"kubernetes": "<1.32"}}, {}, runs=runs)
        assert not hits({"runs": {"kubernetes": ">=1.32"}}, {}, runs=runs)

    def test_objects_of_the_cluster_are_asked_for(self) -> None:
        ceph = {"apiVersion": "ceph.rook.io/v1", "kind": "CephCluster", "metadata": {"namespace": "rook", "name": "c"}}
        live = answers([ceph | {"status": {"ceph": {"health": "HEALTH_ERR"}, "at": "2026-11-20T12:00:00Z"}}])
        about = {"api": "ceph.rook.io/v1", "kind": "CephCluster"}
        (hit,) = hits({"live": about | {"has": {"status.ceph.health": "HEALTH_ERR"}}}, {}, live=live)
        assert hit.name == "rook/c"
        assert hits({"live": about | {"older": {"status.at": "1d"}}}, {}, live=live)
        assert not hits({"live": about | {"older": {"status.at": "3d"}}}, {}, live=live)

    def test_a_cluster_that_cannot_be_asked_is_no_answer(self) -> None:
        with pytest.raises(Unasked):
            hits({"live": {"api": "v1", "kind": "Pod"}}, {})
        assert not hits([PAIR, {"live": {"api": "v1", "kind": "Pod"}}], {})  # not asked in vain


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "kind: rook-ceph\nx: " + "a" * 400_000,
            "kind: rook-ceph\nx: " + "{{ " * 100_000,
            "kind: rook-ceph\nx: {{ y }}\nz: '" + "{% " * 100_000 + "'",
            "rook-ceph: " + "[" * 50_000,
        ],
        ids=["a long word", "expressions that never end", "statements that never end", "nested deeply"],
    )
    def test_a_text_that_is_made_to_cost_does_not(self, text: str) -> None:
        """It would take hours, not seconds; the suite's own time limit ends it."""
        find = {
            "any": [{"package": {"name": "rook-ceph"}}, {"config": "machine.install"}, {"object": {"kind": "rook"}}]
        }
        assert hits(find, {"a.yaml": text, "a.yaml.j2": f"machine:\n  x: 1\n{text}"}) == []


class TestEdit:
    FILE = "a.yaml"

    def edit(self, repair: Repair, text: str, line: int, value: str) -> str | None:
        fix = edited(repair, [Hit(value, ("x",), "", self.FILE, line)], {self.FILE: text.encode()})
        return fix.diff if fix else None

    def test_a_value_is_replaced_and_all_else_stays(self) -> None:
        diff = self.edit(Repair(value="b"), 'x: "a"  # why\ny: 1\n', 1, "a")
        assert diff == '--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n-x: "a"  # why\n+x: "b"  # why\n y: 1\n'

    def test_a_line_goes(self) -> None:
        diff = self.edit(Repair(drop=True), "m:\n  x: a\n  y: 1\n", 2, "a")
        assert diff
        assert "-  x: a\n" in diff

    def test_a_file_without_a_last_line_end_is_told_so(self) -> None:
        diff = self.edit(Repair(value="b"), "x: a", 1, "a")
        assert diff == (
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1 +1 @@\n-x: a\n\\ No newline at end of file\n"
            "+x: b\n\\ No newline at end of file\n"
        )

    @pytest.mark.parametrize(
        ("text", "value"),
        [("x: |\n  a\n", "a\n"), ("x: {y: a}\n", "a"), ("m:\n  x: a\n", "other")],
    )
    def test_what_is_not_certain_is_left_alone(self, text: str, value: str) -> None:
        assert self.edit(Repair(value="b"), text, 1, value) is None

    def test_a_key_is_not_left_with_nothing(self) -> None:
        assert self.edit(Repair(drop=True), "m:\n  x: a\n", 2, "a") is None


class TestMistakes:
    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ({"severity": "fatal"}, "none of block, warn, info"),
            ({"wen": {}}, "wen: not known here"),
            ({"source": ""}, "source missing"),
            ({"find": {"confg": "a"}}, "confg: no such condition"),
            ({"find": {"config": {"value": "x"}}}, "without a path"),
            ({"find": {"config": {"path": "a", "value": "("}}}, "missing ), unterminated subpattern"),
            ({"find": {"config": "a.b]"}}, "no path"),
            ({"when": {"talos": "soon"}}, "no range"),
            ({"when": {"package": {"crosses": "1"}}}, "takes a name"),
            ({"when": {}, "find": {"config": "a"}}, "find without when"),
            ({"find": {"live": {"api": "a", "kind": "b", "older": {"x": "1w"}}}}, "no age"),
        ],
    )
    def test_it_names_the_file_the_rule_and_what_is_wrong(self, parts: Any, words: str) -> None:
        with pytest.raises(ValueError, match=r"^x\.yaml: x: ") as raised:
            rule(**parts)
        assert words in str(raised.value)
