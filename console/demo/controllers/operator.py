"""flux-operator and notification-controller: objects whose passes have no outcome but that they are fine."""

from collections.abc import Iterable
from typing import ClassVar

from console.demo.api import kinds
from console.demo.api.store import Change
from console.demo.controllers.flux import asked, handled, is_new, suspended
from console.demo.controllers.objects import Key, Obj, condition, digest, key_of, stamp, upsert_history
from console.demo.controllers.site import Site
from console.demo.controllers.sources import cluster_source

OPERATOR = "fluxcd.controlplane.io"
SWITCH = f"{OPERATOR}/reconcile"
REPORT_EVERY = 300.0
COMPONENTS = {
    "source-controller": "v1.9.3",
    "kustomize-controller": "v1.9.3",
    "helm-controller": "v1.6.2",
    "notification-controller": "v1.9.2",
}


class Operator:
    """FluxInstance, FluxReport, ResourceSet, ResourceSetInputProvider; and Receiver."""

    kinds: ClassVar[frozenset[str]] = frozenset(
        ("FluxInstance", "FluxReport", "ResourceSet", "ResourceSetInputProvider", "Receiver")
    )

    def __init__(self, site: Site) -> None:
        self.site = site

    def concerns(self, change: Change) -> Iterable[Key]:
        """What was made, changed or asked for. The report is the operator's own: only when asked for."""
        if change.type == "DELETED" or not is_new(change):
            return
        if change.kind != "FluxReport" or (change.old and asked(change.old.object) != asked(change.new.object)):
            yield key_of(change.new.object)

    def first(self) -> Iterable[tuple[Key, float]]:
        """The report by its interval."""
        return [(key_of(obj), REPORT_EVERY) for obj in self.site.store.list("FluxReport")]

    async def reconcile(self, key: Key) -> float | None:
        """One pass."""
        obj = self.site.get(key)
        if obj is None:
            return None
        if suspended(obj) or (obj["metadata"].get("annotations") or {}).get(SWITCH, "").lower() == "disabled":
            handled(self.site, key)
            if key.kind != "Receiver":
                told = "Reconciliation is disabled"
                self.site.event(obj, "ReconciliationDisabled", told, component="flux-operator", warning=True)
            return None
        draft = self.site.draft(obj)
        draft.mark("Ready", "Unknown", "Progressing", "Reconciliation in progress")
        draft.mark("Reconciling", "True", "Progressing", "Reconciliation in progress")
        self.site.write(key, draft)
        await self.site.sleep(2)
        if key.kind == "FluxReport":
            self.report(key)
        self._settle(key)
        return REPORT_EVERY if key.kind == "FluxReport" else None

    def _settle(self, key: Key) -> None:
        obj = self.site.get(key)
        if obj is None:
            return
        draft, now = self.site.draft(obj), stamp(self.site.now())
        reason, message = "ReconciliationSucceeded", "Reconciliation finished in 2s"
        if key.kind == "Receiver":
            reason, path = "Succeeded", f"/hook/{digest('receiver', *key)}"
            message = f"Receiver initialized for path: {path}"
            draft.status |= {"webhookPath": path, "observedGeneration": draft.generation}
        if key.kind == "FluxInstance":
            self._instance(obj, draft.status)
        if key.kind in ("FluxInstance", "ResourceSet"):
            entry = {
                "digest": f"sha256:{digest(str(obj['spec']))}",
                "firstReconciled": now,
                "lastReconciled": now,
                "lastReconciledDuration": "2s",
                "lastReconciledStatus": reason,
                "totalReconciliations": 1,
            }
            draft.status["history"] = upsert_history(draft.status.get("history") or (), entry)
            draft.status["lastAppliedRevision"] = f"sha256:{digest(str(obj['spec']))}"
        draft.drop("Reconciling", "Stalled")
        draft.mark("Ready", "True", reason, message)
        if token := asked(obj):
            draft.status["lastHandledReconcileAt"] = token
        self.site.write(key, draft)
        self.site.event(obj, reason, message, component="flux-operator")

    def _instance(self, obj: Obj, status: Obj) -> None:
        version = f"{self.site.topology.flux}@sha256:{digest('flux', self.site.topology.flux)}"
        source = cluster_source(self.site)
        status |= {
            "lastAttemptedRevision": version,
            "lastAppliedRevision": version,
            "lastArtifactRevision": f"sha256:{digest('manifests')}",
            "components": [
                {"name": n, "repository": f"ghcr.io/fluxcd/{n}", "tag": t, "digest": f"sha256:{digest(n, t)}"}
                for n, t in COMPONENTS.items()
            ],
            "inventory": {
                "entries": [
                    {"id": f"flux-system_flux-system_source.toolkit.fluxcd.io_{source.kind}", "v": "v1"},
                    {"id": "flux-system_flux-system_kustomize.toolkit.fluxcd.io_Kustomization", "v": "v1"},
                ]
            },
        }
        del obj

    def report(self, key: Key) -> None:
        """Write what the report says of the cluster now."""
        site = self.site
        source = cluster_source(site)
        root = site.store.get("Kustomization", "flux-system", "flux-system")
        ready = (condition(root, "Ready") if root else None) or {}
        reconcilers = []
        for name in kinds.FLUX_KINDS:
            kind, objects = kinds.named(name), site.store.list(name)
            asleep = sum(suspended(o) for o in objects)
            failing = sum(_fails(o) for o in objects)
            stats = {"running": len(objects) - asleep, "failing": failing, "suspended": asleep}
            reconcilers.append({"apiVersion": kind.api_version, "kind": name, "stats": stats})
        spec = {
            "cluster": {
                "serverVersion": site.world.kubernetes,
                "platform": "linux/amd64",
                "nodes": len(site.world.machines),
            },
            "components": [
                {
                    "name": name,
                    "ready": True,
                    "status": "Current Deployment is available. Replicas: 1",
                    "image": f"ghcr.io/fluxcd/{name}:{tag}@sha256:{digest(name, tag)}",
                }
                for name, tag in COMPONENTS.items()
            ],
            "distribution": {
                "entitlement": "Issued by controlplane",
                "managedBy": "flux-operator",
                "status": "Installed",
                "version": site.topology.flux,
            },
            "operator": {"apiVersion": f"{OPERATOR}/v1", "version": "v0.58.0", "platform": "linux/amd64"},
            "reconcilers": reconcilers,
            "sync": {
                "id": "kustomization/flux-system",
                "path": "kubernetes/flux/cluster",
                "ready": ready.get("status") == "True",
                "status": ready.get("message", ""),
                "source": (site.get(source) or {}).get("spec", {}).get("url", ""),
            },
        }
        site.store.patch(key.kind, key.name, key.namespace, {"spec": spec})


def _fails(obj: Obj) -> bool:
    ready = condition(obj, "Ready")
    blocked = bool(ready and ready["reason"] == "DependencyNotReady")
    return bool(ready and ready["status"] == "False" and not blocked and not suspended(obj))
