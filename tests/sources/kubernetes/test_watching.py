"""One stream in detail: bytes cut anywhere, bookmarks, errors in the stream, kinds that come later, a dead peer."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from urllib3.exceptions import HTTPError

from console.model.flux_kinds import KINDS as BY_KIND
from console.model.snapshot import Topic
from console.sources.errors import CLOSED, SourceError
from console.sources.kubernetes import faults
from console.sources.kubernetes.cluster import KubernetesCluster
from console.sources.kubernetes.grip import Grip, pools
from console.sources.kubernetes.watching import batches_of, events_of
from console.sources.stop import Stop
from tests.model.flux_objects import made, ready
from tests.sources.kubernetes.home import Home
from tests.sources.kubernetes.observer import observing
from tests.sources.kubernetes.test_topics import KINDS, ks, source

EVENTS = [("ADDED", {"n": 1}), ("MODIFIED", {"n": "zwölf\u2028"}), ("DELETED", {"n": 3})]
LINES = b"".join(json.dumps({"type": kind, "object": item}).encode() + b"\n" for kind, item in EVENTS)


def chunks(*sizes: int, data: bytes = LINES) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    if at < len(data):
        yield data[at:]


class TestLines:
    @pytest.mark.parametrize("at", range(1, len(LINES)))
    def test_cut_into_two_chunks_anywhere_they_are_the_same(self, at: int) -> None:
        assert [event for batch in batches_of(chunks(at)) for event in batch] == EVENTS

    def test_all_lines_of_a_chunk_come_together(self) -> None:
        assert list(batches_of(chunks())) == [EVENTS]

    @pytest.mark.parametrize("end", range(0, len(LINES), 3))
    def test_what_a_cut_connection_leaves_unfinished_is_dropped(self, end: int) -> None:
        whole = LINES[:end].count(b"\n")
        assert [event for batch in batches_of(chunks(data=LINES[:end])) for event in batch] == EVENTS[:whole]

    @pytest.mark.parametrize(
        "line", [b"garbage", b"[]", b'"x"', b'{"type": 1}', b'{"type": "ADDED", "object": []}', b"[" * 9999]
    )
    def test_that_are_no_events_are_told_as_such(self, line: bytes) -> None:
        ((kind, _),) = next(batches_of(iter([line + b"\n"])))
        assert kind == "MALFORMED"

    def test_blank_lines_are_nothing(self) -> None:
        assert list(batches_of(iter([b"\n\n", LINES, b"\n"]))) == [EVENTS]

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ({"code": 410, "reason": "Expired"}, "gone"),
            ({"code": 410}, "gone"),
            ({"reason": "Expired"}, "gone"),
            ({"code": 429, "details": {"retryAfterSeconds": 3}}, "busy"),
            ({"code": 500, "message": "etcdserver: no leader"}, "server-error"),
            ({}, "server-error"),
        ],
    )
    def test_an_error_in_the_stream_is_raised(self, status: dict[str, Any], kind: str) -> None:
        line = json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"
        with pytest.raises(SourceError) as caught:
            list(events_of(iter([line])))
        assert caught.value.kind == kind

    def test_a_busy_server_says_for_how_long(self) -> None:
        error = faults.answered(429, b"{}", {"retry-after": "7"}, "list nodes")
        assert isinstance(error, faults.Busy)
        assert error.pause == 7

    def test_an_absurd_pause_is_bounded(self) -> None:
        error = faults.answered(429, b"{}", {"retry-after": "999999"}, "list nodes")
        assert isinstance(error, faults.Busy)
        assert error.pause == faults.LONGEST_PAUSE


@pytest.mark.parametrize("after", [0, 1, 2, 17, 200, 1000, 5000])
def test_a_list_that_breaks_off_is_no_list(server: Home, cluster: KubernetesCluster, after: int) -> None:
    server.create(*(ks(f"app-{n}") for n in range(20)))
    server.does(server.faults.answer, 422, 1000, path="sendInitialEvents")
    server.does(server.faults.drop, after, 2, path="kustomizations?limit")
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.sees(lambda: bool(observer.items(Topic.FLUX)))
        assert len(observer.items(Topic.FLUX)) == 20
        observer.live(Topic.FLUX)


def definition(kind: str) -> dict[str, Any]:
    """A CRD, as far as it matters here."""
    known = BY_KIND[kind]
    names = {"plural": known.plural, "kind": kind}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{known.plural}.{known.group}"},
        "spec": {
            "group": known.group,
            "names": names,
            "scope": "Namespaced",
            "versions": [{"name": known.version, "served": True, "storage": True}],
        },
    }


def test_a_kind_that_comes_later_is_found(server: Home, cluster: KubernetesCluster) -> None:
    """Discovery knows nothing of Flux at first; a CRD tells that there is more."""
    server.create(ks("web"), made("HelmRelease", "hr", "apps", ready()))
    server.does(server.faults.garble, '{"groups": []}', 1, path="/apis")
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.live(Topic.FLUX)
        assert observer.items(Topic.FLUX) == {}
        server.create(definition("Kustomization"))
        observer.sees(lambda: observer.names(Topic.FLUX) == {"web", "hr"})


def test_a_definition_whose_kind_is_not_served_yet_is_asked_for_again(server: Home, cluster: KubernetesCluster) -> None:
    server.create(ks("web"), *(definition(kind) for kind in BY_KIND))
    server.does(server.faults.garble, '{"groups": []}', 2, path="/apis")
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.sees(lambda: observer.names(Topic.FLUX) == {"web"})
        observer.live(Topic.FLUX)


def test_older_discovery_finds_all_kinds_too(server: Home, cluster: KubernetesCluster) -> None:
    groups = [
        {"name": group, "versions": [{"groupVersion": f"{group}/{version}", "version": version}]}
        for group, version in (
            ("kustomize.toolkit.fluxcd.io", "v1"),
            ("helm.toolkit.fluxcd.io", "v2"),
            ("gone.io", "v1"),
        )
    ]
    server.create(ks("web"), made("HelmRelease", "hr", "apps", ready()))
    server.does(server.faults.garble, json.dumps({"groups": groups}), 1, path="/apis")
    found = cluster._catalogue.read()
    assert {resource.kind for resource in found} == {"Kustomization", "HelmRelease"}


def test_streams_are_as_many_as_kinds(server: Home, cluster: KubernetesCluster) -> None:
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.live(Topic.FLUX)
        streams = [line for line in server.requests if "watch=1" in line and "customresource" not in line]
        assert len(streams) == KINDS
        assert all("allowWatchBookmarks=true" in line for line in streams)


class TestGrip:
    def test_a_connect_that_hangs_can_be_cut(self) -> None:
        """A server whose queue is full answers no further connect."""
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            port = full.getsockname()[1]
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            stop, began = Stop(), threading.Event()
            ended: list[BaseException] = []

            class Noted(Grip):
                def check(self) -> None:
                    began.set()
                    super().check()

            grip = Noted()

            def connect() -> None:
                pool = pools(grip)["http"]("127.0.0.1", port)
                try:
                    with grip.under(stop):
                        pool.request("GET", "/", retries=False, timeout=60)
                except HTTPError as error:
                    ended.append(error)

            thread = threading.Thread(target=connect)
            thread.start()
            assert began.wait(60)
            stop.set()
            thread.join(60)
            assert not thread.is_alive()
            assert ended
            for filler in fillers:
                filler.close()

    def test_keep_alive_is_on(self, server: Home, cluster: KubernetesCluster) -> None:
        """A node that loses its power says nothing; the kernel finds out."""
        server.create(ks("web"))
        cluster.objects("kustomize.toolkit.fluxcd.io/v1", "Kustomization")
        sockets = list(cluster._transport._grip._all)
        assert sockets
        assert all(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) for sock in sockets if sock.fileno() != -1)


def test_closing_the_cluster_ends_its_sources_calls(server: Home, cluster: KubernetesCluster) -> None:
    server.create(ks("web"))
    seen = cluster.follow("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "web", "apps", timeout=60, stop=Stop())
    next(seen)
    cluster.close()
    with pytest.raises(SourceError) as caught:
        list(seen)
    assert caught.value.kind == CLOSED
