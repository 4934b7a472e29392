"""The objects of the embedded cluster, with one revision counter and a bounded memory of what changed.

Synchronous, and used on the event loop only. What it hands out is shared: it must not be changed.
Rules are those of a real API server: a write that changes nothing makes no revision and no event; ``generation`` counts
what is neither metadata nor status; a status write changes only the status; a deletion waits for finalizers.
"""

import random
import string
import uuid
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from console.demo.api import errors, kinds
from console.demo.api.kinds import Kind
from console.demo.api.patches import merge, three_way
from console.demo.api.schemas import admitted
from console.demo.api.subscription import Subscription
from console.demo.api.versions import Change, Changes, Key, Object, Stored, Versions, encode, timestamp

__all__ = ["Change", "Changes", "Key", "Object", "ObjectStore", "Stored", "Versions", "encode", "timestamp"]

Objects = list[Object]
Keys = list[Key]
Uid = Callable[[str, str, str], str]  # kind, namespace, name of a new object
Admission = Callable[[str, Object | None, Object | None], None]

# What the server alone writes; ``managedFields`` and ``selfLink`` are not kept at all.
_SYSTEM_FIELDS = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")
_NOT_TAKEN = {*_SYSTEM_FIELDS, "resourceVersion", "managedFields", "selfLink"}


