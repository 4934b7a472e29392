"""The first half of a rollout: from the commit on main to what Flux applied of it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.model.age import since as age_of
from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_revision import commit_in
from console.model.rollout import Choice, Outcome
from console.model.snapshot import Life, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.touched import touched
from console.model.updates import ApprovedCommit, RepositoryState
from console.model.version import Version
from console.operations.leg import Leg
from console.operations.silence import unheard

_WEBHOOK = "cannot update spec while upgrade is in progress"  # tuppr 0.5.0, validating webhook
_BROKEN = frozenset({Status.FAILED, Status.STALLED})
_SOURCES = frozenset({"GitRepository", "OCIRepository", "Bucket", "HelmRepository", "HelmChart"})


REVERT = Choice(
    "revert", "write the reversal of the commit to main, reviewed as an approval; what ran before comes back"
)
AGAIN = Choice("reconcile", "ask the source and the Kustomization for a pass now, instead of by their intervals")
_MEND = Choice("mend", "put right in git what it complains of; Flux tries again by itself")
_MEND_SOURCE = Choice(
    "mend", "make it reachable again, or put its address or credentials right; Flux tries again by itself"
)


def commit_of(flux: FluxObject) -> str:
    """The git commit that a source's artifact, or what a Kustomization applied, was made from; empty if not told."""
    return commit_in(flux.origin_revision) or commit_in(flux.revision)


def carriers(objects: Sequence[FluxObject], files: Sequence[str]) -> tuple[FluxObject, ...]:
    """The Kustomizations that carry these files: for each file those with the longest path that holds it."""
    kustomizations = [o for o in objects if o.key.kind == "Kustomization"]
    found: dict[FluxKey, FluxObject] = {}
    for file in files:
        holding = [k for k in kustomizations if not k.path or file.startswith(k.path + "/")]
        longest = max((len(k.path) for k in holding), default=0)
        found |= {k.key: k for k in holding if len(k.path) == longest}
    return tuple(found[key] for key in sorted(found))


def passed(state: RepositoryState, commit: str, seen: str) -> bool | None:
    """Whether ``seen`` is ``commit`` or comes after it on main; None when ``seen`` is not known there."""
    if not seen or commit not in state.history or seen not in state.history:
        return None
    return state.history.index(seen) <= state.history.index(commit)


def after(start: datetime | None, *moments: datetime | None) -> datetime | None:
    """The first of ``moments`` that is not before ``start``."""
    return min((m for m in moments if m and (start is None or m >= start)), default=None)


def deliver(snapshot: Snapshot, approval: ApprovedCommit, *, arrived: bool) -> tuple[Leg, Leg, Leg]:
    """Commit, artifact, applied. ``arrived``: the cluster already shows what the commit asks for."""
    state: RepositoryState = snapshot[Topic.REPOSITORY].items[("repository",)]
    commit = Leg(Step("commit", StepState.DONE, f"{approval.commit[:7]} on {state.branch}", approval.at))
    flux = snapshot[Topic.FLUX]
    if flux.freshness.at is None:
        unread = unheard(snapshot, Topic.FLUX, "Flux has not been read yet")
        legs = (_unread(name, unread, arrived=arrived) for name in ("artifact", "applied"))
        return commit, *legs  # type: ignore[return-value]
    objects: list[FluxObject] = list(flux.items.values())
    carrying = carriers(objects, approval.files)
    if not carrying:
        return commit, *_nothing(approval)
    by_key = {o.key: o for o in objects}
    sources = {k.source: by_key[k.source] for k in carrying if k.source and k.source in by_key}
    artifact = _worst([_artifact(snapshot, state, approval, s) for s in sources.values()], "artifact", arrived)
    applied = _worst([_applied(snapshot, state, approval, k, by_key) for k in carrying], "applied", arrived)
    if applied.finished and not artifact.finished:
        artifact = Leg(Step("artifact", StepState.DONE, "applied already"))
    return commit, artifact, applied


def _unread(name: str, unread: Leg, *, arrived: bool) -> Leg:
    if arrived:
        return Leg(Step(name, StepState.DONE, "not seen, but the cluster has it"))
    return replace(unread, step=replace(unread.step, name=name))


def _nothing(approval: ApprovedCommit) -> tuple[Leg, Leg]:
    first = approval.files[0] if approval.files else "the commit"
    text = f"no Kustomization's path holds {first}: nothing for Flux to do"
    return Leg(Step("artifact", StepState.SKIPPED, text)), Leg(Step("applied", StepState.SKIPPED, text))


def _worst(legs: list[Leg], name: str, arrived: bool) -> Leg:
    """The leg that everything waits for; of finished ones the last."""
    if not legs:
        text = "the source of its Kustomization is not in the cluster"
        return _unread(name, Leg(Step(name, StepState.WAITING, text), note=text), arrived=arrived)
    rank = {"failed": 0, "stuck": 1, "running": 2}
    open_legs = [leg for leg in legs if not leg.finished]
    if not open_legs:
        return legs[-1]
    worst = min(open_legs, key=lambda leg: rank.get(leg.outcome, 3))
    if arrived and worst.outcome == "running":
        return Leg(Step(name, StepState.DONE, "the cluster has it"))
    return worst


