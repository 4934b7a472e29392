"""Every contract test takes ``api``: raw requests to a server. Which server is decided here, and nowhere else.

The embedded one always, and with ``-m live`` a real one.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.demo.api.target import Api, Embedded, Target, unique

if TYPE_CHECKING:
    from tests.live.apiserver import RealServer


@pytest.fixture
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    server = Embedded(tmp_path_factory.mktemp("api"))
    yield server
    server.close()


REAL = pytest.param("real", marks=[pytest.mark.live, pytest.mark.xdist_group("kubernetes")])


@pytest.fixture(params=["embedded", REAL])
def target(request: pytest.FixtureRequest) -> Target:
    server: Embedded | RealServer = request.getfixturevalue(request.param)
    return server.target


@pytest.fixture
def api(target: Target) -> Iterator[Api]:
    requests = Api(target)
    yield requests
    requests.close()


@pytest.fixture
def viewer(target: Target) -> Iterator[Api]:
    requests = Api(target, target.viewer)
    yield requests
    requests.close()


@pytest.fixture
def namespace(api: Api) -> str:
    name = unique("ns")
    api.made("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


@pytest.fixture
def configs(namespace: str) -> str:
    """The path of ConfigMaps in a namespace of its own."""
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def pods(namespace: str) -> str:
    """The path of Pods in a namespace of its own."""
    return f"/api/v1/namespaces/{namespace}/pods"
