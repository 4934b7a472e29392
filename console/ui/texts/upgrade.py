"""A node upgrade to read: what runs, what waits, what tuppr says, what the preflight found."""

from console.model.finding import Preflight
from console.model.hold import LIFTED, Hold
from console.model.snapshot import Snapshot, Topic
from console.model.upgrades import TITLES, UpgradeLine, proposals, resource, versions
from console.ui.looks import Line, Run, age
from console.ui.panes.upgrades import MARKS
from console.ui.texts.finding import findings, summary
from console.ui.texts.layout import facts, heading, prose
from console.ui.texts.update import changes, headline


def _held(hold: Hold, width: int) -> list[Line]:
    """What keeps it, who put it there, where, and what takes it away."""
    lifted = "   goes with its version change" if hold.kind in LIFTED else ""
    place = f"{hold.file}:{hold.line}" if hold.line else hold.file
    by = f"{hold.by}, {hold.since:%Y-%m-%d}" if hold.by and hold.since else hold.by
    where = "   ".join(part for part in (by, place) if part)
    return [*prose(f"‖ {hold.told}", width, "warn", 2), (Run(f"    {where}{lifted}", "muted"),)]


def describe(each: UpgradeLine, snapshot: Snapshot, width: int) -> list[Line]:
    """All that is known of it."""
    symbol, style = MARKS[each.state]
    lines: list[Line] = [
        (Run(f"{TITLES[each.system]} ", "strong"), Run(f"{symbol} {each.state}", style), Run("  "), age(each.since)),
        *(prose(each.why, width, "", indent=0) if each.why else ()),
        (),
        heading("Nodes"),
    ]
    for node, version in sorted(versions(snapshot, each.system).items()):
        lags = node in each.lagging and each.state != "held"
        lines.append((Run(f"  {node:24} "), Run(version, "warn" if lags else ""), Run("  lags behind" if lags else "")))
    if each.holds:
        lines += [(), heading("Held by")]
        lines += [line for hold in each.holds for line in _held(hold, width)]
    tuppr = resource(snapshot, each.system)
    if tuppr:
        lines += [
            (),
            heading(f"tuppr   {tuppr.kind}/{tuppr.name}"),
            *facts(
                (
                    ("target", tuppr.target),
                    ("phase", tuppr.phase or "none"),
                    ("says", tuppr.message),
                    ("suspended", tuppr.suspended if tuppr.suspended is not None else ""),
                    ("works on", ", ".join(tuppr.current_nodes)),
                    ("done", ", ".join(tuppr.completed_nodes)),
                    ("failed", "; ".join(f"{n.name}: {n.error}" for n in tuppr.failed_nodes)),
                    ("last error", tuppr.last_error),
                    ("windows", "; ".join(tuppr.windows)),
                )
            ),
        ]
    for update in proposals(snapshot, each.system):
        lines += [(), (*heading("Proposed   "), *headline(update)), *changes(update)]
        check: Preflight | None = snapshot[Topic.ASSESSMENTS].items.get(update.key)
        if check:
            lines += [(), (*heading("Findings   "), *summary(check)), *findings(check.findings, width)]
    return lines
