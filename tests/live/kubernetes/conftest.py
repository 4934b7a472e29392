"""The embedded cluster, and the same one on a real API server; the console's own account there, by the README."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.wiring.rights import MANIFEST
from tests.cli.conftest import Shell, environment
from tests.demo.api.target import APPLY, Api
from tests.live.apiserver import RealServer
from tests.live.kubernetes.twin import copied

_ACCOUNT = "/api/v1/namespaces/flux-system/serviceaccounts/homeconsole"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"


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
        apply_the_readme(api)
        api.close()
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

    kubeconfig: Path
    token_file: Path

    def renew(self, api: Api) -> None:
        """A new token."""
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 3600},
        }
        # As tools write it: with a newline.
        self.token_file.write_text(api.made(f"{_ACCOUNT}/token", request)["status"]["token"] + "\n")

    def make_anew(self, api: Api) -> None:
        """Tokens of the old account are refused from now on."""
        assert api("DELETE", _ACCOUNT).status == 200
        apply_the_readme(api)


@pytest.fixture
def account(twin: RealServer, admin: Api, tmp_path: Path) -> Account:
    made = Account(tmp_path / "kubeconfig-of-ours", tmp_path / "token")
    made.renew(admin)
    made.kubeconfig.write_text(twin.kubeconfig("homeconsole", {"tokenFile": str(made.token_file)}))
    return made


@pytest.fixture
def shell(demo: DemoThread, tmp_path: Path) -> Shell:
    """Plain commands, on the embedded cluster unless told otherwise."""
    home, folder = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    folder.mkdir()
    return Shell(folder, environment(home, demo))


def manifest() -> list[dict[str, Any]]:
    """The documents that the README tells to apply: ``homeconsole manifests rights`` prints them."""
    return list(yaml.safe_load_all(MANIFEST.read_text("utf-8")))


def apply_the_readme(api: Api) -> None:
    """As ``kubectl apply --server-side`` does, with nothing left out; tuppr's namespace is there before."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "system"}}
    assert api.post("/api/v1/namespaces", namespace).status in {201, 409}
    for document in manifest():
        metadata, kind = document["metadata"], document["kind"]
        base = "/api/v1" if kind == "ServiceAccount" else _RBAC
        within = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
        where = f"{base}{within}/{kind.lower()}s/{metadata['name']}"
        body = json.dumps(document).encode()
        answer = api("PATCH", where, body, {"Content-Type": APPLY}, fieldManager="kubectl", fieldValidation="Strict")
        assert answer.status in {200, 201}, answer.body
