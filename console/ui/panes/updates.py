"""Updates: what Renovate proposes; node upgrades first, then what is risky, then the rest."""

import re
from collections.abc import Iterable, Iterator

from console.model.moves import from_to, moves
from console.model.snapshot import Snapshot, Topic
from console.model.updates import ApprovedCommit, Concern, RepositoryState, Update, sort_key, together
from console.model.upgrades import TITLES
from console.ui.looks import Run, age
from console.ui.panes.pane import View, counted
from console.ui.widgets.arrangement import arranged
from console.ui.widgets.columns import Row

_STATES = {
    "ready": ("·", ""),
    "unknown": ("?", "warn"),
    "conflict": ("✖", "bad"),
    "superseded": ("·", "muted"),
    "applied": ("✔", "muted"),
}
_GROUPS: dict[Concern, str] = {"node": "Node upgrades", "risky": "Risky", "routine": "Routine"}
_KINDS = {"lockfile": "lock file", "config": "config"}
_BRIEF = {"replacement": "replace"}
_AWAY = "Gone since your last visit"
_WORDS = {"security": "security fix"}
_PREFIX = re.compile(r"^\w+(?:\([^)]*\))?!?:\s+")  # of a conventional commit


class Viewing:
    """All proposals as rows: the same until one of them changes."""

    def __init__(self) -> None:
        self._of: tuple[object, object] = (None, None)
        self._view = View()

    def __call__(self, snapshot: Snapshot) -> View:
        """Of this snapshot."""
        updates, repository = (snapshot[topic].items for topic in (Topic.UPDATES, Topic.REPOSITORY))
        if self._of[0] is not updates or self._of[1] is not repository:
            self._of, self._view = (updates, repository), _view(updates.values(), repository.get(("repository",)))
        return self._view


view = Viewing()


def _view(found: Iterable[Update], repository: RepositoryState | None) -> View:
    updates = together(sorted(found, key=sort_key))
    states = [standing(update) for update in updates]
    return View(
        arranged([*map(row, updates), *(_gone(repository) if repository else ())]),
        counted(
            (symbol, states.count(state), state, style)
            for state, symbol, style in (
                ("conflict", "✖", "bad"),
                ("unknown", "?", "warn"),
                ("ready", "", ""),
                ("superseded", "", "muted"),
                ("applied", "✔", "muted"),
            )
        ),
        (
            (Run(" No Renovate branches: nothing waits for you.", "muted"),),
            (Run(" Other branch prefixes are set by repository.prefixes in the configuration.", "muted"),),
        ),
    )


def row(update: Update) -> Row:
    """One proposal."""
    state = standing(update)
    symbol, style = _STATES[state]
    node_upgrade = update.system is not None and state == "ready"
    if node_upgrade:
        symbol, style = "▲", "warn"
    elif symbol == "·" and "new" in update.marks:
        symbol, style = "+", "accent"
    name = title(update)
    kind, loud = _class(update)
    return Row(
        update.key,
        (
            Run(f"{symbol} {name}", style if symbol != "·" else ""),
            Run(versions(update), "strong" if node_upgrade else "", goal(update)),
            Run(kind, loud, _BRIEF.get(kind.lower(), "")),
            age(update.committed_at),
            Run(note(update), "accent" if "new" in update.marks else "muted"),
        ),
        problem=state in ("conflict", "unknown"),
        find=f"{name} {update.branch} {update.title} {kind} {update.state} #{update.pull} {note(update)}".lower(),
        name=name.lower(),
        moment=update.committed_at,
        rank=list(_STATES).index(state),
        group=_GROUPS[update.concern],
    )


def _gone(repository: RepositoryState) -> Iterator[Row]:
    """The branches that were there at the last visit. Why one went is not told by git, but what we wrote ourselves."""
    ours = {each.branch: each for each in reversed(repository.approvals)}
    for branch, at in repository.gone:
        name, moved, word, what = _last(branch), "", "gone", "merged or withdrawn"
        if branch in ours:
            done = _as_update(ours[branch])
            name, moved, word, what = title(done), versions(done), "approved", "written to main"
        cells = (Run(f"· {name}", "muted"), Run(moved, "muted"), Run(word, "muted"), age(at), Run(what, "muted"))
        find = f"{name} {branch} {word} {what}".lower()
        yield Row((branch,), cells, find=find, name=name.lower(), moment=at, rank=len(_STATES), group=_AWAY)


def _as_update(done: ApprovedCommit) -> Update:
    """What was approved, as it was called before."""
    return Update(done.branch, done.commit, "", done.title, "applied", changes=done.changes, system=done.system)


def standing(update: Update) -> str:
    """Its state; ``superseded`` where main went further: then whether it merges does not matter."""
    return "superseded" if update.is_superseded else update.state


def _class(update: Update) -> tuple[str, str]:
    """The class of an update that is ready; else its state."""
    state = standing(update)
    if state != "ready":
        return state, _STATES[state][1]
    if update.type == "major" or update.breaking:
        return class_of(update).upper(), "warn"
    return class_of(update), "muted"


def class_of(update: Update) -> str:
    """How far it moves; what it is, where no version moves."""
    return _KINDS.get(update.kind, update.type) if update.type == "unknown" else update.type


def title(update: Update) -> str:
    """What it moves: the dependency's name, the group's as the branch gives it, or the subject."""
    if update.system:
        return TITLES[update.system]
    if not update.changes or update.kind != "dependency":
        return _PREFIX.sub("", update.title)
    return update.called


def versions(update: Update) -> str:
    """``1.19.2 → 1.19.3``; of several different moves, how many."""
    # With and without its v it is the same version; the nodes' own way of writing it stands last.
    found = map(from_to, moves(update))
    pairs = list({tuple(text.removeprefix("v") for text in each): each for each in found}.values())
    if not pairs:
        return ""
    return f"{pairs[0][0]} → {pairs[0][1]}".strip() if len(pairs) == 1 else f"{len(pairs)} versions"


def goal(update: Update) -> str:
    """Where it goes, where there is no room for where it comes from."""
    whole = versions(update)
    return f"→ {whole.partition(' → ')[2]}" if " → " in whole else whole


def note(update: Update) -> str:
    """What sets it apart."""
    words = ["new"] if "new" in update.marks else []
    if update.is_superseded:
        words.append("main has newer")
    elif update.state == "conflict":
        words.append("conflicts with main")
    elif update.state == "applied":
        words.append("on main already")
    elif update.state == "unknown":
        words.append(update.why or "unknown")
    elif update.hold_reason or update.hold_by:
        words.append(f"held: {update.hold_reason or update.hold_by}")
    if update.modified:
        words.append("edited by others")
    words += [_WORDS.get(mark, mark) for mark in update.marks if mark not in ("new", "pair", "superseded")]
    words += [f"pair with {_last(branch)}" for branch in update.pairs[:1]]
    return ", ".join(words)


def _last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2] or name
