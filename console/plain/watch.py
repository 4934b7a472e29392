"""``homeconsole watch``: each step of a rollout as a line, when it comes about."""

from collections.abc import Iterator
from datetime import datetime

from console.model.rollout import Rollout
from console.model.step import Step, StepState
from console.model.text import safe
from console.plain.document import Document, moment, schema

# (node, step): what was told of it
Told = dict[tuple[str, str], tuple[str, ...]]


def news(rollout: Rollout, told: Told) -> Iterator[tuple[str, Step]]:
    """(node, step) for each step that stands otherwise than it was told; node is empty for those of the whole.

    ``told`` is changed. Waiting steps are no news; of one that runs, another text is, or what is behind it.
    """
    everything = [("", step) for step in rollout.steps]
    everything += [(node, step) for node, steps in rollout.nodes for step in steps]
    for node, step in everything:
        goes_on = step.state in {StepState.RUNNING, StepState.FAILED}
        now = (step.state.value, step.text, *step.detail) if goes_on else (step.state.value,)
        if step.state is not StepState.WAITING and told.get((node, step.name)) != now:
            told[node, step.name] = now
            yield node, step
    verdict = Step("outcome", StepState.FAILED if rollout.outcome == "failed" else StepState.RUNNING, rollout.note)
    if rollout.outcome == "done":
        verdict = Step("outcome", StepState.DONE, rollout.title)
    words = (rollout.outcome, rollout.reason)
    known = told.get(("", "outcome"))
    if known != words and (known or rollout.outcome != "running" or rollout.note):
        told["", "outcome"] = words
        yield "", verdict


def line(rollout: Rollout, node: str, step: Step, at: datetime) -> str:
    """``12:03:09  done     k8s-control-1  drain  8s``."""
    word = rollout.outcome if step.name == "outcome" else step.state.value
    where = f"{node}  {step.name}" if node else step.name
    text = "; ".join(safe(part) for part in (step.text, *step.detail) if part)
    return f"{at:%H:%M:%S}  {word:10}  {safe(where):24}  {text}".rstrip()


def document(rollout: Rollout, node: str, step: Step, at: datetime) -> Document:
    """The same as one line of JSON."""
    return schema("watch") | {
        "at": moment(at),
        "commit": rollout.commit,
        "title": rollout.title,
        "outcome": rollout.outcome,
        "node": node or None,
        "step": step.name,
        "state": step.state.value,
        "text": step.text,
        "detail": list(step.detail),
        "since": moment(step.at),
        "choices": [{"verb": each.verb, "text": each.text} for each in rollout.choices],
    }
