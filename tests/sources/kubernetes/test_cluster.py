"""What operations ask of a cluster."""

import contextlib
from typing import Any

import pytest

from console.model.flux import FluxKey
from console.sources.errors import Refused, SourceError, Unreachable
from console.sources.kubernetes.cluster import KubernetesCluster
from console.sources.stop import Stop
from tests.model.flux_objects import made, ready
from tests.sources.kubernetes.home import Home

KS = "kustomize.toolkit.fluxcd.io/v1"


def test_gets_an_object(server: Home, cluster: KubernetesCluster) -> None:
    server.create(made("Kustomization", "web", "apps", ready()))
    found = cluster.get(KS, "Kustomization", "web", "apps")
    assert (found["kind"], found["metadata"]["name"]) == ("Kustomization", "web")


def test_gets_it_in_the_version_that_is_served(server: Home, cluster: KubernetesCluster) -> None:
    server.create(made("Kustomization", "web", "apps", ready()))
    found = cluster.get("kustomize.toolkit.fluxcd.io/v1beta2", "Kustomization", "web", "apps")
    assert found["apiVersion"] == KS


def test_says_when_there_is_none(cluster: KubernetesCluster) -> None:
    with pytest.raises(Refused) as caught:
        cluster.get(KS, "Kustomization", "web", "apps")
    assert caught.value.kind == "not-found"


def test_says_when_there_is_no_such_kind(cluster: KubernetesCluster) -> None:
    with pytest.raises(Refused) as caught:
        cluster.get("example.com/v1", "Unicorn", "u", "apps")
    assert caught.value.kind == "not-served"


def test_lists_in_pages_and_by_selectors(
    server: Home, cluster: KubernetesCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.sources.kubernetes.cluster._PAGE", "3")
    server.create(*(made("Kustomization", f"app-{n}", "apps", labels={"odd": str(n % 2)}) for n in range(8)))
    server.create(made("Kustomization", "other", "elsewhere"))
    assert len(cluster.objects(KS, "Kustomization")) == 9
    assert len(cluster.objects(KS, "Kustomization", "apps")) == 8
    assert len(cluster.objects(KS, "Kustomization", labels="odd=1")) == 4
    assert len(cluster.objects(KS, "Kustomization", fields="metadata.name=app-3")) == 1
    assert any("continue=" in line for line in server.requests)


def test_core_objects_say_what_they_are(server: Home, cluster: KubernetesCluster) -> None:
    server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}})
    (found,) = cluster.objects("v1", "Namespace", fields="metadata.name=apps")
    assert (found["apiVersion"], found["kind"]) == ("v1", "Namespace")


def test_patches_by_merging(server: Home, cluster: KubernetesCluster) -> None:
    server.create(made("Kustomization", "web", "apps", annotations={"keep": "1", "drop": "2"}))
    patch: dict[str, Any] = {"metadata": {"annotations": {"drop": None, "new": "3"}}}
    found = cluster.patch(KS, "Kustomization", "web", "apps", patch)
    assert found["metadata"]["annotations"] == {"keep": "1", "new": "3"}


def test_knows_what_is_allowed(server: Home, cluster: KubernetesCluster) -> None:
    server.server.access.authorize = lambda user, verb, *rest: verb != "patch" and bool(user) and bool(rest)
    assert cluster.allowed("get", "kustomize.toolkit.fluxcd.io", "kustomizations", "apps")
    assert not cluster.allowed("patch", "kustomize.toolkit.fluxcd.io", "kustomizations", "apps", "web")


def test_events_are_those_of_the_object_newest_first(server: Home, cluster: KubernetesCluster) -> None:
    def event(name: str, about: str, **times: Any) -> dict[str, Any]:
        involved = {"kind": "Kustomization", "name": about, "namespace": "apps"}
        named = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "apps"}}
        return named | {"involvedObject": involved, "reason": name, "type": "Normal"} | times

    server.create(
        event("old", "web", lastTimestamp="2026-11-20T10:00:00Z"),
        event(
            "new", "web", lastTimestamp="2026-11-20T10:00:00Z", series={"lastObservedTime": "2026-11-22T10:00:00.5Z"}
        ),
        event("middle", "web", eventTime="2026-11-21T10:00:00.000000Z"),
        event("foreign", "db", lastTimestamp="2026-11-22T10:00:00Z"),
    )
    found = cluster.events(FluxKey("Kustomization", "apps", "web"))
    assert [item["reason"] for item in found] == ["new", "middle", "old"]


