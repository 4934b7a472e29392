"""``homeconsole hold``, ``release``, ``revert``: what would be written and what came of it, as ``approve`` tells it."""

from console.model.intent import Intent
from console.model.text import safe
from console.plain import approve
from console.plain.approve import Outcome
from console.plain.document import Document, schema


def document(
    verb: str,
    name: str,
    outcome: Outcome,
    *,
    intent: Intent | None = None,
    commit: str = "",
    reason: str = "",
    hint: str = "",
) -> Document:
    """The answer, with an approval's keys. ``commit`` is empty for a record of this machine: ``reason`` says so."""
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
