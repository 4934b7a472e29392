"""A batch of nodes underway: its jobs, its reboots, and how it ends."""

from datetime import datetime, timedelta
from typing import Any

from console.demo.controllers import tuppr
from console.demo.controllers.jobs import Jobs
from console.demo.controllers.nodes import Nodes
from console.demo.controllers.objects import Key, Obj, go_duration, moment, seconds_of, stamp
from console.demo.controllers.site import Site
from console.demo.world import Machine

SHORTEST_DEADLINE = 10.0  # real seconds: times are whole seconds, and a reboot takes some however fast the demo is
JOB_POLL = 30.0  # seconds between two looks


class _Tally:
    """What is known of the nodes of a run."""

    def __init__(self, upgrade: Obj) -> None:
        status = upgrade.get("status") or {}
        self.target = str(upgrade["spec"]["talos"]["version"])
        self.timeout = seconds_of((upgrade["spec"].get("policy") or {}).get("timeout"), 1800)
        self.done: list[str] = list(status.get("completedNodes") or ())
        self.failed: list[Obj] = list(status.get("failedNodes") or ())
        self.waiting: list[Obj] = []

    def lists(self) -> Obj:
        """As fields of the status; the nodes underway are those that are waited for."""
        names = [entry["nodeName"] for entry in self.waiting]
        return {
            "completedNodes": self.done,
            "failedNodes": self.failed,
            "rebootingNodes": self.waiting,
            "currentNode": names[0] if names else "",
            "currentNodes": names or None,
        }


