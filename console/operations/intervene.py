"""Lays hands on an upgrade of tuppr's: suspend it, release it, let it start over. In the cluster, never in git.

tuppr 0.5.0: the suspend annotation holds by its presence, whatever its value; the reset annotation is taken off by
tuppr itself, so one in git would be put back by Flux, and the upgrade would start over without end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from console.model.hold import SUSPEND, TUPPR
from console.model.step import Step, StepState
from console.model.unstructured import Raw, at, rows, text
from console.model.upgrades import TupprUpgrade
from console.operations.passes import Cluster
from console.sources.errors import Refused, SourceError
from console.sources.stop import Stop

Intervention = Literal["suspend", "release", "reset"]

API = f"{TUPPR}/v1alpha1"
RESET = f"{TUPPR}/reset"
_PLURALS = {"TalosUpgrade": "talosupgrades", "KubernetesUpgrade": "kubernetesupgrades"}
_APPLIERS = frozenset({"kustomize-controller", "helm-controller"})


def intervene(
    cluster: Cluster,
    upgrade: TupprUpgrade,
    verb: Intervention,
    *,
    reason: str = "",
    timeout: float = 120,
    now: Callable[[], datetime],
    stop: Stop,
) -> Iterator[Step]:
    """One annotation, then tuppr's answer, for at most ``timeout`` seconds; the last step carries the outcome.

    Raises Refused for what would change nothing, and for what we may not patch.
    """
    if not cluster.allowed("patch", TUPPR, _PLURALS[upgrade.kind], name=upgrade.name):
        hint = f'Grant "patch" on {_PLURALS[upgrade.kind]}.{TUPPR}; see the README for the manifest.'
        raise Refused(f"We may not change {upgrade.kind} {upgrade.name}.", hint, kind="forbidden")
    raw = cluster.get(API, upgrade.kind, upgrade.name)
    notes = _notes(raw, verb, reason or "by the operator", now())
    name = f"{verb} {upgrade.kind}/{upgrade.name}"
    yield Step(name, StepState.RUNNING, "the annotation is written; tuppr has yet to answer", now())
    cluster.patch(API, upgrade.kind, upgrade.name, "", {"metadata": {"annotations": notes}})
    heard = False
    for found in cluster.follow(API, upgrade.kind, upgrade.name, "", timeout=timeout, stop=stop):
        if isinstance(found, SourceError):
            continue  # it is tried again
        if _taken(found, verb):
            heard = True
            break
    if heard:
        said = text(found, "status", "message") if not isinstance(found, SourceError) else ""
        yield Step(name, StepState.DONE, said or "tuppr has taken it in", now(), _warnings(raw, verb))
    else:
        said = f"tuppr did not answer within {timeout:.0f} s: does its pod run? The annotation stays."
        yield Step(name, StepState.FAILED, said, now(), _warnings(raw, verb))


def _notes(raw: Raw, verb: Intervention, reason: str, now: datetime) -> dict[str, str | None]:
    """The annotations to write. Refused where nothing would change.

    A release resets too where nodes are done already: tuppr would pass them over, whatever version they run.
    """
    suspended = at(raw, "metadata", "annotations", SUSPEND) is not None
    if verb == "suspend":
        if suspended:
            raise Refused("It is suspended already.", "Release it to let it go on.", kind="noop")
        return {SUSPEND: reason}
    if verb == "release":
        if not suspended:
            raise Refused("It is not suspended.", "There is nothing to release.", kind="noop")
        done = bool(at(raw, "status", "completedNodes"))
        return {SUSPEND: None} | ({RESET: f"{now:%Y-%m-%dT%H:%M:%SZ}"} if done else {})
    if suspended:
        raise Refused("It is suspended: a reset would not be looked at.", "Release it first.", kind="suspended")
    return {RESET: f"{now:%Y-%m-%dT%H:%M:%SZ}"}


def _taken(raw: Raw, verb: Intervention) -> bool:
    """Whether tuppr has acted on it."""
    reason = next(
        (text(row, "reason") for row in rows(raw, "status", "conditions") if text(row, "type") == "Progressing"), ""
    )
    if verb == "suspend":
        return reason == "Suspended"
    pending = at(raw, "metadata", "annotations", RESET) is not None
    return not pending and reason != "Suspended"


def _warnings(raw: Raw, verb: Intervention) -> tuple[str, ...]:
    """Flux writes back what git sets."""
    path = ("fieldsV1", "f:metadata", "f:annotations", f"f:{SUSPEND}")
    in_git = any(
        text(entry, "manager") in _APPLIERS and at(entry, *path) is not None
        for entry in rows(raw, "metadata", "managedFields")
    )
    if verb == "release" and in_git:
        return ("Git sets the suspend annotation: Flux puts it back in its next pass. Take it out there.",)
    return ()
