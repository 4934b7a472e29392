"""What ``status`` makes of a snapshot, without a cluster."""

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.snapshot import Topic
from console.plain import flux, status
from console.sources.errors import Forbidden, NotConfigured, SourceError
from console.store import Store
from tests.ui.desk import NOON, talos_node


def read(*but: Topic) -> Store:
    """A store in which every topic was read and holds nothing, all but some."""
    store = Store(lambda: NOON)
    for topic in set(Topic) - set(but):
        store.replace(topic, [])
    return store


def test_all_that_was_read_and_fails_nowhere_is_healthy() -> None:
    now = read().snapshot()
    assert status.healthy(now)
    assert "✔ all is well" in status.lines(now, "home")


@pytest.mark.parametrize("topic", status.TOPICS)
def test_what_may_not_be_read_is_not_healthy(topic: Topic) -> None:
    store = read(topic)
    store.failed(topic, Forbidden("may not"))
    now = store.snapshot()
    assert status.document(now, "home")["healthy"] is False
    assert "✔ all is well" not in status.lines(now, "home")
    assert (status.broken(now), status.unread(now)) == (False, True)


def test_what_was_read_and_can_not_be_any_more_is_unread_and_what_fails_beside_it_is_broken() -> None:
    store = read()
    store.replace(Topic.FLUX, [FluxObject(FluxKey("HelmRelease", "media", "plex"), "v2", Status.FAILED)])
    store.failed(Topic.TALOS, SourceError("The connection was reset"))
    assert (status.broken(store.snapshot()), status.unread(store.snapshot())) == (True, True)


@pytest.mark.parametrize("topic", status.TOPICS)
def test_what_did_not_answer_in_time_is_not_healthy(topic: Topic) -> None:
    now = read(topic).snapshot()
    assert status.document(now, "home")["healthy"] is False
    assert "✔ all is well" not in status.lines(now, "home")
    assert any("did not answer in time" in line for line in status.lines(now, "home"))


def test_versions_are_in_the_order_of_their_numbers() -> None:
    store = read()
    store.put(Topic.TALOS, [talos_node(name="a", talos="v1.9.5"), talos_node(name="b", talos="v1.13.7")])
    assert status.document(store.snapshot(), "home")["versions"]["talos"] == "v1.9.5…v1.13.7"


def test_what_may_be_read_in_part_only_is_named() -> None:
    store = read()
    store.limited(Topic.FLUX, (Forbidden("Not allowed to watch helmreleases", "Give the verb.").problem,))
    now = store.snapshot()
    told = {"kind": "forbidden", "message": "Not allowed to watch helmreleases", "hint": "Give the verb."}
    assert status.document(now, "home")["sources"]["flux"]["limits"] == [told]
    assert flux.document(now)["sources"]["flux"]["limits"] == [told]
    assert "✔ all is well" not in status.lines(now, "home")
    said = status.lines(now, "home")
    assert said[-3:] == ["in part: flux", "  Not allowed to watch helmreleases", "  Give the verb."]
    store.failed(Topic.FLUX, SourceError("The connection was reset"))
    said = status.lines(store.snapshot(), "home")
    assert {"unread: flux", "in part: flux"} <= set(said)


def test_what_has_one_cause_is_told_once_with_what_to_do_on_a_line_of_its_own() -> None:
    gone = NotConfigured("No kubeconfig was found", "Put one there.")
    store = read(Topic.FLUX, Topic.TUPPR)
    store.failed(Topic.FLUX, gone)
    store.failed(Topic.TUPPR, gone)
    told = status.lines(store.snapshot(), "home")
    assert told[-3:] == ["unread: tuppr, flux", "  No kubeconfig was found", "  Put one there."]


def test_of_what_nothing_is_known_no_state_is_told() -> None:
    assert status.document(Store(lambda: NOON).snapshot(), "home")["upgrades"] == {}
