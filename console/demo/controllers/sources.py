"""source-controller: the cluster's own source follows the repository's main, charts follow their tag."""

from collections.abc import Iterable
from typing import ClassVar

from console.demo.api.store import Change
from console.demo.controllers.flux import asked, handled, is_new, next_pass, suspended
from console.demo.controllers.objects import Draft, Key, Obj, digest, is_true, key_of, share, stamp
from console.demo.controllers.site import Site

COMPONENT = "source-controller"
KINDS = ("OCIRepository", "GitRepository", "HelmRepository", "HelmChart", "Bucket")
RETRY = 60.0  # seconds until a failed fetch is tried again; real ones back off
CLUSTER = ("flux-system", "flux-system")  # namespace and name of the source that carries the repository
# What ``flux push artifact --source --revision`` writes beside the manifests: the repository, and its commit.
ORIGIN = "org.opencontainers.image.revision"
REPOSITORY = "org.opencontainers.image.source"

_FAILED = {
    "OCIRepository": "OCIArtifactPullFailed",
    "GitRepository": "GitOperationFailed",
    "HelmRepository": "Failed",
    "HelmChart": "ChartPullError",
    "Bucket": "BucketOperationFailed",
}


def cluster_source(site: Site) -> Key:
    """The source that every Kustomization reads from."""
    return Key("OCIRepository" if site.topology.source == "oci" else "GitRepository", *CLUSTER)


def artifact_digest(commit: str) -> str:
    """The digest under which CI pushed a commit: 64 hex digits."""
    return digest("artifact", commit)