class ObjectStore:
    """All objects, by kind, namespace and name.

    ``admission`` functions see every write but those of a status: ``(operation, old, new)`` with operation ``CREATE``,
    ``UPDATE`` or ``DELETE``; they refuse by raising ApiError.
    """

    def __init__(
        self, now: Callable[[], datetime], *, memory: int = 10_000, revision: int = 1000, uid: Uid | None = None
    ) -> None:
        self.now = now
        self._uid = uid or (lambda *_: str(uuid.uuid4()))
        self.revision = revision
        self.admission: list[Admission] = []
        self._memory = memory
        self._objects: dict[str, dict[Key, Stored]] = {kind.kind: {} for kind in kinds.KINDS}
        self._sorted: dict[str, list[Key]] = {}
        self._applied: dict[str, Object] = {}  # by uid: what apply gave last
        self._history: deque[Change] = deque()
        self._compacted = revision  # older ones can't be resumed from
        self._subscriptions: list[Subscription] = []

    # Reading

    def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """The object, or None."""
        stored = self._objects[kind].get((namespace, name))
        return stored.object if stored else None

    def stored(self, kind: str, name: str, namespace: str = "") -> Stored:
        """The object with its revision and its JSON; ApiError 404 when there is none."""
        stored = self._objects[kind].get((namespace, name))
        if stored is None:
            raise errors.not_found(kinds.named(kind), name)
        return stored

    def list(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> Objects:
        """All objects of a kind (in a namespace, with these labels), by namespace and name."""
        found = (self._objects[kind][key].object for key in self.keys(kind) if namespace in {None, key[0]})
        if not labels:
            return list(found)
        wanted = labels.items()
        return [obj for obj in found if wanted <= (obj["metadata"].get("labels") or {}).items()]

    def keys(self, kind: str) -> Keys:
        """(namespace, name) of all objects of a kind, in order."""
        order = self._sorted.get(kind)
        if order is None:
            order = self._sorted[kind] = sorted(self._objects[kind])
        return order

    def snapshot(self, kind: str, revision: int | None = None) -> Versions:
        """All objects of a kind in order, as they were at ``revision``; ApiError 410 when that is forgotten."""
        objects = self._objects[kind]
        if revision is None or revision >= self.revision:
            return [(key, objects[key]) for key in self.keys(kind)]
        past = dict(objects)
        for change in reversed(self.since(revision)):
            if change.kind != kind:
                continue
            if change.old is None:
                past.pop(change.key, None)
            else:
                past[change.key] = change.old
        return sorted(past.items(), key=lambda item: item[0])

    def since(self, revision: int) -> Changes:
        """What happened after ``revision``, oldest first; ApiError 410 when part of it is forgotten."""
        if revision < self._compacted:
            raise errors.expired(f"too old resource version: {revision} ({self._compacted})")
        first = bisect_right(self._history, revision, key=lambda change: change.revision)
        return [self._history[i] for i in range(first, len(self._history))]

    def watch(self, kinds: set[str]) -> Subscription:
        """What changes from now on in objects of ``kinds``."""
        subscription = Subscription(frozenset(kinds), self._subscriptions)
        self._subscriptions.append(subscription)
        return subscription

    def compact(self) -> None:
        """Forget what changed: no revision given out so far can be resumed from."""
        self.revision += 1
        self._history.clear()
        self._compacted = self.revision

    # Writing

    def create(self, obj: Object, *, created: datetime | None = None, dry_run: bool = False) -> Object:
        """Store a new object, its status too, as ``created`` (UTC) or now. ApiError 409 when it exists."""
        kind = kinds.named(obj["kind"])
        metadata = _given(obj)
        namespace = metadata.get("namespace", "") if kind.namespaced else ""
        if not kind.namespaced:
            metadata.pop("namespace", None)
        if not metadata.get("name") and metadata.get("generateName"):
            suffix = "".join(random.choices(string.ascii_lowercase + string.digits, k=5))  # noqa: S311
            metadata["name"] = metadata["generateName"] + suffix
        name = metadata.get("name")
        if not name:
            told = "Required value: name or generateName is required"
            raise errors.invalid(kind, "", [("metadata.name", "FieldValueRequired", told)])
        if (namespace, name) in self._objects[kind.kind]:
            raise errors.already_exists(kind, name)
        metadata |= {
            "uid": self._uid(kind.kind, namespace, name),
            "creationTimestamp": timestamp(created or self.now()),
        }
        if kind.generation:
            metadata["generation"] = 1
        new = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}
        new = admitted(kind, {**new, **{k: v for k, v in obj.items() if k not in new}})
        self._admit("CREATE", None, new)
        if not dry_run:
            self._applied[metadata["uid"]] = obj
            self._commit("ADDED", kind, (namespace, name), None, new)
            return self.stored(kind.kind, name, namespace).object
        return new

    def apply(self, obj: Object) -> Object:
        """Create, or bring to what ``obj`` says: what an earlier apply gave and this one does not is taken away.

        What others added (annotations, fields) stays, and so does the status.
        """
        metadata = obj["metadata"]
        kind = kinds.named(obj["kind"])
        namespace = metadata.get("namespace", "") if kind.namespaced else ""
        old = self.get(kind.kind, metadata["name"], namespace)
        if old is None:
            return self.create(obj)
        uid = old["metadata"]["uid"]
        merged = three_way(self._applied.get(uid, {}), obj, old)
        new = self.update(kind.kind, metadata["name"], namespace, merged)
        self._applied[uid] = obj
        return new

    def patch(self, kind: str, name: str, namespace: str, merge_patch: Mapping[str, Any]) -> Object:
        """JSON merge patch of all but the status."""
        old = self.stored(kind, name, namespace).object
        return self.update(kind, name, namespace, merge(old, merge_patch))

    def set_status(self, kind: str, name: str, namespace: str, status: Mapping[str, Any]) -> Object:
        """Replace the status, and nothing else."""
        old = self.stored(kind, name, namespace).object
        return self.update(kind, name, namespace, old | {"status": dict(status)}, status=True)

    def update(
        self, kind: str, name: str, namespace: str, new: Object, *, status: bool = False, dry_run: bool = False
    ) -> Object:
        """Replace an object: with ``status`` only that part, else all but that part. Gives what is now stored.

        An object that waits for its deletion goes when its last finalizer is gone.
        """
        stored = self.stored(kind, name, namespace)
        old, what = stored.object, kinds.named(kind)
        new = self._status_only(old, new) if status else self._all_but_status(what, old, new)
        if new == old:
            return old
        if not status:
            self._admit("UPDATE", old, new)
        if dry_run:
            return new
        key = (namespace, name)
        metadata = new["metadata"]
        last = "deletionTimestamp" in metadata and not metadata.get("finalizers")
        # A pod ends by its kubelet, which deletes it: it has no finalizers to lose.
        if last and old["metadata"].get("finalizers"):
            self._commit("DELETED", what, key, stored, new)
            return new
        return self._commit("MODIFIED", what, key, stored, new)

    def delete(
        self, kind: str, name: str, namespace: str = "", *, grace: int | None = None, dry_run: bool = False
    ) -> Object:
        """Delete; with finalizers, or with ``grace`` seconds for something to end it, only mark it so.

        Gives the object as it is now, or as it last was.
        """
        stored = self.stored(kind, name, namespace)
        old, what = stored.object, kinds.named(kind)
        self._admit("DELETE", old, None)
        metadata = old["metadata"]
        waits = bool(metadata.get("finalizers")) or bool(grace)
        if dry_run or (waits and "deletionTimestamp" in metadata):
            return old
        if waits:
            seconds = grace or 0
            marked = metadata | {
                "deletionTimestamp": timestamp(self.now() + timedelta(seconds=seconds)),
                "deletionGracePeriodSeconds": seconds,
            }
            if what.generation:
                marked["generation"] = metadata["generation"] + 1
            return self._commit("MODIFIED", what, (namespace, name), stored, old | {"metadata": marked})
        self._commit("DELETED", what, (namespace, name), stored, old)
        return old

    def empty(self, namespace: str) -> None:
        """Delete all objects of a namespace."""
        for kind in kinds.KINDS:
            if kind.namespaced:
                for key in [key for key in self.keys(kind.kind) if key[0] == namespace]:
                    self.delete(kind.kind, key[1], namespace)

    # Within

    def _status_only(self, old: Object, new: Object) -> Object:
        return old | {"status": new["status"]} if "status" in new else {k: v for k, v in old.items() if k != "status"}

    def _all_but_status(self, kind: Kind, old: Object, new: Object) -> Object:
        kept = {k: v for k, v in old["metadata"].items() if k in (*_SYSTEM_FIELDS, "name", "namespace")}
        given = _given(new)
        given["resourceVersion"] = old["metadata"]["resourceVersion"]
        result = admitted(kind, new) | {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": given | kept}
        if kind.status:
            result.pop("status", None)
            if "status" in old:
                result["status"] = old["status"]
        if kind.generation and not _same_but(old, result, {"metadata", "status"}):
            result["metadata"]["generation"] = old["metadata"]["generation"] + 1
        deleting = "deletionTimestamp" in kept
        if deleting and set(given.get("finalizers", ())) - set(old["metadata"].get("finalizers", ())):
            told = "Forbidden: no new finalizers can be added if the object is being deleted"
            raise errors.invalid(kind, kept["name"], [("metadata.finalizers", "FieldValueForbidden", told)])
        return result

    def _admit(self, operation: str, old: Object | None, new: Object | None) -> None:
        for admit in self.admission:
            admit(operation, old, new)

    def _commit(self, happened: str, kind: Kind, key: Key, old: Stored | None, new: Object) -> Object:
        self.revision += 1
        obj = new | {"metadata": new["metadata"] | {"resourceVersion": str(self.revision)}}
        stored = Stored(obj, self.revision)
        objects = self._objects[kind.kind]
        if happened == "DELETED":
            del objects[key]
            self._applied.pop(obj["metadata"]["uid"], None)
        else:
            objects[key] = stored
        if happened != "MODIFIED":
            self._sorted.pop(kind.kind, None)
        change = Change(self.revision, happened, kind.kind, key, old, stored)
        self._history.append(change)
        if len(self._history) > self._memory:
            self._compacted = self._history.popleft().revision
        for subscription in self._subscriptions:
            subscription.tell(change)
        return obj


def _given(obj: Object) -> Object:
    """The metadata that a client may write, without what is empty."""
    metadata = obj.get("metadata") or {}
    return {k: v for k, v in metadata.items() if k not in _NOT_TAKEN and v not in ({}, [], "", None)}


def _same_but(one: Object, other: Object, leaving_out: set[str]) -> bool:
    keys = (one.keys() | other.keys()) - leaving_out
    return all(one.get(key) == other.get(key) for key in keys)
