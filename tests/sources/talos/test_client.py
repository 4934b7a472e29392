"""The client against the stand-in, and, in the second tier, against a real talosctl: what needs no cluster."""

import base64
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from console.demo.talosctl import identity
from console.model.version import Version
from console.sources.errors import Malformed, MissingTool, NotConfigured, SourceError, Unreachable
from console.sources.stop import Stop
from console.sources.talos import talosconfig
from console.sources.talos.client import TalosClient, check_version, client_version
from tests.demo.talosctl.cluster import FROZEN, Cluster, serving, world
from tests.live.parts import part


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with serving(tmp_path_factory.mktemp("demo"), world(2)) as served:
        yield served


@pytest.fixture(params=["stand-in", pytest.param("real", marks=pytest.mark.live)])
def executable(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A talosctl without a cluster."""
    if request.param == "real":
        return str(part("talosctl"))
    with serving(tmp_path, world(1)) as gone:
        return gone.executable


@pytest.fixture
def closed(tmp_path: Path) -> talosconfig.Talosconfig:
    """A talosconfig that leads to a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    signer = identity.authority(FROZEN)
    certificate, key = identity.client(signer, FROZEN, roles=("os:reader",))
    pems = {"ca": signer.certificate, "crt": certificate, "key": key}
    context: dict[str, object] = {"endpoints": [f"127.0.0.1:{port}"], "nodes": ["127.0.0.1"]}
    context |= {name: base64.b64encode(pem).decode() for name, pem in pems.items()}
    path = tmp_path / "closed"
    path.write_text(yaml.safe_dump({"context": "home", "contexts": {"home": context}}))
    return talosconfig.read(path)


class TestWithoutACluster:
    def test_its_version(self, executable: str) -> None:
        assert Version.parse(client_version(executable))

    def test_a_closed_port_is_told_as_refused(self, executable: str, closed: talosconfig.Talosconfig) -> None:
        client = TalosClient(executable, closed)
        with pytest.raises(Unreachable) as caught:
            client.ask("127.0.0.1", ("get", "version", "--output=json"), 30)
        assert (caught.value.kind, caught.value.message[:9]) == ("unreachable", "127.0.0.1")

    def test_what_it_says_of_its_configuration_is_what_is_read_here(
        self, executable: str, closed: talosconfig.Talosconfig
    ) -> None:
        outcome = TalosClient(executable, closed).processes.run(("config", "info", "--output=json"), 30)
        told = yaml.safe_load(outcome.out)
        assert (told["context"], tuple(told["endpoints"]), tuple(told["nodes"])) == (
            *(closed.context, closed.endpoints, closed.nodes),
        )
        assert tuple(told["roles"]) == closed.roles
        assert closed.expires
        assert told["certNotAfter"] == closed.expires.strftime("%Y-%m-%d")
        contexts = TalosClient(executable, closed).processes.run(("config", "contexts"), 30)
        assert contexts.out.splitlines()[0].split() == ["CURRENT", "NAME", "ENDPOINTS", "NODES"]


class TestVersions:
    def test_an_old_one_is_named(self) -> None:
        check_version("v1.12.0")
        with pytest.raises(MissingTool, match=r"talosctl v1\.9\.6 is too old") as caught:
            check_version("v1.9.6")
        assert caught.value.kind == "old-tool"

    def test_something_else_of_that_name(self) -> None:
        with pytest.raises(Malformed):
            client_version("true")

    def test_none_at_all(self) -> None:
        with pytest.raises(MissingTool, match="talosctl-that-is-not-there was not found on PATH"):
            client_version("talosctl-that-is-not-there")


class TestAsking:
    def client(self, cluster: Cluster) -> TalosClient:
        return TalosClient(cluster.executable, talosconfig.read(cluster.talosconfig))

    @pytest.mark.parametrize("node", ["--insecure", "a,b", "", "10.0.0.11\n"])
    def test_a_name_that_could_be_an_option_is_not_given_to_it(self, cluster: Cluster, node: str) -> None:
        with pytest.raises(Malformed):
            self.client(cluster).ask(node, ("get", "version"), 10)

    def test_nothing_is_started_without_a_talosconfig(self, cluster: Cluster, tmp_path: Path) -> None:
        copy = tmp_path / "copy"
        shutil.copy(cluster.talosconfig, copy)
        client = TalosClient(cluster.executable, talosconfig.read(copy))
        copy.unlink()
        with pytest.raises(NotConfigured):
            client.ask("10.0.0.11", ("get", "version"), 10)
        assert not copy.exists()

    def test_a_talosconfig_that_vanishes_while_talosctl_starts_is_not_created_anew(
        self, cluster: Cluster, tmp_path: Path
    ) -> None:
        copy = tmp_path / "copy"
        shutil.copy(cluster.talosconfig, copy)
        client = TalosClient(cluster.executable, talosconfig.read(copy))
        copy.unlink()  # after the look for it, before talosctl opens it
        arguments = ("get", "version", "--nodes=10.0.0.11", "--context=home")
        assert client.processes.run(arguments, 30).code == 0
        assert not copy.exists()

    def test_a_log_is_followed_until_one_stops(self, cluster: Cluster) -> None:
        client, stop = self.client(cluster), Stop()
        lines = client.lines("10.0.0.11", ("dmesg", "--follow"), stop)
        seen = [next(lines)]
        while "heartbeat" not in seen[-1]:
            seen.append(next(lines))
        stop.set()
        assert list(lines) is not None
        assert seen[0].startswith("kern:  notice:")  # without the node before it
        assert client.processes.running == 0

    def test_a_stream_that_fails_says_why(self, cluster: Cluster) -> None:
        with pytest.raises(SourceError, match="was not registered"):
            list(self.client(cluster).lines("10.0.0.11", ("logs", "nope"), Stop()))
