"""Stop Flux from touching an object, with who, when and why on it; and let it go on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from console.model.flux import FluxKey
from console.model.flux_kinds import (
    OPERATOR_SUSPENDED_BY,
    REQUESTED_AT,
    SUSPENDED_AT,
    SUSPENDED_BY,
    SUSPENDED_WHY,
    FluxKind,
)
from console.model.flux_needs import owner
from console.model.flux_status import WAITING, suspended
from console.model.step import Step, StepState
from console.model.unstructured import at, rows, text, true
from console.operations import passes
from console.operations.passes import Cluster, Raw, Reconciler
from console.sources.errors import HomeconsoleError, Refused
from console.sources.stop import Stop

_NOTES = (SUSPENDED_BY, SUSPENDED_AT, SUSPENDED_WHY, OPERATOR_SUSPENDED_BY)
# The managers under which what Git holds is applied.
_APPLIERS = frozenset({"kustomize-controller", "helm-controller", "flux-operator"})


def suspend(
    cluster: Cluster,
    key: FluxKey,
    *,
    resume: bool = False,
    reason: str = "",
    by: str = "",
    timeout: float = 300,
    now: Callable[[], datetime],
    stop: Stop,
) -> Iterator[Step]:
    """Suspend with a ``reason``; or ``resume``, which asks for a pass and follows it like ``reconcile``.

    The step's ``detail`` says whether Git will undo it. Raises Refused for what can't be suspended or patched.
    """
    kind = passes.known(key)
    if not kind.suspendable:
        raise Refused(f"{key.ref} can't be suspended: {kind.static}", kind="static")
    passes.check_allowed(cluster, key)
    raw = cluster.get(kind.api_version, key.kind, key.name, key.namespace)
    if resume:
        yield from _resumed(Reconciler(cluster, timeout, now, stop), key, kind, raw)
        return
    notes = {SUSPENDED_AT: f"{now():%Y-%m-%dT%H:%M:%SZ}", SUSPENDED_WHY: reason or None}
    notes |= {SUSPENDED_BY: by or None, OPERATOR_SUSPENDED_BY: by or None}
    changed = _patched(cluster, key, kind, notes, off=True)
    if not suspended(changed, key.kind):
        yield Step(key.ref, StepState.FAILED, "the API took the change but the object is not suspended", now())
        return
    text_ = "suspended" + (f": {reason}" if reason else "")
    yield Step(key.ref, StepState.DONE, text_, now(), _warnings(cluster, raw, kind, resume=False))


def _resumed(reconciler: Reconciler, key: FluxKey, kind: FluxKind, raw: Raw) -> Iterator[Step]:
    cluster, now = reconciler.cluster, reconciler.now
    if not suspended(raw, key.kind):
        yield Step(key.ref, StepState.DONE, "it is not suspended", now())
        return
    token = passes.token(now())
    notes: dict[str, str | None] = dict.fromkeys(_NOTES)
    if not kind.static:
        notes[REQUESTED_AT] = token
    warnings = _warnings(cluster, raw, kind, resume=True)
    changed = _patched(cluster, key, kind, notes, off=False)
    if suspended(changed, key.kind):
        yield Step(key.ref, StepState.FAILED, "the API took the change but the object is still suspended", now())
        return
    if kind.static:
        yield Step(key.ref, StepState.DONE, "resumed", now(), warnings)
        return
    yield Step(key.ref, StepState.RUNNING, "resumed; asked for a pass", now(), warnings)
    for step in reconciler.follow(key, token):
        # It was resumed, which was all that was asked; that others keep it waiting, as before, is no failure of that.
        blocked = step.state is StepState.FAILED and step.text.partition(":")[0] in WAITING
        state, words = (StepState.DONE, f"resumed, now blocked ({step.text})") if blocked else (step.state, step.text)
        yield Step(step.name, state, words, step.at, (*step.detail, *warnings))


def _patched(
    cluster: Cluster, key: FluxKey, kind: FluxKind, notes: dict[str, str | None], *, off: bool
) -> dict[str, Any]:
    """Removing the field is how Git-managed objects are resumed: ``false`` would be ours, against Git's."""
    patch: dict[str, Any] = {"metadata": {"annotations": dict(notes)}}
    if kind.switch:
        patch["metadata"]["annotations"][kind.switch] = "disabled" if off else None
    else:
        patch["spec"] = {"suspend": True if off else None}
    return cluster.patch(kind.api_version, key.kind, key.name, key.namespace, patch)


def _warnings(cluster: Cluster, raw: Raw, kind: FluxKind, *, resume: bool) -> tuple[str, ...]:
    """What will undo this, or suffer from it."""
    parent = owner(raw)
    if parent is None:
        return ()
    found = []
    if _in_git(raw, kind):
        word = "resumed" if resume else "suspended"
        found.append(f"Git sets this: {parent.ref} will undo it in its next pass. Change it in Git to keep it {word}.")
    if not resume and raw.get("kind") == "HelmRelease" and _waits(cluster, parent):
        found.append(f"{parent.ref} waits for this to be ready: its health check may time out meanwhile.")
    return tuple(found)


def _in_git(raw: Raw, kind: FluxKind) -> bool:
    """Whether what applies the object from Git owns the very field that is changed here."""
    path = ("f:metadata", "f:annotations", f"f:{kind.switch}") if kind.switch else ("f:spec", "f:suspend")
    return any(
        text(entry, "manager") in _APPLIERS and at(entry, "fieldsV1", *path) is not None
        for entry in rows(raw, "metadata", "managedFields")
    )


def _waits(cluster: Cluster, parent: FluxKey) -> bool:
    if parent.kind != "Kustomization":
        return False
    try:
        raw = cluster.get(passes.known(parent).api_version, parent.kind, parent.name, parent.namespace)
    except HomeconsoleError:
        return False  # only a hint is lost
    return true(raw, "spec", "wait")
