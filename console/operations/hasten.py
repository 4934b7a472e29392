"""Asks Flux for just what a change needs: its source, then the Kustomizations that carry it; not at their intervals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.model.flux import FluxKey, FluxObject
from console.model.snapshot import Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import RepositoryState
from console.operations.delivery import carriers, commit_of, passed
from console.operations.passes import Cluster
from console.operations.reconcile import reconcile
from console.sources.errors import Refused
from console.sources.stop import Stop

AGAIN = 15.0  # seconds between two asks of a source whose artifact a workflow has yet to push
PATIENCE = 600.0  # seconds in all
_WAITS = "DependencyNotReady"
_SOON = 5.0  # seconds: what it depends on was asked by the same artifact
_FETCHES = 60  # half seconds in which a fetch of the repository is over


@dataclass(frozen=True, slots=True)
class Need:
    """What carries a change: Kustomizations, and the sources that they apply from."""

    sources: tuple[FluxKey, ...] = ()
    kustomizations: tuple[FluxKey, ...] = ()


def needed(snapshot: Snapshot, commit: str) -> Need:
    """What must pass for ``commit``; what has it already is left out. Refused for a commit that is no approval."""
    state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    approval = next((a for a in state.approvals if a.commit == commit), None) if state else None
    if state is None or approval is None:
        raise Refused(f"{commit[:7]} is no approval that main holds", "ctrl-r looks again.", kind="not-found")
    objects: Sequence[FluxObject] = list(snapshot[Topic.FLUX].items.values())
    waiting = [k for k in carriers(objects, approval.files) if not passed(state, commit, commit_of(k))]
    behind = {o.key for o in objects if not passed(state, commit, commit_of(o))}
    sources = {k.source for k in waiting if k.source and k.source in behind}
    return Need(tuple(sorted(sources)), tuple(k.key for k in waiting))


def _once_known(look: Callable[[], Snapshot], commit: str, stop: Stop) -> Need:
    """What it needs, also of an approval that has just been pushed and is being fetched."""
    for _ in range(_FETCHES):
        try:
            return needed(look(), commit)
        except Refused:
            if stop.wait(0.5):
                raise
    return needed(look(), commit)


def hasten(
    cluster: Cluster,
    look: Callable[[], Snapshot],
    commit: str,
    *,
    now: Callable[[], datetime],
    stop: Stop,
    pause: float = AGAIN,
    patience: float = PATIENCE,
) -> Iterator[Step]:
    """A pass of each source until it has the commit (an artifact may have to be pushed first), then of each
    Kustomization. The steps are those of ``reconcile``; the last one is the outcome.
    """
    need = _once_known(look, commit, stop)
    if not need.kustomizations:
        yield Step("reconcile", StepState.DONE, "all that carries it has it already", now())
        return
    began = now()
    for source in need.sources:
        while source in needed(look(), commit).sources:
            *early, last = reconcile(cluster, source, now=now, stop=stop)
            yield from early
            yield last
            if last.state is not StepState.DONE:
                return
            if stop.wait(min(pause, 1.0)):  # until the watch has brought it
                return
            if source not in needed(look(), commit).sources:
                break
            if (now() - began).total_seconds() > patience:
                said = f"no artifact of {commit[:7]} after {patience / 60:.0f} min: has its workflow run?"
                yield Step(source.ref, StepState.FAILED, said, now())
                return
            yield Step(source.ref, StepState.RUNNING, f"waits for an artifact of {commit[:7]}", now())
            if stop.wait(pause):
                return
    for key in need.kustomizations:
        yield from _passed(cluster, key, now=now, stop=stop, pause=pause, patience=patience)


def _passed(
    cluster: Cluster, key: FluxKey, *, now: Callable[[], datetime], stop: Stop, pause: float, patience: float
) -> Iterator[Step]:
    """A pass of a Kustomization; again while what it depends on has yet to take in the same artifact."""
    began = now()
    while True:
        *early, last = reconcile(cluster, key, now=now, stop=stop)
        yield from early
        waits = last.state is StepState.FAILED and last.text.startswith(_WAITS)
        if not waits or (now() - began).total_seconds() > patience:
            yield last
            return
        yield Step(key.ref, StepState.RUNNING, last.text, now())
        if stop.wait(min(pause, _SOON)):
            return
