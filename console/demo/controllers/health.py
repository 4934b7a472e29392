"""Whether an object has become what was asked for, as cli-utils' kstatus computes it for kustomize-controller."""

from collections.abc import Mapping
from typing import Any

from console.demo.controllers.objects import condition

CURRENT, IN_PROGRESS, FAILED, TERMINATING, NOT_FOUND = "Current", "InProgress", "Failed", "Terminating", "NotFound"


def status_of(obj: Mapping[str, Any] | None) -> str:  # noqa: PLR0911 - the order of kstatus
    """The kstatus word of an object; ``NotFound`` for None."""
    if obj is None:
        return NOT_FOUND
    meta, status = obj["metadata"], obj.get("status") or {}
    if "deletionTimestamp" in meta:
        return TERMINATING
    if "observedGeneration" in status and status["observedGeneration"] != meta.get("generation"):
        return IN_PROGRESS
    for item in status.get("conditions") or ():
        if item["type"] == "Reconciling" and item["status"] == "True":
            return IN_PROGRESS
        if item["type"] == "Stalled" and item["status"] == "True":
            return FAILED
    if obj["kind"] in ("Deployment", "StatefulSet", "DaemonSet"):
        return _workload(obj)
    ready = condition(obj, "Ready")
    return CURRENT if ready is None or ready["status"] == "True" else IN_PROGRESS


def _workload(obj: Mapping[str, Any]) -> str:
    status = obj.get("status") or {}
    if obj["kind"] == "DaemonSet":
        good = status.get("numberReady", 0) >= status.get("desiredNumberScheduled", 1)
    else:
        good = status.get("readyReplicas", 0) >= obj["spec"].get("replicas", 1)
    return CURRENT if good else IN_PROGRESS
