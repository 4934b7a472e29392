"""Every rule: one cluster or branch that raises it, and one that does not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from console.foresight.evidence import Evidence, Move
from console.foresight.foresee import foresee, verdict
from console.foresight.knowledge import knowledge
from console.foresight.places import Place
from console.model.finding import Finding
from console.model.flux import FluxKey, FluxObject, Status
from console.model.nodes import DaemonSet
from console.model.snapshot import Freshness, Life, Problem, Snapshot, Table, Topic
from console.model.updates import Change, System
from console.model.version import Version
from tests.operations.facts import (
    LIVE,
    NEW,
    NOW,
    OLD,
    ago,
    cluster,
    cr,
    kustomization,
    node,
    snapshot,
    source,
    talos_node,
    update,
)


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found
    return found


def upgrade(system: System = "talos", old: str = "", new: str = "", **changes: Any) -> Evidence:
    """A node upgrade, with the cluster at ``old`` unless ``snapshot`` says otherwise, and all places moved."""
    first, last = (OLD, NEW) if system == "talos" else ("v1.36.2", "v1.36.3")
    old, new = old or first, new or last
    at = {"talos": OLD, "kubernetes": "v1.36.2"} | {system: old}
    image = f"Talos ({at['talos']})"
    running = cluster(talos=[talos_node(talos=at["talos"])], nodes=[node(kubelet=at["kubernetes"], os_image=image)])
    moved = replace(update(system).changes[0], old=old, new=new)
    made = Evidence(
        update(system, changes=(replace(moved, file="cr.yaml"), replace(moved, file="talos/talenv.yaml"))),
        NOW,
        moves=(Move(system, version(old), version(new)),),
        before=(Place(system, "resource", old, "cr.yaml", 9), Place(system, "config", old, "talos/talenv.yaml", 2)),
        after=(Place(system, "resource", new, "cr.yaml", 9), Place(system, "config", new, "talos/talenv.yaml", 2)),
        touched=("cr.yaml", "talos/talenv.yaml"),
        snapshot=running,
    )
    return replace(made, **changes)


def kubernetes(old: str = "", new: str = "", **changes: Any) -> Evidence:
    return upgrade("kubernetes", old, new, **changes)


def seen(**facts: Any) -> Evidence:
    return upgrade(snapshot=cluster(**facts))


def three(**changes: Any) -> dict[str, Any]:
    """Three control planes; ``changes`` are those of the first's Talos side."""
    names = [f"k8s-control-{n}" for n in (1, 2, 3)]
    return {"nodes": [node(n) for n in names], "talos": [talos_node(names[0], **changes), *map(talos_node, names[1:])]}


def proposal(**changes: Any) -> Evidence:
    made = update(None, **changes)
    return Evidence(made, NOW, touched=made.files)


def brings(status: Status) -> Evidence:
    """An ordinary update whose release stands so."""
    carrier = kustomization("immich", "kubernetes/apps/media/immich/app")
    key = FluxKey("HelmRelease", "media", "immich")
    release = FluxObject(key, "helm.toolkit.fluxcd.io/v2", status, managed_by=carrier.key)
    return replace(proposal(), snapshot=cluster(flux=[source(), carrier, release]))


def stays(kind: Any, text: str, file: str = ".mise.toml") -> tuple[Place, ...]:
    return (*upgrade().after, Place("talos", kind, text, file, 4))


def networked(ready: int, desired: int) -> Evidence:
    """A Talos upgrade where so many agents of Cilium are ready."""
    agents = DaemonSet("kube-system", "cilium", desired=desired, ready=ready)
    made = seen()
    assert made.snapshot
    tables = {**made.snapshot.tables, Topic.WORKLOADS: Table({agents.key: agents}, LIVE)}
    return replace(made, snapshot=replace(made.snapshot, tables=tables))


def checked(expression: str) -> Evidence:
    """A Talos upgrade whose one health check is this; the object that it looks at is not ready."""
    check = {"apiVersion": "example.com/v1", "kind": "Store", "name": "main", "expr": expression}
    objects: dict[str, list[Mapping[str, Any]]] = {
        "TalosUpgrade": [{"metadata": {"name": "talos"}, "spec": {"healthChecks": [check]}}],
        "Store": [{"metadata": {"name": "main"}, "status": {"ready": False}}],
    }
    return replace(seen(), live=lambda _, kind: objects.get(kind, []))


