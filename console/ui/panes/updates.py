"""Updates: what Renovate proposes; node upgrades first, then what is risky, then the rest."""

from console.model.moves import moves
from console.model.snapshot import Snapshot, Topic
from console.model.updates import Update
from console.model.upgrades import TITLES
from console.ui.looks import Run, age
from console.ui.panes.pane import View, counted
from console.ui.widgets.columns import Row

_STATES = {"ready": ("·", ""), "conflict": ("✖", "bad"), "applied": ("✔", "muted"), "unknown": ("?", "warn")}
_ORDER = {"ready": 0, "unknown": 1, "conflict": 2, "applied": 3}
_RISK = {"major": 0, "unknown": 1, "replacement": 1, "minor": 2, "patch": 3, "digest": 4, "pin": 4}


def view(snapshot: Snapshot) -> View:
    """All proposals as rows."""
    updates: list[Update] = sorted(snapshot[Topic.UPDATES].items.values(), key=order)
    states: list[str] = [update.state for update in updates]
    return View(
        tuple(row(each) for each in updates),
        counted(
            (symbol, states.count(state), state, style)
            for state, symbol, style in (
                ("conflict", "✖", "bad"),
                ("unknown", "?", "warn"),
                ("ready", "", ""),
                ("applied", "✔", "muted"),
            )
        ),
        (
            (Run(" No Renovate branches: nothing waits for you.", "muted"),),
            (Run(" Other branch prefixes are set by updates.prefixes in the configuration.", "muted"),),
        ),
    )


def order(update: Update) -> tuple[object, ...]:
    """Node upgrades first, Talos before Kubernetes; what is done, last."""
    system = {"talos": 0, "kubernetes": 1}.get(update.system or "", 2)
    done = update.state == "applied"
    risk = 0 if update.breaking else _RISK.get(update.type, 1)
    return (done, system, _ORDER[update.state], risk, title(update).lower(), update.branch)


def row(update: Update) -> Row:
    """One proposal."""
    symbol, style = _STATES[update.state]
    node_upgrade = update.system is not None and update.state == "ready"
    if node_upgrade:
        symbol, style = "▲", "warn"
    name = title(update)
    kind, loud = _class(update)
    return Row(
        update.key,
        (
            Run(f"{symbol} {name}", style if symbol != "·" else ""),
            Run(versions(update), "strong" if node_upgrade else ""),
            Run(kind, loud),
            age(update.committed_at),
            Run(note(update), "muted"),
        ),
        problem=update.state in ("conflict", "unknown"),
        find=f"{name} {update.branch} {update.title} {update.type} {update.state} #{update.pull}".lower(),
        name=name.lower(),
        moment=update.committed_at,
        rank=_ORDER[update.state],
    )


def _class(update: Update) -> tuple[str, str]:
    """The class of an update that is ready; else its state."""
    if update.state != "ready":
        return update.state, _STATES[update.state][1]
    if update.type == "major" or update.breaking:
        return update.type.upper(), "warn"
    return update.type, "muted"


def title(update: Update) -> str:
    """What it moves: the dependency's name, the group's as the branch gives it, or the subject."""
    if update.system:
        return TITLES[update.system]
    names = list(dict.fromkeys(_last(change.name) for change in update.changes))
    if not names:
        return update.title
    return names[0] if len(names) == 1 else _last(update.branch)


def versions(update: Update) -> str:
    """``1.19.2 → 1.19.3``; of several different moves, how many."""
    told = list(dict.fromkeys((_short(c.old), _short(c.new)) for c in moves(update)))
    if not told:
        return ""
    return f"{told[0][0]} → {told[0][1]}" if len(told) == 1 else f"{len(told)} versions"


def note(update: Update) -> str:
    """What sets it apart."""
    words = []
    if update.state == "conflict":
        words.append("conflicts with main")
    elif update.state == "applied":
        words.append("on main already")
    elif update.state == "unknown":
        words.append(update.why or "unknown")
    elif update.hold_reason or update.hold_by:
        words.append(f"held: {update.hold_reason or update.hold_by}")
    if update.modified:
        words.append("edited by others")
    words += update.marks
    return ", ".join(words)


def _last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2] or name


def _short(text: str) -> str:
    """The tag of an image without its digest; a digest or commit alone by its first seven digits."""
    name, _, digest = text.partition("@")
    tag = name.rpartition(":")[2] if "/" in name.rpartition(":")[0] else name
    plain = (tag or digest).removeprefix("sha256:")
    return plain[:7] if len(plain) >= 40 else plain
