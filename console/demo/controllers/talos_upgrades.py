"""tuppr's TalosUpgrade: phase by phase and node by node, in the order of tuppr.md §1.6 (tuppr 0.5).

One thing is shown more often than real: Draining, which tuppr passes only where it drains itself, is written in every
batch, so that each phase can be seen.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from console.demo.api.store import Change
from console.demo.controllers import expressions, tuppr
from console.demo.controllers.drain import Drain
from console.demo.controllers.flux import is_new, with_finalizer
from console.demo.controllers.jobs import Jobs
from console.demo.controllers.nodes import Nodes
from console.demo.controllers.objects import Key, Obj, go_duration, is_true, key_of, seconds_of, stamp, uid
from console.demo.controllers.site import Site
from console.demo.controllers.talos_batches import JOB_POLL, Batches
from console.demo.controllers.windows import closed_until, rfc3339

PRE_PULL = 21.0  # seconds for all nodes
CHECKS = 4.0
DRAIN_RETRY = 60.0
PULL_RETRIES = (60.0, 120.0, 240.0, 300.0)

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
        self.batches = Batches(site, nodes, jobs)
        self._generations: dict[Key, int] = {}  # of the spec that the pass of each began with

    def concerns(self, change: Change) -> Iterable[Key]:
        """A new spec, other annotations; the end of one of its jobs; a node that goes or comes while it runs."""
        obj = change.new.object
        if change.kind == "Job":
            if obj["metadata"]["labels"].get("app.kubernetes.io/name") == "talos-upgrade":
                yield Key("TalosUpgrade", "", obj["metadata"]["labels"]["app.kubernetes.io/instance"])
        elif change.kind == "Node":
            if change.old and is_true(change.old.object, "Ready") != is_true(obj, "Ready"):
                upgrades = self.site.store.list("TalosUpgrade")
                yield from (key_of(upgrade) for upgrade in upgrades if tuppr.phase_of(upgrade) in tuppr.IN_FLIGHT)
        elif change.type != "DELETED" and (is_new(change) or tuppr.annotations_changed(change)):
            yield key_of(obj)

    def first(self) -> Iterable[tuple[Key, float]]:
        """At once: whatever is underway goes on."""
        return [(key_of(obj), 0.0) for obj in self.site.store.list("TalosUpgrade")]

    async def reconcile(self, key: Key) -> float | None:
        """One pass; the order of its steps is tuppr's own."""
        obj = self.site.get(key)
        if obj is None or tuppr.finalized(self.site, obj):
            return None
        obj = with_finalizer(self.site, obj, f"{tuppr.GROUP}/talos-finalizer")
        self._generations[key] = obj["metadata"]["generation"]
        for step in (self._told, self._resting):
            if (wait := step(key, obj)) is not None:
                return wait
        if active := self.jobs.of(obj):
            return self.batches.follow(key, active)
        status = obj.get("status") or {}
        if status.get("rebootingNodes"):
            return self.batches.wait_for_reboots(key)
        if status.get("failedNodes"):
            return self.batches.finish(key)
        return await self._next_batch(key, obj)

    def _told(self, key: Key, obj: Obj) -> float | None:
        """Suspend, reset, a new spec: what comes before everything else."""
        if (value := tuppr.suspension(obj)) is not None:
            message = f"Controller suspended via annotation (value: {value}) - remove annotation to resume"
            self._phase(key, "Pending", message, reason="Suspended")
            return 1800
        if tuppr.take_reset(self.site, obj):
            self._phase(key, "Pending", "Reset requested via annotation", **_CLEARED)
            return 30
        if obj["metadata"]["generation"] > (obj.get("status") or {}).get("observedGeneration", 0):
            self._phase(key, "Pending", "Spec updated, restarting upgrade process", **_CLEARED)
            return 30
        return None

    def _resting(self, key: Key, obj: Obj) -> float | None:
        """Ended, out of the window, or behind another upgrade."""
        phase = tuppr.phase_of(obj)
        if phase == "Failed":
            return 300
        if phase == "Completed":
            return self._recheck(key, obj)
        if phase in tuppr.ACTIVE:
            return None
        if wait := self._window(key, obj, "Waiting for maintenance window (next: {})"):
            return wait
        if why := tuppr.talos_blocked(self.site, key.name):
            self._phase(key, "Pending", why, reason="WaitingForOtherUpgrade")
            return 120
        return None

    def _recheck(self, key: Key, obj: Obj) -> float:
        """A completed upgrade looks after nodes that came later, or went back."""
        if not self._lagging(obj)[0]:
            return 3600
        cycles = int((obj.get("status") or {}).get("completionCycles", 0))
        target = obj["spec"]["talos"]["version"]
        if cycles >= 5:
            told = f"Node(s) never converged to {target} after {cycles} completion cycles; "
            self._phase(key, "Failed", told + f"add the {tuppr.RESET} annotation or bump the spec to retry")
            return 3600
        cleared = _CLEARED | {"completionCycles": cycles + 1}
        self._phase(key, "Pending", "New node detected, restarting upgrade", **cleared)
        return 5

    def _window(self, key: Key, obj: Obj, text: str) -> float | None:
        opens = closed_until(obj["spec"], self.site.now())
        if opens is None:
            return None
        self._phase(key, "MaintenanceWindow", text.format(rfc3339(opens)), nextMaintenanceWindow=stamp(opens))
        return min(300, max(1, (opens - self.site.now()).total_seconds()))

    # A batch

    async def _next_batch(self, key: Key, obj: Obj) -> float | None:
        if wait := self._window(key, obj, "Maintenance window closed between nodes, waiting (next: {})"):
            return wait
        lagging, silent = self._lagging(obj)
        if silent:
            message = f"Waiting for unreachable node(s): {', '.join(silent)}"
            self._phase(key, "Pending", message, reason="NodeUnreachable")
            return 60
        if not lagging:
            return self._nothing_left(key, obj)
        for step in (self._pre_pull, self._health):
            if (wait := await step(key, obj, lagging)) is not None:
                return wait
        if tuppr.changed(self.site, key, obj):
            return 1
        return await self._start(key, obj, lagging[: int(obj["spec"].get("parallelism", 1))])

    async def _start(self, key: Key, obj: Obj, batch: list[str]) -> float:
        nodes: Obj = {"currentNode": batch[0], "currentNodes": batch}
        self._phase(key, "Draining", f"Draining {len(batch)} nodes", **nodes)
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
        self._phase(key, "Upgrading", f"Upgrading {len(batch)} nodes", **nodes)
        return JOB_POLL

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
                lagging += [name] if late else []
        return lagging, silent

    def _nothing_left(self, key: Key, obj: Obj) -> float | None:
        status, target = obj.get("status") or {}, obj["spec"]["talos"]["version"]
        done = list(status.get("completedNodes") or ())
        added = [name for name in tuppr.selected(self.site, obj) if name not in done]
        if added:
            told = f"Recorded {len(added)} node(s) already at target version {target}: [{' '.join(added)}]"
            self._event(key, "OutOfBandUpgrade", told)
        return self.batches.finish(key, completed=[*done, *added])

    async def _pre_pull(self, key: Key, obj: Obj, lagging: list[str]) -> float | None:
        """Pull the installer on every node that waits and has not got it yet."""
        status, target = obj.get("status") or {}, obj["spec"]["talos"]["version"]
        pulled = list(status.get("prePulledNodes") or ())
        missing = [name for name in lagging if name not in {p["nodeName"] for p in pulled}]
        if not missing or obj["spec"]["talos"].get("prePull") is False:
            return None
        self._phase(key, "Pending", f"Pre-pulling installer image on {len(missing)} node(s)", reason="PrePulling")
        await self.site.sleep(PRE_PULL)
        for name in missing:
            image = tuppr.installer(self.site.world.machines[name], target)
            if problem := self.site.faults.pulls.get(name):
                attempt = int((status.get("prePullFailure") or {}).get("attempts", 0)) + 1
                told = f"Pre-pull failed on node {name} for image {image} (attempt {attempt}): {problem}"
                failure: Obj = {"prePulledNodes": pulled, "prePullFailure": {"attempts": attempt, "lastError": problem}}
                self._phase(key, "Pending", told, reason="PrePullFailed", **failure)
                self._event(key, "PrePullFailed", told, warning=True)
                return PULL_RETRIES[min(attempt, len(PULL_RETRIES)) - 1]
            pulled.append({"nodeName": name, "nodeUID": uid("node", name), "image": image})
        message = f"Pre-pulled installer image on {len(missing)} node(s)"
        self._phase(key, "Pending", message, reason="PrePulling", prePulledNodes=pulled, prePullFailure=None)
        return None

    async def _health(self, key: Key, obj: Obj, lagging: list[str]) -> float | None:
        """The phase is written only after the checks; while they run an event tells of them."""
        del lagging
        checks = obj["spec"].get("healthChecks") or ()
        if checks:
            self._event(key, "HealthChecksStarted", f"Running {len(checks)} health check(s)")
        await self.site.sleep(CHECKS)
        longest = max([600.0, *(seconds_of(c.get("timeout"), 600) for c in checks)])
        store = self.site.store
        if not await self.site.until(lambda: expressions.all_hold(store, checks), every=10, at_most=longest):
            problem = f"health checks failed: exceeded maximum timeout of {go_duration(longest)}"
            self._phase(key, "HealthChecking", f"Waiting for health checks: {problem}")
            self._event(key, "HealthChecksFailed", problem, warning=True)
            return 60
        if checks:
            self._event(key, "HealthChecksPassed", "All health checks passed")
        if tuppr.phase_of(obj) != "Draining":  # a drain that is tried again stays Draining, as long as it takes
            self._phase(key, "HealthChecking", "Running health checks")
        return None

    def _phase(self, key: Key, phase: str, message: str, reason: str = "", **updates: Any) -> None:
        generation = self._generations[key]
        tuppr.write_phase(self.site, key, phase, message, reason=reason, updates=updates, generation=generation)

    def _event(self, key: Key, reason: str, message: str, *, warning: bool = False) -> None:
        obj = self.site.get(key)
        if obj is not None:
            self.site.event(obj, reason, message, component=tuppr.TALOS_COMPONENT, warning=warning)