CLIENT = (*kubernetes().after, Place("kubernetes", "client", "v1.34.0", ".mise.toml", 4))
ZERO = (Change("home-assistant", "0.5.0", "0.6.0", "minor", file=update(None).files[0]),)
CILIUM = (Change("quay.io/cilium/charts/cilium", "1.19.6", "1.19.7", "patch", file=update(None).files[0]),)

RULES: dict[str, tuple[Evidence, Evidence]] = {
    "known": (upgrade(new="v1.13.99"), upgrade()),
    "talos-host": (upgrade(old="v1.11.6", new="v1.14.1"), upgrade(old="v1.12.0", new="v1.14.1")),
    "talos-minor": (upgrade(old="v1.12.12", new="v1.14.1"), upgrade(old="v1.13.10", new="v1.14.1")),
    "talos-patch": (upgrade(old="v1.12.3", new="v1.13.8"), upgrade(old="v1.12.12", new="v1.13.8")),
    "kubernetes-minor": (kubernetes("v1.34.9", "v1.36.3"), kubernetes("v1.35.9", "v1.36.3")),
    "kubernetes-patch": (kubernetes("v1.35.1", "v1.36.3"), kubernetes("v1.35.9", "v1.36.3")),
    "downgrade": (upgrade(old="v1.13.8", new="v1.13.7"), upgrade()),
    "prerelease": (upgrade(new="v1.14.0-rc.1"), upgrade()),
    "matrix": (kubernetes("v1.36.4", "v1.37.1"), kubernetes()),
    "matrix-docs": (
        upgrade(old="v1.13.10", new="v1.14.1", snapshot=cluster(nodes=[node(kubelet="v1.32.13")])),
        upgrade(old="v1.13.10", new="v1.14.1"),
    ),
    "talos-first": (kubernetes(pending=[update()]), kubernetes()),
    "kubernetes-first": (
        upgrade(new="v1.14.1", snapshot=cluster(nodes=[node(kubelet="v1.31.14")]), pending=[update("kubernetes")]),
        upgrade(pending=[update("kubernetes")]),
    ),
    "places": (upgrade(after=stays("config", OLD, "talos/talconfig.yaml")), upgrade()),
    "client": (upgrade(after=stays("client", OLD)), upgrade(after=stays("client", NEW))),
    "main-runs": (seen(talos=[talos_node(talos="v1.13.6")]), seen()),
    "nodes-ready": (seen(nodes=[node(ready=False, reason="KubeletNotReady")]), seen()),
    "nodes-version": (seen(**three(talos="v1.13.6")), seen(**three())),
    "control-plane": (seen(), seen(**three())),
    "etcd": (
        seen(**(three(etcd=None) | {"nodes": [node("k8s-control-1"), node("k8s-control-2"), node("k8s-control-3")]})),
        seen(**three()),
    ),
    "etcd-pair": (
        seen(talos=[talos_node(), talos_node("k8s-control-2")], nodes=[node(), node("k8s-control-2")]),
        seen(**three()),
    ),
    "network": (networked(2, 3), networked(3, 3)),
    "tuppr-checks": (checked("status.ready"), checked("!status.ready")),
    "pair": (upgrade(update=update(pairs=("renovate/talos-installer",))), upgrade()),
    "node-trouble": (seen(talos=[talos_node(time_synced=False)]), seen()),
    "flux-carries": (seen(flux=[source(status=Status.SUSPENDED), kustomization()]), seen()),
    "flux-suspended": (brings(Status.SUSPENDED), brings(Status.READY)),
    "flux-failing": (seen(flux=[source(), kustomization(), kustomization("x", "x", status=Status.FAILED)]), seen()),
    "tuppr-resource": (seen(tuppr=[]), seen()),
    "tuppr-busy": (seen(tuppr=[cr(phase="Upgrading")]), seen()),
    "tuppr-suspended": (seen(tuppr=[cr(suspended="manual", completed_nodes=("a",))]), seen()),
    "tuppr-other": (seen(tuppr=[cr(), cr("kubernetes", phase="Upgrading")]), seen()),
    "tuppr-window": (seen(tuppr=[cr(windows=("0 2 * * 0, 4h",), next_window=ago(hours=-9))]), seen()),
    "merges": (proposal(state="conflict", conflicts=("a.yaml",)), proposal()),
    "held": (proposal(hold_reason="waiting for the fix (until 2026-12-31)", hold_by="Ada"), proposal()),
    "class": (proposal(type="major"), proposal()),
    "breaking": (proposal(changes=ZERO), proposal()),
    "author": (proposal(modified=True), proposal()),
    "signature": (proposal(signature="bad"), proposal(signature="unverified")),
    "content": (proposal(unusual=("a.yaml: new file",)), proposal()),
    "secrets": (replace(proposal(), touched=("a/secret.sops.yaml",)), proposal()),
    "platform": (proposal(changes=CILIUM), proposal()),
}


