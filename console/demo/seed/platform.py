"""What is there before Flux applies anything: machines, namespaces, the control plane's pods, Flux itself."""

from console.demo.api.definitions import definitions
from console.demo.controllers.crew import Crew
from console.demo.controllers.objects import Key, Obj, digest, key_of, stamp, uid
from console.demo.controllers.operator import COMPONENTS
from console.demo.controllers.site import Site, live_at_once
from console.demo.controllers.sources import cluster_source
from console.demo.world import Machine

FLUX = "flux-system"
URLS = {
    "OCIRepository": "oci://ghcr.io/home-operator/home-ops",
    "GitRepository": "https://github.com/home-operator/home-ops.git",
}
_STATIC = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


def lay(site: Site, crew: Crew) -> None:
    """Everything that a bootstrap makes, in its order."""
    for definition in definitions():
        site.store.create(definition)
    for machine in site.world.machines.values():
        crew.nodes.add(machine)
    for name in ("default", "kube-system", "kube-public", FLUX):
        meta = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
        site.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "status": {"phase": "Active"}})
    for machine in site.world.control_planes:
        static_pods(site, machine)
    for name, tag in (*COMPONENTS.items(), ("flux-operator", "v0.58.0")):
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "flux", "app": name}
        registry = "ghcr.io/controlplaneio-fluxcd" if name == "flux-operator" else "ghcr.io/fluxcd"
        crew.workloads.place("Deployment", name, FLUX, f"{registry}/{name}:{tag}", labels)
    _flux(site, crew)


def complete(site: Site, crew: Crew) -> None:
    """What exists because of what was applied: disruption budgets, receivers' paths, the report, namespaces' phases."""
    budget("coredns", "kube-system", site, crew, maximum=1)
    for kind in ("Receiver", "FluxReport", "ResourceSet"):
        for obj in site.store.list(kind):
            live_at_once(crew.operator.reconcile(key_of(obj)))
    for obj in site.store.list("Namespace"):
        site.store.set_status("Namespace", obj["metadata"]["name"], "", {"phase": "Active"})


def budget(name: str, namespace: str, site: Site, crew: Crew, *, maximum: int) -> None:
    """A PodDisruptionBudget over the pods of the app ``name``: at most ``maximum`` of them may be missing."""
    made = site.store.create(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/name": name}},
            "spec": {"maxUnavailable": maximum, "selector": {"matchLabels": {"app.kubernetes.io/name": name}}},
        }
    )
    crew.budgets.count(key_of(made))


def static_pods(site: Site, machine: Machine) -> None:
    """The control plane's pods on one machine, as its kubelet mirrors them."""
    for name in _STATIC:
        image = f"registry.k8s.io/{name}:{site.world.kubernetes}"
        started = stamp(site.now())
        node = site.store.get("Node", machine.name) or {"metadata": {"uid": uid(machine.name)}}
        owner = {"apiVersion": "v1", "kind": "Node", "name": machine.name, "uid": node["metadata"]["uid"]}
        site.store.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": f"{name}-{machine.name}",
                    "namespace": "kube-system",
                    "labels": {"component": name, "tier": "control-plane", "k8s-app": name},
                    "ownerReferences": [owner | {"controller": True}],
                },
                "spec": {
                    "containers": [{"name": name, "image": image}],
                    "nodeName": machine.name,
                    "hostNetwork": True,
                    "priorityClassName": "system-cluster-critical",
                },
                "status": {
                    "phase": "Running",
                    "podIP": machine.address,
                    "hostIP": machine.address,
                    "startTime": started,
                    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": started}],
                    "containerStatuses": [
                        {
                            "name": name,
                            "image": image,
                            "imageID": f"sha256:{digest(image)}",
                            "ready": True,
                            "restartCount": 0,
                            "state": {"running": {"startedAt": started}},
                        }
                    ],
                },
            }
        )


def _flux(site: Site, crew: Crew) -> None:
    source = cluster_source(site)
    oci = source.kind == "OCIRepository"
    url, ref = URLS[source.kind], "latest" if oci else "refs/heads/main"
    sync = {"kind": source.kind, "url": url, "ref": ref, "path": "kubernetes/flux/cluster", "interval": "1h"}
    instance = {
        "distribution": {"version": site.topology.flux.lstrip("v"), "registry": "ghcr.io/fluxcd"},
        "components": list(COMPONENTS),
        "cluster": {"type": "kubernetes", "networkPolicy": False, "domain": "cluster.local"},
        "sync": sync,
    }
    _operated(site, crew, "FluxInstance", "flux", instance)
    labels = {
        "app.kubernetes.io/managed-by": "flux-operator",
        "app.kubernetes.io/part-of": "flux",
        "fluxcd.controlplane.io/name": "flux",
        "fluxcd.controlplane.io/namespace": FLUX,
    }
    # The forge is none; who looks up what Flux follows finds the repository where it is.
    spec: Obj = {"interval": "5m", "url": url if oci else site.repository.url, "timeout": "60s"}
    spec |= {"ref": {"tag": "latest"}} if oci else {"ref": {"branch": "main"}}
    meta = {"name": FLUX, "namespace": FLUX, "labels": labels}
    site.store.create(
        {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": source.kind, "metadata": meta, "spec": spec}
    )
    root = {
        "interval": "1h",
        "path": "kubernetes/flux/cluster",
        "prune": True,
        "sourceRef": {"kind": source.kind, "name": FLUX},
        "timeout": "5m",
        "retryInterval": "2m",
    }
    site.store.create(
        {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": meta, "spec": root}
    )
    _operated(site, crew, "FluxReport", "flux", {"distribution": {"entitlement": "", "status": "Installed"}})
    resources = {"inputs": [{"name": "flux-status"}], "resources": [], "wait": True}
    _operated(site, crew, "ResourceSet", "flux-status", resources)


def _operated(site: Site, crew: Crew, kind: str, name: str, spec: Obj) -> None:
    meta = {"name": name, "namespace": FLUX}
    site.store.create({"apiVersion": "fluxcd.controlplane.io/v1", "kind": kind, "metadata": meta, "spec": spec})
    live_at_once(crew.operator.reconcile(Key(kind, FLUX, name)))
