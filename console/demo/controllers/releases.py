"""helm-controller: a release follows its chart and its values; what an upgrade changes are workloads."""

import json
from collections.abc import Iterable
from typing import ClassVar

from console.demo.api.store import Change
from console.demo.controllers.charts import Chart, chart_of, helm_chart_key
from console.demo.controllers.flux import (
    FORCED,
    RESET,
    RETRY_DEPENDENCY,
    asked,
    handled,
    is_new,
    next_pass,
    revision_of,
    settled,
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
)
from console.demo.controllers.site import Site
from console.demo.controllers.workloads import Workloads

COMPONENT = "helm-controller"
GROUP = "helm.toolkit.fluxcd.io"
FINALIZER = "finalizers.fluxcd.io"

UPGRADE = 14.0  # seconds that an upgrade takes when its pods become ready
ROLLBACK = 8.0
TIMEOUT = 300.0  # seconds, helm-controller's default for an action


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
        if FINALIZER not in obj["metadata"].get("finalizers", ()):
            finalizers = {"metadata": {"finalizers": [*obj["metadata"].get("finalizers", ()), FINALIZER]}}
            obj = self.site.store.patch(key.kind, key.name, key.namespace, finalizers)
        self._template(obj)
        self._progress(key, "Fulfilling prerequisites")
        await self.site.sleep(0.5)
        if problem := self._unmet(obj):
            return self._wait(key, *problem)
        chart = chart_of(self.site, obj)
        if chart is None:
            return self._wait(key, "ArtifactFailed", "could not get Source object: chart not found")
        return await self._release(key, obj, chart)

    # Before an action

    def _template(self, obj: Obj) -> None:
        """The HelmChart that ``spec.chart`` asks for."""
        spec = (obj["spec"].get("chart") or {}).get("spec")
        if not spec:
            return
        key = helm_chart_key(obj)
        reference = dict(spec["sourceRef"])
        reference.pop("namespace", None)
        self.site.store.apply(
            {
                "apiVersion": "source.toolkit.fluxcd.io/v1",
                "kind": "HelmChart",
                "metadata": {
                    "name": key.name,
                    "namespace": key.namespace,
                    "labels": {f"{GROUP}/name": obj["metadata"]["name"], f"{GROUP}/namespace": key.namespace},
                },
                "spec": {
                    "chart": spec["chart"],
                    "version": str(spec.get("version", "*")),
                    "interval": spec.get("interval", obj["spec"].get("interval", "1h")),
                    "reconcileStrategy": "ChartVersion",
                    "sourceRef": reference,
                },
            }
        )

    def _unmet(self, obj: Obj) -> tuple[str, str] | None:
        namespace = obj["metadata"]["namespace"]
        for ref in obj["spec"].get("dependsOn") or ():
            path = f"{ref.get('namespace') or namespace}/{ref['name']}"
            dependency = self.site.store.get("HelmRelease", ref["name"], path.partition("/")[0])
            if dependency is None:
                told = f'HelmRelease.{GROUP} "{ref["name"]}" not found'
                return "DependencyNotReady", f"unable to get '{path}' dependency: {told}"
            if not settled(dependency):
                return "DependencyNotReady", f"dependency '{path}' is not ready"
        source_key = helm_chart_key(obj)
        source = self.site.get(source_key)
        if source is None:
            told = f'{source_key.kind}.source.toolkit.fluxcd.io "{source_key.name}" not found'
            return "ArtifactFailed", f"could not get Source object: {told}"
        status = source.get("status") or {}
        name = f"{source_key.kind} '{source_key.path}' is not ready"
        if status.get("observedGeneration") != source["metadata"].get("generation"):
            return "SourceNotReady", f"{name}: latest generation of object has not been reconciled"
        if not revision_of(source):
            return "SourceNotReady", f"{name}: does not have an artifact"
        return None

    def _wait(self, key: Key, reason: str, message: str) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        draft = self.site.draft(obj)
        draft.mark("Ready", "False", reason, message)
        draft.mark("Reconciling", "True", "ProgressingWithRetry", message)
        self._end(key, obj, draft)
        if reason == "DependencyNotReady":
            self.site.event(obj, reason, message, component=COMPONENT)
        return RETRY_DEPENDENCY

    # The action

    async def _release(self, key: Key, obj: Obj, chart: Chart) -> float | None:
        status = obj.get("status") or {}
        config = f"sha256:{digest(json.dumps(obj['spec'].get('values'), sort_keys=True, default=str))}"
        forced = self._forced(obj, FORCED, "lastHandledForceAt")
        reset = self._forced(obj, RESET, "lastHandledResetAt")
        history = status.get("history") or []
        before = history[0] if history else None
        moved = (
            status.get("lastAttemptedConfigDigest") != config or status.get("lastAttemptedRevision") != chart.revision
        )
        moved = moved or status.get("lastAttemptedGeneration") != obj["metadata"]["generation"]
        if reset or moved:
            self._clear_failures(key)
        deployed = before and before["status"] == "deployed" and before["chartVersion"] == chart.version
        if deployed and before["configDigest"] == config and not forced:
            return self._in_sync(key, chart)
        if self._exhausted(key) and not forced:
            return self._stall(key)
        action = "upgrade" if history else "install"
        timeout = go_duration(seconds_of(obj["spec"].get("timeout"), TIMEOUT))
        self._progress(
            key, f"Running '{action}' action with timeout of {timeout}", unknown=True, chart=chart, config=config
        )
        problem = self.site.faults.releases.get(key)
        await self.site.sleep(seconds_of(obj["spec"].get("timeout"), TIMEOUT) if problem else UPGRADE)
        if self.site.get(key) is None:
            return None
        if problem:
            return await self._failed(key, chart, config, action, problem)
        self.workloads.deploy(obj, chart)
        return self._succeed(key, chart, config, action)

    def _in_sync(self, key: Key, chart: Chart) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        draft = self.site.draft(obj)
        released = draft.get("Released")
        if released and released["status"] == "True":
            draft.mark("Ready", "True", released["reason"], released["message"])
        draft.drop("Reconciling", "Stalled")
        draft.status["observedGeneration"] = draft.generation
        draft.status["lastAttemptedGeneration"] = draft.generation
        draft.status["lastAttemptedRevision"] = chart.revision
        self._end(key, obj, draft)
        self.workloads.deploy(obj, chart)
        return next_pass(obj)

    def _succeed(self, key: Key, chart: Chart, config: str, action: str) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        name = release_name(obj)
        draft = self.site.draft(obj)
        number = self._snapshot(draft, obj, chart, config, action, "deployed")
        reason = f"{action.capitalize()}Succeeded"
        shown = f"{key.namespace}/{name}.v{number} with chart {chart.name}@{chart.version}"
        message = f"Helm {action} succeeded for release {shown}"
        draft.drop("Reconciling", "Stalled", "Remediated")
        draft.mark("Ready", "True", reason, message)
        draft.mark("Released", "True", reason, message)
        for field in ("failures", "installFailures", "upgradeFailures"):
            draft.status.pop(field, None)
        draft.status["observedGeneration"] = draft.generation
        draft.status["inventory"] = {"entries": self.workloads.inventory(obj)}
        self._end(key, obj, draft)
        self.site.event(obj, reason, message, component=COMPONENT, annotations={f"{GROUP}/revision": chart.revision})
        return next_pass(obj)

    async def _failed(self, key: Key, chart: Chart, config: str, action: str, problem: str) -> float | None:
        """An action failed: count it, take it back where the spec says so, retry or give up."""
        obj = self.site.get(key)
        if obj is None:
            return None
        name = release_name(obj)
        message = f"Helm {action} failed for release {key.namespace}/{name} with chart {chart.name}@{chart.version}: {problem}"
        reason = f"{action.capitalize()}Failed"
        draft = self.site.draft(obj)
        self._snapshot(draft, obj, chart, config, action, "failed")
        draft.mark("Ready", "False", reason, message)
        draft.mark("Released", "False", reason, message)
        draft.mark("Reconciling", "True", "ProgressingWithRetry", message)
        draft.status["failures"] = int(draft.status.get("failures", 0)) + 1
        counter = f"{action}Failures"
        draft.status[counter] = int(draft.status.get(counter, 0)) + 1
        exhausted = self._spent(obj, draft.status)
        if not exhausted or "retries" in self._remediation(obj, action):
            self.site.write(key, draft)
            self.site.event(obj, reason, message, component=COMPONENT, warning=True)
            if "retries" in self._remediation(obj, action) and action == "upgrade":
                await self._roll_back(key, chart)
            return self._stall(key) if exhausted else self._retry(key)
        self.site.write(key, draft)
        self.site.event(obj, reason, message, component=COMPONENT, warning=True)
        return self._stall(key)

    async def _roll_back(self, key: Key, chart: Chart) -> None:
        await self.site.sleep(ROLLBACK)
        obj = self.site.get(key)
        if obj is None:
            return
        draft = self.site.draft(obj)
        history = draft.status.get("history") or []
        good = next((h for h in history if h["status"] in ("deployed", "superseded")), None)
        if good is None:
            return
        number = history[0]["version"] + 1
        entry = good | {
            "version": number,
            "status": "deployed",
            "action": "rollback",
            "lastDeployed": stamp(self.site.now()),
        }
        draft.status["history"] = [entry, *history][:5]
        shown = f"{key.namespace}/{release_name(obj)}.v{good['version']}"
        message = f"Helm rollback to previous release {shown} with chart {chart.name}@{good['chartVersion']} succeeded"
        draft.mark("Remediated", "True", "RollbackSucceeded", message)
        draft.mark("Ready", "False", "RollbackSucceeded", message)
        self.site.write(key, draft)
        self.site.event(obj, "RollbackSucceeded", message, component=COMPONENT)

    def _retry(self, key: Key) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        draft = self.site.draft(obj)
        self._end(key, obj, draft)
        strategy = (obj["spec"].get("upgrade") or {}).get("strategy") or {}
        return seconds_of(strategy.get("retryInterval"), 300)

    def _stall(self, key: Key) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        draft = self.site.draft(obj)
        action = draft.status.get("lastAttemptedReleaseAction", "upgrade")
        count = draft.status.get(f"{action}Failures", 1)
        told = f"Failed to {action} after {count} attempt(s)"
        draft.drop("Reconciling")
        draft.mark("Stalled", "True", "RetriesExceeded", told)
        for kind in ("Remediated", "Released"):
            blamed = draft.get(kind)
            if blamed and blamed["status"] == ("True" if kind == "Remediated" else "False"):
                draft.mark("Ready", "False", blamed["reason"], blamed["message"])
                break
        draft.status["observedGeneration"] = draft.generation
        self._end(key, obj, draft)
        return None

    # Writing

    def _progress(
        self, key: Key, message: str, *, unknown: bool = False, chart: Chart | None = None, config: str = ""
    ) -> None:
        obj = self.site.get(key)
        if obj is None:
            return
        draft = self.site.draft(obj)
        draft.drop("Stalled")
        draft.mark("Reconciling", "True", "Progressing", message)
        if unknown or draft.get("Ready") is None:
            draft.mark("Ready", "Unknown", "Progressing", message)
        if chart:
            draft.status |= {
                "lastAttemptedGeneration": draft.generation,
                "lastAttemptedRevision": chart.revision,
                "lastAttemptedRevisionDigest": chart.digest,
                "lastAttemptedConfigDigest": config,
                "lastAttemptedReleaseAction": "upgrade" if draft.status.get("history") else "install",
                "storageNamespace": key.namespace,
            }
            source = helm_chart_key(obj)
            if source.kind == "HelmChart":
                draft.status["helmChart"] = source.path
        self.site.write(key, draft)

    def _snapshot(self, draft: Draft, obj: Obj, chart: Chart, config: str, action: str, status: str) -> int:
        history = list(draft.status.get("history") or [])
        now = stamp(self.site.now())
        number = history[0]["version"] + 1 if history else 1
        if history and status == "deployed":
            history[0] = history[0] | {
                "status": "superseded" if history[0]["status"] == "deployed" else history[0]["status"]
            }
        entry = {
            "name": release_name(obj),
            "namespace": obj["metadata"]["namespace"],
            "version": number,
            "status": status,
            "action": action,
            "chartName": chart.name,
            "chartVersion": chart.version,
            "appVersion": chart.app_version,
            "configDigest": config,
            "digest": f"sha256:{digest(chart.revision, config)}",
            "firstDeployed": history[-1]["firstDeployed"] if history else now,
            "lastDeployed": now,
        }
        if chart.digest:
            entry["ociDigest"] = chart.digest
        draft.status["history"] = [entry, *history][:5]
        return int(number)

    def _end(self, key: Key, obj: Obj, draft: Draft) -> None:
        """The last write of a pass: requests are answered, whether or not they were honoured."""
        if token := asked(obj):
            draft.status["lastHandledReconcileAt"] = token
        notes = obj["metadata"].get("annotations") or {}
        for annotation, field in ((FORCED, "lastHandledForceAt"), (RESET, "lastHandledResetAt")):
            if annotation in notes:
                draft.status[field] = notes[annotation]
        self.site.write(key, draft)

    def _forced(self, obj: Obj, annotation: str, field: str) -> bool:
        """Honoured only together with a request of the same token that was not handled yet."""
        notes, status = obj["metadata"].get("annotations") or {}, obj.get("status") or {}
        token = notes.get(annotation)
        fresh = token and token not in (status.get(field), status.get("lastHandledReconcileAt"))
        return bool(fresh and token == asked(obj))

    def _clear_failures(self, key: Key) -> None:
        obj = self.site.get(key)
        if obj:
            draft = self.site.draft(obj)
            for field in ("failures", "installFailures", "upgradeFailures"):
                draft.status.pop(field, None)
            self.site.write(key, draft)

    def _remediation(self, obj: Obj, action: str) -> Obj:
        return dict((obj["spec"].get(action) or {}).get("remediation") or {})

    def _spent(self, obj: Obj, status: Obj) -> bool:
        """Whether no attempt is left: retries are 0 unless the spec says otherwise, negative is for ever."""
        action = status.get("lastAttemptedReleaseAction", "upgrade")
        strategy = ((obj["spec"].get(action) or {}).get("strategy") or {}).get("name")
        retries = int(self._remediation(obj, action).get("retries", 0))
        if strategy == "RetryOnFailure" or retries < 0:
            return False
        return int(status.get(f"{action}Failures", 0)) > retries

    def _exhausted(self, key: Key) -> bool:
        obj = self.site.get(key)
        return bool(obj and self._spent(obj, obj.get("status") or {}))

    def _finalize(self, obj: Obj) -> None:
        key = key_of(obj)
        if not suspended(obj):
            self.workloads.remove(obj)
            if (obj["spec"].get("chart") or {}).get("spec"):
                self.site.remove(helm_chart_key(obj))
        left = [f for f in obj["metadata"].get("finalizers", ()) if f != FINALIZER]
        self.site.store.patch(key.kind, key.name, key.namespace, {"metadata": {"finalizers": left or None}})


def release_name(obj: Obj) -> str:
    """The name of the Helm release."""
    return str(obj["spec"].get("releaseName") or obj["metadata"]["name"])
