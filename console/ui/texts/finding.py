"""Findings to read, worst first."""

from collections.abc import Iterable

from console.model.finding import Finding, Preflight
from console.ui.looks import Line, Run
from console.ui.texts.layout import prose

_FAILS = {"block": ("✖", "bad"), "warn": ("▲", "warn"), "info": ("·", "")}
_PASSED, _UNASKED = 12, 3  # so many are named
_RANK = {"block": 0, "warn": 1, "info": 2}


def findings(found: Iterable[Finding], width: int) -> list[Line]:
    """Each that applies with what to do and where it was read; what passed in a line each, a few of them.

    What was not asked stands by its reason.
    """
    lines: list[Line] = []
    ordered = sorted(found, key=_order)
    for each in ordered:
        if each.status == "fail" or each.acknowledged:
            lines += _told(each, width)
    passed = [each for each in ordered if each.status == "pass"]
    for each in passed[:_PASSED]:
        lines += _headed(each, width)
    if len(passed) > _PASSED:
        more = f"{len(passed) - _PASSED} more were looked at and do not apply"
        lines.append((Run(" ✔ ", "good"), Run(more, "muted")))
    unasked = [each for each in ordered if each.status == "skipped" and not each.acknowledged]
    for why in dict.fromkeys(each.detail for each in unasked):
        here = [each for each in unasked if each.detail == why]
        lines += [line for each in here[:_UNASKED] for line in _headed(each, width)]
        if len(here) > _UNASKED:
            lines.append((Run(" – ", "faint"), Run(f"{len(here) - _UNASKED} more were not asked", "muted")))
        lines += prose(why, width, "muted", indent=3) if why else []
    return lines or [(Run(" Nothing was found.", "muted"),)]


def _headed(each: Finding, width: int) -> list[Line]:
    symbol, style = _mark(each)
    head, *rest = prose(each.title, width - 3, "strong" if each.status == "fail" else "muted", indent=0)
    return [(Run(f" {symbol} ", style), *head), *((Run("   "), *more) for more in rest)]


def _told(each: Finding, width: int) -> list[Line]:
    lines = _headed(each, width)
    if each.acknowledged:
        return lines + prose(f"acknowledged: {each.acknowledged}", width, "accent", indent=3)
    lines += prose(each.detail, width, "", indent=3) if each.detail else []
    if each.file:
        where = f"{each.file}:{each.line}" if each.line else each.file
        lines.append((Run(f"   {where}", "muted"),))
    if each.source:
        lines.append((Run(f"   {each.source}", "muted"),))
    return lines


def summary(preflight: Preflight) -> Line:
    """``0 blockers  2 warnings  11 passed  3 not asked``."""
    blockers, warnings = len(preflight.failing("block")), len(preflight.failing("warn"))
    runs = [
        Run(f"{blockers} blocker{'' if blockers == 1 else 's'}", "bad" if blockers else "good"),
        Run(f"  {warnings} warning{'' if warnings == 1 else 's'}", "warn" if warnings else "muted"),
        Run(f"  {preflight.count('pass')} passed", "muted"),
    ]
    if preflight.acknowledged:
        runs.append(Run(f"  {len(preflight.acknowledged)} acknowledged", "accent"))
    skipped = preflight.count("skipped")
    if skipped:
        runs.append(Run(f"  {skipped} not asked", "muted"))
    if preflight.verdict == "unknown":
        why = "".join(f": {each.title}" for each in preflight.unseen)
        runs.append(Run(f"  verdict unknown{why}", "warn"))
    return tuple(runs)


def _order(each: Finding) -> tuple[bool, int, int]:
    return (bool(each.acknowledged), {"fail": 0, "pass": 1, "skipped": 2}[each.status], _RANK[each.severity])


def _mark(each: Finding) -> tuple[str, str]:
    if each.acknowledged:
        return "✔", "accent"
    if each.status == "fail":
        return _FAILS[each.severity]
    return ("✔", "good") if each.status == "pass" else ("–", "faint")
