"""The parsers against shapes written down from talosctl's documentation and source, apart from the stand-in's."""

from datetime import UTC, datetime

import pytest

from console.sources.errors import Malformed
from console.sources.talos import etcd, facts, tables
from console.sources.talos.documents import documents, identity

STATUS = """{
    "metadata": {
        "created": "2026-08-20T06:11:02Z",
        "id": "machine",
        "namespace": "runtime",
        "owner": "runtime.MachineStatusController",
        "phase": "running",
        "type": "MachineStatuses.runtime.talos.dev",
        "updated": "2026-08-20T06:12:40Z",
        "version": 17
    },
    "node": "10.0.0.11",
    "spec": {
        "stage": "booting",
        "status": {
            "ready": false,
            "unmetConditions": [
                {
                    "name": "services",
                    "reason": "etcd not healthy, kubelet not running"
                },
                {
                    "name": "nodeReady",
                    "reason": "node \\"k8s-1\\" is not ready"
                }
            ]
        }
    }
}
"""


def resource(name: object, spec: str, *, updated: str = "2026-08-20T06:12:40Z") -> str:
    """One document of ``get -o json``."""
    shown = f'"{name}"' if isinstance(name, str) else {None: "null", True: "true"}.get(name, str(name))  # type: ignore[call-overload]
    metadata = f'"id": {shown}, "owner": null, "updated": "{updated}", "version": 3'
    return f'{{\n    "metadata": {{{metadata}}},\n    "node": "10.0.0.11",\n    "spec": {spec}\n}}\n'


class TestDocuments:
    def test_a_stream_without_separators_is_read_whole(self) -> None:
        assert [d["spec"] for d in documents(resource("a", "1") + resource("b", "2") + "\n\n")] == [1, 2]

    def test_no_output_is_no_document(self) -> None:
        assert documents("") == []

    @pytest.mark.parametrize("text", ["{", "NODE   ID", resource("a", "1") + "oops", "[]", '"x"'])
    def test_what_is_no_resource_is_malformed(self, text: str) -> None:
        with pytest.raises(Malformed):
            documents(text)

    @pytest.mark.parametrize(("value", "text"), [(0, "0"), ("etcd", "etcd"), (None, ""), (True, "true"), (12, "12")])
    def test_an_id_is_text_whatever_yaml_made_of_it(self, value: object, text: str) -> None:
        assert identity(documents(resource(value, "{}"))[0]) == text


class TestFacts:
    def test_machine_status_gives_stage_readiness_reasons_and_the_boot(self) -> None:
        assert facts.machine_status(STATUS) == {
            "stage": "booting",
            "ready": False,
            "unmet": ("services: etcd not healthy, kubelet not running", 'nodeReady: node "k8s-1" is not ready'),
            "boot": datetime(2026, 8, 20, 6, 11, 2, tzinfo=UTC),
        }

    def test_a_machine_status_that_is_missing_is_malformed(self) -> None:
        with pytest.raises(Malformed):
            facts.machine_status("")

    def test_versions_have_one_form(self) -> None:
        assert facts.version(resource("version", '{"name": "Talos", "version": "v1.13.9"}')) == {"talos": "v1.13.9"}

    @pytest.mark.parametrize(
        "image", ["ghcr.io/siderolabs/kubelet:v1.37.0", "localhost:5000/kubelet:v1.37.0@sha256:0123456789abcdef"]
    )
    def test_the_kubelets_version_is_its_images_tag(self, image: str) -> None:
        assert facts.kubelet(resource("kubelet", f'{{"image": "{image}"}}')) == {"kubelet": "v1.37.0"}

    def test_the_schematic_is_listed_as_an_extension_and_is_none(self) -> None:
        def row(number: int, name: str, version: str) -> str:
            return resource(number, f'{{"image": "x", "metadata": {{"name": "{name}", "version": "{version}"}}}}')

        schematic = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
        text = row(0, "iscsi-tools", "v0.2.0") + row(1, "schematic", schematic) + row(2, "modules.dep", "6.18.44")
        assert facts.extensions(text) == {"schematic": schematic, "extensions": ("iscsi-tools v0.2.0",)}

    def test_services_tell_the_role(self) -> None:
        healthy = '{"running": true, "healthy": true, "unknown": false}'
        unknown = '{"running": true, "healthy": false, "unknown": true}'
        ill = '{"running": true, "healthy": false, "unknown": false}'
        off = '{"running": false, "healthy": false, "unknown": true}'
        worker = resource("kubelet", ill) + resource("ext-iscsid", unknown) + resource("cri", off)
        assert facts.services(worker) == {
            "services": (("cri", "not running"), ("ext-iscsid", "running"), ("kubelet", "unhealthy")),
            "role": "worker",
        }
        assert facts.services(worker + resource("etcd", healthy))["role"] == "control plane"
        assert "role" not in facts.services(resource("machined", healthy))  # maintenance: too early to tell

    def test_static_pods_and_diagnostics(self) -> None:
        pod = resource("kube-system/kube-apiserver-n1", '{"conditions": [{"type": "Ready", "status": "False"}]}')
        assert facts.static_pods(pod) == {"static_pods": (("kube-apiserver-n1", False),)}
        told = resource("address-overlap", '{"message": "addresses overlap", "details": ["a"]}')
        assert facts.diagnostics(told) == {"diagnostics": ("address-overlap: addresses overlap",)}
        assert facts.diagnostics("") == {"diagnostics": ()}

    def test_counters_become_seconds_in_use_and_in_all(self) -> None:
        counters = (
            '{"user": 10.5, "nice": 0, "system": 4, "idle": 80, "iowait": 5, "irq": 0, "softIrq": 0.5, "steal": 0}'
        )
        reading = facts.cpu_reading(resource("latest", f'{{"cpuTotal": {counters}, "cpu": []}}'))
        assert (reading.busy, reading.total, reading.key) == (15.0, 100.0, "2026-08-20T06:12:40Z")
        memory = facts.memory_reading(resource("latest", '{"total": 1000, "used": 900, "available": 400}'))
        assert (memory.busy, memory.total) == (600, 1000)  # caches are not in use

    def test_members_with_their_addresses_and_roles(self) -> None:
        control = '{"hostname": "k8s-1", "machineType": "controlplane", "addresses": ["10.0.0.11", "fd00::11"]}'
        worker = '{"hostname": "k8s-2", "machineType": "worker", "addresses": ["10.0.0.12"]}'
        assert facts.members(resource("k8s-2", worker) + resource("k8s-1", control)) == [
            facts.Member("k8s-1", ("10.0.0.11", "fd00::11"), "control plane"),
            facts.Member("k8s-2", ("10.0.0.12",), "worker"),
        ]

    @pytest.mark.parametrize("spec", ["null", "[]", '"text"', '{"status": []}', '{"status": {"unmetConditions": 3}}'])
    def test_a_shape_that_nobody_expects_is_not_a_crash(self, spec: str) -> None:
        facts.machine_status(resource("x", spec))
        facts.cpu_reading(resource("x", spec))
        for read in (facts.services, facts.extensions, facts.static_pods, facts.diagnostics, facts.members):
            read(resource("x", spec))


