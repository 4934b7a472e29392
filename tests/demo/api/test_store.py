"""The store as controllers use it: synchronous, on one loop."""

from datetime import UTC, datetime
from typing import Any

import pytest

from console.demo.api.definitions import definitions
from console.demo.api.errors import ApiError
from console.demo.api.kinds import KINDS, named
from console.demo.api.store import ObjectStore

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def store() -> ObjectStore:
    return ObjectStore(lambda: NOW, memory=50)


def kustomization(name: str = "app", **spec: Any) -> dict[str, Any]:
    return {"kind": "Kustomization", "metadata": {"name": name, "namespace": "flux-system"}, "spec": spec}


def get(store: ObjectStore, name: str = "app") -> dict[str, Any]:
    found = store.get("Kustomization", name, "flux-system")
    assert found is not None
    return found


def test_apply_creates_then_changes_only_what_it_says(store: ObjectStore) -> None:
    first = store.apply(kustomization(path="./a", prune=True))
    store.patch("Kustomization", "app", "flux-system", {"metadata": {"annotations": {"by": "hand"}}})
    store.set_status("Kustomization", "app", "flux-system", {"observedGeneration": 1})
    second = store.apply(kustomization(path="./b"))
    assert second["spec"] == {"path": "./b"}
    assert second["metadata"]["annotations"] == {"by": "hand"}
    assert second["status"] == {"observedGeneration": 1}
    assert (first["metadata"]["generation"], second["metadata"]["generation"]) == (1, 2)
    assert first["metadata"]["uid"] == second["metadata"]["uid"]


def test_apply_takes_back_an_annotation_it_gave(store: ObjectStore) -> None:
    held = kustomization()
    held["metadata"]["annotations"] = {"hold": "yes"}
    store.apply(held)
    store.patch("Kustomization", "app", "flux-system", {"metadata": {"annotations": {"by": "hand"}}})
    assert store.apply(kustomization())["metadata"]["annotations"] == {"by": "hand"}


def test_writes_that_change_nothing_make_no_revision(store: ObjectStore) -> None:
    store.apply(kustomization(path="./a"))
    store.set_status("Kustomization", "app", "flux-system", {"x": 1})
    revision = store.revision
    store.apply(kustomization(path="./a"))
    store.set_status("Kustomization", "app", "flux-system", {"x": 1})
    store.patch("Kustomization", "app", "flux-system", {"spec": {"path": "./a"}})
    assert store.revision == revision


def test_what_was_handed_out_stays_as_it_was(store: ObjectStore) -> None:
    old = store.create(kustomization(path="./a"))
    store.patch("Kustomization", "app", "flux-system", {"spec": {"path": "./b"}, "metadata": {"labels": {"a": "b"}}})
    assert old["spec"] == {"path": "./a"}
    assert "labels" not in old["metadata"]


def test_an_object_can_be_older_than_the_store(store: ObjectStore) -> None:
    born = datetime(2025, 1, 1, tzinfo=UTC)
    assert store.create(kustomization(), created=born)["metadata"]["creationTimestamp"] == "2025-01-01T00:00:00Z"


def test_lists_are_in_order_and_by_label(store: ObjectStore) -> None:
    for name in ("b", "a"):
        obj = kustomization(name)
        obj["metadata"]["labels"] = {"name": name, "all": "1"}
        store.create(obj)
    assert [o["metadata"]["name"] for o in store.list("Kustomization")] == ["a", "b"]
    assert [o["metadata"]["name"] for o in store.list("Kustomization", labels={"name": "b", "all": "1"})] == ["b"]
    assert store.list("Kustomization", "elsewhere") == []


