"""The embedded cluster, and the same one on a real API server; the console's own account there, by the README."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.cli.conftest import Shell, environment
from tests.demo.api.target import Api
from tests.live.apiserver import RealServer
from tests.live.kubernetes.twin import copied
from tests.live.parts import part
from tests.readme import README

_ACCOUNT = "/api/v1/namespaces/flux-system/serviceaccounts/homeconsole"


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoThread]:
    """The embedded cluster at one moment: no controller changes anything."""
    with DemoThread(Topology(frozen=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))) as running:
        yield running


@pytest.fixture(scope="session")
def twin(demo: DemoThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A real server with the embedded cluster's objects, nothing else, and the README's manifest."""
    real = RealServer(tmp_path_factory.mktemp("twin"))
    try:
        real.prepare()
        api = Api(real.target)
        copied(demo, api)
        api.close()
        apply_the_readme(real, tmp_path_factory.mktemp("administrator"))
        yield real
    finally:
        real.close()


@pytest.fixture
def admin(twin: RealServer) -> Iterator[Api]:
    """The administrator's raw requests."""
    api = Api(twin.target)
    yield api
    api.close()


@dataclass(frozen=True)
class Account:
    """The ServiceAccount of the README: its kubeconfig reads the token from a file beside it."""

    server: RealServer
    kubeconfig: Path
    token_file: Path

    def renew(self) -> None:
        """A new token."""
        api = Api(self.server.target)
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 3600},
        }
        # As tools write it: with a newline.
        self.token_file.write_text(api.made(f"{_ACCOUNT}/token", request)["status"]["token"] + "\n")
        api.close()

    def make_anew(self) -> None:
        """Tokens of the old account are refused from now on."""
        api = Api(self.server.target)
        assert api("DELETE", _ACCOUNT).status == 200
        api.close()
        apply_the_readme(self.server, self.kubeconfig.parent)


@pytest.fixture
def account(twin: RealServer, tmp_path: Path) -> Account:
    made = Account(twin, tmp_path / "kubeconfig-of-ours", tmp_path / "token")
    made.renew()
    made.kubeconfig.write_text(twin.kubeconfig("homeconsole", {"tokenFile": str(made.token_file)}))
    return made


@pytest.fixture
def shell(demo: DemoThread, tmp_path: Path) -> Shell:
    """Plain commands, on the embedded cluster unless told otherwise."""
    home, folder = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    folder.mkdir()
    return Shell(folder, environment(home, demo))


def manifest() -> str:
    """What the README's command prints."""
    found = re.search(r"^\$ homeconsole (.*) \| kubectl apply -f -$", README.read_text("utf-8"), re.MULTILINE)
    assert found
    command = [sys.executable, "-m", "console", *found[1].split()]
    return subprocess.run(command, cwd=README.parent, capture_output=True, text=True, timeout=60, check=True).stdout


def apply_the_readme(server: RealServer, folder: Path) -> None:
    """The README's command, as it stands; tuppr's namespace is there before."""
    api = Api(server.target)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "system"}}
    assert api.post("/api/v1/namespaces", namespace).status in {201, 409}
    api.close()
    kubeconfig = folder / "kubeconfig-of-the-administrator"
    kubeconfig.write_text(server.kubeconfig("admin", {"token": server.target.admin}))
    subprocess.run(
        [part("kubectl"), "apply", "-f", "-"],
        env={**os.environ, "HOME": str(folder), "KUBECONFIG": str(kubeconfig)},
        input=manifest(),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
