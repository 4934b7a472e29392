"""``homeconsole rules``: what is known, where it was read, and when."""

from console.foresight.knowledge import knowledge
from console.plain.document import Document, schema
from console.plain.table import table


def document() -> Document:
    """Every rule, and the day up to which releases are known."""
    known = knowledge()
    return schema("rules") | {
        "known": {system: day.isoformat() for system, day in known.known.items()},
        "rules": [
            {
                "rule": rule.id,
                "severity": rule.severity,
                "about": rule.about,
                "concern": rule.concern,
                "source": rule.source,
                "read": rule.read.isoformat() if rule.read else None,
            }
            for rule in known.rules.values()
        ],
    }


def lines() -> list[str]:
    """The same as a table, file by file."""
    known = knowledge()
    rows = ((r.id, r.severity, str(r.read or ""), r.source) for r in known.rules.values())
    ends = ", ".join(
        f"{system.capitalize()} up to {max(minors)[0]}.{max(minors)[1]}, releases of {known.known[system]}"
        for system, minors in (("talos", known.talos), ("kubernetes", known.kubernetes))
    )
    return [*table(("rule", "severity", "read", "source"), rows), "", f"{len(known.rules)} rules. {ends}."]
