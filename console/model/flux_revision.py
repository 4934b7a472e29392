"""Which revision an object is at, and when it had its last pass: each kind says it elsewhere."""

import re
from collections.abc import Callable
from datetime import datetime

from console.model.duration import duration
from console.model.unstructured import Raw, at, mapping, moment, rows, text, texts

ORIGIN = "org.opencontainers.image.revision"
_OPERATOR_EVERY = "fluxcd.controlplane.io/reconcileEvery"
# Flux Operator 0.58: how often its kinds are reconciled when no annotation says otherwise.
_EVERY = {"FluxInstance": "1h", "ResourceSet": "1h", "ResourceSetInputProvider": "10m", "FluxReport": "5m"}


# Flux: ``main@sha1:<hex>``, ``refs/heads/main@sha1:<hex>``, ``sha1:<hex>``, and ``main/<hex>`` from before 2.0; some
# tools write the id alone. An OCI digest (``latest@sha256:<hex>``) is longer.
_COMMIT = re.compile(r"(?:^|[:/])([0-9a-f]{40})$")


def commit_in(revision: str) -> str:
    """The full id of the git commit that a revision names; empty when it names none."""
    found = _COMMIT.search(revision)
    return found[1] if found else ""


def revisions(raw: Raw, kind: str) -> tuple[str, str, str]:
    """(applied or served, attempted, origin: the Git revision behind an OCI artifact); each may be empty."""
    reader = _READERS.get(kind, _of_source)
    return reader(raw)


def digest_of(raw: Raw) -> str:
    """The digest of the OCI artifact that a HelmRelease runs."""
    return text(_deployed(raw), "ociDigest") or text(raw, "status", "lastAttemptedRevisionDigest")


def last_pass(raw: Raw, kind: str) -> datetime | None:
    """When the last pass ended, as far as the object tells: a pass that changes nothing writes nothing in sources.

    Kustomization, ResourceSet and FluxInstance say it exactly (history); for the others it is a lower bound.
    """
    history = rows(raw, "status", "history")
    exact = moment(history[0], "lastReconciled") if history and kind != "HelmRelease" else None
    if exact:
        return exact
    status = mapping(raw, "status")
    managed = at(raw, "metadata", "managedFields")
    bounds = [moment(entry, "time") for entry in (managed if isinstance(managed, list) else ()) if _of_status(entry)]
    bounds += (
        moment(status, "lastHandledReconcileAt"),
        moment(status, "artifact", "lastUpdateTime"),
        moment(status, "lastScanResult", "scanTime"),
        moment(status, "lastAutomationRunTime"),
    )
    return max(filter(None, bounds), default=None)


def applied(raw: Raw) -> tuple[tuple[datetime, str], ...]:
    """When each of the last contents was first applied, and the newest revision (the origin's, where told) that had it.

    Flux keeps five; a pass that changes nothing leaves the first time as it is (kustomize-controller 1.7, history).
    """
    found = []
    for entry in rows(raw, "status", "history"):
        first = moment(entry, "firstReconciled")
        if first and text(entry, "lastReconciledStatus") == "ReconciliationSucceeded":
            found.append((first, text(entry, "metadata", "originRevision") or text(entry, "metadata", "revision")))
    return tuple(found)


def next_pass(raw: Raw, kind: str, done: datetime | None, *, failed: bool) -> datetime | None:
    """An estimate: the last pass and the interval; controllers add up to 5 % of jitter. None where it can't be told.

    A failed HelmRelease waits exponentially longer, so nothing is said of it.
    """
    scheduled = moment(raw, "status", "nextSchedule", "when")
    if scheduled:
        return scheduled
    if done is None or (failed and kind == "HelmRelease"):
        return None
    every = text(raw, "spec", "interval")
    if failed:
        every = text(raw, "spec", "retryInterval") or every
    every = every or text(raw, "metadata", "annotations", _OPERATOR_EVERY) or _EVERY.get(kind, "")
    span = duration(every)
    if not span:
        return None
    try:
        return done + span
    except OverflowError:
        return None


def _of_status(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("subresource") == "status"


def _of_source(raw: Raw) -> tuple[str, str, str]:
    artifact = mapping(raw, "status", "artifact")
    return text(artifact, "revision"), "", text(artifact, "metadata", ORIGIN)


def _applied(raw: Raw) -> tuple[str, str, str]:
    status = mapping(raw, "status")
    return (
        text(status, "lastAppliedRevision"),
        text(status, "lastAttemptedRevision"),
        text(status, "lastAppliedOriginRevision"),
    )


def _deployed(raw: Raw) -> Raw:
    """The release that runs: the newest one may be a failed attempt."""
    history = rows(raw, "status", "history")
    return next((row for row in history if row.get("status") == "deployed"), history[0] if history else {})


def _released(raw: Raw) -> tuple[str, str, str]:
    return text(_deployed(raw), "chartVersion"), text(raw, "status", "lastAttemptedRevision"), ""


def _image(raw: Raw) -> tuple[str, str, str]:
    latest = mapping(raw, "status", "latestRef")
    return ":".join(part for part in (text(latest, "name"), text(latest, "tag")) if part), "", ""


def _scanned(raw: Raw) -> tuple[str, str, str]:
    tags = texts(raw, "status", "lastScanResult", "latestTags")
    return (tags[0] if tags else ""), "", ""


def _pushed(raw: Raw) -> tuple[str, str, str]:
    return text(raw, "status", "lastPushCommit"), "", ""


def _provided(raw: Raw) -> tuple[str, str, str]:
    return text(raw, "status", "lastExportedRevision"), "", ""


def _reported(raw: Raw) -> tuple[str, str, str]:
    return text(raw, "spec", "distribution", "version"), "", ""


_READERS: dict[str, Callable[[Raw], tuple[str, str, str]]] = {
    "Kustomization": _applied,
    "ResourceSet": _applied,
    "FluxInstance": _applied,
    "HelmRelease": _released,
    "ImagePolicy": _image,
    "ImageRepository": _scanned,
    "ImageUpdateAutomation": _pushed,
    "ResourceSetInputProvider": _provided,
    "FluxReport": _reported,
}
