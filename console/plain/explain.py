"""``homeconsole explain WORD``: what a state, an error or a rule means, what to do about it, where it is documented."""

from collections.abc import Iterator
from textwrap import indent, wrap

from console.foresight.knowledge import knowledge
from console.model.meaning import MEANINGS, Meaning
from console.plain.document import Document, schema
from console.sources.errors import UsageError

_WIDTH = 96

Explained = tuple[str, str, Meaning]  # of what kind, the word, what it means


def explained(word: str) -> list[Explained]:
    """Everything that is called so; without a word all states and errors. Raises UsageError where nothing is."""
    called = {word.lower().rstrip("!"), "breaking"} if word.endswith("!") else {word.lower()}  # as updates prints it
    found = [(kind, of, meaning) for (kind, of), meaning in MEANINGS.items() if not word or of.lower() in called]
    found += list(_rules(word))
    if not found:
        words = ", ".join(dict.fromkeys(of for _, of in MEANINGS))
        raise UsageError(
            f"nothing is called {word!r} here", f"States and errors: {words}. Rules: homeconsole rules.", kind="unknown"
        )
    return found


def _rules(word: str) -> Iterator[Explained]:
    rule = knowledge().rules.get(word) if word else None
    if rule:
        severity = MEANINGS["finding", rule.severity]
        yield (
            "rule",
            rule.id,
            Meaning(f"Checks: {rule.about} When it applies: {severity.says}", severity.does, rule.source),
        )


def document(found: list[Explained]) -> Document:
    """``kind`` is the pane, or update, rollout, finding, source, rule."""
    return schema("explain") | {
        "words": [
            {"kind": kind, "word": word, "says": of.says, "does": of.does, "documented": of.documented}
            for kind, word, of in found
        ]
    }


def lines(found: list[Explained]) -> list[str]:
    """The same to read."""
    told: list[str] = []
    for kind, word, of in found:
        told += [f"{kind}: {word}"]
        told += [indent(line, "  ") for text in (of.says, of.does) for line in wrap(text, _WIDTH)]
        told += [f"  {of.documented}", ""]
    return told[:-1]
