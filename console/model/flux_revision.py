"""Which revision an object is at, and when it had its last pass: each kind says it elsewhere."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

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


# Where a kind that has no artifact says when it last worked.
_WORKED = {"ImageRepository": ("lastScanResult", "scanTime"), "ImageUpdateAutomation": ("lastAutomationRunTime",)}


def revisions(raw: Raw, status: Raw, kind: str) -> tuple[str, str, str]:
    """(applied or served, attempted, origin: the Git revision behind an OCI artifact); each may be empty."""
    if kind == "FluxReport":
        return text(raw, "spec", "distribution", "version"), "", ""
    return _READERS.get(kind, _of_source)(status)


def digest_of(status: Raw) -> str:
    """The digest of the OCI artifact that a HelmRelease runs."""
    return text(_deployed(status), "ociDigest") or text(status, "lastAttemptedRevisionDigest")


def last_pass(raw: Raw, status: Raw, kind: str) -> datetime | None:
    """When the last pass ended, as far as the object tells: a pass that changes nothing writes nothing in sources.

    Kustomization, ResourceSet and FluxInstance say it exactly (history); for the others it is a lower bound.
    """
    history = rows(status, "history") if kind != "HelmRelease" else ()
    exact = moment(history[0], "lastReconciled") if history else None
    if exact:
        return exact
    bounds = [
        each.get("time") for each in rows(raw, "metadata", "managedFields") if each.get("subresource") == "status"
    ]
    bounds += [status.get("lastHandledReconcileAt"), at(status, *_WORKED.get(kind, ("artifact", "lastUpdateTime")))]
    known = [found for each in bounds if each and (found := moment(each))]
    return max(known) if known else None


def applied(status: Raw) -> tuple[tuple[datetime, str], ...]:
    """When each of the last contents was first applied, and the newest revision (the origin's, where told) that had it.

    Flux keeps five; a pass that changes nothing leaves the first time as it is (kustomize-controller 1.7, history).
    """
    found = []
    for entry in rows(status, "history"):
        first = moment(entry, "firstReconciled")
        if first and text(entry, "lastReconciledStatus") == "ReconciliationSucceeded":
            found.append((first, text(entry, "metadata", "originRevision") or text(entry, "metadata", "revision")))
    return tuple(found)


def next_pass(raw: Raw, status: Raw, kind: str, done: datetime | None, *, failed: bool) -> datetime | None:
    """An estimate: the last pass and the interval; controllers add up to 5 % of jitter. None where it can't be told.

    A failed HelmRelease waits exponentially longer, so nothing is said of it.
    """
    scheduled = at(status, "nextSchedule")
    if scheduled and (when := moment(scheduled, "when")):
        return when
    if done is None or (failed and kind == "HelmRelease"):
        return None
    every = text(raw, "spec", "interval")
    if failed:
        every = text(raw, "spec", "retryInterval") or every
    every = every or text(raw, "metadata", "annotations", _OPERATOR_EVERY) or _EVERY.get(kind, "")
    span = duration(every) if every else None
    return _later(done, span) if span else None


@lru_cache(1024)
def _later(done: datetime, span: timedelta) -> datetime | None:
    """One value for all that had their pass in the same second."""
    try:
        return done + span
    except OverflowError:
        return None


def _of_source(status: Raw) -> tuple[str, str, str]:
    artifact = mapping(status, "artifact")
    return text(artifact, "revision"), "", text(artifact, "metadata", ORIGIN)


def _applied(status: Raw) -> tuple[str, str, str]:
    return (
        text(status, "lastAppliedRevision"),
        text(status, "lastAttemptedRevision"),
        text(status, "lastAppliedOriginRevision"),
    )


def _deployed(status: Raw) -> Raw:
    """The release that runs: the newest one may be a failed attempt."""
    history = rows(status, "history")
    return next((row for row in history if row.get("status") == "deployed"), history[0] if history else {})


def _released(status: Raw) -> tuple[str, str, str]:
    return text(_deployed(status), "chartVersion"), text(status, "lastAttemptedRevision"), ""


def _image(status: Raw) -> tuple[str, str, str]:
    latest = mapping(status, "latestRef")
    return ":".join(part for part in (text(latest, "name"), text(latest, "tag")) if part), "", ""


def _scanned(status: Raw) -> tuple[str, str, str]:
    tags = texts(status, "lastScanResult", "latestTags")
    return (tags[0] if tags else ""), "", ""


def _pushed(status: Raw) -> tuple[str, str, str]:
    return text(status, "lastPushCommit"), "", ""


def _provided(status: Raw) -> tuple[str, str, str]:
    return text(status, "lastExportedRevision"), "", ""


_READERS: dict[str, Callable[[Raw], tuple[str, str, str]]] = {
    "Kustomization": _applied,
    "ResourceSet": _applied,
    "FluxInstance": _applied,
    "HelmRelease": _released,
    "ImagePolicy": _image,
    "ImageRepository": _scanned,
    "ImageUpdateAutomation": _pushed,
    "ResourceSetInputProvider": _provided,
}
