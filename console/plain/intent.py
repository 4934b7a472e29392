"""``homeconsole hold``, ``release``, ``revert``: what would be written and what came of it, as ``approve`` tells it."""

from collections.abc import Sequence
from typing import Protocol

from console.model.review import Review
from console.model.text import safe
from console.plain import approve
from console.plain.approve import Outcome
from console.plain.document import Document, schema


class Intent(Protocol):
    """What is planned (``operations.intent``): what it is about, what is written by lines, the commit if it is one."""

    @property
    def verb(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> Sequence[str]: ...
    @property
    def review(self) -> Review | None: ...


def document(  # the same keys as an approval's, under the verb's own name
    verb: str,
    name: str,
    outcome: Outcome,
    *,
    intent: Intent | None = None,
    commit: str = "",
    reason: str = "",
    hint: str = "",
) -> Document:
    """The answer. ``commit`` is empty for a record of this machine, which ``reason`` then says."""
    review = intent.review if intent else None
    answer = approve.document(name, outcome, review=review, commit=commit, reason=reason, hint=hint)
    if intent and not review:
        answer["record"] = list(intent.text)
    return answer | schema(verb)


def lines(intent: Intent) -> list[str]:
    """What will be written."""
    head = [f"{intent.verb} {safe(intent.name)}", "", "will be written:"]
    text = [*head, *(f"  {safe(line)}" for line in intent.text)]
    return text + [f"  $ {safe(command)}" for command in intent.review.commands] if intent.review else text
