"""The stand-in prints what the real one prints: shapes written down here from talosctl's documentation and source."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.demo.talosctl.cluster import SCHEMATIC, Cluster, serving, world


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with serving(tmp_path_factory.mktemp("demo"), world(4)) as served:
        yield served


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = world(4, talosctl="1.14")
    made.machines["k8s-worker-1"].talos = "v1.14.1"
    with serving(tmp_path_factory.mktemp("demo"), made) as served:
        yield served


class TestGet:
    def test_json_is_a_document_with_sorted_keys_indented_by_four(self, cluster: Cluster) -> None:
        answer = cluster.talosctl("get", "machinestatus", "-n", "10.0.0.11", "-o", "json")
        assert (answer.returncode, answer.stderr) == (0, "")
        document = json.loads(answer.stdout)
        assert list(document) == ["metadata", "node", "spec"]
        assert list(document["metadata"]) == sorted(document["metadata"])
        assert document["metadata"]["type"] == "MachineStatuses.runtime.talos.dev"
        assert isinstance(document["metadata"]["version"], int)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["metadata"]["created"])
        assert document["node"] == "10.0.0.11"
        assert document["spec"] == {"stage": "running", "status": {"ready": True, "unmetConditions": []}}
        assert answer.stdout.startswith('{\n    "metadata": {\n        "created"')

    def test_several_documents_follow_each_other_without_separator(self, cluster: Cluster) -> None:
        text = cluster.talosctl("get", "extensions", "-n", "10.0.0.11", "-o", "json").stdout
        assert text.count("\n}\n{\n") == 4
        assert not text.startswith("[")

    def test_an_id_that_looks_like_a_number_is_a_number_and_the_schematic_is_a_row(self, cluster: Cluster) -> None:
        text = cluster.talosctl("get", "extensions", "-n", "10.0.0.11", "-o", "json").stdout
        found = json.loads("[" + text.replace("\n}\n{\n", "\n},{\n") + "]")
        assert [document["metadata"]["id"] for document in found] == [0, 1, 2, 3, 4]
        assert [d["spec"]["metadata"]["version"] for d in found if d["spec"]["metadata"]["name"] == "schematic"] == [
            SCHEMATIC
        ]

    def test_an_empty_list_prints_nothing_in_json_and_a_header_in_a_table(self, cluster: Cluster) -> None:
        assert cluster.talosctl("get", "diagnostics", "-n", "10.0.0.11", "-o", "json").stdout == ""
        assert cluster.talosctl("get", "diagnostics", "-n", "10.0.0.11").stdout.split() == [
            *("NODE", "NAMESPACE", "TYPE", "ID", "VERSION", "MESSAGE")
        ]

    def test_a_table_has_columns_padded_by_three_spaces(self, cluster: Cluster) -> None:
        lines = cluster.talosctl("get", "members", "-n", "10.0.0.11").stdout.splitlines()
        assert re.split(r" {3,}", lines[0]) == [
            *("NODE", "NAMESPACE", "TYPE", "ID", "VERSION", "HOSTNAME", "MACHINE TYPE", "OS", "ADDRESSES")
        ]
        assert re.split(r" {3,}", lines[4]) == [
            *("10.0.0.11", "cluster", "Member", "k8s-worker-1", "2"),
            *("k8s-worker-1", "worker", "Talos (v1.13.7)", '["10.0.0.14"]'),
        ]

    def test_yaml_documents_are_separated_by_dashes(self, cluster: Cluster) -> None:
        text = cluster.talosctl("get", "services", "-n", "10.0.0.11", "-o", "yaml").stdout
        found = list(yaml.safe_load_all(text))
        assert text.startswith("node: 10.0.0.11\nmetadata:\n    namespace: runtime\n")
        assert {"running": True, "healthy": True, "unknown": False} in [document["spec"] for document in found]

    @pytest.mark.parametrize(
        ("kind", "path"),
        [
            ("members", ("hostname",)),
            ("version", ("version",)),
            ("services", ("healthy",)),
            ("hostname", ("hostname",)),
            ("nodename", ("nodename",)),
            ("nodestatus", ("unschedulable",)),
            ("disks", ("pretty_size",)),
            ("systemdisk", ("diskID",)),
            ("timestatus", ("synced",)),
            ("memorystat", ("available",)),
            ("cpustat", ("cpuTotal", "idle")),
            ("nodeaddresses", ("sortAlgorithm",)),
            ("securitystate", ("bootedWithUKI",)),
            ("bootedentry", ("bootedEntry",)),
            ("cmdline", ("cmdline",)),
            ("staticpodstatus", ("conditions",)),
            ("etcdmembers", ("memberID",)),
            ("platformmetadata", ("platform",)),
        ],
    )
    def test_each_documented_type_has_its_fields(self, cluster: Cluster, kind: str, path: tuple[str, ...]) -> None:
        text = cluster.talosctl("get", kind, "-n", "10.0.0.11", "-o", "json").stdout
        spec = json.JSONDecoder().raw_decode(text)[0]["spec"]
        for key in path:
            spec = spec[key]
        assert spec not in (None, "")

    def test_types_are_found_by_full_name_singular_and_any_case(self, cluster: Cluster) -> None:
        for name in ("MachineStatuses.runtime.talos.dev", "machinestatuses.runtime", "MachineStatus"):
            assert cluster.talosctl("get", name, "-n", "10.0.0.11").returncode == 0

    def test_types_of_1_14_are_unknown_to_1_13(self, newer: Cluster) -> None:
        new = newer.talosctl("get", "kubeletstatus", "-n", "10.0.0.14", "-o", "json")
        assert json.loads(new.stdout)["spec"] == {"image": "ghcr.io/siderolabs/kubelet:v1.36.2"}
        old = newer.talosctl("get", "kubeletstatus", "-n", "10.0.0.11", "-o", "json")
        assert (old.returncode, old.stdout) == (1, "")
        assert 'code = NotFound desc = resource "kubeletstatus" is not registered' in old.stderr

    def test_an_older_server_is_warned_of_on_stderr_only(self, newer: Cluster) -> None:
        answer = newer.talosctl("get", "version", "-n", "10.0.0.11", "-o", "json")
        assert answer.stderr == "WARNING: 10.0.0.11: server version 1.13.7 is older than client version 1.14.1\n"
        assert (answer.returncode, json.loads(answer.stdout)["spec"]["version"]) == (0, "v1.13.7")


class TestTables:
    def test_etcd_status_of_a_member(self, cluster: Cluster) -> None:
        lines = cluster.talosctl("etcd", "status", "-n", "10.0.0.12").stdout.splitlines()
        header = (
            "NODE MEMBER|DB SIZE|IN USE|LEADER|RAFT INDEX|RAFT TERM|RAFT APPLIED INDEX|LEARNER|PROTOCOL|STORAGE|ERRORS"
        )
        assert re.sub(r" {2,}", "|", lines[0]) == header.replace("NODE ", "NODE|")
        cells = re.split(r" {2,}", lines[1].rstrip())
        assert cells[0] == "10.0.0.12"
        assert re.fullmatch(r"[0-9a-f]{16}", cells[1])
        assert cells[2:4] == ["45 MB", "20 MB (44.17%)"]
        assert len(cells) == 11  # no errors: the last column is empty

    def test_etcd_members_are_listed_by_each_control_plane(self, cluster: Cluster) -> None:
        lines = cluster.talosctl("etcd", "members", "-n", "10.0.0.11").stdout.splitlines()
        assert re.split(r" {2,}", lines[0]) == ["NODE", "ID", "HOSTNAME", "PEER URLS", "CLIENT URLS", "LEARNER"]
        assert [re.split(r" {2,}", line)[2] for line in lines[1:]] == [f"k8s-control-{i}" for i in (1, 2, 3)]

    def test_no_alarm_prints_nothing_and_one_is_listed(self, tmp_path: Path) -> None:
        made = world(1)
        with serving(tmp_path, made) as full:
            assert full.talosctl("etcd", "alarm", "list").stdout == ""
            made.machines["k8s-control-1"].db_size = 2_200_000_000
            lines = full.talosctl("etcd", "alarm", "list").stdout.splitlines()
            assert lines[0].split() == ["NODE", "MEMBER", "ALARM"]
            assert lines[1].endswith("NOSPACE")

    def test_services_and_one_service(self, cluster: Cluster) -> None:
        lines = cluster.talosctl("services", "-n", "10.0.0.14").stdout.splitlines()
        assert re.split(r" {2,}", lines[0]) == ["NODE", "SERVICE", "STATE", "HEALTH", "LAST CHANGE", "LAST EVENT"]
        assert re.fullmatch(r"10\.0\.0\.14 +apid +Running +OK +\d+h\d+m\d+s ago +Health check successful", lines[1])
        assert "etcd" not in "".join(lines)
        one = cluster.talosctl("service", "etcd", "-n", "10.0.0.11").stdout.splitlines()
        assert [re.split(r" {2,}", line)[0] for line in one[:5]] == ["NODE", "ID", "STATE", "HEALTH", "EVENTS"]

    def test_version_in_its_forms(self, cluster: Cluster) -> None:
        long = cluster.talosctl("version", "-n", "10.0.0.11").stdout
        assert long.startswith("Client:\n\tTag:         v1.13.7\n\tSHA:         ")
        assert "Server:\n\tNODE:        10.0.0.11\n\tTag:         v1.13.7\n" in long
        assert long.endswith("\tEnabled:     RBAC\n")
        assert cluster.talosctl("version", "--client", "--short").stdout == "Client:\nTalos v1.13.7\n"
        message = json.loads(cluster.talosctl("version", "--json", "-n", "10.0.0.11").stdout)
        assert message["metadata"] == {"hostname": "10.0.0.11"}
        assert message["version"]["tag"] == "v1.13.7"

    def test_config_info_and_contexts(self, cluster: Cluster) -> None:
        info = json.loads(cluster.talosctl("config", "info", "-o", "json").stdout)
        assert list(info) == ["context", "nodes", "endpoints", "roles", "certTTL", "certNotAfter"]
        assert (info["context"], info["roles"]) == ("home", ["os:reader"])
        contexts = cluster.talosctl("config", "contexts").stdout.splitlines()
        assert contexts[0].split() == ["CURRENT", "NAME", "ENDPOINTS", "NODES"]
        assert contexts[1].split()[:2] == ["*", "home"]

    def test_logs_and_dmesg_begin_each_line_with_the_node(self, cluster: Cluster) -> None:
        logs = cluster.talosctl("logs", "kubelet", "-n", "10.0.0.11", "--tail", "3").stdout.splitlines()
        assert len(logs) == 3
        dmesg = cluster.talosctl("dmesg", "-n", "10.0.0.11").stdout.splitlines()
        assert all(line.startswith("10.0.0.11: ") for line in [*logs, *dmesg])
        missing = cluster.talosctl("logs", "nope", "-n", "10.0.0.11")
        assert (missing.returncode, missing.stderr[:7]) == (1, "ERROR: ")


class TestMounts:
    def test_sizes_in_gigabytes_with_a_share_and_what_is_always_full_among_them(self, tmp_path: Path) -> None:
        made = world(1)
        made.machines["k8s-control-1"].disk_used = 0.5
        with serving(tmp_path, made) as cluster:
            lines = cluster.talosctl("mounts", "-n", "10.0.0.11").stdout.splitlines()
        assert re.split(r"\s{3,}", lines[0]) == [
            *("NODE", "FILESYSTEM", "SIZE(GB)", "USED(GB)", "AVAILABLE(GB)", "PERCENT USED", "MOUNTED ON"),
        ]
        rows = {cells[-1]: cells for cells in (re.split(r"\s{3,}", line) for line in lines[1:])}
        assert rows["/var"] == ["10.0.0.11", "/dev/nvme0n1p6", "507.72", "253.86", "253.86", "50.00%", "/var"]
        assert rows["/"][5] == "100.00%"