def _resume(flux: FluxObject) -> Choice:
    return Choice("resume", f"resume {flux.key.ref} (s on it in the Flux pane): Flux takes it up at once")


def _short(commit: str) -> str:
    return commit[:7]


def _artifact(snapshot: Snapshot, state: RepositoryState, approval: ApprovedCommit, source: FluxObject) -> Leg:
    where = f"{source.key.namespace}/{source.key.name}"
    seen = commit_of(source)
    reached = passed(state, approval.commit, seen)
    if reached:
        text = f"{where} {_revision(source)} from {_short(seen)}"
        if seen != approval.commit:  # when ours came can't be told any more
            return Leg(Step("artifact", StepState.DONE, f"in a later artifact: {text}"))
        at = after(approval.at, source.served or source.last_reconciled, None if source.served else source.since)
        return Leg(Step("artifact", StepState.DONE, text, at))
    waiting = Step("artifact", StepState.RUNNING, f"{where} is at {_revision(source)}", approval.at)
    if source.status is Status.SUSPENDED:
        note = f"{source.key.kind} {where} is suspended: nothing new is fetched until it is resumed."
        return Leg(waiting, "stuck", note, (_resume(source),))
    if source.status in _BROKEN:
        failed = Step("artifact", StepState.FAILED, source.message or source.reason, source.since)
        return Leg(failed, "failed", f"{source.key.kind} {where} can't fetch: {source.message}", (_MEND_SOURCE, AGAIN))
    if seen and reached is None:
        note = f"{where} is at {_short(seen)}, which the last fetch of the repository does not know yet."
        return Leg(waiting, "running", note)
    return Leg(waiting, *_patience(snapshot, approval, source))


def _patience(
    snapshot: Snapshot, approval: ApprovedCommit, source: FluxObject
) -> tuple[Outcome, str, tuple[Choice, ...]]:
    where = f"{source.key.namespace}/{source.key.name}"
    every = f" every {source.interval}" if source.interval else " by its interval"
    if source.key.kind != "OCIRepository":
        return "running", f"Flux looks at {where}{every}; R asks it now.", ()
    late = approval.at is not None and (snapshot.at - approval.at).total_seconds() > 900
    if late:
        age = age_of(approval.at, snapshot.at)
        mute = "" if commit_of(source) else " The artifact does not tell the commit it was made from."
        note = (
            f"{where} has no artifact of the push: has the workflow that pushes artifacts run?{mute} No news for {age}."
        )
        return "stuck", note, (Choice("look", "see what the workflow says at the forge"), AGAIN)
    return "running", f"The repository's workflow pushes the artifact, then Flux fetches {where}{every}.", ()


def _revision(source: FluxObject) -> str:
    """A revision as people read it: the hash cut to eight characters."""
    return re.sub(r"[0-9a-f]{40,128}", lambda m: m.group()[:8], source.revision) or "no artifact"


def _applied(
    snapshot: Snapshot,
    state: RepositoryState,
    approval: ApprovedCommit,
    kustomization: FluxObject,
    by_key: dict[FluxKey, FluxObject],
) -> Leg:
    name = f"{kustomization.key.namespace}/{kustomization.key.name}"
    if _has_applied(state, approval, kustomization, by_key):
        return Leg(Step("applied", StepState.DONE, f"Kustomization {name}", _first(state, approval, kustomization)))
    text = kustomization.message or kustomization.reason or "waits for the artifact"
    running = Step("applied", StepState.RUNNING, f"Kustomization {name}: {text}", kustomization.since)
    if kustomization.status is Status.SUSPENDED:
        note = f"Kustomization {name} is suspended: nothing is applied until it is resumed."
        return Leg(running, "stuck", note, (_resume(kustomization),))
    if _WEBHOOK in kustomization.message:
        return Leg(
            running, "running", "tuppr refuses a new version while it upgrades; Flux tries again when it is done."
        )
    if kustomization.status in _BROKEN:
        failed = Step("applied", StepState.FAILED, f"Kustomization {name}: {text}", kustomization.since)
        return Leg(failed, "failed", f"Kustomization {name} can't apply: {text}", (_MEND, AGAIN, REVERT))
    if kustomization.status is Status.BLOCKED:
        late = kustomization.since is not None and (snapshot.at - kustomization.since).total_seconds() > 900
        return Leg(running, "stuck" if late else "running", f"Kustomization {name} waits: {text}")
    waiting = Step("applied", StepState.WAITING, f"Kustomization {name}", None)
    return Leg(waiting if kustomization.status is Status.READY else running)


def _first(state: RepositoryState, approval: ApprovedCommit, kustomization: FluxObject) -> datetime | None:
    """When it first applied something with the commit in it. Without a history that is known of the commit alone."""
    if kustomization.applied:
        with_it = (
            at for at, what in kustomization.applied if passed(state, approval.commit, commit_in(what)) is not False
        )
        return after(approval.at, *with_it)
    seen = commit_of(kustomization)
    if seen and seen != approval.commit:
        return None
    return after(approval.at, kustomization.last_reconciled, kustomization.since)


