"""What dialogs say before something is done to Flux objects: which ones, what follows, what is written.

What force and reset do: ``reconcile.fluxcd.io/forceAt`` and ``resetAt``, as helm-controller 1.5 and Flux Operator 0.58
take them.
"""

from collections.abc import Sequence

from console.model.flux import FluxKey

_MOST = 6  # names in a dialog
_FORCED = {
    "HelmRelease": "helm-controller installs or upgrades the release once, with chart and values as they are, also "
    "when nothing changed and when its retries are used up. Hooks run; pods restart where manifests differ.",
    "FluxInstance": "flux-operator applies Flux again and migrates Flux' objects to the newest API versions.",
    "ResourceSetInputProvider": "flux-operator asks for the inputs now, whatever the schedule says.",
}
_RESET = (
    "helm-controller forgets how often the release failed and tries from the beginning: where chart or values wait to "
    "be installed or upgraded, that starts now. What runs well is left as it is."
)


def force(keys: Sequence[FluxKey]) -> str:
    """What a forced pass does to each kind among ``keys``."""
    told = [text for kind, text in _FORCED.items() if any(key.kind == kind for key in keys)]
    return "\n".join((names(keys), *told, "Written: the annotations requestedAt and forceAt (reconcile.fluxcd.io)."))


def reset(keys: Sequence[FluxKey]) -> str:
    """What forgetting the failures does."""
    return "\n".join((names(keys), _RESET, "Written: the annotations requestedAt and resetAt (reconcile.fluxcd.io)."))


def failing(keys: Sequence[FluxKey]) -> str:
    """Everything that fails."""
    many = f"{len(keys)} objects that fail or wait for one that does get a pass each, what others need first:"
    return f"{many}\n{names(keys)}"


def suspend(keys: Sequence[FluxKey]) -> str:
    """What it is to be suspended."""
    return f"{names(keys)}\nFlux leaves it as it is until it is resumed. A suspension in Git is not changed."


def resume(keys: Sequence[FluxKey]) -> str:
    """What it is to be resumed."""
    return f"{names(keys)}\nIt is reconciled again at once."


def names(keys: Sequence[FluxKey]) -> str:
    """A line each; of many the first ones."""
    more = [f"and {len(keys) - _MOST} more"] if len(keys) > _MOST else []
    return "\n".join([*(key.ref for key in keys[:_MOST]), *more])
