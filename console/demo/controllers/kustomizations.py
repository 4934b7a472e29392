"""kustomize-controller: applies a folder of the source, prunes what is gone from it, waits for what it applied."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from console.demo.api import kinds
from console.demo.api.errors import ApiError
from console.demo.api.store import Change
from console.demo.controllers import health, kustomize
from console.demo.controllers.flux import (
    RETRY_DEPENDENCY,
    asked,
    handled,
    is_new,
    next_pass,
    revision_of,
    settled,
    source_of,
    suspended,
)
from console.demo.controllers.objects import (
    Draft,
    Key,
    Obj,
    condition,
    digest,
    go_duration,
    key_of,
    seconds_of,
    share,
    stamp,
    upsert_history,
)
from console.demo.controllers.site import Site
from console.demo.controllers.sources import KINDS as SOURCES
from console.demo.controllers.sources import ORIGIN, cluster_source

COMPONENT = "kustomize-controller"
GROUP = "kustomize.toolkit.fluxcd.io"
FINALIZER = "finalizers.fluxcd.io"

# Seconds that the steps of a pass take.
FETCH, BUILD, APPLY = 0.4, 0.9, 1.1


class Broken(Exception):  # noqa: N818
    """The pass can't go on; ``reason`` is the Ready condition's, ``recorded`` says whether history gets an entry."""

    def __init__(self, reason: str, message: str, *, recorded: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.recorded = recorded


class Kustomizations:
    """Every Kustomization of the cluster."""

    kinds: ClassVar[frozenset[str]] = frozenset(("Kustomization", *SOURCES[:2], "Bucket"))

    def __init__(self, site: Site) -> None:
        self.site = site
        self._kustomize: tuple[str, kustomize.Build] | None = None

    def concerns(self, change: Change) -> Iterable[Key]:
        """A Kustomization that was made, changed or asked for; all of a source when that has a new artifact."""
        if change.type == "DELETED":
            return
        new = change.new.object
        if change.kind == "Kustomization":
            if is_new(change):
                yield key_of(new)
        elif change.old and revision_of(change.old.object) != revision_of(new):
            source = key_of(new)
            for obj in self.site.store.list("Kustomization"):
                if source_of(self.site, obj)[0] == source:
                    yield key_of(obj)

    def first(self) -> Iterable[tuple[Key, float]]:
        """By interval; what is not ready by its retry."""
        for obj in self.site.store.list("Kustomization"):
            key = key_of(obj)
            if not suspended(obj):
                wait = next_pass(obj) if settled(obj) else self._retry(obj)
                yield key, wait * share("first", *key)

    async def reconcile(self, key: Key) -> float | None:
        """One pass, with the conditions that the real one leaves (kustomize-controller 1.9)."""
        obj = self.site.get(key)
        if obj is None:
            return None
        if "deletionTimestamp" in obj["metadata"]:
            self._finalize(obj)
            return None
        if suspended(obj):
            handled(self.site, key)
            return None
        if FINALIZER not in obj["metadata"].get("finalizers", ()):
            finalizers = {"metadata": {"finalizers": [*obj["metadata"].get("finalizers", ()), FINALIZER]}}
            obj = self.site.store.patch(key.kind, key.name, key.namespace, finalizers)
        source_key, source = source_of(self.site, obj)
        if problem := self._unmet(obj, source_key, source):
            return self._blocked(key, obj, problem)
        return await self._pass(key, obj, source or {})

    async def _pass(self, key: Key, obj: Obj, source: Obj) -> float | None:
        site, began = self.site, self.site.now()
        revision = revision_of(source)
        timeout = go_duration(self._timeout(obj))
        checksum = ""
        try:
            self._progress(key, f"Fetching manifests for revision {revision} with a timeout of {timeout}")
            await site.sleep(FETCH)
            self._progress(key, f"Building manifests for revision {revision} with a timeout of {timeout}", revision)
            await site.sleep(BUILD)
            objects = self._objects(obj, source)
            checksum = f"sha256:{digest(json.dumps(objects, sort_keys=True, default=str))}"
            self._progress(key, f"Detecting drift for revision {revision} with a timeout of {timeout}")
            await site.sleep(APPLY)
            self._apply(key, obj, objects)
            self._prune(key, obj, objects)
            await self._check(key, obj, objects, revision)
        except Broken as broken:
            return self._fail(key, broken, checksum, began)
        return self._succeed(key, source, checksum, began)

    # Before a pass

    def _unmet(self, obj: Obj, source_key: Key, source: Obj | None) -> tuple[str, str] | None:
        """What is missing: (reason, message)."""
        if source is None:
            shown = f"{source_key.kind}/{source_key.namespace}/{source_key.name}"
            return "ArtifactFailed", f"Source '{shown}' not found"
        revision = revision_of(source)
        if not revision:
            return "ArtifactFailed", f"Source artifact not found, retrying in {go_duration(RETRY_DEPENDENCY)}"
        for ref in obj["spec"].get("dependsOn") or ():
            path = f"{ref.get('namespace') or obj['metadata']['namespace']}/{ref['name']}"
            dependency = self.site.store.get("Kustomization", ref["name"], path.partition("/")[0])
            if dependency is None:
                told = f'Kustomization.{GROUP} "{ref["name"]}" not found'
                return "DependencyNotReady", f"dependency '{path}' not found: {told}"
            if not settled(dependency):
                return "DependencyNotReady", f"dependency '{path}' is not ready"
            same = source_of(self.site, dependency)[0] == source_key
            if same and dependency["status"].get("lastAppliedRevision") != revision:
                return "DependencyNotReady", f"dependency '{path}' revision is not up to date"
        return None

    def _blocked(self, key: Key, obj: Obj, problem: tuple[str, str]) -> float:
        draft = self.site.draft(obj)
        draft.mark("Ready", "False", *problem)
        reconciling = draft.get("Reconciling")
        if reconciling:
            draft.mark("Reconciling", "True", "ProgressingWithRetry", reconciling["message"])
        self._answer(obj, draft)
        self.site.write(key, draft)
        if problem[0] == "DependencyNotReady":
            wait = go_duration(RETRY_DEPENDENCY)
            self._event(key, "DependencyNotReady", f"Dependencies do not meet ready condition, retrying in {wait}")
        return RETRY_DEPENDENCY

    # The steps of a pass

    def _objects(self, obj: Obj, source: Obj) -> list[Obj]:
        """What the folder builds to; each object new."""
        site, path = self.site, str(obj["spec"].get("path", "./"))
        if key_of(source) != cluster_source(site):
            return []  # some other repository: its content is not known here
        commit = origin(source).rpartition(":")[2]
        if self._kustomize is None or self._kustomize[0] != commit:
            self._kustomize = (commit, kustomize.Build(site.repository.files(commit)))
        try:
            objects = self._kustomize[1].objects(path)
        except FileNotFoundError as error:
            told = f"kustomization path not found: stat /tmp/kustomization-{digest(path)[:10]}/{error}: "
            raise Broken("ArtifactFailed", told + "no such file or directory") from error
        except kustomize.BuildError as error:
            raise Broken("BuildFailed", str(error)) from error
        for patch in obj["spec"].get("patches") or ():
            kustomize.apply_patch(objects, patch)
        if namespace := obj["spec"].get("targetNamespace"):
            kustomize.set_namespace(objects, namespace)
        if variables := self._variables(obj):
            objects = [kustomize.substitute(o, variables) if _substitutes(o) else o for o in objects]
        labels = {f"{GROUP}/name": obj["metadata"]["name"], f"{GROUP}/namespace": obj["metadata"]["namespace"]}
        common = (obj["spec"].get("commonMetadata") or {}).get("labels") or {}
        for item in objects:
            meta = item["metadata"]
            meta["labels"] = {**(meta.get("labels") or {}), **common, **labels}
            if not kustomize.is_cluster_scoped(item):
                meta.setdefault("namespace", obj["metadata"]["namespace"])
        return objects

    def _variables(self, obj: Obj) -> dict[str, str]:
        build = obj["spec"].get("postBuild") or {}
        found: dict[str, str] = {}
        for ref in build.get("substituteFrom") or ():
            other = self.site.store.get(ref["kind"], ref["name"], obj["metadata"]["namespace"])
            found |= {k: str(v) for k, v in ((other or {}).get("data") or {}).items()}
        return found | {k: str(v) for k, v in (build.get("substitute") or {}).items()}

    def _apply(self, key: Key, owner: Obj, objects: list[Obj]) -> None:
        changed = []
        for obj in sorted(objects, key=lambda o: o["kind"] not in ("Namespace", "CustomResourceDefinition")):
            target = key_of(obj)
            if not _served(obj["kind"]):
                continue  # kinds that nobody looks at in the demo are in the inventory only
            before = self.site.get(target)
            try:
                after = self.site.store.apply(obj)
            except ApiError as error:
                shown = "/".join(filter(None, target))
                raise Broken(
                    "ReconciliationFailed",
                    f"{shown} dry-run failed ({error.reason}): {error.message}",
                    recorded="ReconciliationFailed",
                ) from error
            if before is None or before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]:
                changed.append(f"{'/'.join(filter(None, target))} {'configured' if before else 'created'}")
        if changed:
            self._event(key, "Progressing", "\n".join(changed))
        del owner

    def _prune(self, key: Key, owner: Obj, objects: list[Obj]) -> None:
        entries = [{"id": _entry(o), "v": o["apiVersion"].rpartition("/")[2]} for o in objects]
        obj = self.site.get(key) or owner
        old = {e["id"] for e in ((obj.get("status") or {}).get("inventory") or {}).get("entries", ())}
        stale = old - {e["id"] for e in entries}
        draft = self.site.draft(obj)
        draft.status["inventory"] = {"entries": entries}
        self.site.write(key, draft)
        if owner["spec"].get("prune"):
            gone = [self._delete(entry) for entry in sorted(stale)]
            if any(gone):
                self._event(key, "Progressing", "\n".join(f"{text} deleted" for text in gone if text))

    def _delete(self, entry: str) -> str:
        """Delete what an inventory entry names, unless it was told to stay; how it is called in events."""
        namespace, name, _, kind = entry.replace("__", ":").split("_")
        if not _served(kind):
            return f"{kind}/{namespace}/{name}"
        obj = self.site.store.get(kind, name, namespace)
        notes = ((obj or {}).get("metadata") or {}).get("annotations") or {}
        if obj is None or "disabled" in (notes.get(f"{GROUP}/prune"), notes.get(f"{GROUP}/reconcile")):
            return ""
        self.site.remove(Key(kind, namespace, name))
        return "/".join(filter(None, (kind, namespace, name)))

    async def _check(self, key: Key, owner: Obj, objects: list[Obj], revision: str) -> None:
        """Wait for what was applied (``wait``) or named (``healthChecks``); its stalls end the wait at once."""
        targets = self._targets(key, owner, objects)
        if not targets:
            self._healthless(key)
            return
        timeout = self._timeout(owner)
        message = f"Running health checks for revision {revision} with a timeout of {go_duration(timeout)}"
        self._progress(key, message, healthy=message)
        began = self.site.now()
        words: dict[Key, str] = {}

        def over() -> bool:
            words.update({t: health.status_of(self.site.get(t)) for t in targets})
            return all(w == health.CURRENT for w in words.values()) or health.FAILED in words.values()

        await self.site.until(over, every=5, at_most=timeout)
        bad = [f"{'/'.join(t)} status: '{w}'" for t, w in words.items() if w != health.CURRENT]
        took = (self.site.now() - began).total_seconds()
        if bad:
            early = health.FAILED in words.values()
            why = "failed early due to stalled resources" if early else "timeout waiting for"
            told = f"{why}: [{', '.join(bad)}]"
            self._unhealthy(key, told)
            spent = go_duration(max(1, took) if early else timeout)
            full = f"health check failed after {spent}: {told}"
            raise Broken("HealthCheckFailed", full, recorded="HealthCheckFailed")
        self._healthy(key, f"Health check passed in {int(share('health', *key) * 90) + 10}ms")

    def _targets(self, key: Key, owner: Obj, objects: list[Obj]) -> list[Key]:
        if owner["spec"].get("wait"):
            found = [key_of(o) for o in objects if _served(o["kind"])]
        else:
            checks = owner["spec"].get("healthChecks") or ()
            namespace = owner["metadata"]["namespace"]
            found = [Key(c["kind"], c.get("namespace") or namespace, c["name"]) for c in checks if _served(c["kind"])]
        return [t for t in found if t != key]

    # Writing

    def _progress(self, key: Key, message: str, attempted: str = "", healthy: str = "") -> None:
        obj = self.site.get(key)
        if obj is None:
            return
        draft = self.site.draft(obj)
        draft.drop("Stalled")
        draft.mark("Ready", "Unknown", "Progressing", "Reconciliation in progress")
        draft.mark("Reconciling", "True", "Progressing", message)
        if healthy:
            draft.mark("Healthy", "Unknown", "Progressing", healthy)
        if attempted:
            draft.status["lastAttemptedRevision"] = attempted
        self.site.write(key, draft)

    def _healthless(self, key: Key) -> None:
        obj = self.site.get(key)
        if obj and condition(obj, "Healthy"):
            draft = self.site.draft(obj)
            draft.drop("Healthy")
            self.site.write(key, draft)

    def _healthy(self, key: Key, message: str) -> None:
        if obj := self.site.get(key):
            draft = self.site.draft(obj)
            draft.mark("Healthy", "True", "Succeeded", message)
            self.site.write(key, draft)

    def _unhealthy(self, key: Key, message: str) -> None:
        if obj := self.site.get(key):
            draft = self.site.draft(obj)
            draft.mark("Healthy", "False", "HealthCheckFailed", message)
            self.site.write(key, draft)

    def _fail(self, key: Key, broken: Broken, checksum: str, began: Any) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        draft = self.site.draft(obj)
        if broken.recorded:
            self._record(draft, checksum, broken.recorded, began)
        draft.mark("Ready", "False", broken.reason, broken.message)
        draft.mark("Reconciling", "True", "ProgressingWithRetry", (draft.get("Reconciling") or {}).get("message", ""))
        self._answer(obj, draft)
        self.site.write(key, draft)
        self._event(key, broken.reason, broken.message, warning=True)
        return self._retry(obj)

    def _succeed(self, key: Key, source: Obj, checksum: str, began: Any) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        revision = revision_of(source)
        draft = self.site.draft(obj)
        draft.status["lastAppliedRevision"] = revision
        if source["kind"] == "OCIRepository":
            draft.status["lastAppliedOriginRevision"] = origin(source)
        self._record(draft, checksum, "ReconciliationSucceeded", began)
        draft.drop("Reconciling", "Stalled")
        draft.mark("Ready", "True", "ReconciliationSucceeded", f"Applied revision: {revision}")
        draft.status["observedGeneration"] = draft.generation
        self._answer(obj, draft)
        self.site.write(key, draft)
        every = go_duration(seconds_of(obj["spec"].get("interval"), 3600))
        took = round(FETCH + BUILD + APPLY + share("took", *key), 1)
        self._event(key, "ReconciliationSucceeded", f"Reconciliation finished in {took}s, next run in {every}")
        return next_pass(obj)

    def _record(self, draft: Draft, checksum: str, outcome: str, began: Any) -> None:
        now = self.site.now()
        revision = draft.status.get("lastAttemptedRevision", "")
        metadata = {"revision": revision}
        if origin_revision := draft.status.get("lastAppliedOriginRevision"):
            metadata["originRevision"] = origin_revision
        entry = {
            "digest": checksum,
            "firstReconciled": stamp(now),
            "lastReconciled": stamp(now),
            "lastReconciledDuration": f"{max(0.1, (now - began).total_seconds()):g}s",
            "lastReconciledStatus": outcome,
            "totalReconciliations": 1,
            "metadata": metadata,
        }
        draft.status["history"] = upsert_history(draft.status.get("history") or (), entry)

    def _answer(self, obj: Mapping[str, Any], draft: Draft) -> None:
        if token := asked(obj):
            draft.status["lastHandledReconcileAt"] = token

    def _event(self, key: Key, reason: str, message: str, *, warning: bool = False) -> None:
        obj = self.site.get(key)
        if obj is None:
            return
        notes = {}
        if revision := (obj.get("status") or {}).get("lastAttemptedRevision"):
            notes[f"{GROUP}/revision"] = revision
        self.site.event(obj, reason, message, component=COMPONENT, warning=warning, annotations=notes)

    def _finalize(self, obj: Obj) -> None:
        entries = ((obj.get("status") or {}).get("inventory") or {}).get("entries", ())
        if not suspended(obj) and obj["spec"].get("prune"):
            for entry in entries:
                self._delete(entry["id"])
        key = key_of(obj)
        left = [f for f in obj["metadata"].get("finalizers", ()) if f != FINALIZER]
        self.site.store.patch(key.kind, key.name, key.namespace, {"metadata": {"finalizers": left or None}})

    def _timeout(self, obj: Obj) -> float:
        return seconds_of(obj["spec"].get("timeout"), seconds_of(obj["spec"].get("interval"), 3600) - 30)

    def _retry(self, obj: Obj) -> float:
        if (condition(obj, "Ready") or {}).get("reason") == "DependencyNotReady":
            return RETRY_DEPENDENCY
        return seconds_of(obj["spec"].get("retryInterval"), seconds_of(obj["spec"].get("interval"), 3600))


def origin(source: Mapping[str, Any]) -> str:
    """``main@sha1:<commit>``: what an artifact was made from, whichever kind of source it is."""
    artifact = (source.get("status") or {}).get("artifact") or {}
    return str((artifact.get("metadata") or {}).get(ORIGIN) or artifact.get("revision", ""))


def _served(kind: str) -> bool:
    try:
        kinds.named(kind)
    except KeyError:
        return False
    return True


def _entry(obj: Mapping[str, Any]) -> str:
    """``namespace_name_group_Kind``, as the inventory names an object."""
    group = obj["apiVersion"].rpartition("/")[0]
    meta = obj["metadata"]
    return f"{meta.get('namespace', '')}_{meta['name'].replace(':', '__')}_{group}_{obj['kind']}"


def _substitutes(obj: Mapping[str, Any]) -> bool:
    notes = {**(obj["metadata"].get("annotations") or {}), **(obj["metadata"].get("labels") or {})}
    return notes.get(f"{GROUP}/substitute") != "disabled"
