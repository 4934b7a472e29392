"""The one status word of a Flux object, from what its controller left in it.

The order of the tests is the rule; the facts behind it are those of Flux 2.9: after a failed pass a controller leaves
``Ready=False`` *and* ``Reconciling=True`` with reason ``ProgressingWithRetry``, so that Reconciling alone does not mean
that a pass runs; kustomize-controller sets ``Ready=Unknown`` in every pass; suspended objects keep their last
conditions.
"""

from collections.abc import Mapping
from typing import NamedTuple

from console.model.flux import Status
from console.model.flux_kinds import KINDS
from console.model.unstructured import Raw, at, conditions, mapping, moment, number, rows, text, true

WAITING = frozenset({"DependencyNotReady", "SourceNotReady"})
RETRYING = "ProgressingWithRetry"
_EXHAUSTED = ("RetriesExceeded", "exceeded maximum retries", "retries exhausted")


Told = Mapping[str, Raw]
"""Conditions by their type."""
_NONE: Raw = {}


class Verdict(NamedTuple):
    """The word, and the condition's reason and message that explain it."""

    status: Status
    reason: str = ""
    message: str = ""
    since: str = ""  # RFC 3339, of the condition's last transition


def suspended(raw: Raw, kind: str) -> bool:
    """Whether the controller leaves the object alone: by ``spec.suspend``, or by the annotation of kinds without."""
    known = KINDS.get(kind)
    off = known and known.switch and text(raw, "metadata", "annotations", known.switch).lower() == "disabled"
    return bool(off) or true(raw, "spec", "suspend")


def verdict(raw: Raw, last: Verdict, *, off: bool) -> Verdict:
    """The word of this instant, where ``last`` is what the conditions give; ``off``: the object is suspended."""
    when = at(raw, "metadata", "deletionTimestamp")
    if when:
        since = when if isinstance(when, str) else ""
        return Verdict(Status.TERMINATING, last.reason, last.message or _finalizers(raw), since)
    return last._replace(status=Status.SUSPENDED) if off else last


def unsuspended(raw: Raw, kind: str, told: Told | None = None) -> Verdict:
    """The word that the conditions alone give: under a suspension, the last one. ``told``: them, if they are known."""
    told = conditions(raw) if told is None else told
    ready, stalled, reconciling = (told.get(name, _NONE) for name in ("Ready", "Stalled", "Reconciling"))
    if _static(raw, kind, ready):
        return Verdict(Status.READY)
    if stalled.get("status") == "True":
        return _exhausted(told, stalled, ready) if _spent(stalled) else _of(Status.STALLED, stalled, ready)
    if reconciling.get("status") == "True" and reconciling.get("reason") == "Progressing":
        return _of(Status.RECONCILING, reconciling)
    if ready.get("status") == "Unknown":
        return _of(Status.RECONCILING, ready, reconciling)
    return _rested(raw, kind, told, ready)


def _spent(stalled: Raw) -> bool:
    """Whether it is stalled because no retry is left."""
    return any(sign in f"{text(stalled, 'reason')} {text(stalled, 'message')}" for sign in _EXHAUSTED)


def _exhausted(told: Told, stalled: Raw, ready: Raw) -> Verdict:
    """That no retry is left does not tell what failed: Released does, else Ready. It failed since the first of them:
    a pass that is asked for writes Ready and Stalled anew, and attempts nothing."""
    failed = [each for each in (told.get("Released", _NONE), ready) if each.get("status") == "False"]
    word = _of(Status.STALLED, *(each for each in failed if not _spent(each)), stalled, ready)
    times = {moment(each["lastTransitionTime"]): each for each in [*failed, stalled] if each.get("lastTransitionTime")}
    first = min((time for time in times if time), default=None)
    return word._replace(since=str(times[first]["lastTransitionTime"])) if first else word


def _rested(raw: Raw, kind: str, told: Told, ready: Raw) -> Verdict:
    """The word while no pass runs."""
    if ready.get("status") == "False":
        return _of(Status.BLOCKED if text(ready, "reason") in WAITING else Status.FAILED, ready)
    if ready.get("status") != "True":
        return _of(Status.PENDING, ready or {"message": "waiting to be reconciled"})
    rolled_back = told.get("Remediated", _NONE)
    if rolled_back.get("status") == "True":
        return _of(Status.FAILED, rolled_back)
    # A suspension is itself a change of the spec that no controller will see.
    behind = _lags(raw, ready) and not suspended(raw, kind)
    return _of(Status.PENDING if behind else Status.READY, ready)


def marks(told: Told, kind: str, word: Verdict) -> tuple[str, ...]:
    """What stands beside the word: ``drifted remediated retrying exhausted``."""
    found: tuple[str, ...] = ()
    if kind == "HelmRelease" and told.get("Drifted", _NONE).get("status") == "True":
        found += ("drifted",)
    if told.get("Remediated", _NONE).get("status") == "True":
        found += ("remediated",)
    if word.status in (Status.FAILED, Status.BLOCKED) and told.get("Reconciling", _NONE).get("reason") == RETRYING:
        found += ("retrying",)
    if word.status is Status.STALLED and _spent(told.get("Stalled", _NONE)):
        found += ("exhausted",)
    return found


def _lags(raw: Raw, ready: Raw) -> bool:
    """Whether the controller has not seen the newest spec. Kinds without the field say it in the condition."""
    seen = at(raw, "status", "observedGeneration")
    if not isinstance(seen, int):
        seen = ready.get("observedGeneration")
    return isinstance(seen, int) and seen < number(raw, "metadata", "generation")


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
