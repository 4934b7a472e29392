"""What runs: a workload and its pods for each release, placed on nodes, evicted and brought back."""

from collections.abc import Iterable
from typing import ClassVar

from console.demo.api.pods import ready
from console.demo.api.store import Change
from console.demo.controllers.charts import Chart, images
from console.demo.controllers.objects import Key, Obj, digest, is_true, key_of, share, stamp
from console.demo.controllers.site import SeedTime, Site

DAEMONS = frozenset(("cilium", "alloy", "node-exporter", "node-feature-discovery", "smartctl-exporter"))
STATEFUL = frozenset(("postgres", "cluster", "loki", "tempo"))
START = 6.0  # seconds until a new pod is ready
GROUP = "helm.toolkit.fluxcd.io"
# What the API server says also when it is nothing; other counts it leaves out then.
_TOLD_AT_ZERO = {"currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"}


class Workloads:
    """Keeps the pods of workloads: what is missing comes back on a node that takes pods."""

    kinds: ClassVar[frozenset[str]] = frozenset(("Pod", "Node", "Deployment", "StatefulSet", "DaemonSet"))

    def __init__(self, site: Site) -> None:
        self.site = site

    # What a release brings

    def deploy(self, release: Obj, chart: Chart) -> None:
        """Make or change the workload of a release; its pods follow."""
        meta = release["metadata"]
        name = str(release["spec"].get("releaseName") or meta["name"])
        found = next(images(release["spec"].get("values")), None)
        image = f"{found[0]}:{found[1]}" if found else f"registry.example/{chart.name}:{chart.app_version}"
        if chart.name == "cilium":
            image = f"quay.io/cilium/cilium:v{chart.version}"
        labels = {
            "app.kubernetes.io/name": meta["name"],
            "app.kubernetes.io/instance": name,
            "app.kubernetes.io/managed-by": "Helm",
            f"{GROUP}/name": meta["name"],
            f"{GROUP}/namespace": meta["namespace"],
        }
        self.place(self.kind_of(release, chart), name, meta["namespace"], image, labels)
        if chart.name == "cilium":
            operator = labels | {"app.kubernetes.io/name": "cilium-operator"}
            self.place(
                "Deployment",
                "cilium-operator",
                meta["namespace"],
                image.replace("cilium:", "operator-generic:"),
                operator,
            )

    def kind_of(self, release: Obj, chart: Chart) -> str:
        """Which kind of workload a release runs."""
        name = release["metadata"]["name"]
        controller = ((release["spec"].get("values") or {}).get("controller") or {}).get("type")
        if name in DAEMONS or chart.name in DAEMONS or controller == "daemonset":
            return "DaemonSet"
        return "StatefulSet" if name in STATEFUL or chart.name in STATEFUL else "Deployment"

    def place(self, kind: str, name: str, namespace: str, image: str, labels: dict[str, str]) -> None:
        """Apply a workload with one container, and its pods at once when there are none yet."""
        selector = {"app.kubernetes.io/name": labels["app.kubernetes.io/name"]}
        spec: Obj = {
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": image}]},
            },
        }
        if kind != "DaemonSet":
            spec["replicas"] = 1
        if kind == "StatefulSet":
            spec["serviceName"] = name
        meta = {"name": name, "namespace": namespace, "labels": labels}
        new = self.site.store.apply({"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": spec})
        key = key_of(new)
        if isinstance(self.site.time, SeedTime):  # nothing is rolled out later: what is seeded is complete
            for pod in self.pods(new):
                if pod["metadata"]["labels"]["pod-template-hash"] != _hash(new):
                    self.site.remove(key_of(pod))
        if not self.pods(new):
            self._fill(new, ready=True)
        self._count(key)

    def remove(self, release: Obj) -> None:
        """Take everything away that a release brought."""
        labels = {f"{GROUP}/name": release["metadata"]["name"], f"{GROUP}/namespace": release["metadata"]["namespace"]}
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "Pod"):
            for obj in self.site.store.list(kind, release["metadata"]["namespace"], labels):
                self.site.remove(key_of(obj))

    def inventory(self, release: Obj) -> list[Obj]:
        """Inventory entries of what a release brought."""
        meta = release["metadata"]
        labels = {f"{GROUP}/name": meta["name"], f"{GROUP}/namespace": meta["namespace"]}
        found = []
        for kind in ("DaemonSet", "Deployment", "StatefulSet"):
            names = [o["metadata"]["name"] for o in self.site.store.list(kind, meta["namespace"], labels)]
            found += [{"id": f"{meta['namespace']}_{name}_apps_{kind}", "v": "v1"} for name in names]
        return found

    # Pods

    def concerns(self, change: Change) -> Iterable[Key]:
        """The workload of a pod that went or ends; all workloads when a node takes pods again."""
        obj = change.new.object
        if change.kind == "Node":
            yield from self._node_changed(change)
        elif change.kind != "Pod":
            if change.type != "DELETED":
                yield key_of(obj)
        elif change.type == "DELETED" or "deletionTimestamp" in obj["metadata"]:
            if owner := _owner(obj):
                yield owner
            elif change.type != "DELETED":
                yield key_of(obj)

    def _node_changed(self, change: Change) -> Iterable[Key]:
        if change.old is None:
            return
        old, new = change.old.object, change.new.object
        if is_true(old, "Ready") != is_true(new, "Ready"):
            yield key_of(new)
        if _takes_pods(old) != _takes_pods(new):
            for kind in ("DaemonSet", "Deployment", "StatefulSet"):
                yield from (key_of(workload) for workload in self.site.store.list(kind))

    def first(self) -> Iterable[tuple[Key, float]]:
        """Nothing: what was seeded is complete."""
        return ()

    async def reconcile(self, key: Key) -> float | None:
        """End pods that are to end, replace pods that are missing or of an older template, count."""
        obj = self.site.get(key)
        if obj is None:
            return None
        if key.kind == "Node":
            self._follow(obj)
            return None
        if key.kind == "Pod":
            await self.site.sleep(1)
            self.site.remove(key)
            return None
        for pod in self.pods(obj):
            if "deletionTimestamp" in pod["metadata"] or pod["metadata"]["labels"]["pod-template-hash"] != _hash(obj):
                await self.site.sleep(1)
                self.site.remove(key_of(pod))
        if self._fill(obj, ready=False):
            self._count(key)
            await self.site.sleep(START)
        current = self.site.get(key)
        if current is None:
            return None
        for pod in self.pods(current):
            self._settle(pod)
        self._count(key)
        return None

    def _follow(self, node: Obj) -> None:
        """The pods of a node are not ready while it is not; when it is back they have been started once more."""
        up = is_true(node, "Ready")
        now = stamp(self.site.now())
        for pod in self.site.store.list("Pod"):
            owner = _owner(pod)
            if (
                pod["spec"].get("nodeName") != node["metadata"]["name"]
                or not owner
                or not pod["status"].get("conditions")
            ):
                continue
            status = dict(pod["status"])
            word = "True" if up else "False"
            status["conditions"] = [
                c | {"status": word, "lastTransitionTime": now} if c["type"] in ("Ready", "ContainersReady") else c
                for c in status["conditions"]
            ]
            if up:
                running = {"ready": True, "state": {"running": {"startedAt": now}}}
                status["containerStatuses"] = [
                    c | running | {"restartCount": c["restartCount"] + 1} for c in status["containerStatuses"]
                ]
            self.site.store.set_status("Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], status)
            self._count(owner)

    def pods(self, workload: Obj) -> list[Obj]:
        """The pods of a workload."""
        labels = workload["spec"]["selector"]["matchLabels"]
        meta = workload["metadata"]
        pods = self.site.store.list("Pod", meta["namespace"], labels)
        return [p for p in pods if _owner(p) == key_of(workload)]

    def _fill(self, workload: Obj, *, ready: bool) -> bool:
        """Create the pods that are missing; whether there were any."""
        have = {(p["spec"].get("nodeName"), p["metadata"]["name"]) for p in self.pods(workload)}
        nodes = self.site.store.list("Node")
        if workload["kind"] == "DaemonSet":
            missing = [n["metadata"]["name"] for n in nodes if n["metadata"]["name"] not in {h[0] for h in have}]
        else:
            free = [n["metadata"]["name"] for n in nodes if _takes_pods(n)]
            chosen = free[int(share("node", *key_of(workload)) * len(free))] if free else ""
            missing = [chosen] if not have else []
        for number, node in enumerate(missing):
            self.site.store.create(self._pod(workload, node, number, ready=ready and bool(node)))
        return bool(missing)

    def _pod(self, workload: Obj, node: str, number: int, *, ready: bool) -> Obj:
        meta, template = workload["metadata"], workload["spec"]["template"]
        hashed = _hash(workload)
        suffix = digest(*key_of(workload), node, hashed, str(self.site.store.revision + number))[:5]
        name = f"{meta['name']}-{hashed}-{suffix}" if workload["kind"] == "Deployment" else f"{meta['name']}-{suffix}"
        if workload["kind"] == "StatefulSet":
            name = f"{meta['name']}-0"
        pod: Obj = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": meta["namespace"],
                "labels": {**template["metadata"]["labels"], "pod-template-hash": hashed},
                "ownerReferences": [
                    {
                        "apiVersion": "apps/v1",
                        "kind": workload["kind"],
                        "name": meta["name"],
                        "uid": meta["uid"],
                        "controller": True,
                    }
                ],
            },
            "spec": {"containers": template["spec"]["containers"]},
            "status": {"phase": "Pending", "qosClass": "BestEffort"},
        }
        if node:
            pod["spec"]["nodeName"] = node
        if ready:
            pod["status"] = self._running(pod)
        return pod

    def _settle(self, pod: Obj) -> None:
        key = key_of(pod)
        node = self.site.store.get("Node", pod["spec"].get("nodeName", "")) if pod["spec"].get("nodeName") else None
        if not node:
            free = [n["metadata"]["name"] for n in self.site.store.list("Node") if _takes_pods(n)]
            if not free:
                return
            self.site.store.patch("Pod", key.name, key.namespace, {"spec": {"nodeName": free[0]}})
        if pod["status"]["phase"] != "Running":
            self.site.store.set_status("Pod", key.name, key.namespace, self._running(pod))

    def _running(self, pod: Obj) -> Obj:
        now = stamp(self.site.now())
        container = pod["spec"]["containers"][0]
        address = int(digest(pod["metadata"]["namespace"], pod["metadata"]["name"])[:4], 16)
        return {
            "phase": "Running",
            "qosClass": "BestEffort",
            "startTime": now,
            "podIP": f"10.42.{address // 256 % 4}.{address % 250 + 2}",
            "conditions": [
                {"type": kind, "status": "True", "lastTransitionTime": now}
                for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
            ],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": f"sha256:{digest(container['image'])}",
                    "ready": True,
                    "started": True,
                    "restartCount": 0,
                    "state": {"running": {"startedAt": now}},
                }
            ],
        }

    def _count(self, key: Key) -> None:
        workload = self.site.get(key)
        if workload is None:
            return
        pods = self.pods(workload)
        good = sum(is_ready(p) for p in pods)
        generation = workload["metadata"]["generation"]
        if key.kind == "DaemonSet":
            nodes = len(self.site.store.list("Node"))
            status: Obj = {
                "observedGeneration": generation,
                "currentNumberScheduled": nodes,
                "desiredNumberScheduled": nodes,
                "numberMisscheduled": 0,
                "numberReady": good,
                "numberAvailable": good,
                "numberUnavailable": nodes - good,
                "updatedNumberScheduled": nodes,
            }
        else:
            status = {
                "observedGeneration": generation,
                "replicas": len(pods),
                "readyReplicas": good,
                "availableReplicas": good,
                "updatedReplicas": len(pods),
            }
        told = {name: count for name, count in status.items() if count or name in _TOLD_AT_ZERO}
        self.site.store.set_status(key.kind, key.name, key.namespace, told)


def is_ready(pod: Obj) -> bool:
    """Whether a pod's Ready condition is True and it does not end."""
    return "deletionTimestamp" not in pod["metadata"] and ready(pod)


def _takes_pods(node: Obj) -> bool:
    return not (node.get("spec") or {}).get("unschedulable")


def _hash(workload: Obj) -> str:
    return digest(workload["metadata"]["name"], str(workload["spec"]["template"]["spec"]))[:9]


def _owner(pod: Obj) -> Key | None:
    for owner in pod["metadata"].get("ownerReferences") or ():
        if owner["kind"] in ("Deployment", "StatefulSet", "DaemonSet"):
            return Key(owner["kind"], pod["metadata"]["namespace"], owner["name"])
    return None
