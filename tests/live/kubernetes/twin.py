"""The embedded cluster's objects on a real API server: the same cluster twice, once of each kind."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from console.demo.api.kind import Kind
from console.demo.api.kinds import KINDS, named
from console.demo.thread import DemoThread
from tests.demo.api.target import Api

Object = dict[str, Any]
_SERVERS_OWN = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "ownerReferences")
_THERE = {"CustomResourceDefinition", "Namespace"}  # made before all else


def copied(demo: DemoThread, api: Api) -> None:
    """Makes every object of the embedded cluster on the real server, which checks it as it checks everybody's.

    Owners are then named by the uids that they have there.
    """
    uids: dict[str, str] = {}
    objects = list(_objects(demo))
    for kind, given in objects:
        uids[given["metadata"]["uid"]] = _make(api, kind, given)["metadata"]["uid"]
    for kind, given in objects:
        if owners := given["metadata"].get("ownerReferences"):
            mapped = [owner | {"uid": uids.get(owner["uid"], owner["uid"])} for owner in owners]
            _patch(api, path(kind, given["metadata"]), {"metadata": {"ownerReferences": mapped}})
    for kind in {kind.kind: kind for kind, _ in objects}.values():
        _remembered(api, f"{kind.path}/{kind.plural}")


def _remembered(api: Api, collection: str) -> None:
    """The server fills its cache of a kind some time after that was made, and answers 429 before."""
    waiting = threading.Event()
    for _ in range(600):
        if api.get(collection, resourceVersion="0", limit="1").status != 429:
            return
        waiting.wait(0.1)
    raise AssertionError(f"{collection} never came")


def path(kind: Kind, metadata: Mapping[str, Any]) -> str:
    """The URL path of an object."""
    return f"{_collection(kind, metadata)}/{metadata['name']}"


def _collection(kind: Kind, metadata: Mapping[str, Any]) -> str:
    within = f"/namespaces/{metadata['namespace']}" if kind.namespaced else ""
    return f"{kind.path}{within}/{kind.plural}"


def _objects(demo: DemoThread) -> Iterator[tuple[Kind, Object]]:
    for kind in (named("Namespace"), *(kind for kind in KINDS if kind.kind not in _THERE)):
        for given in demo.call(lambda kind=kind: demo.cluster.store.list(kind.kind)):
            yield kind, given


def _make(api: Api, kind: Kind, given: Object) -> Object:
    metadata = {key: value for key, value in given["metadata"].items() if key not in _SERVERS_OWN}
    wanted = {key: value for key, value in given.items() if key != "status"} | {"metadata": metadata}
    answer = api.post(_collection(kind, metadata), wanted, fieldValidation="Strict")
    if answer.status == 409:  # a namespace that every server has
        answer = api.get(path(kind, metadata))
    assert answer.status in {200, 201}, f"{kind.kind} {metadata['name']}: {answer.body!r}"
    made: Object = answer.json
    if kind.status and "status" in given:
        made = _patch(api, f"{path(kind, metadata)}/status", {"status": given["status"]})
        assert made["status"].keys() >= given["status"].keys(), f"{kind.kind} {metadata['name']}"
    return made


def _patch(api: Api, where: str, patch: Object) -> Object:
    answer = api.patch(where, patch, fieldValidation="Strict")
    assert answer.status == 200, f"{where}: {answer.body!r}"
    patched: Object = answer.json
    return patched