def _has_applied(
    state: RepositoryState, approval: ApprovedCommit, kustomization: FluxObject, by_key: dict[FluxKey, FluxObject]
) -> bool:
    """By the commit it names; an artifact that names none counts as its source's."""
    told = passed(state, approval.commit, commit_of(kustomization))
    if told is not None:
        return told
    source = by_key.get(kustomization.source) if kustomization.source else None
    if source is None or not kustomization.revision or kustomization.revision != source.revision:
        return False
    return passed(state, approval.commit, commit_of(source)) is True


def workloads(snapshot: Snapshot, approval: ApprovedCommit) -> tuple[Leg, Leg]:
    """What the Kustomizations brought: HelmReleases and sources ready; then all of it at rest."""
    objects: list[FluxObject] = list(snapshot[Topic.FLUX].items.values())
    keys = {k.key for k in carriers(objects, approval.files)}
    managed = [o for o in objects if o.managed_by in keys and o.key not in keys]
    if not managed:
        text = "nothing beyond what Flux applied" if keys else "nothing for Flux to do"
        return Leg(Step("workloads", StepState.SKIPPED, text)), Leg(Step("verified", StepState.SKIPPED, text))
    releases = [o for o in managed if o.key.kind not in _SOURCES] or managed
    about = touched(approval, objects)
    held = [o for o in managed if o.key in about and _is_held(approval, o)]
    if held:
        return _suspended(approval, held), Leg(Step("verified", StepState.WAITING))
    leg = _releases(approval, managed, releases, overtaken=_overtaken(snapshot, approval))
    if not leg.finished:
        return leg, Leg(Step("verified", StepState.WAITING))
    if snapshot[Topic.FLUX].freshness.life is not Life.LIVE:
        return leg, Leg(Step("verified", StepState.RUNNING, "Flux can't be asked now"))
    return leg, Leg(Step("verified", StepState.DONE, f"{len(managed)} objects ready", leg.step.at))


def _overtaken(snapshot: Snapshot, approval: ApprovedCommit) -> bool:
    """Whether a later approval changed the same files: when its objects became ready is that one's time."""
    state: RepositoryState = snapshot[Topic.REPOSITORY].items[("repository",)]
    later = [each for each in state.approvals if passed(state, approval.commit, each.commit)]
    return any(each.commit != approval.commit and set(each.files) & set(approval.files) for each in later)


def _releases(
    approval: ApprovedCommit, managed: list[FluxObject], releases: list[FluxObject], *, overtaken: bool
) -> Leg:
    name = ", ".join(f"{o.key.kind} {o.key.namespace}/{o.key.name}" for o in releases[:3])
    broken = [o for o in managed if o.status in _BROKEN]
    if broken:
        worst = broken[0]
        what = f"{worst.key.kind} {worst.key.namespace}/{worst.key.name}"
        step = Step("workloads", StepState.FAILED, f"{what}: {worst.message or worst.reason}", worst.since)
        return Leg(step, "failed", f"{what} failed: {worst.message or worst.reason}", (_MEND, REVERT))
    waiting = [o for o in managed if o.status not in {Status.READY, Status.SUSPENDED} or _behind(approval, o)]
    if waiting:
        text = "; ".join(f"{o.key.name}: {o.message or o.status}" for o in waiting[:3])
        return Leg(Step("workloads", StepState.RUNNING, text, approval.at))
    at = None if overtaken else after(approval.at, *(o.since for o in releases))
    return Leg(Step("workloads", StepState.DONE, name, at))


def _suspended(approval: ApprovedCommit, held: list[FluxObject]) -> Leg:
    names = ", ".join(f"{o.key.kind} {o.key.namespace}/{o.key.name}" for o in held)
    step = Step("workloads", StepState.WAITING, f"suspended: {names}", approval.at)
    note = f"{names} is suspended: it will not take this up until resumed."
    return Leg(step, "stuck", note, tuple(map(_resume, held)))


def _is_held(approval: ApprovedCommit, flux: FluxObject) -> bool:
    """Whether it is suspended, and was before it took the commit up: it has neither the version nor a pass since."""
    if flux.status is not Status.SUSPENDED or any(_names(c.new, flux.revision) for c in approval.changes):
        return False
    passed_since = approval.at is not None and flux.since is not None and flux.since >= approval.at
    return not passed_since


def _behind(approval: ApprovedCommit, flux: FluxObject) -> bool:
    """Whether it still has a version that the commit replaced."""
    return any(_names(c.old, flux.revision) and not _names(c.new, flux.revision) for c in approval.changes)


def _names(version: str, revision: str) -> bool:
    if Version.parse(version) is None:
        return False
    return re.search(rf"(?<![\d.]){re.escape(version.removeprefix('v'))}(?![\d.])", revision) is not None
