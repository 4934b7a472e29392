"""tuppr's KubernetesUpgrade: Pending, HealthChecking, Upgrading, Completed or Failed (tuppr.md §1.3, §1.6)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from console.demo.api.store import Change
from console.demo.controllers import expressions, tuppr
from console.demo.controllers.flux import is_new, with_finalizer
from console.demo.controllers.jobs import Jobs
from console.demo.controllers.objects import Key, Obj, go_duration, key_of, seconds_of, stamp
from console.demo.controllers.site import Site
from console.demo.controllers.windows import closed_until, rfc3339

COMPONENT = "kubernetesupgrade-controller"
CHECKS = 4.0
_CLEARED: Obj = {"controllerNode": "", "jobName": "", "retries": 0, "lastError": ""}


class KubernetesUpgrades:
    """The KubernetesUpgrade; a cluster has at most one."""

    kinds: ClassVar[frozenset[str]] = frozenset(("KubernetesUpgrade", "Job"))

    def __init__(self, site: Site, jobs: Jobs) -> None:
        self.site = site
        self.jobs = jobs

    def concerns(self, change: Change) -> Iterable[Key]:
        """A new spec, other annotations; the end of its job."""
        obj = change.new.object
        if change.kind == "Job":
            if obj["metadata"]["labels"].get("app.kubernetes.io/name") == "kubernetes-upgrade":
                yield Key("KubernetesUpgrade", "", obj["metadata"]["labels"]["app.kubernetes.io/instance"])
        elif change.type != "DELETED" and (is_new(change) or tuppr.annotations_changed(change)):
            yield key_of(obj)

    def first(self) -> Iterable[tuple[Key, float]]:
        """At once."""
        return [(key_of(obj), 0.0) for obj in self.site.store.list("KubernetesUpgrade")]

    async def reconcile(self, key: Key) -> float | None:  # noqa: PLR0911 - the order of these steps is tuppr's
        """One pass; the order of its steps is tuppr's own."""
        obj = self.site.get(key)
        if obj is None or tuppr.finalized(self.site, obj):
            return None
        obj = with_finalizer(self.site, obj, f"{tuppr.GROUP}/kubernetes-finalizer")
        status, target = obj.get("status") or {}, obj["spec"]["kubernetes"]["version"]
        if (value := tuppr.suspension(obj)) is not None:
            message = f"Controller suspended via annotation (value: {value}) - remove annotation to resume"
            self._phase(key, "Pending", message, reason="Suspended", controllerNode="")
            return 1800
        if tuppr.take_reset(self.site, obj):
            self._phase(key, "Pending", "Reset requested via annotation", **_CLEARED)
            return 30
        if obj["metadata"]["generation"] > status.get("observedGeneration", 0):
            self._phase(key, "Pending", f"Spec updated to {target}, restarting upgrade process", **_CLEARED)
            return 30
        phase = status.get("phase", "")
        if phase in ("Completed", "Failed"):
            return 300
        if phase not in tuppr.ACTIVE and (waiting := self._waits(key, obj)) is not None:
            return waiting
        for job in self.jobs.of(obj):
            return self._follow(key, job, target)
        self._update(key, currentVersion=self.site.world.kubernetes, targetVersion=target)
        if self._everywhere(target):
            self._complete(key, f"Kubernetes successfully upgraded to {target}")
            return 3600
        return await self._start(key, obj, target)

    def _waits(self, key: Key, obj: Obj) -> float | None:
        opens = closed_until(obj["spec"], self.site.now())
        if opens is not None:
            message = f"Waiting for maintenance window (next: {rfc3339(opens)})"
            self._phase(key, "MaintenanceWindow", message, controllerNode="", nextMaintenanceWindow=stamp(opens))
            return min(300, max(1, (opens - self.site.now()).total_seconds()))
        if why := tuppr.kubernetes_blocked(self.site):
            self._phase(key, "Pending", why, reason="WaitingForOtherUpgrade", controllerNode="")
            return 120
        return None

    async def _start(self, key: Key, obj: Obj, target: str) -> float:
        checks = obj["spec"].get("healthChecks") or ()
        self._phase(key, "HealthChecking", "Running health checks", controllerNode="")
        if checks:
            self._event(key, "HealthChecksStarted", f"Running {len(checks)} health check(s)")
        await self.site.sleep(CHECKS)
        longest = max([600.0, *(seconds_of(c.get("timeout"), 600) for c in checks)])
        good = await self.site.until(lambda: expressions.all_hold(self.site.store, checks), every=10, at_most=longest)
        if not good:
            problem = f"health checks failed: exceeded maximum timeout of {go_duration(longest)}"
            self._phase(key, "HealthChecking", f"Waiting for health checks: {problem}")
            self._event(key, "HealthChecksFailed", problem, warning=True)
            return 60
        if checks:
            self._event(key, "HealthChecksPassed", "All health checks passed")
        if tuppr.changed(self.site, key, obj):
            return 1
        machine = next(m for m in self.site.world.control_planes if m.kubelet != target)
        job = self.jobs.start_kubernetes(obj, machine)
        self._event(key, "UpgradeStarted", f"Kubernetes upgrade to {target} started")
        name = job["metadata"]["name"]
        message = f"Upgrading Kubernetes to {target} on controller node {machine.name}"
        self._phase(key, "Upgrading", message, controllerNode=machine.name, jobName=name)
        return 30

    def _follow(self, key: Key, job: Obj, target: str) -> float:
        word, name = self.jobs.word(job), job["metadata"]["name"]
        if word == "running":
            self._phase(key, "Upgrading", f"Upgrading Kubernetes to {target} (job: {name})", jobName=name)
            return 30
        self.jobs.forget(job)
        if word == "failed":
            message, error = "Kubernetes upgrade job failed permanently", "Job failed permanently"
            self._record(key, "Failed", message, lastError=error, jobName=name)
            self._event(key, "UpgradeFailed", f"Kubernetes upgrade to {target} failed: {message}", warning=True)
            return 600
        if self._everywhere(target):
            self._complete(key, f"Cluster successfully upgraded to {target}")
            self._update(key, currentVersion=self.site.world.kubernetes)
            return 3600
        message = f"Upgrading Kubernetes to {target}, continuing to next node"
        self._phase(key, "Upgrading", message, controllerNode="", jobName="")
        return 10

    def _everywhere(self, target: str) -> bool:
        return all(m.kubelet == target for m in self.site.world.control_planes)

    def _complete(self, key: Key, message: str) -> None:
        obj = self.site.get(key)
        ran = bool(obj and (obj.get("status") or {}).get("startedAt"))
        self._record(key, "Completed", message, controllerNode="", lastError="")
        if ran and obj:
            version = obj["spec"]["kubernetes"]["version"]
            self._event(key, "UpgradeCompleted", f"Kubernetes upgraded to {version}")

    def _record(self, key: Key, phase: str, message: str, **updates: Any) -> None:
        """A terminal phase; unlike for Talos every run that began gets a history entry."""
        obj = self.site.get(key)
        status = (obj or {}).get("status") or {}
        if obj and status.get("startedAt"):
            entry = {
                "fromVersion": status.get("currentVersion", ""),
                "toVersion": obj["spec"]["kubernetes"]["version"],
                "startedAt": status["startedAt"],
                "completedAt": stamp(self.site.now()),
                "phase": phase,
            }
            if updates.get("lastError"):
                entry["lastError"] = updates["lastError"]
            updates["history"] = [entry, *(status.get("history") or ())][:3]
        self._phase(key, phase, message, **updates)

    def _update(self, key: Key, **updates: Any) -> None:
        obj = self.site.get(key)
        if obj is not None:
            self.site.store.set_status(key.kind, key.name, "", (obj.get("status") or {}) | updates)

    def _phase(self, key: Key, phase: str, message: str, reason: str = "", **updates: Any) -> None:
        tuppr.write_phase(self.site, key, phase, message, reason=reason, updates=updates)

    def _event(self, key: Key, reason: str, message: str, *, warning: bool = False) -> None:
        obj = self.site.get(key)
        if obj is not None:
            self.site.event(obj, reason, message, component=COMPONENT, warning=warning)
