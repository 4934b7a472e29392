"""The one status word of a Flux object, from what its controller left in it.

The order of the tests is the rule; the facts behind it are those of Flux 2.9: after a failed pass a controller leaves
``Ready=False`` *and* ``Reconciling=True`` with reason ``ProgressingWithRetry``, so that Reconciling alone does not mean
that a pass runs; kustomize-controller sets ``Ready=Unknown`` in every pass; suspended objects keep their last
conditions.
"""

from dataclasses import dataclass, replace

from console.model.flux import Status
from console.model.flux_kinds import KINDS
from console.model.unstructured import Raw, at, condition, mapping, moment, number, rows, text, true

WAITING = frozenset({"DependencyNotReady", "SourceNotReady"})
RETRYING = "ProgressingWithRetry"
_EXHAUSTED = ("RetriesExceeded", "exceeded maximum retries", "retries exhausted")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, and the condition's reason and message that explain it."""

    status: Status
    reason: str = ""
    message: str = ""
    since: str = ""  # RFC 3339, of the condition's last transition


def suspended(raw: Raw, kind: str) -> bool:
    """Whether the controller leaves the object alone: by ``spec.suspend``, or by the annotation of kinds without."""
    switch = KINDS[kind].switch if kind in KINDS else ""
    off = bool(switch) and text(raw, "metadata", "annotations", switch).lower() == "disabled"
    return off or true(raw, "spec", "suspend")


def verdict(raw: Raw, kind: str) -> Verdict:
    """The word of this instant."""
    last = unsuspended(raw, kind)
    if at(raw, "metadata", "deletionTimestamp"):
        when = text(raw, "metadata", "deletionTimestamp")
        return Verdict(Status.TERMINATING, last.reason, last.message or _finalizers(raw), when)
    if suspended(raw, kind):
        return Verdict(Status.SUSPENDED, last.reason, last.message, last.since)
    return last


def unsuspended(raw: Raw, kind: str) -> Verdict:
    """The word that the conditions alone give: under a suspension, the last one."""
    ready, stalled, reconciling = (condition(raw, name) for name in ("Ready", "Stalled", "Reconciling"))
    if _static(raw, kind, ready):
        return Verdict(Status.READY)
    if stalled.get("status") == "True":
        return _exhausted(raw, stalled, ready) if _spent(stalled) else _of(Status.STALLED, stalled, ready)
    if reconciling.get("status") == "True" and reconciling.get("reason") == "Progressing":
        return _of(Status.RECONCILING, reconciling)
    if ready.get("status") == "Unknown":
        return _of(Status.RECONCILING, ready, reconciling)
    # A suspension is itself a change of the spec that no controller will see.
    return _rested(raw, ready, behind=lags(raw) and not suspended(raw, kind))


def _spent(stalled: Raw) -> bool:
    """Whether it is stalled because no retry is left."""
    return any(sign in f"{text(stalled, 'reason')} {text(stalled, 'message')}" for sign in _EXHAUSTED)


def _exhausted(raw: Raw, stalled: Raw, ready: Raw) -> Verdict:
    """That no retry is left does not tell what failed: Released does, else Ready. It failed since the first of them:
    a pass that is asked for writes Ready and Stalled anew, and attempts nothing."""
    failed = [each for each in (condition(raw, "Released"), ready) if each.get("status") == "False"]
    told = [each for each in failed if not _spent(each)]
    word = _of(Status.STALLED, *told, stalled, ready)
    times = {moment(each["lastTransitionTime"]): each for each in [*failed, stalled] if each.get("lastTransitionTime")}
    first = min((time for time in times if time), default=None)
    return replace(word, since=str(times[first]["lastTransitionTime"])) if first else word


def _rested(raw: Raw, ready: Raw, *, behind: bool) -> Verdict:
    """The word while no pass runs. ``behind``: there is a spec that the controller has still to see."""
    if ready.get("status") == "False":
        return _of(Status.BLOCKED if ready.get("reason") in WAITING else Status.FAILED, ready)
    if ready.get("status") != "True":
        return _of(Status.PENDING, ready or {"message": "waiting to be reconciled"})
    rolled_back = condition(raw, "Remediated")
    if rolled_back.get("status") == "True":
        return _of(Status.FAILED, rolled_back)
    return _of(Status.PENDING if behind else Status.READY, ready)


def marks(raw: Raw, kind: str, word: Verdict) -> tuple[str, ...]:
    """What stands beside the word: ``drifted remediated retrying exhausted``."""
    retrying = word.status in {Status.FAILED, Status.BLOCKED} and (
        condition(raw, "Reconciling").get("reason") == RETRYING
    )
    exhausted = word.status is Status.STALLED and _spent(condition(raw, "Stalled"))
    found = {
        "drifted": kind == "HelmRelease" and condition(raw, "Drifted").get("status") == "True",
        "remediated": condition(raw, "Remediated").get("status") == "True",
        "retrying": retrying,
        "exhausted": exhausted,
    }
    return tuple(name for name, here in found.items() if here)


def lags(raw: Raw) -> bool:
    """Whether the controller has not seen the newest spec. Kinds without the field say it in the condition."""
    generation = number(raw, "metadata", "generation")
    seen = at(raw, "status", "observedGeneration")
    if not isinstance(seen, int):
        seen = condition(raw, "Ready").get("observedGeneration")
    return isinstance(seen, int) and seen < generation


def _static(raw: Raw, kind: str, ready: Raw) -> bool:
    """Objects that have no status of their own, and a HelmRepository of type oci, which nobody reconciles."""
    if kind in {"Alert", "Provider"}:
        return True
    if kind == "HelmRepository":
        return text(raw, "spec", "type") == "oci" and not rows(raw, "status", "conditions")
    return kind == "ExternalArtifact" and bool(mapping(raw, "status", "artifact")) and not ready


def _of(status: Status, *conditions: Raw) -> Verdict:
    """The first condition that has a text explains the word."""
    return Verdict(
        status, _first("reason", conditions), _first("message", conditions), _first("lastTransitionTime", conditions)
    )


def _first(key: str, conditions: tuple[Raw, ...]) -> str:
    for each in conditions:
        found = each.get(key)
        if found and isinstance(found, str):
            return found
    return ""


def _finalizers(raw: Raw) -> str:
    held = at(raw, "metadata", "finalizers")
    return f"held by {', '.join(map(str, held))}" if isinstance(held, list) and held else ""
