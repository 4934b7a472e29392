"""One step of a rollout, and what it means for the whole."""

from dataclasses import dataclass

from console.model.rollout import Choice, Outcome
from console.model.step import Step, StepState

WAIT = Choice("wait", "what was approved goes on by itself; nothing is lost by it")
LOOK = Choice("look", "see what the node's own screen says, or power-cycle it")


@dataclass(frozen=True, slots=True)
class Leg:
    """One step, and what it means for the whole while it is the one that everything waits for."""

    step: Step
    outcome: Outcome = "running"
    note: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def finished(self) -> bool:
        return self.step.state in {StepState.DONE, StepState.SKIPPED}
