"""helm-controller: a release follows its chart and its values; what an upgrade changes are workloads."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from console.demo.api.store import Change
from console.demo.controllers import attempts
from console.demo.controllers.attempts import Attempt
from console.demo.controllers.charts import chart_of, helm_chart_key
from console.demo.controllers.flux import (
    FINALIZER,
    FORCED,
    RESET,
    RETRY_DEPENDENCY,
    answer,
    asked,
    handled,
    is_new,
    next_pass,
    revision_of,
    settled,
    suspended,
    with_finalizer,
    without_finalizer,
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
)
from console.demo.controllers.site import Site
from console.demo.controllers.workloads import Workloads

COMPONENT = "helm-controller"
GROUP = "helm.toolkit.fluxcd.io"

UPGRADE = 14.0  # seconds that an upgrade takes when its pods become ready
ROLLBACK = 8.0
TIMEOUT = 300.0  # seconds, helm-controller's default for an action
RETRY = 300.0  # seconds, the default of strategy.retryInterval


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What a request asks for beside a pass."""

    force: bool
    reset: bool


class Releases:
    """Every HelmRelease of the cluster."""

    kinds: ClassVar[frozenset[str]] = frozenset(("HelmRelease", "OCIRepository", "HelmChart"))

    def __init__(self, site: Site, workloads: Workloads) -> None:
        self.site = site
        self.workloads = workloads

    def concerns(self, change: Change) -> Iterable[Key]:
        """A release that was made, changed or asked for; all of a chart when that has a new artifact."""
        if change.type == "DELETED":
            return
        new = change.new.object
        if change.kind == "HelmRelease":
            if is_new(change):
                yield key_of(new)
        elif change.old and revision_of(change.old.object) != revision_of(new):
            source = key_of(new)
            for obj in self.site.store.list("HelmRelease"):
                if helm_chart_key(obj) == source:
                    yield key_of(obj)

    def first(self) -> Iterable[tuple[Key, float]]:
        """By interval; what is not ready sooner, but for what is stalled."""
        for obj in self.site.store.list("HelmRelease"):
            if not suspended(obj):
                wait = next_pass(obj) if settled(obj) or condition(obj, "Stalled") else RETRY_DEPENDENCY
                yield key_of(obj), wait * share("first", *key_of(obj))

    async def reconcile(self, key: Key) -> float | None:
        """One pass, with the conditions that the real one leaves (helm-controller 1.6)."""
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
        self._template(obj)
        with self.site.status(key) as draft:
            _progressing(draft, "Fulfilling prerequisites")
        await self.site.sleep(0.5)
        if problem := self._unmet(obj):
            return self._wait(key, *problem)
        return await self._release(key, obj)

    # Before an action

    def _template(self, obj: Obj) -> None:
        """The HelmChart that ``spec.chart`` asks for."""
        spec = (obj["spec"].get("chart") or {}).get("spec")
        if not spec:
            return
        key, meta = helm_chart_key(obj), obj["metadata"]
        labels = {f"{GROUP}/name": meta["name"], f"{GROUP}/namespace": meta["namespace"]}
        self.site.store.apply(
            {
                "apiVersion": "source.toolkit.fluxcd.io/v1",
                "kind": "HelmChart",
                "metadata": {"name": key.name, "namespace": key.namespace, "labels": labels},
                "spec": {
                    "chart": spec["chart"],
                    "version": str(spec.get("version", "*")),
                    "interval": spec.get("interval", obj["spec"].get("interval", "1h")),
                    "reconcileStrategy": "ChartVersion",
                    "sourceRef": {k: v for k, v in spec["sourceRef"].items() if k != "namespace"},
                },
            }
        )

    def _unmet(self, obj: Obj) -> tuple[str, str] | None:
        """What is missing: (reason, message)."""
        for ref in obj["spec"].get("dependsOn") or ():
            path = f"{ref.get('namespace') or obj['metadata']['namespace']}/{ref['name']}"
            dependency = self.site.store.get("HelmRelease", ref["name"], path.partition("/")[0])
            if dependency is None:
                told = f'HelmRelease.{GROUP} "{ref["name"]}" not found'
                return "DependencyNotReady", f"unable to get '{path}' dependency: {told}"
            if not settled(dependency):
                return "DependencyNotReady", f"dependency '{path}' is not ready"
        key = helm_chart_key(obj)
        source = self.site.get(key)
        if source is None:
            told = f'{key.kind}.source.toolkit.fluxcd.io "{key.name}" not found'
            return "ArtifactFailed", f"could not get Source object: {told}"
        # Whether the source is Ready is not asked: an old artifact does.
        name = f"{key.kind} '{key.path}' is not ready"
        if (source.get("status") or {}).get("observedGeneration") != source["metadata"].get("generation"):
            return "SourceNotReady", f"{name}: latest generation of object has not been reconciled"
        return None if revision_of(source) else ("SourceNotReady", f"{name}: does not have an artifact")

    def _wait(self, key: Key, reason: str, message: str) -> float:
        with self.site.status(key) as draft:
            draft.mark("Ready", "False", reason, message)
            draft.mark("Reconciling", "True", "ProgressingWithRetry", message)
            self._end(key, draft)
        if reason == "DependencyNotReady" and (obj := self.site.get(key)):
            self.site.event(obj, reason, message, component=COMPONENT)
        return RETRY_DEPENDENCY

    # The action

    async def _release(self, key: Key, obj: Obj) -> float | None:
        chart = chart_of(self.site, obj)
        if chart is None:
            return self._wait(key, "ArtifactFailed", "could not get Source object: no artifact")
        config = f"sha256:{digest(json.dumps(obj['spec'].get('values'), sort_keys=True, default=str))}"
        attempt = Attempt(obj, chart, config)
        wishes = _Wishes(_honoured(obj, FORCED, "lastHandledForceAt"), _honoured(obj, RESET, "lastHandledResetAt"))
        with self.site.status(key) as draft:
            if wishes.reset or attempt.is_new(draft.status):
                attempts.forgive(draft.status)
        if attempt.is_deployed and not wishes.force:
            return self._in_sync(key, attempt)
        status = (self.site.get(key) or obj).get("status") or {}
        if attempts.exhausted(obj, status) and not wishes.force:
            self._stall(key)
            return None
        return await self._act(key, attempt)

    async def _act(self, key: Key, attempt: Attempt) -> float | None:
        timeout = seconds_of(attempt.release["spec"].get("timeout"), TIMEOUT)
        with self.site.status(key) as draft:
            message = f"Running '{attempt.action}' action with timeout of {go_duration(timeout)}"
            _progressing(draft, message)
            draft.mark("Ready", "Unknown", "Progressing", message)
            attempt.begin(draft)
        problem = self.site.faults.releases.get(key)
        await self.site.sleep(timeout if problem else UPGRADE)
        obj = self.site.get(key)
        if obj is None:
            return None
        if problem:
            return await self._failed(key, attempt, problem)
        self.workloads.deploy(obj, attempt.chart)
        return self._succeed(key, attempt)

    def _in_sync(self, key: Key, attempt: Attempt) -> float:
        with self.site.status(key) as draft:
            released = draft.get("Released")
            if released and released["status"] == "True":
                draft.mark("Ready", "True", released["reason"], released["message"])
            draft.drop("Reconciling", "Stalled")
            draft.status["observedGeneration"] = draft.generation
            attempt.begin(draft)
            self._end(key, draft)
        self.workloads.deploy(attempt.release, attempt.chart)
        return next_pass(attempt.release)

    def _succeed(self, key: Key, attempt: Attempt) -> float:
        with self.site.status(key) as draft:
            number = attempt.record(draft, "deployed")
            reason = f"{attempt.action.capitalize()}Succeeded"
            message = f"Helm {attempt.action} succeeded for release {attempt.name}.v{number} with chart {attempt.shown}"
            draft.drop("Reconciling", "Stalled", "Remediated")
            draft.mark("Ready", "True", reason, message)
            draft.mark("Released", "True", reason, message)
            attempts.forgive(draft.status)
            draft.status["observedGeneration"] = draft.generation
            draft.status["inventory"] = {"entries": self.workloads.inventory(attempt.release)}
            self._end(key, draft)
        notes = {f"{GROUP}/revision": attempt.chart.revision}
        self.site.event(attempt.release, reason, message, component=COMPONENT, annotations=notes)
        return next_pass(attempt.release)

    async def _failed(self, key: Key, attempt: Attempt, problem: str) -> float | None:
        """Count it, take it back where the spec says so, try again or give up."""
        reason, obj = f"{attempt.action.capitalize()}Failed", attempt.release
        message = f"Helm {attempt.action} failed for release {attempt.name} with chart {attempt.shown}: {problem}"
        with self.site.status(key) as draft:
            attempt.record(draft, "failed")
            draft.mark("Ready", "False", reason, message)
            draft.mark("Released", "False", reason, message)
            draft.mark("Reconciling", "True", "ProgressingWithRetry", message)
            attempts.blame(draft.status, attempt.action)
            given_up = attempts.exhausted(obj, draft.status)
        self.site.event(obj, reason, message, component=COMPONENT, warning=True)
        if attempts.remediates(obj, attempt.action):
            await self._roll_back(key, attempt)
        if given_up:
            self._stall(key)
            return None
        with self.site.status(key) as draft:
            self._end(key, draft)
        strategy = (obj["spec"].get(attempt.action) or {}).get("strategy") or {}
        return seconds_of(strategy.get("retryInterval"), RETRY)

    async def _roll_back(self, key: Key, attempt: Attempt) -> None:
        await self.site.sleep(ROLLBACK)
        with self.site.status(key) as draft:
            history = draft.status.get("history") or []
            good = next((h for h in history if h["status"] in ("deployed", "superseded")), None)
            if good is None:
                return
            back = {"version": history[0]["version"] + 1, "status": "deployed", "action": "rollback"}
            draft.status["history"] = [good | back | {"lastDeployed": stamp(self.site.now())}, *history][:5]
            old = f"{attempt.chart.name}@{good['chartVersion']}"
            message = f"Helm rollback to previous release {attempt.name}.v{good['version']} with chart {old} succeeded"
            draft.mark("Remediated", "True", "RollbackSucceeded", message)
            draft.mark("Ready", "False", "RollbackSucceeded", message)
        self.site.event(attempt.release, "RollbackSucceeded", message, component=COMPONENT)

    def _stall(self, key: Key) -> None:
        """No attempt is left: nothing more is tried until something changes, or someone asks for it."""
        with self.site.status(key) as draft:
            action = draft.status.get("lastAttemptedReleaseAction", "upgrade")
            count = draft.status.get(f"{action}Failures", 1)
            draft.drop("Reconciling")
            draft.mark("Stalled", "True", "RetriesExceeded", f"Failed to {action} after {count} attempt(s)")
            for kind, bad in (("Remediated", "True"), ("Released", "False")):
                blamed = draft.get(kind)
                if blamed and blamed["status"] == bad:
                    draft.mark("Ready", "False", blamed["reason"], blamed["message"])
                    break
            draft.status["observedGeneration"] = draft.generation
            self._end(key, draft)

    def _end(self, key: Key, draft: Draft) -> None:
        """The last write of a pass: requests are answered, whether or not they were honoured."""
        obj = self.site.get(key)
        if obj is None:
            return
        answer(obj, draft)
        notes = obj["metadata"].get("annotations") or {}
        for annotation, field in ((FORCED, "lastHandledForceAt"), (RESET, "lastHandledResetAt")):
            if annotation in notes:
                draft.status[field] = notes[annotation]

    def _finalize(self, obj: Obj) -> None:
        if not suspended(obj):
            self.workloads.remove(obj)
            if (obj["spec"].get("chart") or {}).get("spec"):
                self.site.remove(helm_chart_key(obj))
        without_finalizer(self.site, obj, FINALIZER)


def _progressing(draft: Draft, message: str) -> None:
    draft.drop("Stalled")
    draft.mark("Reconciling", "True", "Progressing", message)
    if draft.get("Ready") is None:
        draft.mark("Ready", "Unknown", "Progressing", message)


def _honoured(obj: Obj, annotation: str, field: str) -> bool:
    """Force and reset count only together with a request of the same token that was not handled yet."""
    token = (obj["metadata"].get("annotations") or {}).get(annotation)
    status = obj.get("status") or {}
    fresh = token not in (status.get(field), status.get("lastHandledReconcileAt"))
    return bool(token and fresh and token == asked(obj))
