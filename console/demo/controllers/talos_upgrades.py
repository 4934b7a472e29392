"""tuppr's TalosUpgrade: phase by phase and node by node, in the order of tuppr.md §1.6 (tuppr 0.5).

One thing is shown more often than real: Draining, which tuppr passes only where it drains itself, is written in every
batch, so that each phase can be seen.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from console.demo.api.store import Change
from console.demo.controllers import expressions, tuppr
from console.demo.controllers.drain import Drain
from console.demo.controllers.flux import is_new
from console.demo.controllers.jobs import Jobs
from console.demo.controllers.nodes import Nodes
from console.demo.controllers.objects import Key, Obj, go_duration, is_true, key_of, moment, seconds_of, stamp, uid
from console.demo.controllers.site import Site
from console.demo.controllers.windows import closed_until
from console.demo.world import Machine

COMPONENT = "talosupgrade-controller"
PRE_PULL = 21.0  # seconds for all nodes
CHECKS = 4.0
DRAIN_RETRY = 60.0
JOB_POLL = 30.0

_CLEARED: Obj = {
    "currentNode": "",
    "currentNodes": None,
    "completedNodes": [],
    "failedNodes": [],
    "rebootingNodes": [],
    "prePulledNodes": [],
    "prePullFailure": None,
    "preHookIndex": 0,
    "postHookIndex": 0,
    "preHookFailed": False,
    "completionCycles": 0,
}


class TalosUpgrades:
    """Every TalosUpgrade (homes have one)."""

    kinds: ClassVar[frozenset[str]] = frozenset(("TalosUpgrade", "Job", "Node"))

    def __init__(self, site: Site, nodes: Nodes, jobs: Jobs) -> None:
        self.site = site
        self.nodes = nodes
        self.jobs = jobs
        self.drain = Drain(site, nodes)

    def concerns(self, change: Change) -> Iterable[Key]:
        """A new spec, other annotations; the end of one of its jobs; a node that goes or comes while it runs."""
        obj = change.new.object
        if change.kind == "Node":
            if change.old and is_true(change.old.object, "Ready") != is_true(obj, "Ready"):
                for upgrade in self.site.store.list("TalosUpgrade"):
                    if tuppr.phase_of(upgrade) in tuppr.IN_FLIGHT:
                        yield key_of(upgrade)
        elif change.kind == "Job":
            if obj["metadata"]["labels"].get("app.kubernetes.io/name") == "talos-upgrade":
                yield Key("TalosUpgrade", "", obj["metadata"]["labels"]["app.kubernetes.io/instance"])
        elif change.type != "DELETED" and (is_new(change) or tuppr.annotations_changed(change)):
            yield key_of(obj)

    def first(self) -> Iterable[tuple[Key, float]]:
        """At once: whatever is underway goes on."""
        return [(key_of(obj), 0.0) for obj in self.site.store.list("TalosUpgrade")]

    async def reconcile(self, key: Key) -> float | None:  # noqa: PLR0911 - the order of these steps is tuppr's
        """One pass; the order of its steps is tuppr's own."""
        obj = self.site.get(key)
        if obj is None or tuppr.finalized(self.site, obj):
            return None
        obj = tuppr.with_finalizer(self.site, obj, "talos-finalizer")
        status = obj.get("status") or {}
        if (value := tuppr.suspension(obj)) is not None:
            message = f"Controller suspended via annotation (value: {value}) - remove annotation to resume"
            self._phase(key, "Pending", message, reason="Suspended", startedAt=None, completedAt=None)
            return 1800
        if tuppr.take_reset(self.site, obj):
            self._phase(key, "Pending", "Reset requested via annotation", **_CLEARED)
            return 30
        if obj["metadata"]["generation"] > status.get("observedGeneration", 0):
            self._phase(key, "Pending", "Spec updated, restarting upgrade process", **_CLEARED)
            return 30
        phase = status.get("phase", "")
        if phase == "Failed":
            return 300
        if phase == "Completed":
            return self._completed(key, obj)
        if phase not in tuppr.ACTIVE:
            if waiting := self._window(key, obj, "Waiting for maintenance window (next: {})"):
                return waiting
            if why := tuppr.talos_blocked(self.site, key.name):
                self._phase(key, "Pending", why, reason="WaitingForOtherUpgrade")
                return 120
        active = self.jobs.of(obj)
        if active:
            return self._batch(key, obj, active)
        if status.get("rebootingNodes"):
            return self._rebooting(key, obj)
        if status.get("failedNodes"):
            return self._finish(key)
        return await self._next_batch(key, obj)

    # Before a batch

    def _completed(self, key: Key, obj: Obj) -> float:
        lagging, _ = self._lagging(obj)
        if not lagging:
            return 3600
        cycles = int((obj.get("status") or {}).get("completionCycles", 0))
        target = obj["spec"]["talos"]["version"]
        if cycles >= 5:
            told = f"Node(s) never converged to {target} after {cycles} completion cycles; "
            told += f"add the {tuppr.RESET} annotation or bump the spec to retry"
            self._phase(key, "Failed", told)
            return 3600
        cleared = _CLEARED | {"completionCycles": cycles + 1}
        self._phase(key, "Pending", "New node detected, restarting upgrade", **cleared)
        return 5

    def _window(self, key: Key, obj: Obj, text: str) -> float | None:
        opens = closed_until(obj["spec"], self.site.now())
        if opens is None:
            return None
        message = text.format(opens.isoformat().replace("+00:00", "Z"))
        self._phase(key, "MaintenanceWindow", message, nextMaintenanceWindow=stamp(opens))
        return min(300, max(1, (opens - self.site.now()).total_seconds()))

    def _lagging(self, obj: Obj) -> tuple[list[str], list[str]]:
        """Nodes that run another version, and nodes that don't answer; the taint follows the first."""
        status, target = obj.get("status") or {}, obj["spec"]["talos"]["version"]
        done = set(status.get("completedNodes") or ())
        failed = {f["nodeName"] for f in status.get("failedNodes") or ()}
        lagging, silent = [], []
        for name in tuppr.selected(self.site, obj):
            machine = self.site.world.machines[name]
            if name in failed:
                continue
            if name in done:
                tuppr.taint_outdated(self.site, name, on=False)
            elif not machine.reachable:
                silent.append(name)
            else:
                late = machine.talos != target
                tuppr.taint_outdated(self.site, name, on=late)
                if late:
                    lagging.append(name)
        return lagging, silent

    async def _next_batch(self, key: Key, obj: Obj) -> float | None:  # noqa: PLR0911 - as above
        if waiting := self._window(key, obj, "Maintenance window closed between nodes, waiting (next: {})"):
            return waiting
        lagging, silent = self._lagging(obj)
        if silent:
            message = f"Waiting for unreachable node(s): {', '.join(silent)}"
            self._phase(key, "Pending", message, reason="NodeUnreachable")
            return 60
        if not lagging:
            return self._nothing_left(key, obj)
        if (waiting := await self._pre_pull(key, obj, lagging)) is not None:
            return waiting
        batch = lagging[: int(obj["spec"].get("parallelism", 1))]
        if (waiting := await self._health(key, obj)) is not None:
            return waiting
        if tuppr.changed(self.site, key, obj):
            return 1
        self._phase(key, "Draining", f"Draining {len(batch)} nodes", currentNode=batch[0], currentNodes=batch)
        machines = [self.site.world.machines[name] for name in batch]
        for machine in machines:
            if not await self.drain.drain(machine):
                for each in machines:
                    self.nodes.cordon(each, on=False)
                return DRAIN_RETRY
        for machine in machines:
            self.jobs.start_talos(obj, machine)
            tuppr.label_upgrading(self.site, machine.name, on=True)
        self._event(key, "UpgradeStarted", f"Talos upgrade to {obj['spec']['talos']['version']} started")
        self._phase(key, "Upgrading", f"Upgrading {len(batch)} nodes", currentNode=batch[0], currentNodes=batch)
        return JOB_POLL

    def _nothing_left(self, key: Key, obj: Obj) -> float | None:
        status, target = obj.get("status") or {}, obj["spec"]["talos"]["version"]
        done = list(status.get("completedNodes") or ())
        added = [n for n in tuppr.selected(self.site, obj) if n not in done]
        if added:
            told = f"Recorded {len(added)} node(s) already at target version {target}: [{' '.join(added)}]"
            self._event(key, "OutOfBandUpgrade", told)
        return self._finish(key, completed=[*done, *added])

    async def _pre_pull(self, key: Key, obj: Obj, lagging: list[str]) -> float | None:
        """Pull the installer on every node that waits and has not got it yet."""
        status = obj.get("status") or {}
        pulled = list(status.get("prePulledNodes") or ())
        missing = [n for n in lagging if n not in {p["nodeName"] for p in pulled}]
        if not missing or obj["spec"]["talos"].get("prePull") is False:
            return None
        self._phase(key, "Pending", f"Pre-pulling installer image on {len(missing)} node(s)", reason="PrePulling")
        await self.site.sleep(PRE_PULL)
        for name in missing:
            image = tuppr.installer(self.site.world.machines[name], obj["spec"]["talos"]["version"])
            if problem := self.site.faults.pulls.get(name):
                attempt = int((status.get("prePullFailure") or {}).get("attempts", 0)) + 1
                told = f"Pre-pull failed on node {name} for image {image} (attempt {attempt}): {problem}"
                failure = {"attempts": attempt, "lastError": problem}
                self._phase(key, "Pending", told, reason="PrePullFailed", prePulledNodes=pulled, prePullFailure=failure)
                self._event(key, "PrePullFailed", told, warning=True)
                return (60, 120, 240, 300)[min(attempt, 4) - 1]
            pulled.append({"nodeName": name, "nodeUID": uid("node", name), "image": image})
        message = f"Pre-pulled installer image on {len(missing)} node(s)"
        self._phase(key, "Pending", message, reason="PrePulling", prePulledNodes=pulled, prePullFailure=None)
        return None

    async def _health(self, key: Key, obj: Obj) -> float | None:
        checks = obj["spec"].get("healthChecks") or ()
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
        if tuppr.phase_of(obj) != "Draining":  # a drain that is tried again stays Draining, as long as it takes
            self._phase(key, "HealthChecking", "Running health checks")
        return None

    # During and after a batch

    def _batch(self, key: Key, obj: Obj, active: list[Obj]) -> float | None:
        counts = {"running": 0, "succeeded": 0, "failed": 0}
        rebooting = False
        for job in active:
            word = self.jobs.word(job)
            counts[word] += 1
            name = job["metadata"]["labels"][tuppr.TARGET_NODE]
            rebooting |= word == "running" and not self.site.world.machines[name].ready
        shown = f"{counts['running']} running, {counts['succeeded']} succeeded, {counts['failed']} failed"
        nodes = [job["metadata"]["labels"][tuppr.TARGET_NODE] for job in active]
        if counts["running"]:
            phase, message = "Upgrading", f"Upgrading {len(active)} nodes ({shown})"
            if rebooting:
                phase, message = "Rebooting", f"Nodes rebooting ({shown})"
            self._phase(key, phase, message, currentNode=nodes[0], currentNodes=nodes)
            return JOB_POLL
        return self._ended(key, obj, active)

    def _ended(self, key: Key, obj: Obj, active: list[Obj]) -> float | None:
        """All jobs ended: nodes that are back are done, nodes that are not are waited for."""
        status, target = obj.get("status") or {}, obj["spec"]["talos"]["version"]
        tracked = {r["nodeName"]: r for r in status.get("rebootingNodes") or ()}
        done, failed = list(status.get("completedNodes") or ()), list(status.get("failedNodes") or ())
        waiting = []
        for job in active:
            name = job["metadata"]["labels"][tuppr.TARGET_NODE]
            machine = self.site.world.machines[name]
            if self.jobs.word(job) == "failed":
                told = f"Upgrade Job failed while node remained at {machine.talos}; expected {target}"
                failed.append({"nodeName": name, "retries": 0, "lastError": told})
                self._leave(machine)
            elif _is_back(machine):
                self._verified(machine, target, done, failed)
            else:
                deadline = self._deadline(obj)
                waiting.append(tracked.get(name) or {"nodeName": name, "deadline": stamp(deadline)})
        lists: Obj = {"completedNodes": done, "failedNodes": failed, "rebootingNodes": waiting}
        if waiting:
            names = [w["nodeName"] for w in waiting]
            message = f"Waiting for {len(waiting)} node(s) to finish rebooting"
            self._phase(key, "Rebooting", message, currentNode=names[0], currentNodes=names, **lists)
            self._forget(active)  # from here on the status carries the wait, as after the jobs' end of life
            return JOB_POLL
        self._forget(active)
        if failed:
            return self._stopped(key, lists)
        message = f"Batch completed successfully ({len(done)} total completed)"
        self._phase(key, "Pending", message, currentNode="", currentNodes=None, **lists)
        return 5

    def _forget(self, active: list[Obj]) -> None:
        for job in active:
            self.jobs.forget(job)

    def _rebooting(self, key: Key, obj: Obj) -> float | None:
        status, target = obj["status"], obj["spec"]["talos"]["version"]
        done, failed = list(status.get("completedNodes") or ()), list(status.get("failedNodes") or ())
        waiting = []
        for entry in status["rebootingNodes"]:
            machine = self.site.world.machines[entry["nodeName"]]
            if _is_back(machine):
                self._verified(machine, target, done, failed)
            elif self.site.now() >= moment(entry["deadline"]):
                limit = go_duration(seconds_of((obj["spec"].get("policy") or {}).get("timeout"), 1800))
                told = f"Node did not become ready within {limit} after upgrade"
                failed.append({"nodeName": machine.name, "retries": 0, "lastError": told})
                self._leave(machine)
            else:
                waiting.append(entry)
        lists: Obj = {"completedNodes": done, "failedNodes": failed, "rebootingNodes": waiting}
        if waiting:
            names = [w["nodeName"] for w in waiting]
            message = f"Waiting for {len(waiting)} node(s) to finish rebooting"
            self._phase(key, "Rebooting", message, currentNode=names[0], currentNodes=names, **lists)
            return JOB_POLL
        if failed:
            obj_lists = {**lists, "currentNode": "", "currentNodes": None}
            return self._finish(key, completed=done, **{k: v for k, v in obj_lists.items() if k != "completedNodes"})
        message = f"Batch completed successfully ({len(done)} total completed)"
        self._phase(key, "Pending", message, currentNode="", currentNodes=None, **lists)
        return 5

    def _verified(self, machine: Machine, target: str, done: list[str], failed: list[Obj]) -> None:
        if machine.talos == target:
            done.append(machine.name)
            tuppr.taint_outdated(self.site, machine.name, on=False)
        else:
            told = f"Upgrade Job failed while node remained at {machine.talos}; expected {target}"
            failed.append({"nodeName": machine.name, "retries": 0, "lastError": told})
        self._leave(machine)

    def _leave(self, machine: Machine) -> None:
        tuppr.label_upgrading(self.site, machine.name, on=False)
        if machine.cordoned and machine.reachable:
            self.nodes.cordon(machine, on=False)

    def _deadline(self, obj: Obj) -> datetime:
        seconds = seconds_of((obj["spec"].get("policy") or {}).get("timeout"), 1800)
        return self.site.now() + timedelta(seconds=seconds / self.site.clock.speed)

    def _stopped(self, key: Key, lists: Obj) -> float:
        count = len(lists["failedNodes"])
        message = f"Batch upgrade stopped: {count} nodes failed - stopping"
        self._terminal(key, "Failed", message, currentNode="", currentNodes=None, **lists)
        return 300

    def _finish(self, key: Key, completed: list[str] | None = None, **updates: Any) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        status = (obj.get("status") or {}) | updates
        done = completed if completed is not None else list(status.get("completedNodes") or ())
        failed = list(status.get("failedNodes") or ())
        updates["completedNodes"] = done
        if failed:
            message = f"Completed with failures: {len(done)} successful, {len(failed)} failed"
            self._terminal(key, "Failed", message, **updates)
        else:
            self._terminal(key, "Completed", f"Successfully upgraded {len(done)} nodes", **updates)
        return 300

    def _terminal(self, key: Key, phase: str, message: str, **updates: Any) -> None:
        obj = self.site.get(key)
        if obj is None:
            return
        target, status = obj["spec"]["talos"]["version"], obj.get("status") or {}
        if phase == "Failed" and status.get("startedAt"):
            entry = {
                "toVersion": target,
                "startedAt": status["startedAt"],
                "completedAt": stamp(self.site.now()),
                "phase": phase,
                "completedNodes": updates.get("completedNodes") or [],
                "failedNodes": [f["nodeName"] for f in updates.get("failedNodes") or ()],
            }
            updates["history"] = [entry, *(status.get("history") or ())][:3]
        self._phase(key, phase, message, **updates)
        if phase == "Failed":
            self._event(key, "UpgradeFailed", f"Talos upgrade to {target} failed: {message}", warning=True)
        else:
            count = len(updates["completedNodes"])
            self._event(key, "UpgradeCompleted", f"Talos upgraded to {target} on {count} node(s)")

    def _phase(self, key: Key, phase: str, message: str, reason: str = "", **updates: Any) -> None:
        tuppr.write_phase(self.site, key, phase, message, reason=reason, updates=updates)

    def _event(self, key: Key, reason: str, message: str, *, warning: bool = False) -> None:
        obj = self.site.get(key)
        if obj is not None:
            self.site.event(obj, reason, message, component=COMPONENT, warning=warning)


def _is_back(machine: Machine) -> bool:
    return machine.reachable and machine.ready and machine.stage == "running"
