"""Nodes, DaemonSets and tuppr's objects in short."""

import re
from typing import Any

from console.model.hold import SUSPEND, TUPPR
from console.model.nodes import DaemonSet, KubernetesNode
from console.model.unstructured import Raw, at, condition, mapping, moment, number, rows, text, texts, true
from console.model.updates import System
from console.model.upgrades import FailedNode, TupprUpgrade
from console.model.version import normal

_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
_MESSAGE = 4096
_CHECK = 200

# DaemonSets without which a node has no network, as the usual distributions name them.
_NETWORK = frozenset(
    {"antrea-agent", "calico-node", "canal", "cilium", "kube-flannel", "kube-flannel-ds", "kube-proxy", "kube-router"}
)
_TAG = re.compile(r":v?(\d[\w.\-]*)(?:@|$)")


def node(raw: Raw, previous: object = None) -> KubernetesNode | None:
    """A Node; None when it has no name."""
    del previous
    name = text(raw, "metadata", "name")
    if not name:
        return None
    ready = condition(raw, "Ready")
    labels = mapping(raw, "metadata", "labels")
    addresses = {text(row, "type"): text(row, "address") for row in rows(raw, "status", "addresses")}
    return KubernetesNode(
        name,
        addresses.get("InternalIP", ""),
        normal(text(raw, "status", "nodeInfo", "kubeletVersion")),
        text(raw, "status", "nodeInfo", "osImage"),
        ready.get("status") == "True",
        reason="" if ready.get("status") == "True" else text(ready, "reason"),
        cordoned=true(raw, "spec", "unschedulable"),
        control_plane=any(label in labels for label in _CONTROL_PLANE),
        outdated=any(row.get("key") == f"{TUPPR}/outdated" for row in rows(raw, "spec", "taints")),
        upgrading=labels.get(f"{TUPPR}/upgrading") == "true",
        created=moment(raw, "metadata", "creationTimestamp"),
    )


def daemon_set(raw: Raw, previous: object = None) -> DaemonSet | None:
    """A DaemonSet that carries the network; None for any other."""
    del previous
    name = text(raw, "metadata", "name")
    if name not in _NETWORK:
        return None
    containers = rows(raw, "spec", "template", "spec", "containers")
    tag = _TAG.search(text(containers[0], "image")) if containers else None
    return DaemonSet(
        text(raw, "metadata", "namespace"),
        name,
        number(raw, "status", "desiredNumberScheduled"),
        number(raw, "status", "numberReady"),
        tag.group(1) if tag else "",
    )


def upgrade(raw: Raw, previous: object = None) -> TupprUpgrade | None:
    """A TalosUpgrade or KubernetesUpgrade (tuppr v1alpha1); None for any other kind of that group."""
    del previous
    kind, name = text(raw, "kind"), text(raw, "metadata", "name")
    system: System | None = {"TalosUpgrade": "talos", "KubernetesUpgrade": "kubernetes"}.get(kind)  # type: ignore[assignment]
    if system is None or not name:
        return None
    status = mapping(raw, "status")
    annotation = at(raw, "metadata", "annotations", SUSPEND)
    labels = mapping(raw, "metadata", "labels")
    failed = tuple(
        FailedNode(text(row, "nodeName"), text(row, "lastError")[:_MESSAGE]) for row in rows(status, "failedNodes")
    )
    current: Any = text(status, "currentNode") or text(status, "controllerNode")
    return TupprUpgrade(
        kind,
        name,
        system,
        normal(text(raw, "spec", system, "version")),
        phase=text(status, "phase"),
        reason=text(condition(raw, "Progressing"), "reason"),
        message=text(status, "message")[:_MESSAGE],
        generation=number(raw, "metadata", "generation"),
        observed_generation=number(status, "observedGeneration"),
        # The annotation's presence suspends, whatever its value: also "false".
        suspended=None if annotation is None else str(annotation),
        current_nodes=texts(status, "currentNodes") or ((current,) if current else ()),
        completed_nodes=texts(status, "completedNodes"),
        failed_nodes=failed,
        rebooting_nodes=tuple(text(row, "nodeName") for row in rows(status, "rebootingNodes")),
        pulled_nodes=tuple(text(row, "nodeName") for row in rows(status, "prePulledNodes")),
        current_version=normal(text(status, "currentVersion")),
        last_error=(text(status, "lastError") or text(status, "prePullFailure", "lastError"))[:_MESSAGE],
        checks=tuple(_check(row) for row in rows(raw, "spec", "healthChecks")),
        windows=tuple(_window(row) for row in rows(raw, "spec", "maintenance", "windows")),
        next_window=moment(status, "nextMaintenanceWindow"),
        started=moment(status, "startedAt"),
        completed=moment(status, "completedAt"),
        updated=moment(status, "lastUpdated"),
        managed_by=(text(labels, f"{_KUSTOMIZE}/namespace"), text(labels, f"{_KUSTOMIZE}/name")),
    )


def _check(row: Raw) -> str:
    """What is asked of which objects: its description, else its expression."""
    where = "/".join(part for part in (text(row, "kind"), text(row, "namespace"), text(row, "name")) if part)
    return f"{where}: {text(row, 'description') or text(row, 'expr')}"[:_CHECK]


def _window(row: Raw) -> str:
    """``0 2 * * 6, 4h, Europe/Berlin``."""
    return ", ".join(
        part for part in (text(row, "start"), text(row, "duration"), text(row, "timezone") or "UTC") if part
    )