class Sources:
    """All kinds of sources."""

    kinds: ClassVar[frozenset[str]] = frozenset(KINDS)

    def __init__(self, site: Site) -> None:
        self.site = site

    def concerns(self, change: Change) -> Iterable[Key]:
        """The source itself, when its spec changed or a pass was asked for; charts when their repository changed."""
        if change.type == "DELETED":
            return
        if is_new(change):
            yield key_of(change.new.object)
        elif (
            change.kind == "HelmRepository"
            and change.old
            and _revision(change.old.object) != _revision(change.new.object)
        ):
            for chart in self.site.store.list("HelmChart", change.key[0]):
                if chart["spec"]["sourceRef"]["name"] == change.key[1]:
                    yield key_of(chart)

    def first(self) -> Iterable[tuple[Key, float]]:
        """Everything by its interval; what failed sooner."""
        for kind in KINDS:
            for obj in self.site.store.list(kind):
                key = key_of(obj)
                yield key, (next_pass(obj) if is_true(obj, "Ready") else RETRY) * share("first", *key)

    async def reconcile(self, key: Key) -> float | None:
        """Fetch; a new revision becomes an artifact."""
        site, obj = self.site, self.site.get(key)
        if obj is None or suspended(obj):
            if obj is not None:
                handled(site, key)
            return None
        if key.kind == "HelmRepository" and obj["spec"].get("type") == "oci":
            return None  # static: nothing is fetched, nothing is reported
        if "status" not in obj or obj["status"].get("observedGeneration") != obj["metadata"]["generation"]:
            await self._progress(key, "reconciliation in progress")
        await site.sleep(0.6)
        wanted = self._wanted(obj)
        if problem := site.faults.sources.get(key):
            return self._fail(key, _FAILED[key.kind], problem)
        if key.kind == "GitRepository" and key == cluster_source(site) and not site.repository.there:
            return self._fail(key, _FAILED[key.kind], f"unable to list remote for '{site.repository.url}': not found")
        if wanted is None:
            return self._fail(key, "ChartPullError", "failed to get source: no artifact")
        current = (obj.get("status") or {}).get("artifact") or {}
        if current.get("revision") != wanted["revision"]:
            await self._progress(key, f"building artifact: new upstream revision '{wanted['revision']}'")
            await site.sleep(1.4)
        self._succeed(key, wanted)
        return next_pass(obj)

    async def _progress(self, key: Key, message: str) -> None:
        obj = self.site.get(key)
        if obj:
            draft = self.site.draft(obj)
            draft.mark("Reconciling", "True", "Progressing", message)
            draft.mark("Ready", "Unknown", "Progressing", message)
            self.site.write(key, draft)

    def _fail(self, key: Key, reason: str, message: str) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        draft = self.site.draft(obj)
        draft.mark("FetchFailed", "True", reason, message)
        draft.mark("Ready", "False", reason, message)
        draft.mark("Reconciling", "True", "ProgressingWithRetry", message)
        self._asked(obj, draft)
        self.site.write(key, draft)
        self.site.event(obj, reason, message, component=COMPONENT, warning=True)
        return RETRY

    def _succeed(self, key: Key, artifact: Obj) -> None:
        obj = self.site.get(key)
        if obj is None:
            return
        draft = self.site.draft(obj)
        old = draft.status.get("artifact") or {}
        fresh = old.get("revision") != artifact["revision"]
        reason, message = _told(key.kind, obj, artifact["revision"])
        draft.drop("Reconciling", "FetchFailed", "ArtifactOutdated", "StorageOperationFailed")
        draft.mark("Ready", "True", reason, message)
        draft.mark("ArtifactInStorage", "True", reason, message)
        if fresh:
            draft.status["artifact"] = artifact
        draft.status["observedGeneration"] = draft.generation
        if key.kind == "HelmChart":
            draft.status["observedChartName"] = obj["spec"]["chart"]
            draft.status["observedSourceArtifactRevision"] = self._repository_revision(obj)
        else:
            draft.status["url"] = (
                f"http://source-controller.flux-system.svc.cluster.local./{_folder(key)}/latest.tar.gz"
            )
        self._asked(obj, draft)
        self.site.write(key, draft)
        reason, message = ("NewArtifact", message) if fresh else ("ArtifactUpToDate", _unchanged(artifact))
        self.site.event(obj, reason, message, component=COMPONENT)

    def _asked(self, obj: Obj, draft: Draft) -> None:
        if token := asked(obj):
            draft.status["lastHandledReconcileAt"] = token

    def _wanted(self, obj: Obj) -> Obj | None:  # noqa: PLR0911 - a line for each kind
        """The artifact that a fetch gives now; None when what it is made of is missing."""
        key, spec = key_of(obj), obj["spec"]
        if key == cluster_source(self.site):
            commit = self.site.published
            hexes = artifact_digest(commit)
            if key.kind == "GitRepository":
                return self._artifact(key, f"{self.site.repository.branch}@sha1:{commit}", hexes, {})
            origin = f"{self.site.repository.branch}@sha1:{commit}"
            extra = {ORIGIN: origin, REPOSITORY: self.site.repository.url}
            return self._artifact(key, f"latest@sha256:{hexes}", hexes, extra)
        if key.kind == "HelmChart":
            if not self._repository_revision(obj):
                return None
            version = str(spec.get("version", "0.1.0"))
            return self._artifact(key, version, digest(str(spec["chart"]), version), {})
        if key.kind == "GitRepository":
            commit = digest("commit", str(spec.get("url")), str(spec.get("ref")))[:40]
            branch = (spec.get("ref") or {}).get("branch") or (spec.get("ref") or {}).get("tag") or "main"
            return self._artifact(key, f"{branch}@sha1:{commit}", digest(commit), {})
        hexes = digest(str(spec.get("url")), str(spec.get("ref")))
        if key.kind == "OCIRepository":
            ref = spec.get("ref") or {}
            tag = ref.get("tag") or str(ref.get("semver", "latest")).lstrip("^~>=")
            return self._artifact(key, f"{tag}@{ref.get('digest') or 'sha256:' + hexes}", hexes, {})
        return self._artifact(key, f"sha256:{hexes}", hexes, {})

    def _repository_revision(self, chart: Obj) -> str:
        ref, namespace = chart["spec"]["sourceRef"], chart["metadata"]["namespace"]
        source = self.site.store.get(ref["kind"], ref["name"], namespace)
        if source and source["spec"].get("type") == "oci":
            return f"sha256:{digest('static', ref['name'])}"
        return _revision(source) if source else ""

    def _artifact(self, key: Key, revision: str, hexes: str, metadata: dict[str, str]) -> Obj:
        return {
            "digest": f"sha256:{digest('content', hexes)}",
            "lastUpdateTime": stamp(self.site.now()),
            "metadata": metadata,
            "path": f"{_folder(key)}/{hexes[:12]}.tar.gz",
            "revision": revision,
            "size": 20_000 + int(hexes[:4], 16),
            "url": f"http://source-controller.flux-system.svc.cluster.local./{_folder(key)}/{hexes[:12]}.tar.gz",
        }


def _folder(key: Key) -> str:
    return f"{key.kind.lower()}/{key.namespace}/{key.name}"


def _revision(obj: Obj) -> str:
    return str(((obj.get("status") or {}).get("artifact") or {}).get("revision", ""))


def _unchanged(artifact: Obj) -> str:
    return f"artifact up-to-date with remote revision: '{artifact['revision']}'"


def _told(kind: str, obj: Obj, revision: str) -> tuple[str, str]:
    if kind == "HelmChart":
        return "ChartPullSucceeded", f"pulled '{obj['spec']['chart']}' chart with version '{revision}'"
    if kind == "OCIRepository":
        return "Succeeded", f"stored artifact for digest '{revision}'"
    if kind == "HelmRepository":
        return "Succeeded", f"stored artifact: revision '{revision}'"
    return "Succeeded", f"stored artifact for revision '{revision}'"
