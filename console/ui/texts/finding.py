"""Findings to read, worst first."""

from collections.abc import Iterable

from console.model.finding import Finding, Preflight
from console.ui.looks import Line, Run
from console.ui.texts.layout import prose

_FAILS = {"block": ("✖", "bad"), "warn": ("▲", "warn"), "info": ("·", "")}
_RANK = {"block": 0, "warn": 1, "info": 2}


def findings(found: Iterable[Finding], width: int) -> list[Line]:
    """Each finding with what to do and where it was read; what passed and what was not asked in a line each."""
    lines: list[Line] = []
    for each in sorted(found, key=_order):
        symbol, style = _mark(each)
        head, *rest = prose(each.title, width - 3, "strong" if each.status == "fail" else "muted", indent=0)
        lines.append((Run(f" {symbol} ", style), *head))
        lines += [(Run("   "), *more) for more in rest]
        if each.status == "fail":
            lines += prose(each.detail, width, "", indent=3) if each.detail else []
            if each.file:
                where = f"{each.file}:{each.line}" if each.line else each.file
                lines.append((Run(f"   {where}", "muted"),))
            if each.source:
                lines.append((Run(f"   {each.source}", "muted"),))
        elif each.status == "skipped" and each.detail:
            lines += prose(each.detail, width, "muted", indent=3)
    return lines or [(Run(" Nothing was found.", "muted"),)]


def summary(preflight: Preflight) -> Line:
    """``0 blockers  2 warnings  11 passed  3 not asked``."""
    blockers, warnings = len(preflight.failing("block")), len(preflight.failing("warn"))
    runs = [
        Run(f"{blockers} blocker{'' if blockers == 1 else 's'}", "bad" if blockers else "good"),
        Run(f"  {warnings} warning{'' if warnings == 1 else 's'}", "warn" if warnings else "muted"),
        Run(f"  {preflight.count('pass')} passed", "muted"),
    ]
    skipped = preflight.count("skipped")
    if skipped:
        runs.append(Run(f"  {skipped} not asked", "muted"))
    if preflight.verdict == "unknown":
        why = "".join(f": {each.title}" for each in preflight.unseen)
        runs.append(Run(f"  verdict unknown{why}", "warn"))
    return tuple(runs)


def _order(each: Finding) -> tuple[int, int]:
    return ({"fail": 0, "pass": 1, "skipped": 2}[each.status], _RANK[each.severity])


def _mark(each: Finding) -> tuple[str, str]:
    if each.status == "fail":
        return _FAILS[each.severity]
    return ("✔", "good") if each.status == "pass" else ("–", "faint")
