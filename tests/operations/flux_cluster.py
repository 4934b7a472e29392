"""The embedded API server for the tests of Flux operations, and what a controller does in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.model.flux import FluxKey
from console.model.flux_kinds import REQUESTED_AT
from console.sources.kubernetes import connect
from console.sources.kubernetes.cluster import KubernetesCluster
from tests.sources.kubernetes.home import Home, home

Object = dict[str, Any]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def now() -> datetime:
    """A clock that stands still."""
    return NOW


class Site:
    """A server and the way to it; the test plays the controllers."""

    def __init__(self, server: Home, cluster: KubernetesCluster) -> None:
        self.server = server
        self.cluster = cluster

    def raw(self, key: FluxKey) -> Object:
        found = self.server.does(lambda: self.server.store.get(key.kind, key.name, key.namespace))
        assert found is not None
        return found

    def annotation(self, key: FluxKey, name: str = REQUESTED_AT) -> str:
        return str(self.raw(key)["metadata"].get("annotations", {}).get(name, ""))

    def status(self, key: FluxKey, *conditions: Object, handled: str = "") -> None:
        """What the controller writes at once: conditions, and the request that it has handled."""
        raw = self.raw(key)
        seen = {"conditions": list(conditions), "observedGeneration": raw["metadata"].get("generation", 1)}
        status = raw.get("status", {}) | seen
        if handled:
            status["lastHandledReconcileAt"] = handled
        self.server.status(key.kind, key.name, key.namespace, status)

    def finish(self, key: FluxKey, *conditions: Object) -> None:
        """The end of a pass."""
        self.status(key, *conditions, handled=self.annotation(key))


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A server without any controllers."""
    with home(folder) as server:
        cluster = connect(server.kubeconfig, None)
        try:
            yield Site(server, cluster)
        finally:
            cluster.close()