class TestFollowing:
    def test_gives_the_object_and_each_change(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(made("Kustomization", "web", "apps"), made("Kustomization", "db", "apps"))
        stop = Stop()
        seen = cluster.follow(KS, "Kustomization", "web", "apps", timeout=10, stop=stop)
        first = next(seen)
        server.patch("Kustomization", "db", "apps", {"spec": {"path": "other"}})
        server.patch("Kustomization", "web", "apps", {"spec": {"path": "mine"}})
        second = next(seen)
        assert isinstance(first, dict)
        assert isinstance(second, dict)
        assert "path" not in first["spec"]
        assert second["spec"]["path"] == "mine"
        stop.set()
        assert list(seen) == []

    def test_bears_a_server_that_goes_and_comes_back(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(made("Kustomization", "web", "apps"))
        seen = cluster.follow(KS, "Kustomization", "web", "apps", timeout=20, stop=Stop())
        next(seen)
        server.down()
        away = next(seen)
        assert isinstance(away, Unreachable)
        server.patch("Kustomization", "web", "apps", {"spec": {"path": "meanwhile"}})
        server.up()
        back = next(item for item in seen if not isinstance(item, SourceError))
        assert back["spec"]["path"] == "meanwhile"

    def test_bears_connections_that_are_cut(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(made("Kustomization", "web", "apps"))
        seen = cluster.follow(KS, "Kustomization", "web", "apps", timeout=20, stop=Stop())
        next(seen)
        server.does(server.faults.drop, 1, 3, path="fieldSelector")
        server.patch("Kustomization", "web", "apps", {"spec": {"path": "new"}})
        found = next(item for item in seen if not isinstance(item, SourceError) and item["spec"].get("path"))
        assert found["spec"]["path"] == "new"

    @pytest.mark.parametrize("answer", [410, 200])
    def test_a_watch_that_ends_at_once_is_opened_again_after_a_pause(
        self, server: Home, cluster: KubernetesCluster, answer: int
    ) -> None:
        server.create(made("Kustomization", "web", "apps"))
        if answer == 410:
            server.does(server.faults.answer, 410, 10_000, path="watch=1")
        else:
            server.does(server.faults.garble, "", 10_000, path="watch=1")
        before = len(server.requests)
        list(cluster.follow(KS, "Kustomization", "web", "apps", timeout=1.5, stop=Stop()))
        assert 2 < len(server.requests) - before < 15

    def test_ends_at_its_deadline(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(made("Kustomization", "web", "apps"))
        assert len(list(cluster.follow(KS, "Kustomization", "web", "apps", timeout=0.3, stop=Stop()))) == 1

    def test_ends_when_the_object_is_gone(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(made("Kustomization", "web", "apps"))
        seen = cluster.follow(KS, "Kustomization", "web", "apps", timeout=10, stop=Stop())
        next(seen)
        server.delete("Kustomization", "web", "apps")
        with pytest.raises(Refused) as caught:
            next(seen)
        assert caught.value.kind == "not-found"


@pytest.mark.parametrize("name", ["../../../../v1/secrets", "a?watch=1", "a#b", "a%2fb", "ä", ".."])
def test_a_name_from_outside_stays_one_part_of_the_path(server: Home, cluster: KubernetesCluster, name: str) -> None:
    """``sourceRef.name`` and the like are texts that anyone may have written."""
    with contextlib.suppress(Refused):
        cluster.get(KS, "Kustomization", name, "apps")
    with contextlib.suppress(Refused):
        cluster.logs(name, name, lines=1, stop=Stop())
    asked = [line for line in server.requests if line.startswith("GET ") and line != "GET /apis"]
    within = ("GET /apis/kustomize.toolkit.fluxcd.io/v1/namespaces/apps/kustomizations/", "GET /api/v1/namespaces/")
    assert all(line.startswith(within) for line in asked), asked
    paths = [line.partition("?")[0].split("/") for line in asked]
    assert all(len(path) in {8, 9} and ".." not in path for path in paths), asked
