"""What both kinds of tuppr upgrade share: phases and conditions, annotations, node marks, coordination, refusals."""

import re
from collections.abc import Mapping
from typing import Any

from console.demo.api.errors import ApiError
from console.demo.api.store import Change
from console.demo.controllers.flux import without_finalizer
from console.demo.controllers.objects import Key, Obj, condition, is_true, key_of, stamp
from console.demo.controllers.site import Site
from console.demo.world import Machine

GROUP = "tuppr.home-operations.com"
SUSPEND = f"{GROUP}/suspend"
RESET = f"{GROUP}/reset"
OUTDATED = f"{GROUP}/outdated"
UPGRADING = f"{GROUP}/upgrading"
TARGET_NODE = f"{GROUP}/target-node"
TALOS_COMPONENT = "talosupgrade-controller"

IN_FLIGHT = frozenset(("PreHook", "Draining", "Upgrading", "Rebooting", "PostHook"))
ACTIVE = IN_FLIGHT | {"HealthChecking"}
VERSION = re.compile(r"^v[0-9]+\.[0-9]+\.[0-9]+(-[a-zA-Z0-9\-.]+)?$")


def write_phase(
    site: Site,
    key: Key,
    phase: str,
    message: str,
    *,
    reason: str = "",
    updates: Mapping[str, object] | None = None,
    generation: int = 0,
) -> None:
    """The one place that writes a phase, with its conditions and times (tuppr.md §1.4, §1.6).

    None in ``updates`` takes a field away. Nothing is written when nothing changed but the time. ``generation`` is that
    of the spec which a pass began with, where it may have changed since: the next pass has yet to see the new one.
    """
    obj = site.get(key)
    if obj is None:
        return
    old = obj.get("status") or {}
    new = {**old, "phase": phase, "message": message, "observedGeneration": generation or obj["metadata"]["generation"]}
    _times(new, phase, stamp(site.now()))
    new |= dict(updates or {})
    new = {k: v for k, v in new.items() if v is not None}
    draft = site.draft({"metadata": obj["metadata"], "status": new})
    shown = reason or phase
    draft.mark("Progressing", "True" if phase in IN_FLIGHT else "False", shown, message)
    draft.mark("Ready", "False" if phase in ("", "Failed") else "True", shown, message)
    done = draft.done()
    if {k: v for k, v in done.items() if k != "lastUpdated"} == {k: v for k, v in old.items() if k != "lastUpdated"}:
        return
    done["lastUpdated"] = stamp(site.now())
    site.store.set_status(key.kind, key.name, "", done)


def _times(status: Obj, phase: str, now: str) -> None:
    """``startedAt`` is the batch's: whatever is not active clears it, and so it is absent when all went well."""
    if phase in ACTIVE:
        status.setdefault("startedAt", now)
        status.pop("completedAt", None)
    elif phase in ("Completed", "Failed"):
        status["completedAt"] = now
    else:
        status.pop("startedAt", None)
        status.pop("completedAt", None)


def annotations_changed(change: Change) -> bool:
    """Whether suspend or reset came or went."""
    old = change.old.object["metadata"].get("annotations") if change.old else None
    new = change.new.object["metadata"].get("annotations")
    return any((old or {}).get(name) != (new or {}).get(name) for name in (SUSPEND, RESET))


def suspension(obj: Obj) -> str | None:
    """The value of the suspend annotation: any value suspends, ``false`` too. None without it."""
    notes = obj["metadata"].get("annotations") or {}
    return str(notes[SUSPEND]) if SUSPEND in notes else None


def take_reset(site: Site, obj: Obj) -> bool:
    """Whether a reset was asked for; the annotation is taken away."""
    if RESET not in (obj["metadata"].get("annotations") or {}):
        return False
    key = key_of(obj)
    site.store.patch(key.kind, key.name, "", {"metadata": {"annotations": {RESET: None}}})
    return True


def finalized(site: Site, obj: Obj) -> bool:
    """Whether the object is being deleted; tuppr's finalizers are taken away then."""
    if "deletionTimestamp" not in obj["metadata"]:
        return False
    without_finalizer(site, obj, GROUP)
    return True


def changed(site: Site, key: Key, obj: Obj) -> bool:
    """Whether spec or annotations moved on while a pass was at work."""
    now = site.get(key)
    if now is None:
        return True
    fields = ("generation", "annotations", "deletionTimestamp")
    return any(now["metadata"].get(f) != obj["metadata"].get(f) for f in fields)


