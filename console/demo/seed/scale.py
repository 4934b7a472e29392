"""Many Flux objects at once, for those who want to see how the console takes a large cluster."""

from datetime import timedelta

from console.demo.controllers.flux import PASSIVE
from console.demo.controllers.objects import Obj, digest, share, stamp
from console.demo.controllers.site import Site

_KINDS = (
    ("HelmRelease", "helm.toolkit.fluxcd.io/v2"),
    ("Kustomization", "kustomize.toolkit.fluxcd.io/v1"),
    ("OCIRepository", "source.toolkit.fluxcd.io/v1"),
    ("HelmRelease", "helm.toolkit.fluxcd.io/v2"),
    ("Kustomization", "kustomize.toolkit.fluxcd.io/v1"),
)
_EACH = 50  # objects in a namespace


def fill(site: Site) -> None:
    """Create ``topology.scale`` objects: one in fifty fails, one in fifty is suspended. They answer requests only."""
    for number in range(site.topology.scale):
        namespace = f"scale-{number // _EACH + 1:03}"
        if number % _EACH == 0:
            home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            site.store.create(home | {"status": {"phase": "Active"}})
        kind, version = _KINDS[number % len(_KINDS)]
        name = f"app-{number:05}"
        moment = site.now() - timedelta(minutes=2 + 50 * share("scale", name))
        meta: Obj = {"name": name, "namespace": namespace, "labels": {PASSIVE: "true"}}
        spec = _spec(kind, namespace, number)
        status = _status(kind, name, stamp(moment), fails=number % 50 == 7)
        obj = {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec, "status": status}
        site.store.create(obj, created=moment - timedelta(days=30 * share("age", name)))


def _spec(kind: str, namespace: str, number: int) -> Obj:
    chart = f"app-{number // len(_KINDS) * len(_KINDS) + 2:05}"
    spec: Obj = {"interval": "1h"}
    if number % 50 == 13:
        spec["suspend"] = True
    if kind == "OCIRepository":
        return spec | {"url": "oci://ghcr.io/bjw-s-labs/helm/app-template", "ref": {"tag": "5.1.0"}}
    if kind == "HelmRelease":
        return spec | {"chartRef": {"kind": "OCIRepository", "name": chart}, "values": {}}
    source = {"kind": "OCIRepository", "name": chart}
    return spec | {"path": f"./apps/{namespace}", "prune": True, "sourceRef": source, "timeout": "5m"}


def _status(kind: str, name: str, at: str, *, fails: bool) -> Obj:
    hexes = digest("scale", name)
    revision, chart = f"5.1.0@sha256:{hexes}", "app-template@5.1.0"
    told = {
        "OCIRepository": ("Succeeded", f"stored artifact for digest '{revision}'"),
        "HelmRelease": (
            "UpgradeSucceeded",
            f"Helm upgrade succeeded for release {name}.v3 with chart {chart}",
        ),
        "Kustomization": ("ReconciliationSucceeded", f"Applied revision: {revision}"),
    }
    failed = {
        "OCIRepository": ("OCIArtifactPullFailed", "failed to determine artifact digest: MANIFEST_UNKNOWN"),
        "HelmRelease": (
            "UpgradeFailed",
            f"Helm upgrade failed for release {name} with chart {chart}: timeout",
        ),
        "Kustomization": ("BuildFailed", "kustomize build failed: accumulating resources"),
    }
    reason, message = (failed if fails else told)[kind]
    common = {"lastTransitionTime": at, "observedGeneration": 1}
    word = "False" if fails else "True"
    conditions = [{"type": "Ready", "status": word, "reason": reason, "message": message, **common}]
    status: Obj = {"observedGeneration": 1, "conditions": conditions}
    if kind == "OCIRepository":
        status["artifact"] = {"revision": revision, "digest": f"sha256:{hexes}", "lastUpdateTime": at}
    elif kind == "Kustomization":
        status |= {"lastAppliedRevision": revision, "lastAttemptedRevision": revision}
    else:
        status |= {"lastAttemptedRevision": f"5.1.0+{hexes[:12]}", "lastAttemptedRevisionDigest": f"sha256:{hexes}"}
    return status
