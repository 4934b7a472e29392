"""kustomize-controller: applies a folder of the source, prunes what is gone from it, waits for what it applied."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from console.demo.api.store import Change
from console.demo.controllers import health
from console.demo.controllers.flux import (
    FINALIZER,
    RETRY_DEPENDENCY,
    answer,
    handled,
    is_new,
    next_pass,
    revision_of,
    settled,
    source_of,
    suspended,
    with_finalizer,
    without_finalizer,
)
from console.demo.controllers.manifests import GROUP, Broken, Manifests, entry, origin, served, shown
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

COMPONENT = "kustomize-controller"

# Seconds that the steps of a pass take.
FETCH, BUILD, APPLY = 0.4, 0.9, 1.1


class Kustomizations:
    """Every Kustomization of the cluster."""

    kinds: ClassVar[frozenset[str]] = frozenset(("Kustomization", *SOURCES))

    def __init__(self, site: Site) -> None:
        self.site = site
        self.manifests = Manifests(site)

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
                wait = next_pass(obj) if settled(obj) else _retry(obj)
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
        obj = with_finalizer(self.site, obj, FINALIZER)
        source_key, source = source_of(self.site, obj)
        if problem := self._unmet(obj, source_key, source):
            return self._blocked(key, obj, problem)
        return await self._pass(key, obj, source or {})

    async def _pass(self, key: Key, obj: Obj, source: Obj) -> float | None:
        site, began = self.site, self.site.now()
        revision, checksum = revision_of(source), ""
        suffix = f"for revision {revision} with a timeout of {go_duration(_timeout(obj))}"
        try:
            self._progress(key, f"Fetching manifests {suffix}")
            await site.sleep(FETCH)
            self._progress(key, f"Building manifests {suffix}", attempted=revision)
            await site.sleep(BUILD)
            objects = self.manifests.build(obj, source)
            checksum = f"sha256:{digest(json.dumps(objects, sort_keys=True, default=str))}"
            self._progress(key, f"Detecting drift {suffix}")
            await site.sleep(APPLY)
            self._changed(key, self.manifests.apply(objects))
            self._prune(key, obj, objects)
            await self._check(key, obj, objects, suffix)
        except Broken as broken:
            return self._fail(key, broken, checksum, began)
        return self._succeed(key, source, checksum, began)

    # Before a pass

    def _unmet(self, obj: Obj, source_key: Key, source: Obj | None) -> tuple[str, str] | None:
        """What is missing: (reason, message)."""
        if source is None:
            return "ArtifactFailed", f"Source '{shown(source_key)}' not found"
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
        with self.site.status(key) as draft:
            draft.mark("Ready", "False", *problem)
            if reconciling := draft.get("Reconciling"):
                draft.mark("Reconciling", "True", "ProgressingWithRetry", reconciling["message"])
            answer(obj, draft)
        if problem[0] == "DependencyNotReady":
            wait = go_duration(RETRY_DEPENDENCY)
            self._event(key, "DependencyNotReady", f"Dependencies do not meet ready condition, retrying in {wait}")
        return RETRY_DEPENDENCY

    # The steps of a pass

    def _changed(self, key: Key, lines: list[str]) -> None:
        if lines:
            self._event(key, "Progressing", "\n".join(lines))

    def _prune(self, key: Key, owner: Obj, objects: list[Obj]) -> None:
        entries = [entry(obj) for obj in objects]
        with self.site.status(key) as draft:
            old = {e["id"] for e in (draft.status.get("inventory") or {}).get("entries", ())}
            draft.status["inventory"] = {"entries": entries}
        if owner["spec"].get("prune"):
            self._changed(key, self.manifests.prune(list(old - {e["id"] for e in entries})))

    async def _check(self, key: Key, owner: Obj, objects: list[Obj], suffix: str) -> None:
        """Wait for what was applied (``wait``) or named (``healthChecks``); a stalled one ends the wait at once."""
        targets = _targets(key, owner, objects)
        if not targets:
            with self.site.status(key) as draft:
                draft.drop("Healthy")
            return
        self._progress(key, f"Running health checks {suffix}", healthy=True)
        began, timeout = self.site.now(), _timeout(owner)
        words: dict[Key, str] = {}

        def over() -> bool:
            words.update({target: health.status_of(self.site.get(target)) for target in targets})
            return set(words.values()) == {health.CURRENT} or health.FAILED in words.values()

        await self.site.until(over, every=5, at_most=timeout)
        took = (self.site.now() - began).total_seconds()
        bad = [f"{shown(target)} status: '{word}'" for target, word in words.items() if word != health.CURRENT]
        early = health.FAILED in words.values()
        why = "failed early due to stalled resources" if early else "timeout waiting for"
        told = f"{why}: [{', '.join(bad)}]"
        with self.site.status(key) as draft:
            if bad:
                draft.mark("Healthy", "False", "HealthCheckFailed", told)
            else:
                passed = f"Health check passed in {int(share('health', *key) * 90) + 10}ms"
                draft.mark("Healthy", "True", "Succeeded", passed)
        if bad:
            spent = go_duration(max(1, took) if early else timeout)
            raise Broken("HealthCheckFailed", f"health check failed after {spent}: {told}", recorded=True)

    # Writing

    def _progress(self, key: Key, message: str, *, attempted: str = "", healthy: bool = False) -> None:
        with self.site.status(key) as draft:
            draft.drop("Stalled")
            draft.mark("Ready", "Unknown", "Progressing", "Reconciliation in progress")
            draft.mark("Reconciling", "True", "Progressing", message)
            if healthy:
                draft.mark("Healthy", "Unknown", "Progressing", message)
            if attempted:
                draft.status["lastAttemptedRevision"] = attempted

    def _fail(self, key: Key, broken: Broken, checksum: str, began: datetime) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        with self.site.status(key) as draft:
            if broken.recorded:
                self._record(draft, checksum, broken.reason, began)
            draft.mark("Ready", "False", broken.reason, broken.message)
            progress = (draft.get("Reconciling") or {}).get("message", "")
            draft.mark("Reconciling", "True", "ProgressingWithRetry", progress)
            answer(obj, draft)
        self._event(key, broken.reason, broken.message, warning=True)
        return _retry(obj)

    def _succeed(self, key: Key, source: Obj, checksum: str, began: datetime) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        revision = revision_of(source)
        with self.site.status(key) as draft:
            draft.status["lastAppliedRevision"] = revision
            if source["kind"] == "OCIRepository":
                draft.status["lastAppliedOriginRevision"] = origin(source)
            self._record(draft, checksum, "ReconciliationSucceeded", began)
            draft.drop("Reconciling", "Stalled")
            draft.mark("Ready", "True", "ReconciliationSucceeded", f"Applied revision: {revision}")
            draft.status["observedGeneration"] = draft.generation
            answer(obj, draft)
        every = go_duration(seconds_of(obj["spec"].get("interval"), 3600))
        took = round(FETCH + BUILD + APPLY + share("took", *key), 1)
        self._event(key, "ReconciliationSucceeded", f"Reconciliation finished in {took}s, next run in {every}")
        return next_pass(obj)

    def _record(self, draft: Draft, checksum: str, outcome: str, began: datetime) -> None:
        now, status = self.site.now(), draft.status
        metadata = {"revision": status.get("lastAttemptedRevision", "")}
        if "lastAppliedOriginRevision" in status:
            metadata["originRevision"] = status["lastAppliedOriginRevision"]
        made = {
            "digest": checksum,
            "firstReconciled": stamp(now),
            "lastReconciled": stamp(now),
            "lastReconciledDuration": f"{max(1, int((now - began).total_seconds()))}s",
            "lastReconciledStatus": outcome,
            "totalReconciliations": 1,
            "metadata": metadata,
        }
        status["history"] = upsert_history(status.get("history") or (), made)

    def _event(self, key: Key, reason: str, message: str, *, warning: bool = False) -> None:
        obj = self.site.get(key)
        if obj is not None:
            revision = (obj.get("status") or {}).get("lastAttemptedRevision")
            notes = {f"{GROUP}/revision": revision} if revision else {}
            self.site.event(obj, reason, message, component=COMPONENT, warning=warning, annotations=notes)

    def _finalize(self, obj: Obj) -> None:
        """Prune what it applied, unless it is suspended; then let it go."""
        entries = ((obj.get("status") or {}).get("inventory") or {}).get("entries", ())
        if not suspended(obj) and obj["spec"].get("prune"):
            self.manifests.prune([e["id"] for e in entries])
        without_finalizer(self.site, obj, FINALIZER)


def _targets(key: Key, owner: Obj, objects: list[Obj]) -> list[Key]:
    """What the health check looks at; never the Kustomization itself."""
    if owner["spec"].get("wait"):
        found = [key_of(o) for o in objects if served(o["kind"])]
    else:
        checks, home = owner["spec"].get("healthChecks") or (), owner["metadata"]["namespace"]
        found = [Key(c["kind"], c.get("namespace") or home, c["name"]) for c in checks if served(c["kind"])]
    return [target for target in found if target != key]


def _timeout(obj: Obj) -> float:
    return seconds_of(obj["spec"].get("timeout"), seconds_of(obj["spec"].get("interval"), 3600) - 30)


def _retry(obj: Obj) -> float:
    if (condition(obj, "Ready") or {}).get("reason") == "DependencyNotReady":
        return RETRY_DEPENDENCY
    return seconds_of(obj["spec"].get("retryInterval"), seconds_of(obj["spec"].get("interval"), 3600))
