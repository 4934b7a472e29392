"""From the object that the API sends to the few facts that the console keeps."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

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
from console.model.flux_status import Verdict, marks, suspended, unsuspended, verdict
from console.model.redaction import redacted
from console.model.unstructured import Raw, conditions, mapping, moment, number, rows, text

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

    ``previous`` is what was known of it: the standing that lasts through a pass comes from there, and what its spec
    says, as long as that has not changed. ``now`` is our clock.
    """
    now = now or datetime.now(UTC)
    meta, status = mapping(raw, "metadata"), mapping(raw, "status")
    notes = mapping(meta, "annotations")
    kind, name = text(raw, "kind"), text(meta, "name")
    if not kind or not name:
        return None
    key = previous.key if previous else FluxKey(intern(kind), intern(text(meta, "namespace")), name)
    off, told = suspended(raw, kind), conditions(raw)
    last = unsuspended(raw, kind, told)
    word = verdict(raw, last, off=off)
    created = moment(meta, "creationTimestamp")
    handled = text(status, "lastHandledReconcileAt")
    generation = number(meta, "generation")
    token = text(notes, REQUESTED_AT) if notes and not off else ""
    expires = _expiry(raw, token, word.status, previous, now) if token and token != handled else None
    stands = _standing(raw, word)
    course = _course(stands, previous, now, asked=expires is not None)
    stands = course.stands
    blamed = () if word.status is Status.READY else blames(word.message, key)
    revision, attempted, origin = revisions(raw, status, kind)
    done = last_pass(raw, status, kind)
    marked = marks(told, kind, word)
    # A release's chart is named in its status. What was made anew under the same name begins with the same generation.
    same = previous and previous.generation == generation > 0 and previous.created == created
    spec = previous if previous and same and not text(status, "helmChart") else _Spec.of(raw, key)
    return FluxObject(
        key=key,
        api_version=intern(text(raw, "apiVersion")),
        generation=generation,
        status=stands.status,
        reason=stands.reason,
        message=stands.message,
        marks=(*marked, "requested") if expires else marked,
        last_status=last.status if off else None,
        created=created,
        since=stands.since,
        revision=_shared(revision),
        attempted_revision=_shared(attempted),
        origin_revision=_shared(origin),
        suspended=_suspension(notes) if off else None,
        interval=spec.interval,
        last_reconciled=done,
        next_pass=None
        if off or word.status in _NO_ESTIMATE
        else next_pass(raw, status, kind, done, failed=word.status is Status.FAILED),
        needs=spec.needs,
        source=spec.source,
        url=spec.url,
        path=spec.path,
        managed_by=owner(raw),
        inventory=len(rows(status, "inventory", "entries")),
        # What a pass says of its progress names nobody: whom the last one blamed stays to blame until it has ended.
        blames=blamed or (previous.blames if previous and course.began else ()),
        taken=digest_of(status) if kind == "HelmRelease" else text(status, "observedSourceArtifactRevision"),
        artifact=_has_artifact(status, kind, word.status),
        served=moment(status, "artifact", "lastUpdateTime"),
        applied=applied(status) if kind == "Kustomization" else (),
        before=course.before,
        pass_began=course.began,
        until=course.until,
        expires=expires,
    )


class _Spec(NamedTuple):
    """What the console keeps of an object's spec."""

    interval: str
    needs: tuple[FluxKey, ...]
    source: FluxKey | None
    url: str
    path: str

    @classmethod
    def of(cls, raw: Raw, key: FluxKey) -> "_Spec":
        """As it is written."""
        spec = mapping(raw, "spec")
        path = text(spec, "path").removeprefix("./").strip("/") if key.kind == "Kustomization" else ""
        return cls(
            intern(text(spec, "interval")),
            needs(raw, key),
            source(raw, key),
            redacted(text(spec, "url")),
            path,
        )


class _Course(NamedTuple):
    """How an object stands, and how it stood before the pass that began at ``began``, to be shown ``until``."""

    stands: Standing
    before: Standing | None = None
    began: datetime | None = None
    until: datetime | None = None


def _course(stands: Standing, previous: FluxObject | None, now: datetime, *, asked: bool) -> _Course:
    """Keep how it stood before the pass that runs now, or, between passes, since when it stands so. ``asked``: a pass
    was asked for that nobody has answered, which counts as one.
    """
    own = stands
    if asked and stands.status not in (Status.RECONCILING, Status.STALLED):
        stands = Standing(Status.RECONCILING, stands.reason, "requested", stands.since)
    if previous is None:
        return _Course(stands, own, None, now + PASS) if stands is not own else _Course(stands)
    stood = previous.standing()
    grace = _grace(stands)
    if grace is None or stood.status in (Status.SUSPENDED, Status.TERMINATING):
        same = (stood.status, stood.reason) == (stands.status, stands.reason)
        earlier = same and stood.since and (stands.since is None or stood.since < stands.since)
        return _Course(Standing(stands.status, stands.reason, stands.message, stood.since) if earlier else stands)
    if previous.before is None and _grace(previous) is not None:
        return _Course(stands)  # never seen settled
    began = previous.pass_began or now
    return _Course(stands, stood, began, max(began + grace, previous.until or now))


def _grace(this: FluxObject | Standing) -> timedelta | None:
    """How long what stood before is shown on; None when this is no passing state."""
    if this.status is Status.RECONCILING or (this.status is Status.PENDING and this.reason):
        return PASS
    if this.status is Status.BLOCKED and "revision is not up to date" in this.message:
        return PICKUP
    return None


def _expiry(raw: Raw, token: str, status: Status, previous: FluxObject | None, now: datetime) -> datetime | None:
    """When a request that the controller has not answered yet stops counting as a pass: after twice the object's
    timeout. None: it counts for nothing, or not any more.
    """
    kind = KINDS.get(text(raw, "kind"))
    if (kind and kind.static) or status is Status.TERMINATING:
        return None
    waited = previous.expires if previous and "requested" in previous.marks else None
    window = 2 * (duration(text(raw, "spec", "timeout")) or REQUEST)
    asked = moment(token)
    expires = asked + window if asked else waited or now + window
    return expires if now < expires else None


@lru_cache(256)
def _shared(said: str) -> str:
    """One value for what is told of many, as a revision is after each push; most messages are told of one."""
    return said


def _standing(raw: Raw, word: Verdict) -> Standing:
    reason = _shared(word.reason[:_MESSAGE])
    return Standing(word.status, reason, _shared(word.message[:_MESSAGE]), _since(raw, reason, moment(word.since)))


def _since(raw: Raw, reason: str, transition: datetime | None) -> datetime | None:
    """Since when it stands so. Kustomizations flip in every pass: their history tells more than the condition."""
    history = rows(raw, "status", "history")
    if not reason or not history or text(history[0], "lastReconciledStatus") != reason:
        return transition
    first = moment(history[0], "firstReconciled")
    other = moment(history[1], "lastReconciled") if len(history) > 1 else None
    began = max((time for time in (first, other) if time), default=None)
    return min((time for time in (began, transition) if time), default=None)


def _suspension(notes: Raw) -> Suspension:
    return Suspension(
        text(notes, SUSPENDED_BY) or text(notes, OPERATOR_SUSPENDED_BY),
        text(notes, SUSPENDED_AT),
        text(notes, SUSPENDED_WHY)[:_MESSAGE],
    )


def _has_artifact(status: Raw, kind: str, word: Status) -> bool:
    if kind not in _SOURCES or (kind == "HelmRepository" and word is Status.READY):
        return True
    return bool(status.get("artifact"))