class Batches:
    """From the first job of a batch to the phase after it."""

    def __init__(self, site: Site, nodes: Nodes, jobs: Jobs) -> None:
        self.site = site
        self.nodes = nodes
        self.jobs = jobs

    def follow(self, key: Key, active: list[Obj]) -> float | None:
        """Tell how the jobs are doing; when all have ended, take their outcome over."""
        words = [self.jobs.word(job) for job in active]
        if "running" not in words:
            return self._ended(key, active)
        names = [job["metadata"]["labels"][tuppr.TARGET_NODE] for job in active]
        counts = ", ".join(f"{words.count(word)} {word}" for word in ("running", "succeeded", "failed"))
        running = [self.site.world.machines[n] for n, word in zip(names, words, strict=True) if word == "running"]
        phase, message = "Upgrading", f"Upgrading {len(active)} nodes ({counts})"
        rebooted = tuppr.phase_of(self.site.get(key) or {}) == "Rebooting"  # ready again, and the job not yet told
        if rebooted or any(not machine.ready for machine in running):
            phase, message = "Rebooting", f"Nodes rebooting ({counts})"
        self._phase(key, phase, message, currentNode=names[0], currentNodes=names)
        return JOB_POLL

    def wait_for_reboots(self, key: Key) -> float | None:
        """Look after the nodes whose jobs have ended: they come back in time, or they count as failed."""
        obj = self.site.get(key)
        if obj is None:
            return None
        tally = _Tally(obj)
        for entry in obj["status"]["rebootingNodes"]:
            machine = self.site.world.machines[entry["nodeName"]]
            if machine.is_back:
                self._verify(machine, tally)
            elif self.site.now() >= moment(entry["deadline"]):
                limit = go_duration(tally.timeout)
                self._fail(machine, tally, f"Node did not become ready within {limit} after upgrade")
            else:
                tally.waiting.append(entry)
        if tally.failed and not tally.waiting:
            return self.finish(key, **tally.lists())
        return self._after(key, tally)

    def finish(self, key: Key, completed: list[str] | None = None, **updates: Any) -> float | None:
        """Completed, or Failed when a node is; tuppr looks again in five minutes."""
        obj = self.site.get(key)
        if obj is None:
            return None
        status = (obj.get("status") or {}) | updates
        done = list(completed if completed is not None else status.get("completedNodes") or ())
        failed = len(status.get("failedNodes") or ())
        updates["completedNodes"] = done
        if failed:
            message = f"Completed with failures: {len(done)} successful, {failed} failed"
            self._end(key, obj, "Failed", message, updates)
        else:
            self._end(key, obj, "Completed", f"Successfully upgraded {len(done)} nodes", updates)
        return 300

    def _ended(self, key: Key, active: list[Obj]) -> float | None:
        obj = self.site.get(key)
        if obj is None:
            return None
        tally = _Tally(obj)
        for job in active:
            machine = self.site.world.machines[job["metadata"]["labels"][tuppr.TARGET_NODE]]
            if self.jobs.word(job) == "failed":
                late = f"Node did not become ready within {go_duration(tally.timeout)} after upgrade"
                self._fail(machine, tally, _remained(machine, tally.target) if machine.is_back else late)
            elif machine.is_back:
                self._verify(machine, tally)
            else:
                tally.waiting.append({"nodeName": machine.name, "deadline": stamp(self._deadline(tally.timeout))})
            self.jobs.forget(job)
        if tally.failed and not tally.waiting:
            message = f"Batch upgrade stopped: {len(tally.failed)} nodes failed - stopping"
            self._end(key, obj, "Failed", message, tally.lists())
            return 300
        return self._after(key, tally)

    def _after(self, key: Key, tally: _Tally) -> float:
        if tally.waiting:
            message = f"Waiting for {len(tally.waiting)} node(s) to finish rebooting"
            self._phase(key, "Rebooting", message, **tally.lists())
            return JOB_POLL
        message = f"Batch completed successfully ({len(tally.done)} total completed)"
        self._phase(key, "Pending", message, **tally.lists())
        return 5

    def _verify(self, machine: Machine, tally: _Tally) -> None:
        if machine.talos != tally.target:
            self._fail(machine, tally, _remained(machine, tally.target))
            return
        tally.done.append(machine.name)
        tuppr.taint_outdated(self.site, machine.name, on=False)
        self._leave(machine)

    def _fail(self, machine: Machine, tally: _Tally, error: str) -> None:
        tally.failed.append({"nodeName": machine.name, "retries": 0, "lastError": error})
        self._leave(machine)

    def _leave(self, machine: Machine) -> None:
        tuppr.label_upgrading(self.site, machine.name, on=False)
        if machine.cordoned and machine.reachable:
            self.nodes.cordon(machine, on=False)

    def _deadline(self, timeout: float) -> datetime:
        """As the demo's time runs: the clock's hands are the present's, only waits are shorter."""
        return self.site.now() + timedelta(seconds=max(timeout / self.site.clock.speed, SHORTEST_DEADLINE))

    def _end(self, key: Key, obj: Obj, phase: str, message: str, updates: Obj) -> None:
        """The last phase. Only a failed Talos run leaves a history entry: startedAt is gone when one went well."""
        target, status = obj["spec"]["talos"]["version"], (obj.get("status") or {}) | updates
        if phase == "Failed" and status.get("startedAt"):
            made = {
                "toVersion": target,
                "startedAt": status["startedAt"],
                "completedAt": stamp(self.site.now()),
                "phase": phase,
                "completedNodes": status.get("completedNodes") or [],
                "failedNodes": [entry["nodeName"] for entry in status.get("failedNodes") or ()],
            }
            updates = updates | {"history": [made, *(status.get("history") or ())][:3]}
        self._phase(key, phase, message, **updates)
        if phase == "Failed":
            told, reason = f"Talos upgrade to {target} failed: {message}", "UpgradeFailed"
        else:
            told, reason = f"Talos upgraded to {target} on {len(updates['completedNodes'])} node(s)", "UpgradeCompleted"
        self.site.event(obj, reason, told, component=tuppr.TALOS_COMPONENT, warning=phase == "Failed")

    def _phase(self, key: Key, phase: str, message: str, **updates: Any) -> None:
        tuppr.write_phase(self.site, key, phase, message, updates=updates)


def _remained(machine: Machine, target: str) -> str:
    return f"Upgrade Job failed while node remained at {machine.talos}; expected {target}"
