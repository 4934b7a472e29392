"""Upgrades: what of Talos and Kubernetes waits for approval, what tuppr is doing, what keeps it."""

from console.model.hold import LIFTED
from console.model.snapshot import Snapshot
from console.model.upgrades import TITLES, UpgradeLine, UpgradeState, overview
from console.ui.looks import Line, Run, age
from console.ui.panes.pane import View, counted
from console.ui.widgets.arrangement import arranged
from console.ui.widgets.columns import Row

MARKS: dict[UpgradeState, tuple[str, str]] = {
    "failed": ("✖", "bad"),
    "stuck": ("✖", "bad"),
    "running": ("▶", "accent"),
    "held": ("▲", "warn"),
    "waiting": ("◌", "warn"),
    "suspended": ("‖", "muted"),
    "done": ("✔", "good"),
    "current": ("✔", "good"),
    "unknown": ("?", "warn"),
}

_BROKEN = ("failed", "stuck")


def view(snapshot: Snapshot) -> View:
    """A row each for Talos and Kubernetes, in the order in which to take them."""
    lines = [each for each in overview(snapshot) if each.running or each.target]
    states = [each.state for each in lines]
    return View(
        arranged([row(each) for each in lines]),
        counted((symbol, states.count(state), state, style) for state, (symbol, style) in MARKS.items()),
        (
            (Run(" Neither nodes nor updates are known yet.", "muted"),),
            (Run(" Versions come from the nodes, what waits from the repository's Renovate branches.", "muted"),),
        ),
    )


def row(each: UpgradeLine) -> Row:
    """One system."""
    symbol, style = MARKS[each.state]
    running = " ".join(each.running) or "version unknown"
    return Row(
        each.key,
        (
            Run(f"{symbol} {TITLES[each.system]}", "strong"),
            Run(running),
            Run(f"{each.state}", style),
            age(each.since),
            Run("" if each.state in _BROKEN else each.why, "muted"),
        ),
        tuple(_below(each)),
        problem=each.state in ("failed", "stuck", "held", "waiting"),
        find=f"{each.system} {each.state} {each.why} {each.target}".lower(),
        name=each.system,
        moment=each.since,
        rank=list(MARKS).index(each.state),
    )


def _below(each: UpgradeLine) -> list[Line]:
    if each.state == "held":
        approve = () if each.in_the_way or not each.branch else (Run("   a approve", "accent"),)
        kept = [hold for hold in each.holds if hold.kind in LIFTED]
        lifts = (Run(f"   lifts {' '.join(hold.kind for hold in kept)}", "muted"),) if kept else ()
        return [(Run(f"→ {each.target}", "strong"), Run("  "), *verdict(each), *approve, *lifts)]
    if each.state in _BROKEN:
        return [(Run(each.why, "bad"),), *_progress(each)]
    if each.state in ("running", "waiting"):
        return _progress(each)
    return []


def _progress(each: UpgradeLine) -> list[Line]:
    done = each.nodes - len(each.lagging)
    runs = [Run(f"→ {each.target}", "strong"), Run(f"  {done} of {each.nodes} nodes")]
    if each.phase:
        runs.append(Run(f"  {each.phase} {' '.join(each.active)}".rstrip(), "accent"))
    if each.next_window:
        runs.append(Run(f"  next window {each.next_window:%a %d %b %H:%M} UTC", "muted"))
    return [tuple(runs)]


def verdict(each: UpgradeLine) -> Line:
    """What the preflight says, in a few words."""
    if each.blockers is None or each.warnings is None:
        return (Run("not checked yet", "muted"),)
    blockers = Run(_number(each.blockers, "blocker"), "bad" if each.blockers else "good")
    if not each.warnings:
        return (blockers,)
    return (blockers, Run("  "), Run(_number(each.warnings, "warning"), "warn"))


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
