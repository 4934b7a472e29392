"""Flux objects as their controllers leave them (Flux 2.9)."""

from typing import Any

from console.model.flux import FluxObject
from console.model.flux_kinds import KINDS
from console.model.flux_projection import project

Object = dict[str, Any]


def condition(kind: str, status: str, reason: str = "", message: str = "", **more: Any) -> Object:
    """One condition."""
    at = more.pop("at", "2026-11-20T10:00:00Z")
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": at} | more


def ready(reason: str = "ReconciliationSucceeded", message: str = "Applied revision", **more: Any) -> Object:
    """Ready=True."""
    return condition("Ready", "True", reason, message, **more)


def unready(reason: str, message: str = "it failed", **more: Any) -> Object:
    """Ready=False."""
    return condition("Ready", "False", reason, message, **more)


def retrying() -> Object:
    """What stands beside Ready=False after every failed pass."""
    return condition("Reconciling", "True", "ProgressingWithRetry", "retrying")


def running(message: str = "Fetching manifests") -> list[Object]:
    """A pass of kustomize-controller or helm-controller runs."""
    return [
        condition("Reconciling", "True", "Progressing", message),
        condition("Ready", "Unknown", "Progressing", "Reconciliation in progress"),
    ]


def made(
    kind: str = "Kustomization",
    name: str = "app",
    namespace: str = "apps",
    *conditions: Object,
    spec: Object | None = None,
    status: Object | None = None,
    **metadata: Any,
) -> Object:
    """An object of ``kind``; its controller has seen its newest generation."""
    known = KINDS.get(kind)
    found: Object = {
        "apiVersion": known.api_version if known else "example.com/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "generation": 1} | metadata,
        "spec": {"interval": "1h"} | (spec or {}),
        "status": {"observedGeneration": 1, "conditions": list(conditions)} | (status or {}),
    }
    return found


def seen(raw: Object) -> FluxObject:
    """The object as it is first seen."""
    projected = project(raw)
    assert projected is not None
    return projected
