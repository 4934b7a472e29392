"""From the object that the API sends to the few facts that the console keeps."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any

from console.model.duration import duration
from console.model.flux import FluxKey, FluxObject, Standing, Status, Suspension
from console.model.flux_kinds import (
    KINDS,
    OPERATOR_SUSPENDED_BY,
    REQUESTED_AT,
    SUSPENDED_AT,
    SUSPENDED_BY,
    SUSPENDED_WHY,
)
from console.model.flux_needs import blames, needs, owner, source
from console.model.flux_revision import applied, digest_of, last_pass, next_pass, revisions
from console.model.flux_status import marks, suspended, unsuspended, verdict
from console.model.redaction import redacted
from console.model.unstructured import Raw, at, mapping, moment, rows, text

PASS = timedelta(seconds=2)  # kustomize-controller says Unknown in every pass; most take less than this
PICKUP = timedelta(minutes=1)  # "revision is not up to date" is the normal course of every push
REQUEST = timedelta(minutes=5)
_MESSAGE = 4096  # a message may be as long as a manifest; the detail view asks for the whole object
# What is blocked is tried again every few seconds (--requeue-dependency), what is stalled only when something changes.
_NO_ESTIMATE = frozenset({Status.BLOCKED, Status.STALLED})
_SOURCES = frozenset({"GitRepository", "OCIRepository", "HelmChart", "Bucket", "ExternalArtifact", "HelmRepository"})


def project(
    raw: Mapping[str, Any], previous: FluxObject | None = None, now: datetime | None = None
) -> FluxObject | None:
    """The object in short; None when it has no kind or no name. Never raises, whatever the object looks like.

    ``previous`` is what was known of it: the standing that lasts through a pass comes from there. ``now`` is our clock.
    """
    now = now or datetime.now(UTC)
    key = FluxKey(intern(text(raw, "kind")), intern(text(raw, "metadata", "namespace")), text(raw, "metadata", "name"))
    if not key.kind or not key.name:
        return None
    word = verdict(raw, key.kind)
    revision, attempted, origin = map(intern, revisions(raw, key.kind))
    done = last_pass(raw, key.kind)
    off, failed = suspended(raw, key.kind), word.status is Status.FAILED
    projected = FluxObject(
        key=previous.key if previous else key,
        api_version=intern(text(raw, "apiVersion")),
        status=word.status,
        reason=intern(word.reason[:_MESSAGE]),
        message=intern(word.message[:_MESSAGE]),
        marks=marks(raw, key.kind, word),
        last_status=unsuspended(raw, key.kind).status if off else None,
        created=moment(raw, "metadata", "creationTimestamp"),
        since=_since(raw, word.reason, moment(word.since)),
        revision=revision,
        attempted_revision=attempted,
        origin_revision=origin,
        suspended=_suspension(raw) if off else None,
        interval=intern(text(raw, "spec", "interval")),
        retry_interval=intern(text(raw, "spec", "retryInterval")),
        last_reconciled=done,
        next_pass=None if off or word.status in _NO_ESTIMATE else next_pass(raw, key.kind, done, failed=failed),
        handled_request=text(raw, "status", "lastHandledReconcileAt"),
        needs=needs(raw, key),
        source=source(raw, key),
        url=redacted(text(raw, "spec", "url")),
        path=_path(raw) if key.kind == "Kustomization" else "",
        managed_by=owner(raw),
        inventory=len(rows(raw, "status", "inventory", "entries")),
        blames=() if word.status is Status.READY else blames(word.message, key),
        digest=digest_of(raw) if key.kind == "HelmRelease" else "",
        source_revision=text(raw, "status", "observedSourceArtifactRevision"),
        artifact=_has_artifact(raw, key.kind, word.status),
        served=moment(raw, "status", "artifact", "lastUpdateTime"),
        applied=applied(raw) if key.kind == "Kustomization" else (),
    )
    return _settled(_requested(projected, raw, previous, now), previous, now)


def _settled(this: FluxObject, previous: FluxObject | None, now: datetime) -> FluxObject:
    """Keep how it stood before the pass that runs now, or, between passes, since when it stands so."""
    if previous is None:
        return this
    stood = previous.standing()
    grace = _grace(this)
    if grace is None or stood.status in {Status.SUSPENDED, Status.TERMINATING}:
        same = (stood.status, stood.reason) == (this.status, this.reason)
        earlier = same and stood.since and (this.since is None or stood.since < this.since)
        return replace(this, since=stood.since) if earlier else this
    if previous.before is None and _grace(previous) is not None:
        return this  # never seen settled
    began = previous.pass_began or now
    until = max(began + grace, previous.until or now)
    # What a pass says of its progress names nobody: whom the last one blamed stays to blame until it has ended.
    return replace(this, before=stood, pass_began=began, until=until, blames=this.blames or previous.blames)


def _grace(this: FluxObject) -> timedelta | None:
    """How long what stood before is shown on; None when this is no passing state."""
    if this.status is Status.RECONCILING or (this.status is Status.PENDING and this.reason):
        return PASS
    if this.status is Status.BLOCKED and "revision is not up to date" in this.message:
        return PICKUP
    return None


def _requested(this: FluxObject, raw: Raw, previous: FluxObject | None, now: datetime) -> FluxObject:
    """A request that the controller has not answered yet counts as a pass, for twice the object's timeout."""
    token = text(raw, "metadata", "annotations", REQUESTED_AT)
    kind = KINDS.get(this.key.kind)
    if not token or token == this.handled_request or this.suspended or (kind and kind.static):
        return this
    if this.status is Status.TERMINATING:
        return this
    waited = previous.expires if previous and "requested" in previous.marks else None
    window = 2 * (duration(text(raw, "spec", "timeout")) or REQUEST)
    asked = moment(token)
    expires = asked + window if asked else waited or now + window
    if now >= expires:
        return this
    requested = replace(this, marks=(*this.marks, "requested"), expires=expires)
    if this.status in {Status.RECONCILING, Status.STALLED}:
        return requested
    if previous is None:
        own = Standing(this.status, this.reason, this.message, this.since)
        return replace(requested, status=Status.RECONCILING, message="requested", before=own, until=now + PASS)
    return replace(requested, status=Status.RECONCILING, message="requested")


def _since(raw: Raw, reason: str, transition: datetime | None) -> datetime | None:
    """Since when it stands so. Kustomizations flip in every pass: their history tells more than the condition."""
    history = rows(raw, "status", "history")
    if not reason or not history or text(history[0], "lastReconciledStatus") != reason:
        return transition
    first = moment(history[0], "firstReconciled")
    other = moment(history[1], "lastReconciled") if len(history) > 1 else None
    began = max((time for time in (first, other) if time), default=None)
    return min((time for time in (began, transition) if time), default=None)


def _suspension(raw: Raw) -> Suspension:
    notes = mapping(raw, "metadata", "annotations")
    return Suspension(
        text(notes, SUSPENDED_BY) or text(notes, OPERATOR_SUSPENDED_BY),
        text(notes, SUSPENDED_AT),
        text(notes, SUSPENDED_WHY)[:_MESSAGE],
    )


def _has_artifact(raw: Raw, kind: str, status: Status) -> bool:
    if kind not in _SOURCES or (kind == "HelmRepository" and status is Status.READY):
        return True
    return bool(at(raw, "status", "artifact"))


def _path(raw: Raw) -> str:
    return text(raw, "spec", "path").removeprefix("./").strip("/")