def test_admission_sees_writes_and_may_refuse(store: ObjectStore) -> None:
    seen: list[tuple[str, bool, bool]] = []

    def admit(operation: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        seen.append((operation, old is not None, new is not None))
        if operation == "UPDATE":
            raise ApiError(403, "Forbidden", "cannot update spec while upgrade is in progress")

    store.admission.append(admit)
    store.create(kustomization(path="./a"))
    with pytest.raises(ApiError, match="while upgrade is in progress"):
        store.apply(kustomization(path="./b"))
    assert get(store)["spec"] == {"path": "./a"}
    store.set_status("Kustomization", "app", "flux-system", {"x": 1})
    store.apply(kustomization(path="./a"))
    store.delete("Kustomization", "app", "flux-system")
    assert seen == [("CREATE", False, True), ("UPDATE", True, True), ("DELETE", True, False)]


def test_finalizers_hold_a_deletion(store: ObjectStore) -> None:
    held = kustomization()
    held["metadata"]["finalizers"] = ["finalizers.fluxcd.io"]
    store.create(held)
    store.delete("Kustomization", "app", "flux-system")
    assert get(store)["metadata"]["deletionTimestamp"] == "2026-03-01T12:00:00Z"
    store.patch("Kustomization", "app", "flux-system", {"metadata": {"finalizers": None}})
    assert store.get("Kustomization", "app", "flux-system") is None


async def test_a_subscription_gets_every_change_of_its_kinds_in_order(store: ObjectStore) -> None:
    listening = store.watch({"Kustomization"})
    store.create(kustomization(path="./a"))
    store.create({"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}})
    store.patch("Kustomization", "app", "flux-system", {"spec": {"path": "./b"}})
    store.delete("Kustomization", "app", "flux-system")
    got = [await anext(listening) for _ in range(3)]
    assert [(kind, obj["spec"]["path"]) for kind, obj in got] == [
        ("ADDED", "./a"),
        ("MODIFIED", "./b"),
        ("DELETED", "./b"),
    ]
    revisions = [int(obj["metadata"]["resourceVersion"]) for _, obj in got]
    assert revisions == sorted(set(revisions))
    listening.close()
    assert [event async for event in listening] == []


def test_the_past_can_be_read_until_it_is_forgotten(store: ObjectStore) -> None:
    store.create(kustomization("a"))
    then = store.revision
    store.create(kustomization("b"))
    store.delete("Kustomization", "a", "flux-system")
    assert [key[1] for key, _ in store.snapshot("Kustomization", then)] == ["a"]
    assert [change.type for change in store.since(then)] == ["ADDED", "DELETED"]
    now = store.revision
    store.compact()
    for forgotten in (then, now):
        with pytest.raises(ApiError) as refused:
            store.since(forgotten)
        assert refused.value.code == 410


def test_memory_is_bounded(store: ObjectStore) -> None:
    store.create(kustomization())
    then = store.revision
    for number in range(50):
        store.set_status("Kustomization", "app", "flux-system", {"x": number})
    assert len(store.since(then)) == 50
    store.set_status("Kustomization", "app", "flux-system", {"x": "one more"})
    with pytest.raises(ApiError):
        store.since(then)


def test_a_missing_object_is_named_as_the_server_names_it(store: ObjectStore) -> None:
    with pytest.raises(ApiError, match=r'kustomizations.kustomize.toolkit.fluxcd.io "app" not found'):
        store.patch("Kustomization", "app", "flux-system", {})


def test_short_names_and_plurals_are_used_once() -> None:
    words = [(kind.group, word) for kind in KINDS for word in {kind.plural, kind.singular, *kind.short}]
    assert len(words) == len(set(words))
    assert len({kind.kind for kind in KINDS}) == len(KINDS)


def test_every_custom_kind_has_a_definition(store: ObjectStore) -> None:
    for definition in definitions():
        store.create(definition)
    specs = [definition["spec"] for definition in store.list("CustomResourceDefinition")]
    served = {(spec["names"]["kind"], spec["versions"][0]["name"]) for spec in specs}
    assert served == {(kind.kind, kind.version) for kind in KINDS if kind.custom}
    assert ("TalosUpgrade", "v1alpha1") in served
    assert named("HelmRelease").version == "v2"
