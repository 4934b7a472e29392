"""The question at the terminal before something is written (without one the options must have answered), and what is
said while it is."""

import sys
from argparse import Namespace
from collections.abc import Generator, Iterable

from console.model.redaction import redacted
from console.model.review import Approval
from console.model.snapshot import Topic
from console.model.step import Step
from console.model.text import safe
from console.model.updates import RepositoryState
from console.plain.printing import say
from console.plain.reconcile import line
from console.sources.errors import Refused
from console.wiring import Console


def place(desk: Console) -> str:
    """Where something would be written: the cluster's name, the repository without credentials, the branch."""
    state: RepositoryState | None = desk.snapshot()[Topic.REPOSITORY].items.get(("repository",))
    repository = f", in {redacted(state.url)}, branch {state.branch}" if state else ""
    return safe(f"On {desk.cluster or 'no cluster'}{repository}")


def ask(desk: Console, lines: Iterable[str], typed: str, *, verb: str, question: str, hint: str, nothing: str) -> None:
    """Say where it is written, show ``lines``, ask for the word ``typed``, or y where it is empty. Refused for
    any other answer.

    ``verb`` and ``question`` end the two questions; ``hint`` says what to give where nobody can be asked, ``nothing``
    what did not come about.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("Nobody was asked.", hint, kind="unconfirmed")
    for text in (place(desk), *lines):
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
