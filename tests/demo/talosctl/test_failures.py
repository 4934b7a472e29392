"""Streams, exit codes and error texts of a talosctl that can't do what was asked."""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.demo.talosctl import identity
from tests.demo.talosctl.cluster import Cluster, serving, world


@pytest.fixture(params=["1.13", "1.14"])
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cluster(tmp_path: Path, edition: str) -> Iterator[Cluster]:
    with serving(tmp_path, world(4, talosctl=edition)) as served:
        yield served


def rewrite(cluster: Cluster, **fields: Any) -> None:
    """Another content of the talosconfig's context."""
    document = yaml.safe_load(cluster.talosconfig.read_text())
    document["contexts"]["home"] |= fields
    cluster.talosconfig.write_text(yaml.safe_dump(document))


REFUSED = (
    'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: '
    'dial tcp 10.0.0.13:50000: connect: connection refused"'
)


class TestNodes:
    def test_a_rebooting_node_refuses_the_connection(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-3").reachable = False
        answer = cluster.talosctl("get", "machinestatus", "-n", "10.0.0.13", "-o", "json")
        assert (answer.returncode, answer.stdout) == (1, "")
        assert REFUSED in answer.stderr

    def test_one_that_is_down_among_several(self, cluster: Cluster, edition: str) -> None:
        cluster.machine("k8s-control-3").reachable = False
        unary = cluster.talosctl("services", "-n", "10.0.0.13,10.0.0.14")
        assert "10.0.0.14   kubelet" in unary.stdout
        listed = cluster.talosctl("get", "version", "-n", "10.0.0.14,10.0.0.13", "-o", "json")
        if edition == "1.13":
            assert unary.returncode == 0
            assert unary.stderr.startswith(f"WARNING: 1 error occurred:\n\t* 10.0.0.13: {REFUSED}")
            assert listed.stderr.startswith(f"1 error occurred:\n\t* {REFUSED}")
            assert "v1.13.7" in listed.stdout
        else:
            assert unary.returncode == 1
            assert f"error from node 10.0.0.13: {REFUSED}" in unary.stderr
            assert listed.stdout == ""
        assert listed.returncode == 1

    def test_the_first_node_down_spoils_the_whole_get(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-3").reachable = False
        assert cluster.talosctl("get", "version", "-n", "10.0.0.13,10.0.0.14", "-o", "json").stdout == ""

    def test_version_prints_its_own_before_it_fails(self, cluster: Cluster) -> None:
        cluster.machine("k8s-control-3").reachable = False
        answer = cluster.talosctl("version", "-n", "10.0.0.13")
        assert answer.returncode == 1
        assert answer.stdout.startswith("Client:\n\tTag:")
        assert answer.stdout.endswith("Server:\n")

    def test_no_control_plane_is_up(self, cluster: Cluster) -> None:
        for machine in cluster.world.control_planes:
            machine.reachable = False
        assert "connect: connection refused" in cluster.talosctl("get", "version", "-n", "10.0.0.14").stderr

    def test_an_address_that_nobody_has(self, cluster: Cluster) -> None:
        assert (
            "10.9.9.9:50000: connect: no route to host" in cluster.talosctl("get", "version", "-n", "10.9.9.9").stderr
        )

    def test_a_virtual_address_answers_as_a_control_plane(self, cluster: Cluster) -> None:
        assert "k8s-control-1" in cluster.talosctl("get", "nodename", "-n", "10.0.0.10").stdout

    def test_a_watch_ends_when_the_node_reboots(self, cluster: Cluster) -> None:
        command = [cluster.executable, "get", "machinestatus", "-w", "-n", "10.0.0.14", "-o", "json"]
        variables = {**os.environ, "TALOSCONFIG": str(cluster.talosconfig)}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables
        ) as process:
            assert process.stdout
            first = [process.stdout.readline() for _ in range(3)]
            assert first[:2] == ["{\n", '    "event": "created",\n']
            cluster.machine("k8s-worker-1").stage = "rebooting"
            while '"updated"' not in (line := process.stdout.readline()):
                assert line
            cluster.machine("k8s-worker-1").reachable = False
            _, errors = process.communicate(timeout=20)
            assert process.returncode == 1
            assert "error watching resource: rpc error: code = Unavailable" in errors


class TestRights:
    def test_sensitive_types_are_for_admins(self, cluster: Cluster) -> None:
        for kind in ("machineconfig", "mc", "kubeletspec", "apiserverconfig"):
            answer = cluster.talosctl("get", kind, "-n", "10.0.0.11")
            assert answer.returncode == 1
            assert "rpc error: code = PermissionDenied desc = not authorized" in answer.stderr

    def test_health_is_for_admins_and_talks_on_stderr(self, cluster: Cluster) -> None:
        answer = cluster.talosctl("health", "-n", "10.0.0.11", "--wait-timeout", "5s")
        assert (answer.returncode, answer.stdout) == (1, "")
        assert "code = PermissionDenied" in answer.stderr

    def test_etcd_is_for_control_planes(self, cluster: Cluster) -> None:
        answer = cluster.talosctl("etcd", "members", "-n", "10.0.0.14")
        assert answer.returncode == 1
        assert "code = Unimplemented desc = member list is only available on control plane nodes" in answer.stderr

    def test_our_certificate_expired(self, tmp_path: Path, edition: str) -> None:
        with serving(tmp_path, world(1, talosctl=edition), valid=timedelta(days=-2)) as late:
            answer = late.talosctl("get", "version", "-n", "10.0.0.11")
            assert answer.returncode == 1
            assert 'desc = "error reading server preface: remote error: tls: expired certificate"' in answer.stderr

    def test_another_clusters_certificate(self, cluster: Cluster) -> None:
        now = cluster.world.clock.now()
        certificate, key = identity.client(identity.authority(now), now, roles=("os:reader",))
        rewrite(cluster, crt=base64.b64encode(certificate).decode(), key=base64.b64encode(key).decode())
        error = cluster.talosctl("get", "version", "-n", "10.0.0.11").stderr
        assert 'desc = "error reading server preface: remote error: tls: unknown certificate authority"' in error

    def test_an_admin_may_ask_for_health(self, tmp_path: Path) -> None:
        with serving(tmp_path, world(1), roles=("os:admin",)) as mighty:
            answer = mighty.talosctl("health")
            assert (answer.returncode, answer.stdout) == (0, "")
            assert "waiting for etcd to be healthy: OK\n" in answer.stderr

    def test_another_clusters_ca(self, cluster: Cluster) -> None:
        other = identity.authority(cluster.world.clock.now())
        rewrite(cluster, ca=base64.b64encode(other.certificate).decode())
        error = cluster.talosctl("get", "version", "-n", "10.0.0.11").stderr
        assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in error

    def test_no_certificate_at_all(self, cluster: Cluster) -> None:
        rewrite(cluster, crt="", key="")
        error = cluster.talosctl("get", "version", "-n", "10.0.0.11").stderr
        assert "error reading server preface: remote error: tls: certificate required" in error


class TestArguments:
    def test_unknown_things_are_named_and_the_usage_follows(self, cluster: Cluster) -> None:
        for arguments, text in (
            (("nope",), 'unknown command "nope" for "talosctl"'),
            (("version", "--nope"), "unknown flag: --nope"),
            (("get", "version", "-o"), "flag needs an argument: 'o' in -o"),
        ):
            answer = cluster.talosctl(*arguments)
            assert (answer.returncode, answer.stdout) == (1, "")
            assert answer.stderr.startswith(text)
            assert "Usage:" in answer.stderr

    def test_flags_may_be_joined_shortened_and_stand_anywhere(self, cluster: Cluster) -> None:
        for arguments in (
            ("--nodes=10.0.0.11", "get", "version", "-ojson"),
            ("get", "-n10.0.0.11", "version", "--output=json"),
            ("-n", "10.0.0.11", "-e", "10.0.0.12", "get", "version", "version", "-o=json"),
        ):
            assert cluster.talosctl(*arguments).returncode == 0

    def test_nodes_must_be_given_somewhere(self, cluster: Cluster) -> None:
        rewrite(cluster, nodes=[])
        error = cluster.talosctl("get", "version").stderr
        assert error.startswith("nodes are not set for the command: please use `--nodes` flag or configuration file")


class TestTalosconfig:
    def test_one_that_is_missing_is_created_without_a_context(self, cluster: Cluster, tmp_path: Path) -> None:
        path = tmp_path / "new" / "config"
        answer = cluster.talosctl("get", "version", "-n", "10.0.0.11", TALOSCONFIG=str(path))
        assert answer.stderr == "error constructing client: failed to determine endpoints\n"
        assert (path.read_text(), path.stat().st_mode & 0o777) == ('context: ""\ncontexts: {}\n', 0o600)

    def test_a_named_one_that_is_missing_falls_back_to_the_usual_place(self, cluster: Cluster, tmp_path: Path) -> None:
        usual = tmp_path / "home" / ".talos" / "config"
        usual.parent.mkdir(parents=True)
        shutil.copy(cluster.talosconfig, usual)
        answer = cluster.talosctl(
            "config", "info", TALOSCONFIG=str(tmp_path / "none"), HOME=str(tmp_path / "home"), TALOS_HOME=""
        )
        assert answer.returncode == 0
        assert not (tmp_path / "none").exists()

    def test_one_that_can_neither_be_read_nor_created_is_named(self, cluster: Cluster) -> None:
        place = "/proc/4194305/fd/3"  # of a process that has ended, as no other can have this number
        answer = cluster.talosctl("get", "version", "-n", "10.0.0.11", TALOSCONFIG=place)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert f"open {place}: no such file or directory" in answer.stderr

    def test_an_unknown_context(self, cluster: Cluster) -> None:
        error = cluster.talosctl("--context", "nope", "get", "version", "-n", "10.0.0.11").stderr
        assert error == "error constructing client: failed to determine endpoints\n"
        given = cluster.talosctl("--context", "nope", "get", "version", "-n", "10.0.0.11", "-e", "10.0.0.11").stderr
        assert 'failed to resolve configuration context: context "nope" not found in config' in given
        info = cluster.talosctl("config", "info", "--context", "nope").stderr
        assert info == 'context "nope" is not defined\n'


class TestWithoutItsDemo:
    def test_it_is_refused_as_by_a_cluster_that_is_gone(self, tmp_path: Path) -> None:
        with serving(tmp_path, world(1)) as gone:
            pass
        answer = gone.talosctl("get", "version", "-n", "10.0.0.11")
        assert answer.returncode == 1
        assert "dial tcp 10.0.0.11:50000: connect: connection refused" in answer.stderr

    def test_what_needs_no_cluster_still_works(self, tmp_path: Path) -> None:
        with serving(tmp_path, world(1, talosctl="1.14")) as gone:
            pass
        assert gone.talosctl("version", "--client", "--short").stdout == "Client:\nTalos v1.14.1\n"
        assert gone.talosctl("config", "info").stdout.startswith("Current context:     home\n")
