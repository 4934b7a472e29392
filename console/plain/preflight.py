"""``homeconsole preflight``: everything that was found about an update."""

from console.model.finding import Finding, Preflight
from console.model.text import safe
from console.plain.document import Document, moment, schema
from console.plain.table import table


def document(checked: Preflight) -> Document:
    """The findings, worst first."""
    return schema("preflight") | {
        "update": checked.update,
        "head": checked.head,
        "base": checked.base,
        "at": moment(checked.at),
        "target": {"talos": _pair(checked.talos), "kubernetes": _pair(checked.kubernetes)},
        "verdict": checked.verdict,
        "findings": [finding(each) for each in checked.findings],
    }


def lines(checked: Preflight) -> list[str]:
    """The same as a table; what passed is only counted, what could not be asked stands together."""
    shown = [each for each in checked.findings if each.status == "fail" or each.acknowledged]
    rows = [(_word(each), each.title, _place(each), _why(each)) for each in shown]
    unasked: dict[str, list[str]] = {}
    for each in checked.findings:
        if each.status == "skipped" and not each.acknowledged:
            unasked.setdefault(each.detail or each.title, []).append(each.rule)
    rows += [
        ("? skipped", f"{len(names)} not asked", "", f"{why}: {', '.join(names)}") for why, names in unasked.items()
    ]
    counts = f"{checked.count('fail')} apply, {checked.count('pass')} passed, {checked.count('skipped')} not asked"
    why = "".join(f", {safe(each.title)}" for each in checked.unseen)
    return [
        f"{safe(checked.update)}: {checked.verdict}{why}, {counts}",
        *(table(("", "finding", "where", "why"), rows) if rows else []),
    ]


def finding(of: Finding) -> Document:
    """One finding."""
    return {
        "rule": of.rule,
        "severity": of.severity,
        "status": of.status,
        "title": of.title,
        "detail": of.detail,
        "file": of.file or None,
        "line": of.line or None,
        "fix": {"file": of.fix.file, "diff": of.fix.diff} if of.fix else None,
        "source": of.source,
        **({"acknowledged": of.acknowledged} if of.acknowledged else {}),
    }


def _why(of: Finding) -> str:
    return f"acknowledged: {of.acknowledged}" if of.acknowledged else of.detail


def _pair(of: tuple[str, str] | None) -> Document | None:
    return {"from": of[0], "to": of[1]} if of else None


def _word(of: Finding) -> str:
    if of.acknowledged:
        return "✔ acknowledged"
    return {"block": "✖ block", "warn": "▲ warn", "info": "· info"}[of.severity] if of.status == "fail" else "? skipped"


def _place(of: Finding) -> str:
    return f"{of.file}:{of.line}" if of.file and of.line else of.file
