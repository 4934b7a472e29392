"""``homeconsole updates UPDATE``: one proposal whole."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from console.model.age import since
from console.model.updates import Update, release_notes
from console.plain.document import Document
from console.plain.table import table
from console.plain.updates import described

_MOVES = ("change", "from", "to", "type", "where")


def document(of: Update, diff: Sequence[str] | None = None) -> Document:
    """As it stands among all; with its ``diff``, if that was asked for."""
    return described(of) | ({} if diff is None else {"diff": "\n".join(diff)})


def lines(of: Update, at: datetime) -> list[str]:
    """The same as tables, each under its title."""
    text = table(("fact", "value"), [pair for pair in _facts(of, at) if pair[1]])
    moves = [(c.name, c.old_short, c.new_short, c.type, f"{c.file}:{c.line}" if c.line else c.file) for c in of.changes]
    commits = [(c.commit[:12], c.author, since(c.at, at), _marks(c.signed, c.foreign), c.title) for c in of.commits]
    notes = [(each,) for each in dict.fromkeys(filter(None, map(release_notes, of.summary)))]
    for head, rows in (
        (_MOVES, moves),
        (("commit", "author", "age", "marks", "title"), commits),
        (("file",), [(each,) for each in of.files]),
        (("notes",), notes),
    ):
        text += ["", *table(head, rows)] if rows else []
    return text


def _facts(of: Update, at: datetime) -> Iterator[tuple[str, str]]:
    yield "branch", of.branch
    yield "title", of.title
    yield "state", " ".join((of.state, *of.marks, *(("modified",) if of.modified else ())))
    yield "why", of.why
    yield "conflicts", ", ".join(of.conflicts)
    yield "type", of.type + (", breaking" if of.breaking else "")
    yield "concern", of.concern
    yield "pull", f"#{of.pull}" if of.pull else ""
    yield "author", f"{of.author}, {since(of.committed_at, at)} ago" if of.committed_at else of.author
    yield "signature", of.signature
    yield "head", of.head
    yield "base", f"{of.base}, {of.ahead} ahead, {of.behind} behind"
    yield "first seen", f"{since(of.first_seen, at)} ago" if of.first_seen else ""
    yield "held", ", ".join(filter(None, (of.hold_reason, of.hold_by, of.hold_since)))
    yield "unusual", "; ".join(of.unusual)
    yield "overlaps", ", ".join(of.overlaps)
    yield "pairs", ", ".join(of.pairs)


def _marks(signed: bool, foreign: bool) -> str:
    return " ".join(word for word, holds in (("signed", signed), ("foreign", foreign)) if holds)
