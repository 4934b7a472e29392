"""What the Flux controllers have in common: requests, suspension, intervals."""

from collections.abc import Mapping
from typing import Any

from console.demo.api.store import Change
from console.demo.controllers.objects import Draft, Key, Obj, condition, key_of, seconds_of, share
from console.demo.controllers.site import Site

REQUESTED = "reconcile.fluxcd.io/requestedAt"
FORCED = "reconcile.fluxcd.io/forceAt"
RESET = "reconcile.fluxcd.io/resetAt"
PASSIVE = "demo.homeconsole/passive"  # label of objects that only answer requests
FINALIZER = "finalizers.fluxcd.io"
RETRY_DEPENDENCY = 30.0  # seconds; the controllers' --requeue-dependency


def asked(obj: Mapping[str, Any]) -> str:
    """The token of the last request for a pass."""
    return str((obj["metadata"].get("annotations") or {}).get(REQUESTED, ""))


def passive(obj: Mapping[str, Any]) -> bool:
    """Whether an object is there for its number only: no passes by interval, no work."""
    return PASSIVE in (obj["metadata"].get("labels") or {})


def suspended(obj: Mapping[str, Any]) -> bool:
    """Whether the controller leaves this object alone."""
    return bool((obj.get("spec") or {}).get("suspend")) or passive(obj)


def handled(site: Site, key: Key) -> None:
    """Answer a request without any work: what the controllers do for suspended objects."""
    obj = site.get(key)
    if obj is None or not asked(obj):
        return
    status = dict(obj.get("status") or {})
    if status.get("lastHandledReconcileAt") != asked(obj):
        site.store.set_status(key.kind, key.name, key.namespace, status | {"lastHandledReconcileAt": asked(obj)})


def answer(obj: Mapping[str, Any], draft: Draft) -> None:
    """The last thing of every pass: the request that was seen is handled."""
    if token := asked(obj):
        draft.status["lastHandledReconcileAt"] = token


def with_finalizer(site: Site, obj: Obj, finalizer: str) -> Obj:
    """The object with a controller's finalizer."""
    have = obj["metadata"].get("finalizers") or []
    if finalizer in have:
        return obj
    key = key_of(obj)
    return site.store.patch(key.kind, key.name, key.namespace, {"metadata": {"finalizers": [*have, finalizer]}})


def without_finalizer(site: Site, obj: Obj, prefix: str) -> None:
    """Take a controller's finalizers away; the object goes with its last one."""
    key = key_of(obj)
    left = [f for f in obj["metadata"].get("finalizers") or () if not f.startswith(prefix)]
    site.store.patch(key.kind, key.name, key.namespace, {"metadata": {"finalizers": left or None}})


def is_new(change: Change) -> bool:
    """Whether an object needs a pass because of what was done to it: made, its spec changed, a pass asked for."""
    if change.old is None:
        return True
    old, new = change.old.object["metadata"], change.new.object["metadata"]
    return (
        old.get("generation") != new.get("generation")
        or asked(change.old.object) != asked(change.new.object)
        or old.get("deletionTimestamp") != new.get("deletionTimestamp")
    )


def next_pass(obj: Obj) -> float:
    """Seconds until the next pass after a good one: the interval and at most a twentieth more or less."""
    seconds = seconds_of((obj.get("spec") or {}).get("interval"), 3600)
    meta = obj["metadata"]
    return seconds * (0.95 + share("jitter", obj["kind"], meta.get("namespace", ""), meta["name"]) / 10)


def source_of(site: Site, obj: Obj) -> tuple[Key, Obj | None]:
    """The object that ``spec.sourceRef`` names."""
    ref = obj["spec"]["sourceRef"]
    key = Key(ref["kind"], ref.get("namespace") or obj["metadata"]["namespace"], ref["name"])
    return key, site.get(key)


def revision_of(source: Mapping[str, Any] | None) -> str:
    """The revision of a source's artifact, or an empty text."""
    return str((((source or {}).get("status") or {}).get("artifact") or {}).get("revision", ""))


def settled(obj: Mapping[str, Any]) -> bool:
    """Ready, and for the spec as it is: what others may depend on."""
    status = obj.get("status") or {}
    ready = condition(obj, "Ready")
    return bool(
        ready and ready["status"] == "True" and status.get("observedGeneration") == obj["metadata"]["generation"]
    )
