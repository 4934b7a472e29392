"""The question at the terminal before something is written (without one the options must have answered), and what is
said while it is."""

import sys
from argparse import Namespace
from collections.abc import Generator, Iterable

from console.model.review import Approval
from console.model.step import Step
from console.model.text import safe
from console.plain.printing import say
from console.plain.reconcile import line
from console.sources.errors import Refused


def ask(lines: Iterable[str], typed: str, *, verb: str, question: str, hint: str, nothing: str) -> None:
    """Show ``lines`` and ask for the word ``typed``, or y where it is empty. Refused for any other answer.

    ``verb`` and ``question`` end the two questions; ``hint`` says what to give where nobody can be asked, ``nothing``
    what did not come about.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("Nobody was asked.", hint, kind="unconfirmed")
    for text in lines:
        say(text)
    sys.stderr.write(f"Type {safe(typed)} to {verb}: " if typed else f"{question}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != (typed or "y").lower():
        raise Refused(nothing, kind="unconfirmed")


def followed(steps: Generator[Step, None, Approval], options: Namespace) -> Approval:
    """What came of it; each step is said, but where a document is asked for."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            approval: Approval = end.value
            return approval
        if options.output != "json":
            say(line(step))
