"""A watched cluster on its bad days: whatever happens to the connection, what is shown in the end is what there is."""

import pytest

from console.model.flux import Status
from console.model.snapshot import Life, Topic
from console.sources.kubernetes import connect
from console.sources.kubernetes.cluster import KubernetesCluster
from tests.model.flux_objects import Object, made, ready, unready
from tests.sources.kubernetes.home import Home
from tests.sources.kubernetes.observer import observing
from tests.sources.kubernetes.test_access import config, written
from tests.sources.kubernetes.test_topics import ks, source, status


@pytest.mark.parametrize("after", [0, 1, 9, 60, 200, 400, 640, 700, 900, 1300])
def test_a_stream_cut_at_any_byte_loses_nothing(server: Home, cluster: KubernetesCluster, after: int) -> None:
    """Within the first event, at its end, or in the next: what was cut is sent again, and nothing but it."""
    server.create(ks("web"), ks("still"))
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.live(Topic.FLUX)
        before = len(server.requests)
        server.does(server.faults.drop, after, 2, path="kustomizations?watch")
        server.does(server.faults.cut_watches)
        for conditions, word in (([unready("BuildFailed")], Status.FAILED), ([ready()], Status.READY)):
            server.status("Kustomization", "web", "apps", {"conditions": conditions, "observedGeneration": 1})
            server.create(ks(f"new-{word}"))
        observer.sees(lambda: len(observer.items(Topic.FLUX)) == 4)
        observer.sees(lambda: status(observer, "web") is Status.READY)
        observer.live(Topic.FLUX)
        again = [line for line in server.requests[before:] if "kustomizations" in line]
        assert not [line for line in again if "sendInitialEvents" in line]


@pytest.mark.parametrize("after", [0, 1, 100, 700, 2500])
def test_a_streamed_list_that_breaks_off_is_no_list(server: Home, cluster: KubernetesCluster, after: int) -> None:
    server.create(*(ks(f"app-{n}") for n in range(20)))
    server.does(server.faults.drop, after, 3, path="kustomizations?watch")
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.sees(lambda: bool(observer.items(Topic.FLUX)))
        assert len(observer.items(Topic.FLUX)) == 20
        observer.live(Topic.FLUX)


def test_a_token_that_is_renewed_while_it_watches(server: Home) -> None:
    """401 on every stream: the file is read again, and nothing is lost."""
    file = server.folder / "token"
    file.write_text(server.does(server.server.access.token, "admin"))
    cluster = connect(written(server, config(server, user={"tokenFile": "token"})), None)
    server.create(ks("web"))
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.live(Topic.FLUX)
        old = file.read_text()
        file.write_text(server.does(server.server.access.token, "admin"))
        server.does(server.server.access.revoke, old)
        server.does(server.faults.cut_watches)
        server.create(ks("new"))
        observer.sees(lambda: observer.names(Topic.FLUX) == {"web", "new"})
        observer.live(Topic.FLUX)
    cluster.close()


def test_a_token_that_is_refused_is_said_and_the_data_stay(server: Home) -> None:
    file = server.folder / "token"
    file.write_text(server.does(server.server.access.token, "admin"))
    cluster = connect(written(server, config(server, user={"tokenFile": "token"})), None)
    server.create(ks("web"))
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.live(Topic.FLUX)
        server.does(server.server.access.revoke, file.read_text())
        server.does(server.faults.cut_watches)
        observer.away(Topic.FLUX)
        problem = observer.freshness(Topic.FLUX).problem
        assert problem is not None
        assert problem.kind == "unauthorized"
        assert observer.freshness(Topic.FLUX).life is Life.STALE
        assert observer.names(Topic.FLUX) == {"web"}
    cluster.close()


def test_a_pause_that_the_server_asks_for_is_kept(server: Home, cluster: KubernetesCluster) -> None:
    server.create(ks("web"))
    server.does(server.faults.answer, 429, 1, retry_after=1, path="kustomizations")
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.away(Topic.FLUX)
        tries = [line for line in server.requests if "kustomizations" in line]
        assert len(tries) == 1  # it has not come back before the second was over
        observer.live(Topic.FLUX)
        assert observer.names(Topic.FLUX) == {"web"}


HUGE = "x" * 300_000
ODD: list[tuple[str, Object, Status]] = [
    ("no status", {"status": None}, Status.PENDING),
    ("no conditions", {"status": {}}, Status.PENDING),
    ("conditions of a wrong type", {"status": {"conditions": {"Ready": "True"}}}, Status.PENDING),
    ("a huge message", {"status": {"conditions": [unready("BuildFailed", HUGE)]}}, Status.FAILED),
    ("a spec of a wrong type", {"spec": {"suspend": "yes", "dependsOn": 7}, "status": {}}, Status.PENDING),
    ("times that are none", {"status": {"conditions": [ready(at="yesterday")]}}, Status.READY),
]


@pytest.mark.parametrize(("raw", "word"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_objects_are_shown_beside_the_others(
    server: Home, cluster: KubernetesCluster, raw: Object, word: Status
) -> None:
    base = made("Kustomization", "odd", "apps")
    whole = {key: value for key, value in (base | raw).items() if value is not None}
    server.create(ks("web"), whole)
    with observing(source(cluster, Topic.FLUX)) as observer:
        observer.live(Topic.FLUX)
        assert status(observer, "odd") is word
        assert status(observer, "web") is Status.READY
        shown = next(this for this in observer.items(Topic.FLUX).values() if this.key.name == "odd")
        assert len(shown.message) < 5000
