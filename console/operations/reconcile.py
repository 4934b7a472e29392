"""Ask Flux for a pass, with the sources first if wanted, and tell what really came of it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from console.model.flux import FluxKey
from console.model.flux_kinds import FORCE_AT, RESET_AT
from console.model.flux_needs import source
from console.model.flux_status import suspended
from console.model.step import Step, StepState
from console.model.unstructured import text
from console.operations import passes
from console.operations.passes import Cluster, Raw, Reconciler
from console.sources.errors import Refused
from console.sources.stop import Stop

FORCED = frozenset({"HelmRelease", "FluxInstance", "ResourceSetInputProvider"})


def reconcile(
    cluster: Cluster,
    key: FluxKey,
    *,
    with_source: bool = False,
    force: bool = False,
    reset: bool = False,
    timeout: float = 300,
    now: Callable[[], datetime],
    stop: Stop,
) -> Iterator[Step]:
    """A step for each object that gets a pass, named after it; the last one carries the outcome.

    ``timeout`` is in seconds, for each pass. Raises Refused before anything is asked for: what is suspended, what
    nobody reconciles, what we may not patch. A source that fails ends it: the rest is skipped.
    """
    raw = _checked(cluster, key, force=force, reset=reset)
    plan = [*_sources(cluster, key, raw), key] if with_source else [key]
    if with_source and len(plan) == 1:
        raise Refused(f"{key.ref} has no source to reconcile", "Reconcile it without.", kind="no-source")
    skipped = {each: why for each in plan if each != key and (why := _check_source(cluster, each))}
    for each in plan:
        if each not in skipped:
            passes.check_allowed(cluster, each)
    reconciler = Reconciler(cluster, timeout, now, stop)
    for index, each in enumerate(plan):
        if each in skipped:
            yield Step(each.ref, StepState.SKIPPED, skipped[each], now())
            continue
        last = None
        marks = _marks(force=force, reset=reset) if each == key else ()
        for last in reconciler.ask(each, marks):
            yield last
        if last is None or last.state is not StepState.DONE:
            yield from (Step(rest.ref, StepState.SKIPPED, f"{each.ref} failed", now()) for rest in plan[index + 1 :])
            if last and each != key:
                yield last  # the outcome is the last step's
            return


def _marks(*, force: bool, reset: bool) -> tuple[str, ...]:
    return ((FORCE_AT,) if force else ()) + ((RESET_AT,) if reset else ())


def _checked(cluster: Cluster, key: FluxKey, *, force: bool, reset: bool) -> Raw:
    """The object, when it can be reconciled in this way. Raises Refused."""
    kind = passes.known(key)
    if kind.static:
        raise Refused(f"{key.ref} can't be reconciled: {kind.static}", kind="static")
    if force and key.kind not in FORCED:
        raise Refused(f"A {key.kind} can't be forced", "Only " + ", ".join(sorted(FORCED)) + " can.", kind="static")
    if reset and key.kind != "HelmRelease":
        raise Refused(f"A {key.kind} has no retries to reset", "Only a HelmRelease has.", kind="static")
    raw = cluster.get(kind.api_version, key.kind, key.name, key.namespace)
    if _static(key, raw):
        raise Refused(f"{key.ref} can't be reconciled: nobody reconciles a HelmRepository of type oci", kind="static")
    if suspended(raw, key.kind):
        raise Refused(f"{key.ref} is suspended: its controller would do nothing", "Resume it first.", kind="suspended")
    return raw


def _check_source(cluster: Cluster, key: FluxKey) -> str:
    """Why a source gets no pass of its own; empty when it does. Raises Refused when that stops everything."""
    kind = passes.known(key)
    if kind.static:
        raise Refused(f"The source {key.ref} can't be reconciled: {kind.static}", kind="static")
    raw = cluster.get(kind.api_version, key.kind, key.name, key.namespace)
    if _static(key, raw):
        return "an OCI registry is asked for each chart; there is nothing to reconcile"
    if suspended(raw, key.kind):
        raise Refused(
            f"The source {key.ref} is suspended", "Resume it first, or reconcile without it.", kind="suspended"
        )
    return ""


def _sources(cluster: Cluster, key: FluxKey, raw: Raw) -> list[FluxKey]:
    """The sources in the order in which they get their passes: what a chart is made from before the chart."""

    def source_of(this: FluxKey) -> FluxKey | None:
        kind = passes.known(this)
        return source(raw if this == key else cluster.get(kind.api_version, this.kind, this.name, this.namespace), this)

    return passes.sources(key, source_of)[::-1]


def _static(key: FluxKey, raw: Raw) -> bool:
    return key.kind == "HelmRepository" and text(raw, "spec", "type") == "oci"
