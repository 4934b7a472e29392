"""A cluster for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.sources.kubernetes import connect
from console.sources.kubernetes.cluster import KubernetesCluster
from tests.sources.kubernetes.home import Home, home


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Home]:
    """An embedded API server."""
    with home(tmp_path) as running:
        yield running


@pytest.fixture
def cluster(server: Home) -> Iterator[KubernetesCluster]:
    """The console's way to it."""
    connected = connect(server.kubeconfig, None)
    yield connected
    connected.close()