ETCD_1_13 = (
    "NODE        MEMBER             DB SIZE   IN USE            LEADER             RAFT INDEX   RAFT TERM   "
    "RAFT APPLIED INDEX   LEARNER   PROTOCOL   STORAGE   ERRORS\n"
    "10.0.0.11   ceb4fd2a1b5c6e70   45 MB     20 MB (44.17%)    ceb4fd2a1b5c6e70   1234567      4           "
    "1234560              false     3.6.12     3.6.0     \n"
)


class TestEtcd:
    def test_a_status_with_an_empty_last_column(self) -> None:
        member = etcd.status(ETCD_1_13)
        assert (member.member_id, member.leader, member.learner) == ("ceb4fd2a1b5c6e70", True, False)
        assert (member.db_size, member.db_in_use) == (45_000_000, 20_000_000)
        assert (member.raft_index, member.raft_applied) == (1_234_567, 1_234_560)
        assert (member.version, member.errors, member.leader_id) == ("3.6.12", (), "ceb4fd2a1b5c6e70")

    def test_errors_of_a_follower(self) -> None:
        text = ETCD_1_13.replace("3.6.0     \n", "3.6.0     memberID:1 alarm:NOSPACE , etcdserver: no leader\n")
        member = etcd.status(text.replace("(44.17%)    ceb4fd2a1b5c6e70", "(44.17%)    0000000000000000"))
        assert (member.leader, member.errors) == (False, ("memberID:1 alarm:NOSPACE", "etcdserver: no leader"))

    def test_rows_of_a_table_by_the_header(self) -> None:
        text = "NODE        MEMBER             ALARM\n10.0.0.11   ceb4fd2a1b5c6e70   NOSPACE\n"
        assert tables.rows(text) == [{"NODE": "10.0.0.11", "MEMBER": "ceb4fd2a1b5c6e70", "ALARM": "NOSPACE"}]
        assert tables.rows("") == []

    @pytest.mark.parametrize(
        ("text", "count"), [("512 B", 512), ("1.5 kB", 1500), ("45 MB", 45_000_000), ("2.1 GB", 2_100_000_000)]
    )
    def test_sizes_are_powers_of_a_thousand(self, text: str, count: int) -> None:
        assert etcd.size(text) == count

    @pytest.mark.parametrize("text", ["", "NODE   MEMBER\n", ETCD_1_13.replace("45 MB", "many "), "A  B\nc  d\n"])
    def test_another_table_is_malformed(self, text: str) -> None:
        with pytest.raises(Malformed):
            etcd.status(text)
