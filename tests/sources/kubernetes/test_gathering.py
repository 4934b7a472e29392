"""Many streams into one topic: what comes late, and what may not be read."""

from console.model.flux_projection import project
from console.model.snapshot import Life, Topic
from console.sources.errors import Forbidden, Unreachable
from console.sources.kubernetes.catalogue import Resource
from console.sources.kubernetes.gathering import Gathering
from console.store import Store

ONE = Resource("kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", namespaced=True)
OTHER = Resource("helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", namespaced=True)


def _read(*resources: Resource) -> tuple[Store, Gathering]:
    store = Store()
    gathering = Gathering(store, Topic.FLUX, project, lambda: None)
    gathering.expect(set(resources))
    for resource in resources:
        gathering.whole(resource, iter(()))
    return store, gathering


def test_the_last_word_of_a_watch_that_was_ended_is_not_heard() -> None:
    store, gathering = _read(ONE, OTHER)
    gathering.expect({ONE})
    gathering.lost(OTHER, Unreachable("reset"))
    gathering.current(ONE)
    assert store.table(Topic.FLUX).freshness.life is Life.LIVE
    gathering.lost(OTHER, Forbidden("may not"))
    assert store.table(Topic.FLUX).freshness.life is Life.LIVE
    assert store.table(Topic.FLUX).freshness.limits == ()


def test_a_kind_that_goes_takes_its_limit_with_it() -> None:
    store, gathering = _read(ONE, OTHER)
    gathering.lost(OTHER, Forbidden("may not"))
    assert [limit.message for limit in store.table(Topic.FLUX).freshness.limits] == ["may not"]
    gathering.expect({ONE})
    assert store.table(Topic.FLUX).freshness.limits == ()


def test_when_only_what_may_not_be_read_is_left_the_topic_is_not_fresh() -> None:
    store, gathering = _read(ONE, OTHER)
    gathering.lost(OTHER, Forbidden("may not"))
    gathering.expect({OTHER})
    assert store.table(Topic.FLUX).freshness.life is Life.STALE
