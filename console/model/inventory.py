"""What an object has applied: the entries of its inventory, and how a workload stands by its own status."""

from dataclasses import dataclass

from console.model.flux import FluxKey
from console.model.unstructured import Raw, condition, number, rows, text

PLAIN = "v1"
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One object that was applied."""

    key: FluxKey
    api_version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How an object stands, in a word of Kubernetes (``Ready InProgress Failed Terminating``) and in a few more."""

    word: str
    text: str = ""


def entries(raw: Raw) -> tuple[Entry, ...]:
    """The inventory of a Kustomization, HelmRelease, ResourceSet or FluxInstance; what can't be read is left out.

    An id is ``<namespace>_<name>_<group>_<Kind>``, with ``__`` for a colon in the name (fluxcd/pkg ssa, object
    metadata ids).
    """
    found = (_entry(text(row, "id"), text(row, "v")) for row in rows(raw, "status", "inventory", "entries"))
    return tuple(dict.fromkeys(entry for entry in found if entry))


def _entry(identity: str, version: str) -> Entry | None:
    namespace, _, rest = identity.partition("_")
    parts = rest.rsplit("_", 2)
    if len(parts) != 3:
        return None
    name, group, kind = parts
    if not name or not kind:
        return None
    return Entry(FluxKey(kind, namespace, name.replace("__", ":")), f"{group}/{version}" if group else version)


def standing(raw: Raw) -> Standing:
    """By the rules of kstatus (fluxcd/cli-utils) for workloads; whatever else is there is ``Ready``."""
    if text(raw, "metadata", "deletionTimestamp"):
        return Standing("Terminating")
    seen = raw.get("status") if isinstance(raw.get("status"), dict) else None
    kind = text(raw, "kind")
    if kind not in WORKLOADS:
        return Standing("Ready")
    if seen is None or ("observedGeneration" in seen and _lags(raw)):
        return Standing("InProgress", "not seen by its controller yet")
    return {"Pod": _pod, "Job": _job, "DaemonSet": _daemon_set}.get(kind, _replicas)(raw)


def _lags(raw: Raw) -> bool:
    return number(raw, "status", "observedGeneration") < number(raw, "metadata", "generation")


def _pod(raw: Raw) -> Standing:
    phase = text(raw, "status", "phase")
    if phase == "Succeeded":
        return Standing("Ready", "completed")
    waiting = [
        text(row, "state", "waiting", "reason")
        for part in ("initContainerStatuses", "containerStatuses")
        for row in rows(raw, "status", part)
    ]
    why = next((reason for reason in waiting if reason), "")
    if phase == "Failed" or why in {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "CreateContainerConfigError",
    }:
        return Standing("Failed", why or text(raw, "status", "reason") or "failed")
    restarts = sum(number(row, "restartCount") for row in rows(raw, "status", "containerStatuses"))
    told = f"{restarts} restarts" if restarts > 1 else "1 restart" if restarts else ""
    if condition(raw, "Ready").get("status") == "True":
        return Standing("Ready", told)
    return Standing("InProgress", why or phase.lower() or told)


def _job(raw: Raw) -> Standing:
    failed = condition(raw, "Failed")
    if failed.get("status") == "True":
        return Standing("Failed", text(failed, "reason"))
    if condition(raw, "Complete").get("status") == "True":
        return Standing("Ready", "completed")
    return Standing("Ready", "running") if text(raw, "status", "startTime") else Standing("InProgress", "not begun")


def _daemon_set(raw: Raw) -> Standing:
    return _counted(
        number(raw, "status", "numberReady"),
        number(raw, "status", "desiredNumberScheduled"),
        number(raw, "status", "updatedNumberScheduled"),
    )


def _replicas(raw: Raw) -> Standing:
    wanted = number(raw, "spec", "replicas") if "replicas" in (raw.get("spec") or {}) else 1
    if (
        text(raw, "kind") == "Deployment"
        and text(condition(raw, "Progressing"), "reason") == "ProgressDeadlineExceeded"
    ):
        return Standing("Failed", "its rollout does not get on")
    updated = wanted if text(raw, "kind") == "ReplicaSet" else number(raw, "status", "updatedReplicas")
    return _counted(number(raw, "status", "readyReplicas"), wanted, updated)


def _counted(ready: int, wanted: int, updated: int) -> Standing:
    told = f"{ready}/{wanted}"
    if updated < wanted:
        return Standing("InProgress", f"{told} ready, {updated} updated")
    return Standing("Ready" if ready >= wanted else "InProgress", told)
