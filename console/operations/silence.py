"""What it means for a rollout that the cluster can't be asked: what is normal, and when to worry."""

from console.model.age import since as age_of
from console.model.patience import WORRY, control_planes, gone_for, refused
from console.model.snapshot import Freshness, Life, Snapshot, Topic
from console.model.step import Step, StepState
from console.operations.leg import LOOK, WAIT, Leg

_SILENT = frozenset({"unreachable", "timeout"})


def unheard(snapshot: Snapshot, topic: Topic, otherwise: str) -> Leg:
    """A step of which nothing can be told: since this console was started the cluster has not answered.

    It may have been started while the only control plane reboots, which is no concern for a while.
    """
    fresh = snapshot[topic].freshness
    if fresh.problem is None:
        return Leg(Step("", StepState.WAITING, otherwise), note=otherwise)
    said = fresh.problem.message.rstrip(".")
    if fresh.problem.kind not in _SILENT:
        step = Step("", StepState.WAITING, fresh.problem.message)
        return Leg(step, "stuck" if refused(fresh) else "running", f"{said}. {fresh.problem.hint}".strip())
    step = Step("", StepState.WAITING, "can't be asked now")
    if gone_for(fresh, snapshot.at) <= WORRY:
        return Leg(step, "running", f"{said}. Normal while a control plane reboots; worry after 10 min.")
    note = f"{said}, for more than 10 min, which is not usual. No news for {age_of(fresh.since, snapshot.at)}."
    return Leg(step, "stuck", note, (WAIT, LOOK))


def silent(snapshot: Snapshot, fresh: Freshness, step: Step, normal: str) -> Leg:
    """``step`` as it was last heard of, since the API does not answer; ``normal`` is said while that is no concern."""
    if fresh.problem and refused(fresh):
        return Leg(step, "stuck", f"{fresh.problem.message} {fresh.problem.hint}".strip())
    gone, ago = gone_for(fresh, snapshot.at), age_of(fresh.since, snapshot.at)
    if gone <= WORRY:
        told = f"The API server has been away for {ago}." if gone >= 5 else "The API server has just gone away."
        return Leg(step, "running", f"{told} {normal}")
    note = (
        "The API server has been away for more than 10 min, which is not usual. "
        f"Look at the screen of {', '.join(control_planes(snapshot)) or 'the control plane'}. No news for {ago}."
    )
    return Leg(step, "stuck", note, (WAIT, LOOK))


def last_heard(snapshot: Snapshot, leg: Leg) -> Leg:
    """What Flux is at, while it can't be asked: nothing that is said of how long it takes holds then.

    What is done or has failed stays so.
    """
    fresh = snapshot[Topic.FLUX].freshness
    if leg.finished or leg.step.state is StepState.FAILED or fresh.life is not Life.STALE:
        return leg
    return silent(snapshot, fresh, leg.step, "What Flux does goes on without us.")
