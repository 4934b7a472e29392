"""The sources against a real server over TLS: what they show, and what they make of its bad days."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from console.model.flux import FluxKey, Status
from console.model.nodes import DaemonSet, KubernetesNode
from console.model.snapshot import Life, Topic
from console.model.upgrades import TupprUpgrade
from console.sources.kubernetes.cluster import KubernetesCluster
from console.sources.ports import Source
from console.sources.stop import Stop
from console.store import Store
from tests.model.flux_objects import Object, made, ready, unready
from tests.sources.kubernetes.home import Home
from tests.sources.kubernetes.observer import Observer, observing
from tests.threads import ended

KINDS = 19  # of Flux, and thus watches


def source(cluster: KubernetesCluster, topic: Topic) -> Source:
    return next(source for source in cluster.sources() if topic in source.topics)


def ks(name: str, *conditions: Object, **more: Any) -> Object:
    return made("Kustomization", name, "apps", *(conditions or (ready(),)), **more)


def status(observer: Observer, name: str, kind: str = "Kustomization") -> Status | None:
    found = observer.items(Topic.FLUX).get(FluxKey(kind, "apps", name))
    return found.status if found else None


def said(observer: Observer) -> str:
    problem = observer.freshness(Topic.FLUX).problem
    return problem.message if problem else ""


class TestWhatTheyShow:
    def test_every_kind_of_flux(self, server: Home, cluster: KubernetesCluster) -> None:
        kinds = ["GitRepository", "HelmRelease", "Alert", "FluxInstance", "ArtifactGenerator", "ImagePolicy"]
        server.create(*(made(kind, f"one-{kind.lower()}", "apps", ready()) for kind in kinds))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            assert {key[0] for key in observer.items(Topic.FLUX)} == set(kinds)

    def test_changes_arrive(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"), ks("db"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            server.status("Kustomization", "web", "apps", {"conditions": [unready("BuildFailed")]})
            observer.sees(lambda: status(observer, "web") is Status.FAILED)
            server.create(ks("new"))
            observer.sees(lambda: status(observer, "new") is Status.READY)
            server.delete("Kustomization", "db", "apps")
            observer.sees(lambda: "db" not in observer.names(Topic.FLUX))

    def test_a_whole_list_comes_at_once(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(
            *(ks(f"app-{n}") for n in range(40)), *(made("HelmRelease", f"hr-{n}", "apps") for n in range(40))
        )
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.sees(lambda: bool(observer.items(Topic.FLUX)))
            assert len(observer.items(Topic.FLUX)) == 80

    def test_nodes(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": "k8s-1",
                    "labels": {
                        "node-role.kubernetes.io/control-plane": "",
                        "tuppr.home-operations.com/upgrading": "true",
                    },
                },
                "spec": {
                    "unschedulable": True,
                    "taints": [{"key": "tuppr.home-operations.com/outdated", "effect": "PreferNoSchedule"}],
                },
                "status": {
                    "addresses": [
                        {"type": "Hostname", "address": "k8s-1"},
                        {"type": "InternalIP", "address": "10.0.0.11"},
                    ],
                    "conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}],
                    "nodeInfo": {"kubeletVersion": "v1.36.2", "osImage": "Talos (v1.13.7)"},
                },
            }
        )
        with observing(source(cluster, Topic.KUBERNETES)) as observer:
            observer.live(Topic.KUBERNETES)
            (node,) = observer.items(Topic.KUBERNETES).values()
            assert node == KubernetesNode(
                "k8s-1",
                "10.0.0.11",
                "v1.36.2",
                "Talos (v1.13.7)",
                ready=False,
                reason="NodeStatusUnknown",
                cordoned=True,
                control_plane=True,
                outdated=True,
                upgrading=True,
                created=node.created,
            )

    def test_the_network_alone_among_the_daemon_sets(self, server: Home, cluster: KubernetesCluster) -> None:
        for name, image in (("cilium", "quay.io/cilium/cilium:v1.18.2@sha256:ab"), ("promtail", "grafana/promtail:3")):
            server.create(
                {
                    "apiVersion": "apps/v1",
                    "kind": "DaemonSet",
                    "metadata": {"name": name, "namespace": "kube-system"},
                    "spec": {
                        "selector": {"matchLabels": {"a": name}},
                        "template": {
                            "metadata": {"labels": {"a": name}},
                            "spec": {"containers": [{"name": "a", "image": image}]},
                        },
                    },
                    "status": {"desiredNumberScheduled": 3, "numberReady": 2},
                }
            )
        with observing(source(cluster, Topic.WORKLOADS)) as observer:
            observer.live(Topic.WORKLOADS)
            assert list(observer.items(Topic.WORKLOADS).values()) == [
                DaemonSet("kube-system", "cilium", 3, 2, "1.18.2")
            ]

    def test_upgrades(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(
            {
                "apiVersion": "tuppr.home-operations.com/v1alpha1",
                "kind": "TalosUpgrade",
                "metadata": {"name": "talos", "annotations": {"tuppr.home-operations.com/suspend": "false"}},
                "spec": {"talos": {"version": "v1.13.8"}},
                "status": {
                    "phase": "Failed",
                    "failedNodes": [{"nodeName": "k8s-2", "lastError": "Node did not become ready"}],
                    "completedNodes": ["k8s-1"],
                    "conditions": [{"type": "Progressing", "status": "False", "reason": "Failed"}],
                },
            }
        )
        with observing(source(cluster, Topic.TUPPR)) as observer:
            observer.live(Topic.TUPPR)
            found = observer.items(Topic.TUPPR)["TalosUpgrade", "talos"]
            assert isinstance(found, TupprUpgrade)
            assert (found.target, found.phase, found.reason) == ("v1.13.8", "Failed", "Failed")
            assert found.suspended == "false"  # present, and so suspended, whatever it says
            assert [(node.name, node.error) for node in found.failed_nodes] == [("k8s-2", "Node did not become ready")]

    def test_a_topic_without_objects_is_live_and_empty(self, cluster: KubernetesCluster) -> None:
        with observing(*cluster.sources()) as observer:
            for topic in (Topic.FLUX, Topic.KUBERNETES, Topic.WORKLOADS, Topic.TUPPR):
                observer.live(topic)
                assert observer.items(topic) == {}


class TestQuiet:
    def test_nothing_is_asked_while_nothing_happens(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        with observing(*cluster.sources()) as observer:
            for topic in (Topic.FLUX, Topic.KUBERNETES, Topic.WORKLOADS, Topic.TUPPR):
                observer.live(topic)
            # Two more for the CRDs, which tell Flux' and tuppr's sources of new kinds.
            wanted = KINDS + 2 + 1 + 1 + 2
            for n in range(100):
                server.create(ks(f"app-{n}"))
                observer.sees(lambda name=f"app-{n}": status(observer, name) is Status.READY)  # type: ignore[misc]
                if server.faults.watches == wanted:
                    break
            before = [line for line in server.requests if "watch=" in line]
            server.create(ks("last"))
            observer.sees(lambda: status(observer, "last") is Status.READY)
            watches = [line for line in server.requests if "watch=" in line]
            assert len(watches) == len(before) == wanted == server.faults.watches
            assert all(line.endswith("/apis") for line in server.requests if line not in watches)

    def test_a_stream_that_ends_is_opened_again_without_a_list(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            before = len(server.requests)
            server.does(server.faults.end_watches)
            server.status("Kustomization", "web", "apps", {"conditions": [unready("BuildFailed")]})
            observer.sees(lambda: status(observer, "web") is Status.FAILED)
            again = [line for line in server.requests[before:] if "kustomizations" in line]
            assert again
            assert all("resourceVersion=" in line and "sendInitialEvents" not in line for line in again)
            assert observer.lives[Topic.FLUX] == [Life.LIVE]


class TestBadDays:
    def test_the_server_goes_and_comes_back(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"), ks("gone"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            server.down()
            observer.away(Topic.FLUX)
            observer.sees(lambda: "refuses connections" in said(observer))
            assert observer.names(Topic.FLUX) == {"web", "gone"}
            server.status("Kustomization", "web", "apps", {"conditions": [unready("BuildFailed")]})
            server.delete("Kustomization", "gone", "apps")
            server.up()
            observer.live(Topic.FLUX)
            observer.sees(lambda: status(observer, "web") is Status.FAILED)
            observer.sees(lambda: observer.names(Topic.FLUX) == {"web"})

    def test_nothing_passes_for_fresh_while_a_part_is_away(self, server: Home, cluster: KubernetesCluster) -> None:
        """The way to one kind is cut: what the others bring waits until all are whole."""
        server.create(ks("web"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            server.does(server.faults.answer, 429, 10_000, retry_after=1, path="helmreleases")
            server.does(server.faults.cut_watches)
            observer.away(Topic.FLUX)
            server.create(ks("new"))
            server.does(server.faults.release)
            observer.live(Topic.FLUX)
            observer.sees(lambda: observer.names(Topic.FLUX) == {"web", "new"})
            assert observer.lives[Topic.FLUX] == [Life.LIVE, Life.STALE, Life.LIVE]

    def test_it_was_never_there(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        server.down()
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.away(Topic.FLUX)
            assert observer.freshness(Topic.FLUX).life is Life.FAILED
            server.up()
            observer.live(Topic.FLUX)
            assert observer.names(Topic.FLUX) == {"web"}

    def test_connections_are_reset(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            before = len(server.requests)
            server.does(server.faults.cut_watches)
            server.status("Kustomization", "web", "apps", {"conditions": [unready("BuildFailed")]})
            observer.sees(lambda: status(observer, "web") is Status.FAILED)
            again = [line for line in server.requests[before:] if "kustomizations" in line]
            assert not any("sendInitialEvents" in line for line in again)
            assert Life.STALE not in observer.lives[Topic.FLUX]

    def test_the_server_has_forgotten(self, server: Home, cluster: KubernetesCluster) -> None:
        """410: what was missed is found by asking for everything, and what is gone goes."""
        server.create(ks("web"), ks("gone"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            server.down()
            observer.away(Topic.FLUX)
            server.delete("Kustomization", "gone", "apps")
            server.create(ks("new"))
            server.does(server.store.compact)
            server.up()
            observer.sees(lambda: observer.names(Topic.FLUX) == {"web", "new"})
            observer.live(Topic.FLUX)

    def test_410_as_an_http_answer(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            server.does(server.faults.answer, 410, 1, path="kustomizations")
            server.does(server.faults.cut_watches)
            server.create(ks("new"))
            observer.sees(lambda: observer.names(Topic.FLUX) == {"web", "new"})
            observer.live(Topic.FLUX)

    def test_too_many_requests(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        server.does(server.faults.answer, 429, 2, retry_after=0, path="kustomizations")
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            assert observer.names(Topic.FLUX) == {"web"}

    def test_a_server_that_does_not_stream_lists(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(*(ks(f"app-{n}") for n in range(7)))
        server.does(server.faults.answer, 422, 1000, path="sendInitialEvents")
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            assert len(observer.names(Topic.FLUX)) == 7
            assert any("kustomizations?limit=" in line for line in server.requests)
            server.create(ks("new"))
            observer.sees(lambda: status(observer, "new") is Status.READY)

    def test_a_kind_that_is_always_answered_with_an_error(self, server: Home, cluster: KubernetesCluster) -> None:
        """A broken conversion webhook: the other kinds are shown, and the trouble is named."""
        server.create(ks("web"), made("HelmRelease", "hr", "apps", ready()))
        server.does(server.faults.answer, 500, 10_000, path="helmreleases")
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.sees(lambda: "web" in observer.names(Topic.FLUX))
            observer.away(Topic.FLUX)
            problem = observer.freshness(Topic.FLUX).problem
            assert problem is not None
            assert "helmreleases" in problem.message
            server.does(server.faults.release)
            observer.live(Topic.FLUX)
            assert observer.names(Topic.FLUX) == {"web", "hr"}

    def test_garbage(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        server.does(server.faults.garble, "<html>hello</html>\n" * 3, 3, path="kustomizations")
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            assert observer.names(Topic.FLUX) == {"web"}

    def test_objects_of_no_known_shape(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        odd = {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "odd", "namespace": "apps"},
        }
        server.create(odd | {"spec": {"dependsOn": "no", "interval": 7}, "status": {"conditions": [{"type": "Ready"}]}})
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            assert status(observer, "odd", "HelmRelease") is Status.PENDING

    def test_an_unknown_error_in_a_thread_is_not_swallowed(
        self, server: Home, cluster: KubernetesCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.create(ks("web"))
        flux = source(cluster, Topic.FLUX)
        monkeypatch.setattr(flux, "_project", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            flux.run(Store(), Stop())


def all_but(resource: str) -> Callable[..., bool]:
    """Who may do everything, but nothing with one resource."""
    return lambda *asked: asked[3] != resource


class TestRights:
    def test_a_kind_that_we_may_not_read_costs_only_itself(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        server.server.access.authorize = all_but("receivers")
        with observing(source(cluster, Topic.FLUX)) as observer:
            observer.live(Topic.FLUX)
            assert observer.names(Topic.FLUX) == {"web"}
            (limit,) = observer.freshness(Topic.FLUX).limits
            assert "watch receivers.notification.toolkit.fluxcd.io" in limit.message

    def test_a_kind_that_we_may_read_at_last_is_no_limit(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        server.server.access.authorize = all_but("kustomizations")
        feed = source(cluster, Topic.FLUX)
        with observing(feed) as observer:
            observer.sees(lambda: len(observer.freshness(Topic.FLUX).limits) == 1)
            observer.live(Topic.FLUX)
            server.server.access.authorize = lambda *_: True
            feed.refresh()
            observer.sees(lambda: observer.freshness(Topic.FLUX).limits == ())
            observer.sees(lambda: observer.names(Topic.FLUX) == {"web"})

    def test_no_right_at_all_is_said(self, server: Home, cluster: KubernetesCluster) -> None:
        server.server.access.authorize = all_but("nodes")
        with observing(source(cluster, Topic.KUBERNETES)) as observer:
            observer.away(Topic.KUBERNETES)
            problem = observer.freshness(Topic.KUBERNETES).problem
            assert problem is not None
            assert (problem.kind, "watch nodes" in problem.message) == ("forbidden", True)
            assert observer.freshness(Topic.KUBERNETES).limits == ()

    def test_without_the_right_to_see_crds_all_else_works(self, server: Home, cluster: KubernetesCluster) -> None:
        server.create(ks("web"))
        server.server.access.authorize = all_but("customresourcedefinitions")
        with observing(source(cluster, Topic.FLUX), source(cluster, Topic.TUPPR)) as observer:
            observer.live(Topic.FLUX)
            observer.live(Topic.TUPPR)


def test_at_the_end_no_thread_is_left(server: Home, cluster: KubernetesCluster) -> None:
    before = set(threading.enumerate())
    with observing(*cluster.sources()) as observer:
        observer.live(Topic.FLUX)
        observer.live(Topic.TUPPR)
        assert set(threading.enumerate()) > before
    assert ended(before)
    server.does(lambda: None)


def test_a_server_that_hangs_does_not_hold_up_the_end(server: Home, cluster: KubernetesCluster) -> None:
    server.does(server.faults.hang, 1000)
    with observing(*cluster.sources()):
        pass
    server.does(server.faults.release)
