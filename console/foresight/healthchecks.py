"""tuppr's own health checks, evaluated now: what it will wait for before it begins (rules/cluster.yaml)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from console.foresight.cel import CelError, evaluate
from console.foresight.conditions import Unasked
from console.foresight.evidence import Evidence, Move
from console.foresight.knowledge import rule
from console.model.finding import Finding
from console.model.upgrades import resource

_API = "tuppr.home-operations.com/v1alpha1"
_KINDS = {"talos": "TalosUpgrade", "kubernetes": "KubernetesUpgrade"}

Object = Mapping[str, Any]


def check(evidence: Evidence) -> Iterator[Finding]:
    """A finding for the checks of each system that moves."""
    for move in evidence.moves:
        yield from _of(evidence, move)


def _of(evidence: Evidence, move: Move) -> Iterator[Finding]:
    asked = rule("tuppr-checks")
    try:
        found = evidence.live(_API, _KINDS[move.system])
    except Unasked as why:
        yield asked.skipped(str(why))
        return
    chosen = resource(evidence.snapshot, move.system) if evidence.snapshot else None
    names = {chosen.name} if chosen else {_name(each) for each in found}
    checks = [c for each in found if _name(each) in names for c in (each.get("spec") or {}).get("healthChecks") or ()]
    bad, untold = [], []
    for each in checks:
        try:
            bad += _failing(evidence, each)
        except (Unasked, CelError) as why:
            untold.append(f"{_about(each)}: {why}")
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield asked.fails(
            f"tuppr's health check fails now: {bad[0]}{more}", "It waits until it holds, 10 min at least."
        )
    elif untold:
        yield asked.skipped("; ".join(untold))
    elif checks:
        yield asked.passes(f"{len(checks)} of tuppr's health checks hold now")


def _name(of: Object) -> str:
    return str((of.get("metadata") or {}).get("name") or "")


def _about(of: Object) -> str:
    return str(of.get("description") or " ".join(str(of.get(key) or "") for key in ("kind", "name")).strip())


def _failing(evidence: Evidence, of: Object) -> list[str]:
    """The objects for which it does not hold. As tuppr 0.5.0: a named one must be there, and so must labelled ones."""
    found = list(evidence.live(str(of.get("apiVersion")), str(of.get("kind"))))
    found = [each for each in found if _chosen(each, of)]
    if not found and (of.get("name") or of.get("labelSelector")):
        return [f"{_about(of)}: there is none"]
    return [f"{_about(of)}: {_name(each)}" for each in found if not _holds(str(of.get("expr")), each)]


def _chosen(each: Object, of: Object) -> bool:
    metadata = each.get("metadata") or {}
    if of.get("name") and metadata.get("name") != of["name"]:
        return False
    if of.get("namespace") and metadata.get("namespace") != of["namespace"]:
        return False
    selector = of.get("labelSelector") or {}
    labels = metadata.get("labels") or {}
    wanted: Mapping[str, Any] = selector.get("matchLabels") or {}
    expressions: Sequence[Object] = selector.get("matchExpressions") or ()
    return all(labels.get(k) == v for k, v in wanted.items()) and all(_selects(labels, e) for e in expressions)


def _selects(labels: Mapping[str, Any], expression: Object) -> bool:
    key, values = expression.get("key"), expression.get("values") or ()
    there = key in labels
    return {
        "In": there and labels.get(str(key)) in values,
        "NotIn": not there or labels.get(str(key)) not in values,
        "Exists": there,
        "DoesNotExist": not there,
    }.get(str(expression.get("operator")), False)


def _holds(expression: str, on: Object) -> bool:
    """A field that is missing is an error to tuppr, and so no yes; what is not understood here is no answer."""
    try:
        return evaluate(expression, {"object": on, "status": on.get("status") or {}})
    except CelError as error:
        if "no such" in str(error):
            return False
        raise