def of(evidence: Evidence, rule: str) -> list[Finding]:
    return [f for f in foresee(evidence) if f.rule == rule]


def test_every_rule_that_is_raised_by_code_has_its_two_cases() -> None:
    coded = {rule.id for rule in knowledge().rules.values() if not rule.when and rule.concern != "tables"}
    assert {*RULES, "cluster-read"} == coded


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_raised(rule: str) -> None:
    found = [f for f in of(RULES[rule][0], rule) if f.status == "fail"]
    assert found
    assert all(f.title and f.source and f.severity == knowledge().rules[rule].severity for f in found)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_not_raised(rule: str) -> None:
    assert not [f for f in of(RULES[rule][1], rule) if f.status != "pass"]


def test_our_own_certificate_for_talos_is_trouble_when_it_ends_soon() -> None:
    soon = seen(talos=[talos_node(certificate=ago(hours=-30))])
    (found,) = of(soon, "node-trouble")
    assert (found.status, "our certificate for Talos expires tomorrow" in found.detail) == ("fail", True)
    assert [f.status for f in of(seen(talos=[talos_node(certificate=ago(hours=-9000))]), "node-trouble")] == ["pass"]


class TestOffline:
    CLUSTER = frozenset({"main-runs"} | {r.id for r in knowledge().rules.values() if r.concern == "cluster"})
    CLUSTER -= {"cluster-read"}

    def test_rules_about_the_cluster_are_skipped_and_say_so(self) -> None:
        found = foresee(upgrade(snapshot=None))
        skipped = {f.rule for f in found if f.status == "skipped"}
        assert skipped >= self.CLUSTER - {"tuppr-window", "etcd-pair", "flux-suspended"}
        assert not [f for f in found if f.rule in self.CLUSTER and f.status != "skipped"]
        assert all("offline" in f.detail for f in found if f.rule in skipped & self.CLUSTER and f.rule != "etcd")

    def test_running_means_what_main_says(self) -> None:
        assert [f.status for f in of(upgrade(old="v1.11.6", new="v1.14.1", snapshot=None), "talos-host")] == ["fail"]

    def test_a_source_that_failed_is_told_by_its_own_words(self) -> None:
        broken = Freshness(Life.FAILED, None, NOW, Problem("forbidden", "talosupgrades: 403"))
        found = upgrade(snapshot=snapshot({}, {Topic.TUPPR: broken}))
        assert [f.detail for f in of(found, "tuppr-busy")] == ["talosupgrades: 403"]


class TestClusterThatCannotBeRead:
    GONE = Freshness(Life.FAILED, None, NOW, Problem("not-configured", "There is no kubeconfig"))

    @pytest.mark.parametrize("topic", [Topic.KUBERNETES, Topic.TUPPR, Topic.FLUX])
    def test_makes_a_node_upgrade_unknown_and_names_the_cause(self, topic: Topic) -> None:
        known = cluster()
        evidence = upgrade(snapshot=replace(known, tables={**known.tables, topic: Table({}, self.GONE)}))
        (found,) = of(evidence, "cluster-read")
        assert (found.status, found.severity) == ("skipped", "block")
        assert found.title == "the Kubernetes API can't be read: There is no kubeconfig"
        assert verdict(evidence, foresee(evidence)) == "unknown"

    @pytest.mark.parametrize("topic", [Topic.KUBERNETES, Topic.TUPPR, Topic.FLUX])
    def test_is_not_known_any_more_when_what_was_read_is_old(self, topic: Topic) -> None:
        known = cluster()
        old = Freshness(Life.STALE, NOW, NOW, Problem("unreachable", "connection refused"))
        evidence = upgrade(snapshot=replace(known, tables={**known.tables, topic: Table(known[topic].items, old)}))
        (found,) = of(evidence, "cluster-read")
        assert (found.status, found.title) == ("skipped", "what is known of the cluster is old: connection refused")
        assert verdict(evidence, foresee(evidence)) == "unknown"

    def test_is_nothing_to_an_ordinary_update(self) -> None:
        evidence = replace(proposal(), snapshot=snapshot({}, {Topic.KUBERNETES: self.GONE}))
        assert not of(evidence, "cluster-read")

    def test_was_not_to_be_asked_offline(self) -> None:
        evidence = upgrade(snapshot=None)
        assert not of(evidence, "cluster-read")
        assert verdict(evidence, foresee(evidence)) != "unknown"


