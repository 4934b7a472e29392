"""One row a node, versions that differ, the quorum, the pod network."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.model.clusterfacts import cni, etcd_facts, flux_version
from console.model.noderows import NodeRow, Wanted, node_rows
from console.model.nodes import CONTROL_PLANE, DaemonSet, EtcdMember, KubernetesNode, TalosNode
from console.model.snapshot import Problem
from console.model.updates import DeclaredVersion
from tests.model.flux_objects import made, seen

NOW = datetime(2026, 8, 20, 12, 0, 0, tzinfo=UTC)


def member(name: str, *, leader: str = "1", **more: object) -> EtcdMember:
    made = EtcdMember(name, name == leader, learner=False, db_size=1, db_in_use=1, raft_index=9, raft_applied=9)
    return replace(made, leader_id=leader, **more)  # type: ignore[arg-type]


def talos(number: int = 1, **more: object) -> TalosNode:
    made = TalosNode(f"k8s-{number}", f"10.0.0.1{number}", CONTROL_PLANE, "running", ready=True, talos="v1.13.7")
    made = replace(made, asked=NOW, client="v1.13.7", etcd=member(str(number)))
    return replace(made, **more)  # type: ignore[arg-type]


def kubernetes(number: int = 1, **more: object) -> KubernetesNode:
    made = KubernetesNode(f"k8s-{number}", f"10.0.0.1{number}", "v1.36.2", "Talos (v1.13.7)", ready=True)
    return replace(replace(made, control_plane=True), **more)  # type: ignore[arg-type]


def only(*rows: NodeRow) -> NodeRow:
    (row,) = rows
    return row


class TestJoin:
    def test_by_name_and_else_by_address(self) -> None:
        by_address = replace(talos(2), name="10.0.0.12")
        rows = node_rows([talos(1), by_address], [kubernetes(1), kubernetes(2)])
        assert [(row.name, bool(row.talos), bool(row.kubernetes)) for row in rows] == [
            ("k8s-1", True, True),
            ("k8s-2", True, True),
        ]

    def test_a_node_that_only_one_knows_has_a_row(self) -> None:
        rows = node_rows([talos(1)], [kubernetes(2, control_plane=False)])
        assert [(row.name, row.role, row.talos_version, row.kubernetes_version) for row in rows] == [
            ("k8s-1", CONTROL_PLANE, "v1.13.7", ""),
            ("k8s-2", "worker", "v1.13.7", "v1.36.2"),
        ]

    def test_control_planes_stand_first(self) -> None:
        rows = node_rows([], [kubernetes(1, control_plane=False), kubernetes(2)])
        assert [row.name for row in rows] == ["k8s-2", "k8s-1"]

    def test_two_nodes_without_an_address_are_not_the_same(self) -> None:
        assert len(node_rows([replace(talos(1), address="")], [kubernetes(2, address="")])) == 2


class TestState:
    @pytest.mark.parametrize(
        ("known", "other", "state", "reason"),
        [
            (talos(), kubernetes(), "ready", None),
            (talos(), None, "ready", None),
            (None, kubernetes(), "ready", None),
            (talos(), kubernetes(ready=False, reason="KubeletNotReady"), "not ready", "Kubernetes: KubeletNotReady"),
            (talos(ready=False, unmet=("time: not synced",)), kubernetes(), "not ready", "time: not synced"),
            (talos(stage="maintenance"), None, "not ready", "stage maintenance"),
            (talos(stage="rebooting"), kubernetes(), "restarting", "stage rebooting"),
            (talos(stage="shutting down"), kubernetes(), "restarting", "stage shutting down"),
            (talos(problem=Problem("unreachable", "gone")), kubernetes(), "unreachable", "gone"),
            (talos(stage="rebooting", problem=Problem("unreachable", "gone")), None, "restarting", "gone"),
            (talos(stage="booting", problem=Problem("wrong-ca", "whose?")), None, "unreachable", "whose?"),
            (replace(talos(), asked=None, stage="", ready=False), None, "unknown", "not asked yet"),
        ],
    )
    def test_one_word_and_why(
        self, known: TalosNode | None, other: KubernetesNode | None, state: str, reason: str | None
    ) -> None:
        row = only(*node_rows([known] if known else [], [other] if other else []))
        assert (row.state, row.ready) == (state, state == "ready")
        assert row.reasons[:1] == (() if reason is None else (reason,))

    def test_cordoned_is_what_kubernetes_says(self) -> None:
        assert only(*node_rows([talos()], [kubernetes(cordoned=True)])).cordoned


class TestMarks:
    def test_nothing_differs(self) -> None:
        rows = node_rows([talos(1), talos(2)], [kubernetes(1), kubernetes(2)], Wanted("v1.13.7", "v1.36.2"))
        assert [row.marks for row in rows] == [(), ()]

    def test_a_node_that_lags_behind_the_others(self) -> None:
        rows = node_rows([talos(1), talos(2), talos(3, talos="v1.13.6")], [])
        assert [row.marks for row in rows] == [(), (), ("Talos v1.13.6, 2 others v1.13.7",)]

    def test_git_asks_for_another_version(self) -> None:
        row = only(*node_rows([talos()], [kubernetes()], Wanted("v1.13.8", "v1.36.3")))
        assert row.marks == ("Talos v1.13.7, git has v1.13.8", "Kubernetes v1.36.2, git has v1.36.3")

    @pytest.mark.parametrize(
        ("declared", "marks"),
        [
            ([("talos", "config", "v1.13.7", "talos/talenv.yaml:3")], ()),
            (
                [
                    ("talos", "config", "v1.13.8", "talos/talenv.yaml:3"),
                    ("talos", "config", "v1.13.8", "talos/talconfig.yaml:4"),
                ],
                ("Talos v1.13.7, git has v1.13.8 (talenv.yaml, talconfig.yaml)",),
            ),
            # one half of a pair was taken
            (
                [
                    ("talos", "resource", "v1.13.7", "tuppr/talosupgrade.yaml:8"),
                    ("talos", "config", "v1.13.6", "talos/talenv.yaml:3"),
                ],
                ("Talos v1.13.7, git has v1.13.6 (talenv.yaml)",),
            ),
            # another cluster's
            (
                [
                    ("talos", "config", "v1.12.0", "talos/lab/talconfig.yaml:4"),
                    ("talos", "config", "v1.13.7", "talos/main/talconfig.yaml:4"),
                ],
                (),
            ),
            (
                [("kubernetes", "image", "v1.36.3", "talos/machineconfig.yaml.j2:70")],
                ("Kubernetes v1.36.2, git has v1.36.3 (machineconfig.yaml.j2)",),
            ),
            ([("talos", "client", "v1.13.8", ".mise.toml:16")], ("talosctl v1.13.8 in .mise.toml, Talos v1.13.7",)),
            ([("kubernetes", "client", "v1.30.0", ".mise.toml:17")], ()),
        ],
    )
    def test_files_on_main_ask_for_another_version(
        self, declared: list[tuple[str, str, str, str]], marks: tuple[str, ...]
    ) -> None:
        wanted = Wanted(declared=tuple(DeclaredVersion(*each) for each in declared))  # type: ignore[arg-type]
        assert only(*node_rows([talos()], [kubernetes()], wanted)).marks == marks

    def test_what_the_cluster_has_counts_where_no_file_holds_the_resource(self) -> None:
        wanted = Wanted("v1.13.9", declared=(DeclaredVersion("talos", "resource", "v1.13.8", "talosupgrade.yaml:8"),))
        row = only(*node_rows([talos()], [kubernetes()], wanted))
        assert row.marks == ("Talos v1.13.7, git has v1.13.8 (talosupgrade.yaml)",)

    def test_our_talosctl_is_of_another_minor_version(self) -> None:
        assert only(*node_rows([talos(client="v1.14.1")], [])).marks == ("talosctl v1.14.1, Talos v1.13.7",)
        assert only(*node_rows([talos(client="v1.13.2")], [])).marks == ()


class TestEtcd:
    @pytest.mark.parametrize(
        ("count", "away", "text", "quorum"),
        [
            (1, 0, "1 of 1, can lose none", 1),
            (2, 0, "2 of 2, can lose none", 2),
            (3, 0, "3 of 3, can lose 1", 2),
            (3, 1, "2 of 3, can lose none", 2),
            (3, 2, "1 of 3, can lose none", 2),
            (3, 3, "0 of 3 known to be well", 2),
            (5, 0, "5 of 5, can lose 2", 3),
            (5, 1, "4 of 5, can lose 1", 3),
        ],
    )
    def test_quorum(self, count: int, away: int, text: str, quorum: int) -> None:
        nodes = [talos(i, problem=Problem("unreachable", "gone") if i <= away else None) for i in range(1, count + 1)]
        facts = etcd_facts(node_rows(nodes, []))
        assert facts
        assert (facts.text, facts.quorum) == (text, quorum)
        assert len(facts.trouble) == away

    def test_a_learner_does_not_vote(self) -> None:
        nodes = [talos(1), talos(2), talos(3), talos(4)]
        nodes[3] = replace(nodes[3], etcd=member("4", learner=True))
        facts = etcd_facts(node_rows(nodes, []))
        assert facts
        assert (facts.members, facts.healthy, facts.trouble) == (3, 3, ("k8s-4: learner",))

    def test_errors_lag_and_two_leaders_are_trouble(self) -> None:
        nodes = [talos(1), talos(2), talos(3)]
        nodes[0] = replace(nodes[0], etcd=member("1", errors=("NOSPACE",)))
        nodes[1] = replace(nodes[1], etcd=member("2", raft_index=9000, raft_applied=5000))
        nodes[2] = replace(nodes[2], etcd=member("3", leader="3"))
        facts = etcd_facts(node_rows(nodes, []))
        assert facts
        assert facts.trouble == ("k8s-1: NOSPACE", "k8s-2: 4000 entries behind", "members name different leaders")

    def test_without_control_planes_nothing_is_known(self) -> None:
        assert etcd_facts(node_rows([replace(talos(), role="worker")], [])) is None


class TestCni:
    def test_the_plugin_among_daemonsets(self) -> None:
        found = cni([DaemonSet("x", "node-exporter", 3, 3), DaemonSet("kube-system", "cilium", 3, 2, "v1.18.1")])
        assert found
        assert (found.name, found.version, found.healthy) == ("Cilium", "v1.18.1", False)

    def test_none_and_one_without_nodes(self) -> None:
        assert cni([DaemonSet("x", "node-exporter", 3, 3)]) is None
        empty = cni([DaemonSet("kube-flannel", "kube-flannel-ds", 0, 0)])
        assert empty
        assert not empty.healthy


class TestFluxVersion:
    INSTANCE = seen(
        made("FluxInstance", "flux", "flux-system", status={"lastAttemptedRevision": "v2.9.3@sha256:" + "a" * 64})
    )

    def test_is_what_the_operator_reports(self) -> None:
        report = seen(made("FluxReport", "flux", "flux-system", spec={"distribution": {"version": "v2.9.2"}}))
        assert flux_version([self.INSTANCE, report, seen(made())]) == "v2.9.2"

    def test_is_what_the_operator_installs_where_it_does_not_report(self) -> None:
        silent = seen(made("FluxReport", "flux", "flux-system"))
        assert flux_version([silent, self.INSTANCE]) == "v2.9.3"

    def test_is_not_known_without_an_operator(self) -> None:
        assert flux_version([seen(made(status={"lastAppliedRevision": "v1.0.0@sha256:" + "a" * 64}))]) == ""
