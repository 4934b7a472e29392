"""The jobs that tuppr starts: ``talosctl upgrade`` for a node, ``talosctl upgrade-k8s`` for the cluster."""

from collections.abc import Callable, Coroutine
from typing import Any

from console.demo.controllers import tuppr
from console.demo.controllers.nodes import DOWN, INSTALL, STOPPING, Nodes
from console.demo.controllers.objects import Obj, digest, key_of, seconds_of, stamp
from console.demo.controllers.site import Site
from console.demo.world import Machine

KUBERNETES_STEP = 25.0  # seconds for each control-plane component, and for each kubelet
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
LIFE = 300.0  # seconds that an ended job stays (ttlSecondsAfterFinished)


class Jobs:
    """Starts jobs, plays what runs in them, and remembers which belong to the batch underway."""

    def __init__(self, site: Site, nodes: Nodes, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self.site = site
        self.nodes = nodes
        self.spawn = spawn
        self._forgotten: set[str] = set()

    def of(self, upgrade: Obj) -> list[Obj]:
        """The jobs of an upgrade's present batch, by name."""
        kind = "talos-upgrade" if upgrade["kind"] == "TalosUpgrade" else "kubernetes-upgrade"
        labels = {"app.kubernetes.io/name": kind, "app.kubernetes.io/instance": upgrade["metadata"]["name"]}
        found = self.site.store.list("Job", None, labels)
        return [job for job in found if job["metadata"]["uid"] not in self._forgotten]

    def forget(self, job: Obj) -> None:
        """This job's outcome is taken over; it stays for its logs until its time is up."""
        self._forgotten.add(job["metadata"]["uid"])
        self.spawn(self._expire(job))

    def give_up(self, job: Obj, problem: str) -> None:
        """It has failed, and that is taken over."""
        self._end(job, problem)
        self.forget(job)

    def word(self, job: Obj) -> str:
        """``running succeeded failed``."""
        status = job.get("status") or {}
        if status.get("succeeded"):
            return "succeeded"
        return "failed" if any(c["type"] == "Failed" for c in status.get("conditions") or ()) else "running"

    # Talos

    def start_talos(self, upgrade: Obj, machine: Machine) -> Obj:
        """A job that upgrades one node; it runs on another one where there is one."""
        job = self.create_talos(upgrade, machine)
        self.spawn(self.play_talos(job, machine, upgrade["spec"]["talos"]["version"]))
        return job

    def create_talos(self, upgrade: Obj, machine: Machine) -> Obj:
        """The Job and its pod, running."""
        target = upgrade["spec"]["talos"]["version"]
        policy = upgrade["spec"].get("policy") or {}
        alone = len(self.site.world.machines) == 1
        arguments = [
            "upgrade",
            f"--endpoints={self.site.world.control_planes[0].address}",
            f"--nodes={machine.address}",
            f"--image={tuppr.installer(machine, target)}",
            f"--timeout={policy.get('timeout', '30m')}",
            f"--wait={str(not alone).lower()}",
            *(["--drain=false"] if alone or policy.get("nodrain") else []),
            *(["--reboot-mode=powercycle"] if policy.get("rebootMode") == "powercycle" else []),
        ]
        return self._create(upgrade, "talos-upgrade", machine, arguments, backoff=2)

    async def play_talos(self, job: Obj, machine: Machine, target: str, *, installed: bool = False) -> None:
        """What ``talosctl upgrade`` does: pull, install, reboot; on the only node it can't wait for the reboot."""
        problem = self.site.faults.jobs.get(machine.name)
        if not installed:
            await self.site.sleep(INSTALL / 2 if problem else INSTALL)
        if problem:
            self._end(job, problem)
            return
        if len(self.site.world.machines) == 1:
            machine.stage = "rebooting"
            self._end(job)
            await self.nodes.reboot(machine, target)
            return
        self.spawn(self.nodes.reboot(machine, target))
        await self.site.sleep(STOPPING + DOWN)
        limit = next((a.partition("=")[2] for a in _arguments(job) if a.startswith("--timeout=")), "")
        await self.site.until(lambda: machine.is_back, every=5, at_most=seconds_of(limit, 1800))
        if not machine.is_back:
            self._end(job, f"timed out waiting for {machine.address} to reboot")
        elif machine.talos != target:
            self._end(job, f"node is back with {machine.talos}, expected {target}")
        else:
            self._end(job)

    # Kubernetes

    def start_kubernetes(self, upgrade: Obj, machine: Machine) -> Obj:
        """A job that upgrades the cluster's Kubernetes, started for one control plane."""
        target = upgrade["spec"]["kubernetes"]["version"]
        arguments = ["upgrade-k8s", f"--nodes={machine.address}", f"--to={target}"]
        job = self._create(upgrade, "kubernetes-upgrade", machine, arguments, backoff=5)
        self.spawn(self._play_kubernetes(job, machine, target))
        return job

    async def _play_kubernetes(self, job: Obj, machine: Machine, target: str) -> None:
        if problem := self.site.faults.jobs.get(machine.name):
            await self.site.sleep(KUBERNETES_STEP)
            self._end(job, problem)
            return
        for component in COMPONENTS:
            self._says(job, f'updating "{component}" to version "{target}"')
            await self.site.sleep(KUBERNETES_STEP)
        self.site.world.kubernetes = target
        self._says(job, f"updating kubelet to version {target}")
        for each in sorted(self.site.world.machines.values(), key=lambda m: (not m.control_plane, m.name)):
            await self.site.sleep(KUBERNETES_STEP)
            each.kubelet = target
            self.nodes.show(each)
        self._end(job)

    # Within

    def _says(self, job: Obj, line: str) -> None:
        """The job's log gets a line, and is gone with its pod."""
        self.site.said.setdefault(job["metadata"]["name"], []).append(line)

    def _create(self, upgrade: Obj, kind: str, machine: Machine, arguments: list[str], *, backoff: int) -> Obj:
        meta = upgrade["metadata"]
        hexes = digest(kind, machine.name, meta["uid"], str(self.site.store.revision))[:8]
        name = f"{meta['name']}-{machine.name}-{hexes}"
        namespace = self._namespace(upgrade)
        labels = {
            "app.kubernetes.io/name": kind,
            "app.kubernetes.io/instance": meta["name"],
            "app.kubernetes.io/part-of": "tuppr",
            tuppr.TARGET_NODE: machine.name,
        }
        others = sorted(m.name for m in self.site.world.machines.values() if m.name != machine.name and m.ready)
        container = {
            "name": "upgrade" if kind == "talos-upgrade" else "upgrade-k8s",
            "image": f"ghcr.io/siderolabs/talosctl:{machine.talos}",
            "args": arguments,
        }
        spec = {"containers": [container], "restartPolicy": "Never"}
        job = self.site.store.create(
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "labels": labels,
                    "ownerReferences": [
                        {
                            "apiVersion": upgrade["apiVersion"],
                            "kind": upgrade["kind"],
                            "name": meta["name"],
                            "uid": meta["uid"],
                            "controller": True,
                            "blockOwnerDeletion": True,
                        }
                    ],
                },
                "spec": {
                    "backoffLimit": backoff,
                    "completions": 1,
                    "parallelism": 1,
                    "ttlSecondsAfterFinished": int(LIFE),
                    "template": {"metadata": {"labels": labels}, "spec": spec},
                },
                "status": {"active": 1, "ready": 1, "startTime": stamp(self.site.now())},
            }
        )
        self.site.store.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": f"{name}-{hexes[3:]}",
                    "namespace": namespace,
                    "labels": {**labels, "batch.kubernetes.io/job-name": name, "job-name": name},
                    "ownerReferences": [
                        {
                            "apiVersion": "batch/v1",
                            "kind": "Job",
                            "name": name,
                            "uid": job["metadata"]["uid"],
                            "controller": True,
                        }
                    ],
                },
                "spec": {**spec, "nodeName": others[0] if others else machine.name},
                "status": {"phase": "Running", "startTime": stamp(self.site.now())},
            }
        )
        return job

    def _end(self, job: Obj, problem: str = "") -> None:
        key = key_of(job)
        now = stamp(self.site.now())
        started = (job.get("status") or {}).get("startTime", now)
        if self.site.get(key) is None:
            return
        if problem:
            failed = {
                "type": "Failed",
                "status": "True",
                "reason": "BackoffLimitExceeded",
                "message": "Job has reached the specified backoff limit",
                "lastTransitionTime": now,
            }
            status: Obj = {"failed": job["spec"]["backoffLimit"] + 1, "startTime": started, "conditions": [failed]}
        else:
            complete = {
                "type": "Complete",
                "status": "True",
                "reason": "CompletionsReached",
                "message": "Reached expected number of succeeded pods",
                "lastTransitionTime": now,
            }
            status = {"succeeded": 1, "startTime": started, "completionTime": now, "conditions": [complete]}
        self._end_pods(job, problem, now)
        self.site.store.set_status(key.kind, key.name, key.namespace, status)

    def _end_pods(self, job: Obj, problem: str, now: str) -> None:
        for pod in self.site.store.list("Pod", job["metadata"]["namespace"], {"job-name": job["metadata"]["name"]}):
            container = pod["spec"]["containers"][0]
            ended = {
                "exitCode": 1 if problem else 0,
                "reason": "Error" if problem else "Completed",
                "message": problem,
                "finishedAt": now,
            }
            status = {
                "phase": "Failed" if problem else "Succeeded",
                "startTime": pod["status"].get("startTime", now),
                "containerStatuses": [
                    {
                        "name": container["name"],
                        "image": container["image"],
                        "imageID": f"sha256:{digest(container['image'])}",
                        "ready": False,
                        "restartCount": 0,
                        "state": {"terminated": ended},
                    }
                ],
            }
            self.site.store.set_status("Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], status)

    async def _expire(self, job: Obj) -> None:
        await self.site.sleep(LIFE)
        for pod in self.site.store.list("Pod", job["metadata"]["namespace"], {"job-name": job["metadata"]["name"]}):
            self.site.remove(key_of(pod))
        self.site.said.pop(job["metadata"]["name"], None)
        self.site.remove(key_of(job))

    def _namespace(self, upgrade: Obj) -> str:
        """Where tuppr runs: the namespace of the Kustomization that brought the upgrade."""
        labels = upgrade["metadata"].get("labels") or {}
        return str(labels.get("kustomize.toolkit.fluxcd.io/namespace", "system"))


def _arguments(job: Obj) -> list[str]:
    return list(job["spec"]["template"]["spec"]["containers"][0]["args"])
