"""``homeconsole reconcile``: the steps, and the real outcome."""

from collections.abc import Mapping, Sequence

from console.model.flux import FluxKey
from console.model.step import Step, StepState
from console.model.text import safe
from console.operations.bulk import TOTAL
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


def summary(keys: Sequence[FluxKey], last: Mapping[str, Step]) -> Document:
    """Many: the outcome of each (``done``, ``failed``, ``skipped``), and of all. ``last`` is the last step by name."""
    total = last[TOTAL]
    objects = [{**key(of), "outcome": last[of.ref].state.value, "message": last[of.ref].text} for of in keys]
    others = [step(each) for name, each in last.items() if name not in {TOTAL, *(of.ref for of in keys)}]
    return schema("reconcile") | {
        "outcome": total.state.value,
        "message": total.text,
        "objects": objects,
        "sources": others,
    }


def succeeded(steps: Sequence[Step]) -> bool:
    """Whether the last step went well."""
    return bool(steps) and steps[-1].state is StepState.DONE


def line(of: Step) -> str:
    """A step, as it happens."""
    return f"{_WORDS[of.state]} {safe(of.name)}  {safe(of.text)}".rstrip()
