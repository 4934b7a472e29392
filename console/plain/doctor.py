"""``homeconsole doctor``: what was found where, and how to fix what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from console.plain.document import Document, schema
from console.plain.table import table

State = Literal["ok", "warn", "bad", "skipped"]
_MARKS: dict[State, str] = {"ok": "✔ ok", "warn": "▲ warn", "bad": "✖ bad", "skipped": "- skipped"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``origin`` says where its value came from, ``fix`` what to do when it is wrong, and
    ``command`` does it, with words in capitals to fill in; not everything is mended by one."""

    name: str
    state: State
    found: str
    origin: str = ""
    fix: str = ""
    command: str = ""


def document(checks: Sequence[Check]) -> Document:
    """All checks, in the order in which one thing needs the other."""
    return schema("doctor") | {
        "healthy": healthy(checks),
        "checks": [
            {
                "name": c.name,
                "state": c.state,
                "found": c.found,
                "origin": c.origin or None,
                "fix": c.fix or None,
                "command": c.command or None,
            }
            for c in checks
        ],
    }


def lines(checks: Sequence[Check]) -> list[str]:
    """The same as a table, and the fixes under it."""
    rows = [(_MARKS[c.state], c.name, c.origin, c.found) for c in checks]
    fixes = [
        (" " if number else c.name, line)
        for c in checks
        if c.fix and c.state in {"bad", "warn"}
        for number, line in enumerate([*c.fix.split("\n"), *([f"$ {c.command}"] if c.command else [])])
    ]
    return table(("", "what", "from", "found"), rows) + (["", *table(("what", "fix"), fixes)] if fixes else [])


def healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing is wrong. What is only worth knowing is fine."""
    return not any(check.state == "bad" for check in checks)
