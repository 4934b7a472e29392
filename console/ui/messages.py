"""What the parts of the screen tell each other. Threads post these; nothing else crosses over."""

from typing import TYPE_CHECKING, Any

from textual.message import Message

from console.sources.errors import HomeconsoleError

if TYPE_CHECKING:
    from console.ui.bridge import Bridge
    from console.ui.work import Job


class Changed(Message, bubble=False):
    """There is something else to be seen: ``of`` has it."""

    def __init__(self, of: "Bridge") -> None:
        super().__init__()
        self.of = of


class Broken(Message, bubble=False):
    """What is to be seen could not be worked out: a defect, told in a line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Stepped(Message, bubble=False):
    """A running job reports a step, or what it sees."""

    def __init__(self, job: "Job", step: Any) -> None:
        super().__init__()
        self.job = job
        self.step = step


class Ended(Message, bubble=False):
    """A job is over, with a result or an error."""

    def __init__(self, job: "Job", result: Any = None, error: HomeconsoleError | None = None) -> None:
        super().__init__()
        self.job = job
        self.result = result
        self.error = error


class Typed(Message):
    """The text in the prompt changed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Entered(Message):
    """Enter in the prompt."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Left(Message):
    """Escape in the prompt."""