def selected(site: Site, obj: Obj) -> list[str]:
    """The nodes that an upgrade is for, in its order: the one that runs tuppr first, then by name."""
    wanted = (obj["spec"].get("nodeSelector") or {}).get("matchLabels") or {}
    names = [n["metadata"]["name"] for n in site.store.list("Node", None, wanted)]
    names = [n for n in names if n in site.world.machines]
    home = next(
        (p["spec"].get("nodeName") for p in site.store.list("Pod", None, {"app.kubernetes.io/name": "tuppr"})), ""
    )
    return sorted(names, key=lambda name: (name != home, name))


def taint_outdated(site: Site, name: str, *, on: bool) -> None:
    """The taint that says: this node lags behind."""
    node = site.store.get("Node", name)
    if node is None:
        return
    taints = list((node.get("spec") or {}).get("taints") or ())
    kept = [t for t in taints if t["key"] != OUTDATED]
    if on:
        kept.append({"key": OUTDATED, "effect": "PreferNoSchedule"})
    if len(kept) != len(taints):
        site.store.patch("Node", name, "", {"spec": {"taints": kept or None}})


def label_upgrading(site: Site, name: str, *, on: bool) -> None:
    """The label that a node carries while its job runs."""
    if site.store.get("Node", name) is not None:
        site.store.patch("Node", name, "", {"metadata": {"labels": {UPGRADING: "true" if on else None}}})


def installer(machine: Machine, version: str) -> str:
    """The image that a node is upgraded with: its own repository and schematic, the new tag."""
    return f"factory.talos.dev/metal-installer/{machine.schematic}:{version}"


def phase_of(obj: Obj) -> str:
    """The phase, empty before the first status."""
    return str((obj.get("status") or {}).get("phase", ""))


def talos_blocked(site: Site, name: str) -> str:
    """Why a TalosUpgrade must wait: another upgrade, of Kubernetes or Talos, is active. Empty when it need not."""
    for other in site.store.list("KubernetesUpgrade"):
        if phase_of(other) in ACTIVE:
            return f"Waiting for KubernetesUpgrade '{other['metadata']['name']}' to complete"
    for other in site.store.list("TalosUpgrade"):
        if other["metadata"]["name"] != name and phase_of(other) in ACTIVE:
            return f"Waiting for another TalosUpgrade plan '{other['metadata']['name']}' to complete"
    return ""


def kubernetes_blocked(site: Site) -> str:
    """Why the KubernetesUpgrade must wait: any TalosUpgrade that is active or Pending, also a suspended one."""
    for other in site.store.list("TalosUpgrade"):
        if phase_of(other) in ACTIVE | {"Pending"}:
            return f"Waiting for TalosUpgrade '{other['metadata']['name']}' to complete"
    return ""


class Webhook:
    """tuppr's validating webhooks, as the API server calls them."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __call__(self, operation: str, old: Obj | None, new: Obj | None) -> None:
        """Refuse with 403, as an admission webhook does."""
        if new is None or new["kind"] not in ("TalosUpgrade", "KubernetesUpgrade"):
            return
        why = self._refusal(operation, old, new)
        if why:
            name = f"v{new['kind'].lower()}.kb.io"
            raise ApiError(403, "Forbidden", f'admission webhook "{name}" denied the request: {why}')

    def _refusal(self, operation: str, old: Obj | None, new: Obj) -> str:
        kind, spec = new["kind"], new.get("spec") or {}
        if operation == "UPDATE" and old and old.get("spec") != spec and is_true(old, "Progressing"):
            reason = (condition(old, "Progressing") or {}).get("reason", "")
            return f"cannot update spec while upgrade is in progress (reason: {reason})"
        if operation == "CREATE" and kind == "KubernetesUpgrade":
            for other in self.site.store.list(kind):
                name = other["metadata"]["name"]
                return f"only one KubernetesUpgrade resource is allowed per cluster. Found existing: '{name}'"
        system = "talos" if kind == "TalosUpgrade" else "kubernetes"
        version = str((spec.get(system) or {}).get("version", ""))
        if not VERSION.match(version):
            return f"spec.{system}.version: '{version}' must match {VERSION.pattern}"
        return ""


def container(job: Mapping[str, Any]) -> str:
    """The name of a job's container: what its logs are asked by."""
    return "upgrade-k8s" if job["metadata"]["labels"]["app.kubernetes.io/name"] == "kubernetes-upgrade" else "upgrade"