class TestEtcd:
    REFUSED = Problem("unauthorized", "the certificate expired")

    def word(self, **facts: Any) -> tuple[str, str]:
        (found,) = of(seen(**facts), "etcd")
        return found.status, found.detail

    def test_that_could_not_be_asked_is_not_called_sick(self) -> None:
        assert self.word(talos=[talos_node(problem=self.REFUSED)]) == ("skipped", "the certificate expired")

    def test_of_three_stands_one_that_could_not_be_asked_while_its_node_is_ready(self) -> None:
        assert self.word(**three(problem=self.REFUSED, etcd=None))[0] == "pass"

    def test_of_three_does_not_stand_one_more_away_when_a_node_is_down(self) -> None:
        facts = three(problem=Problem("unreachable", "no answer"))
        facts["nodes"][0] = node("k8s-control-1", ready=False)
        assert self.word(**facts) == ("fail", "k8s-control-1: no answer")

    def test_alone_with_errors_is_not_healthy(self) -> None:
        etcd = replace(talos_node().etcd, errors=("no leader",))  # type: ignore[type-var]
        assert self.word(talos=[talos_node(etcd=etcd)]) == ("fail", "k8s-control-1: no leader")


class TestTheVerdict:
    @pytest.mark.parametrize(
        ("evidence", "word"),
        [
            (seen(**three()), "ready"),
            (seen(), "warn"),
            (seen(tuppr=[cr(phase="Upgrading")]), "blocked"),
            (upgrade(new="v1.99.0"), "unknown"),
            (kubernetes(new="v1.37.9"), "blocked"),
            (proposal(), "ready"),
            (proposal(state="unknown", why="missing objects"), "unknown"),
        ],
    )
    def test_is_one_word(self, evidence: Evidence, word: str) -> None:
        assert verdict(evidence, foresee(evidence)) == word

    def test_a_patch_beyond_the_rules_is_never_called_ready(self) -> None:
        evidence = replace(upgrade(new="v1.13.99"), snapshot=cluster(**three()))
        assert verdict(evidence, foresee(evidence)) == "warn"

    def test_the_worst_stands_first(self) -> None:
        found = foresee(seen(tuppr=[cr(phase="Upgrading")]))
        order = ["block", "warn", "info"]
        failing = [f for f in found if f.status == "fail"]
        assert failing[0].severity == "block"
        assert [order.index(f.severity) for f in failing] == sorted(order.index(f.severity) for f in failing)
        assert [f.status for f in found[: len(failing)]] == ["fail"] * len(failing)


