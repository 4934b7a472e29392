"""``homeconsole reconcile``: the steps, and the real outcome."""

from collections.abc import Sequence

from console.model.flux import FluxKey
from console.model.step import Step, StepState
from console.model.text import safe
from console.plain.document import Document, key, schema, step

_WORDS = {
    StepState.WAITING: "·",
    StepState.RUNNING: "▶",
    StepState.DONE: "✔",
    StepState.FAILED: "✖",
    StepState.SKIPPED: "-",
}


def document(of: FluxKey, steps: Sequence[Step]) -> Document:
    """``outcome`` is ``done`` or ``failed``, as the last step has it; the last word of each step."""
    last: dict[str, Step] = {each.name: each for each in steps}
    return schema("reconcile") | {
        "object": key(of),
        "outcome": "done" if succeeded(steps) else "failed",
        "message": steps[-1].text if steps else "",
        "steps": [step(each) for each in last.values()],
    }


def succeeded(steps: Sequence[Step]) -> bool:
    """Whether the last step went well."""
    return bool(steps) and steps[-1].state is StepState.DONE


def line(of: Step) -> str:
    """A step, as it happens."""
    return f"{_WORDS[of.state]} {safe(of.name)}  {safe(of.text)}".rstrip()
