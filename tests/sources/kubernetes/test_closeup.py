"""What is asked of the cluster when one object is looked at closely."""

from typing import Any

import pytest

from console.model.flux import FluxKey
from console.sources.errors import Forbidden, Refused, SourceError, Unreachable
from console.sources.kubernetes.cluster import KubernetesCluster
from console.sources.stop import Stop
from tests.model.flux_objects import made, ready
from tests.sources.kubernetes.home import Home

WEB = FluxKey("Kustomization", "apps", "web")


def event(name: str, about: str = "web") -> dict[str, Any]:
    involved = {"kind": "Kustomization", "name": about, "namespace": "apps"}
    named = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "apps"}}
    return named | {"involvedObject": involved, "reason": name, "lastTimestamp": "2026-11-22T10:00:00Z"}


def reasons(found: list[dict[str, Any]] | SourceError) -> set[str]:
    assert not isinstance(found, SourceError)
    return {item["reason"] for item in found}


class TestMetadata:
    def test_alone_is_given(self, server: Home, cluster: KubernetesCluster) -> None:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "apps"}}
        server.create(secret | {"data": {"password": "aHVudGVyMg=="}})
        found = cluster.metadata("v1", "Secret", "s", "apps")
        assert set(found) == {"apiVersion", "kind", "metadata"}
        assert (found["kind"], found["metadata"]["name"]) == ("Secret", "s")


class TestNamesOfKinds:
    @pytest.mark.parametrize(
        ("name", "served"),
        [
            ("pod", ("v1", "Pod")),
            ("Pods", ("v1", "Pod")),
            ("event", ("v1", "Event")),
            ("deployments", ("apps/v1", "Deployment")),
            ("helmrelease", ("helm.toolkit.fluxcd.io/v2", "HelmRelease")),
        ],
    )
    def test_in_any_case_and_in_the_plural(
        self, cluster: KubernetesCluster, name: str, served: tuple[str, str]
    ) -> None:
        assert cluster.served(name) == served

    def test_that_nobody_serves(self, cluster: KubernetesCluster) -> None:
        with pytest.raises(Refused) as caught:
            cluster.served("unicorn")
        assert caught.value.kind == "not-served"

    def test_of_the_core_are_asked_for_once(self, server: Home, cluster: KubernetesCluster) -> None:
        for _ in range(3):
            cluster.served("pod")
            cluster.objects("v1", "ConfigMap")
        assert server.requests.count("GET /api/v1") == 1


class TestHappenings:
    def test_come_as_they_happen(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(made("Kustomization", "web", "apps", ready()), event("one"), event("foreign", "db"))
        stop = Stop()
        seen = cluster.happenings(WEB, timeout=20, stop=stop)
        assert reasons(next(seen)) == {"one"}
        server.create(event("other", "db"), event("two"))
        assert reasons(next(seen)) == {"one", "two"}
        stop.set()
        assert list(seen) == []

    def test_that_expire_stay_while_they_are_looked_at(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(event("one"))
        seen = cluster.happenings(WEB, timeout=20, stop=Stop())
        next(seen)
        server.delete("Event", "one", "apps")
        server.create(event("two"))
        assert reasons(next(seen)) == {"one", "two"}

    def test_go_on_after_the_server_was_away(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(event("one"))
        seen = cluster.happenings(WEB, timeout=20, stop=Stop())
        next(seen)
        server.down()
        assert isinstance(next(seen), Unreachable)
        server.create(event("two"))
        server.up()
        back = next(item for item in seen if not isinstance(item, SourceError))
        assert reasons(back) == {"one", "two"}

    def test_go_on_where_the_server_has_forgotten(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(event("one"))
        seen = cluster.happenings(WEB, timeout=20, stop=Stop())
        next(seen)
        server.does(server.faults.answer, 410, 1, path="events?fieldSelector")
        server.does(server.faults.cut_watches)
        server.create(event("two"))
        assert reasons(next(item for item in seen if len(item) > 1)) == {"one", "two"}  # type: ignore[arg-type]

    def test_that_we_may_not_see_are_refused(self, server: Home, cluster: KubernetesCluster) -> None:
        server.server.access.authorize = lambda *asked: asked[3] != "events"
        with pytest.raises(Forbidden, match="list events"):
            next(cluster.happenings(WEB, timeout=20, stop=Stop()))


class TestLogs:
    def pod(self, server: Home, *containers: str) -> None:
        spec = {"containers": [{"name": name, "image": "x"} for name in containers]}
        server.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "apps"}, "spec": spec})

    def test_are_the_last_lines(self, server: Home, cluster: KubernetesCluster) -> None:
        self.pod(server, "app")
        server.server.logs = lambda *_: [f"2026-11-22T10:00:00Z line {n}" for n in range(9)]
        assert cluster.logs("p", "apps", lines=2) == ["line 7", "line 8"]

    def test_of_one_container_among_several(self, server: Home, cluster: KubernetesCluster) -> None:
        self.pod(server, "app", "mesh")
        server.server.logs = lambda _, container, __: [f"2026-11-22T10:00:00Z {container}"]
        assert cluster.logs("p", "apps", "mesh", lines=5) == ["mesh"]
        with pytest.raises(Refused, match="container name must be specified"):
            cluster.logs("p", "apps", lines=5)

    def test_that_we_may_not_read_name_the_right(self, server: Home, cluster: KubernetesCluster) -> None:
        self.pod(server, "app")
        server.server.access.authorize = lambda *asked: "log" not in asked and asked[3] != "pods/log"
        with pytest.raises(Forbidden, match="pods/log"):
            cluster.logs("p", "apps", lines=5)