class TestWhatIsSaid:
    def says(self, evidence: Evidence, rule: str) -> str:
        return " ".join(f"{f.title} {f.detail}" for f in of(evidence, rule) if f.status == "fail")

    @pytest.mark.parametrize(
        ("evidence", "rule", "words"),
        [
            (seen, "control-plane", "k8s-control-1 is the only control plane"),
            (lambda: kubernetes("v1.36.4", "v1.37.1"), "matrix", "Take Talos to a version that goes with it first"),
            (
                lambda: kubernetes(
                    "v1.36.4",
                    "v1.37.1",
                    pending=[update(changes=(Change("siderolabs/talos", OLD, "v1.14.1", "minor"),))],
                ),
                "matrix",
                "Take Talos v1.14.1 first: renovate/siderolabs-talos-1.x",
            ),
            (lambda: seen(tuppr=[cr(suspended="x", completed_nodes=("a",))]), "tuppr-suspended", "in the same commit"),
            (
                lambda: replace(
                    kubernetes(), snapshot=cluster(tuppr=[cr(phase="Pending", suspended="x"), cr("kubernetes")])
                ),
                "tuppr-other",
                "TalosUpgrade talos is suspended: this one waits for it for as long as it is",
            ),
            (lambda: upgrade(after=upgrade().before), "places", "tuppr's resource stays at v1.13.7: no node"),
            (
                lambda: upgrade(
                    after=stays("client", OLD),
                    pending=[
                        update(
                            None,
                            pull=2308,
                            changes=(Change("aqua:siderolabs/talos", "1.13.7", "1.13.8", "patch", file=".mise.toml"),),
                        )
                    ],
                ),
                "client",
                ".mise.toml keeps talosctl 1.13.7 #2308 raises it",
            ),
            (lambda: proposal(unusual=("a: submodule", "b: new file")), "content", "a: submodule; b: new file"),
            (lambda: replace(proposal(), diff=("… 2 encrypted values changed",)), "secrets", "touches secrets"),
        ],
    )
    def test_names_what_and_what_to_do(self, evidence: Callable[[], Evidence], rule: str, words: str) -> None:
        assert words in self.says(evidence(), rule)

    def test_offline_what_runs_is_what_main_holds_beside_what_changes(self) -> None:
        before = (
            Place("talos", "resource", "v1.12.1", "clusters/two/tuppr/talos.yaml", 9),
            Place("talos", "resource", "v1.14.1", "clusters/one/tuppr/talos.yaml", 9),
            Place("talos", "config", "v1.9.5", "docs/old.yaml", 1),
        )
        file = "clusters/one/tuppr/kubernetes.yaml"
        made = kubernetes("v1.36.4", "v1.37.1", snapshot=None, before=before, touched=(file,))
        assert [f.status for f in of(made, "matrix")] == ["pass"]
        other = replace(made, touched=("clusters/two/tuppr/kubernetes.yaml",))
        assert [f.status for f in of(other, "matrix")] == ["fail"]

    def test_a_branch_that_moves_nothing_is_not_taken_first(self) -> None:
        done = update(changes=(Change("siderolabs/talos", OLD, OLD, "patch"),))
        assert not [f for f in of(kubernetes(pending=[done]), "talos-first") if f.status == "fail"]

    def test_a_quiet_patch_raises_a_handful_at_most(self) -> None:
        assert len([f for f in foresee(seen()) if f.status == "fail"]) <= 3


def test_the_matrix_says_for_each_entry_where_it_was_read() -> None:
    for table in (knowledge().talos, knowledge().kubernetes):
        for entry in table.values():
            assert all(entry.source.values())
    assert {"hosts", "code", "docs", "newest"} == set(knowledge().talos[1, 13].source)


@pytest.mark.parametrize(("new", "severity"), [("v1.37.1", "block"), ("v1.30.14", "warn")])
def test_a_patch_is_not_blocked_for_a_pair_that_was_unsupported_before(new: str, severity: str) -> None:
    old = "v1.30.13" if new == "v1.30.14" else "v1.36.4"
    assert [(f.status, f.severity) for f in of(kubernetes(old, new), "matrix")] == [("fail", severity)]


def test_an_empty_snapshot_is_not_taken_for_a_healthy_cluster() -> None:
    empty: Snapshot = snapshot({})
    assert not [f for f in foresee(upgrade(snapshot=empty)) if f.rule == "nodes-ready" and f.status == "pass"]


def test_a_signature_of_a_revoked_key_is_not_called_altered_content() -> None:
    (found,) = of(proposal(signature="revoked"), "signature")
    assert (found.status, found.severity, "revoked" in found.title) == ("fail", "block", True)
    assert "not what was signed" not in found.detail


def test_an_unsigned_branch_is_told_and_has_not_passed_as_signed() -> None:
    (found,) = of(proposal(signature="none"), "signature")
    assert (found.status, found.severity) == ("fail", "info")
    assert found.title.startswith("unsigned")
    assert verdict(proposal(signature="none"), (found,)) == verdict(proposal(signature="good"), ())
