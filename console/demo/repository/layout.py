"""The whole repository as files: which folders there are, and how Flux enters them."""

from itertools import groupby

from console.demo.repository import talos, tooling
from console.demo.repository.apps import App, files, kustomize
from console.demo.repository.catalog import APPS
from console.demo.repository.files import File
from console.demo.repository.platform import TUPPR, platform, tuppr_upgrades
from console.demo.world import Topology


def layout(topology: Topology) -> dict[str, File]:
    """Every file that is ever in the repository, by path."""
    source = source_kind(topology)
    apps = sorted((*platform(source), *APPS), key=lambda app: (app.namespace, app.name))
    return {
        **talos.files(topology),
        **tooling.files(source),
        **_cluster(source),
        **_namespaces(apps),
        **files(apps, source),
        **tuppr_upgrades(source),
    }


def source_kind(topology: Topology) -> str:
    """The kind of the object that Flux syncs from."""
    return "GitRepository" if topology.source == "git" else "OCIRepository"


def _cluster(source: str) -> dict[str, File]:
    return {
        "kubernetes/flux/cluster/kustomization.yaml": File(kustomize(["ks.yaml"])),
        "kubernetes/flux/cluster/ks.yaml": File(_CLUSTER_APPS.replace("SOURCE", source)),
    }


_CLUSTER_APPS = """---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: cluster-apps
  namespace: flux-system
spec:
  decryption:
    provider: sops
    secretRef:
      name: sops-age
  deletionPolicy: WaitForTermination
  interval: 1h
  path: ./kubernetes/apps
  prune: true
  retryInterval: 2m
  sourceRef:
    kind: SOURCE
    name: flux-system
    namespace: flux-system
  timeout: 5m
  wait: false
  patches:
    - target:
        group: kustomize.toolkit.fluxcd.io
        kind: Kustomization
      patch: |-
        - op: add
          path: /spec/decryption
          value: {provider: sops, secretRef: {name: sops-age}}
"""


def _namespaces(apps: list[App]) -> dict[str, File]:
    found: dict[str, File] = {}
    names = []
    for namespace, group in groupby(apps, key=lambda app: app.namespace):
        members = list(group)
        names.append(namespace)
        folder = f"kubernetes/apps/{namespace}"
        found[f"{folder}/namespace.yaml"] = File(_namespace(namespace))
        found[f"{folder}/kustomization.yaml"] = File(_members(members))
    found["kubernetes/apps/kustomization.yaml"] = File(kustomize(names))
    return found


def _namespace(name: str) -> str:
    privileged = "    pod-security.kubernetes.io/enforce: privileged\n" if name in _PRIVILEGED else ""
    labels = f"  labels:\n{privileged}" if privileged else ""
    return (
        f"---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n{labels}"
        "  annotations:\n    kustomize.toolkit.fluxcd.io/prune: disabled\n"
    )


_PRIVILEGED = {"kube-system", "longhorn-system", "media", "observability", TUPPR.namespace}


def _members(apps: list[App]) -> str:
    """The namespace's ``kustomization.yaml``; an app that comes later has its line as a place."""
    text = kustomize(["namespace.yaml"])
    for app in apps:
        text += f"«{app.when}»" if app.when else f"  - ./{app.name}/ks.yaml\n"
    return text
