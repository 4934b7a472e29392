"""The one table of keys and commands. Footer, help, command line, palette and the README's list are made of it.

A key either works where it is listed or is not in the table; where it can't work now, ``refuse`` says why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from console.model.updates import Update

PANES = frozenset(("nodes", "flux", "updates", "upgrades"))
DETAILS = frozenset(("nodes details", "flux details", "updates details", "upgrades details"))
TEXTS = DETAILS | {"rollout", "help", "review", "log", "many"}
LISTS = PANES | {"palette"}
EVERYWHERE = LISTS | TEXTS
FORCED = frozenset(("HelmRelease", "FluxInstance", "ResourceSetInputProvider"))  # as operations.reconcile has them
READ_ONLY = "read-only: :write switches writing on for this run"


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the operator is: the place, what is under the cursor, and the update that this is about, if any.

    ``kinds``: of the Flux objects that are chosen.
    """

    place: str
    writable: bool
    key: tuple[str, ...] = ()
    update: "Update | None" = None
    suspended: bool = False
    kinds: frozenset[str] = frozenset()


Refusal = Callable[[Situation], str]


@dataclass(frozen=True, slots=True)
class Action:
    """``where`` it applies; ``footer`` ranks it there (0: not shown). ``writes``: refused in read-only mode.

    ``command`` is the word after ``:``, empty where only a key makes sense.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: frozenset[str]
    group: str
    command: str = ""
    footer: int = 0
    writes: bool = False
    needs_row: bool = False
    refuse: Refusal | None = None

    def refusal(self, situation: Situation) -> str:
        """Why it can't be done now; empty when it can."""
        if situation.place not in self.where:
            return f"{self.label} is for {' and '.join(sorted(self.where & PANES)) or 'another screen'}"
        if self.needs_row and not situation.key:
            return f"{self.label}: nothing is chosen"
        reason = self.refuse(situation) if self.refuse else ""
        if not reason and self.writes and not situation.writable:
            return f"{self.label}: {READ_ONLY}"
        return reason

    @property
    def shown_keys(self) -> str:
        """The keys as they are printed."""
        return " ".join(_SHOWN.get(key, key.replace("+", "-")) for key in self.keys)


_SHOWN = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "escape": "esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "shift+tab": "shift-tab",
}


def _approvable(situation: Situation) -> str:
    update = situation.update
    if situation.place == "review":
        return "" if situation.writable else f"approve: {READ_ONLY}"
    if update is None:
        return "approve: nothing waits here"
    if update.state == "applied":
        return "approve: this is on main already"
    if update.state == "conflict":
        return f"approve: {update.branch} conflicts with main; Renovate rebases it, or resolve it by hand"
    return ""


def _has_diff(situation: Situation) -> str:
    return "" if situation.update else "diff: no update here"


def _forceable(situation: Situation) -> str:
    return "" if situation.kinds & FORCED else f"force: only {', '.join(sorted(FORCED))} can be forced"


def _resettable(situation: Situation) -> str:
    return "" if "HelmRelease" in situation.kinds else "reset: only a HelmRelease counts its failures"


_OF_UPDATES = frozenset(("updates", "upgrades", "updates details", "upgrades details"))
_PARTED = DETAILS | {"review", "rollout", "log"}
_OF_FLUX = frozenset(("flux", "flux details"))
_OF_NODES = frozenset(("nodes", "nodes details"))


def _make() -> tuple[Action, ...]:
    make = Action
    moving = (
        make("down", ("down", "j"), "down", "one line down", EVERYWHERE, "move"),
        make("up", ("up", "k"), "up", "one line up", EVERYWHERE, "move"),
        make("top", ("g", "home"), "top", "the beginning", EVERYWHERE, "move"),
        make("bottom", ("G", "end"), "bottom", "the end", EVERYWHERE, "move"),
        make("page_down", ("pagedown", "ctrl+f"), "page", "a screenful down", EVERYWHERE, "move"),
        make("page_up", ("pageup", "ctrl+b"), "page up", "a screenful up", EVERYWHERE, "move"),
        make("left", ("left",), "left", "back along long lines", TEXTS, "move"),
        make("right", ("right",), "right", "further along long lines", TEXTS, "move"),
        make("next_match", ("n",), "next", "the next place found", TEXTS, "move"),
        make("previous_match", ("N",), "previous", "the place found before", TEXTS, "move"),
        make("pane_1", ("1",), "nodes", "the pane of the nodes", PANES, "move", "nodes"),
        make("pane_2", ("2",), "flux", "the pane of Flux", PANES, "move", "flux"),
        make("pane_3", ("3",), "updates", "the pane of the updates", PANES, "move", "updates"),
        make("pane_4", ("4",), "upgrades", "the pane of the upgrades", PANES, "move", "upgrades"),
        make("next_part", ("tab",), "next", "the next pane, the next part", PANES | _PARTED, "move"),
        make("previous_part", ("shift+tab",), "part before", "the pane or part before", PANES | _PARTED, "move"),
        make("attention", ("!",), "needs me", "to what needs you now; again: the next", PANES, "move", "attention"),
    )
    seeing = (
        make("details", ("enter",), "details", "all that is known of it", LISTS, "see", footer=1, needs_row=True),
        make("describe", ("d",), "describe", "status, conditions, why", PANES | DETAILS, "see", "describe"),
        make("yaml", ("y",), "YAML", "the object as the API has it", _OF_FLUX, "see", "yaml"),
        make("events", ("e",), "events", "events about the object", _OF_FLUX, "see", "events"),
        make("tree", ("t",), "tree", "what it applied, where it comes from", _OF_FLUX, "see", "tree"),
        make("logs", ("l",), "logs", "what its controllers, or the node, wrote", _OF_FLUX | _OF_NODES, "see", "logs"),
        make(
            "diff",
            ("D",),
            "diff",
            "what the update changes, by lines",
            _OF_UPDATES,
            "see",
            "diff",
            4,
            refuse=_has_diff,
        ),
        make("pause", ("space",), "pause", "let the log stand still, or go on", frozenset(("log",)), "see", "pause", 3),
        make("rollout", ("w",), "rollout", "follow what was approved", PANES, "see", "rollout"),
        make(
            "filter",
            ("/",),
            "filter",
            "every word must stand in it; ! before it: must not",
            EVERYWHERE,
            "see",
            footer=8,
        ),
        make("problems", ("f",), "problems", "only problems, or all again", LISTS, "see", "problems", footer=9),
        make("zoom", ("z",), "zoom", "this pane fills the screen, or all four", PANES, "see", "zoom", 10),
        make("sort_name", ("N",), "by name", "by name; again turns it, again ends it", PANES, "see", "sort-name"),
        make("sort_age", ("A",), "by age", "by age, as above", PANES, "see", "sort-age"),
        make("sort_status", ("S",), "by status", "by status, as above", PANES, "see", "sort-status"),
        make(
            "sort_blocks",
            ("B",),
            "by blocks",
            "by how much it blocks, as above",
            frozenset(("flux",)),
            "see",
            "sort-blocks",
        ),
        make("mark", ("space",), "mark", "mark it, for doing one thing to many", PANES, "see", needs_row=True),
        make("mark_range", ("v",), "range", "mark from the last mark to here", PANES, "see", needs_row=True),
        make("copy", ("c",), "copy", "its name to the clipboard (OSC 52)", PANES | TEXTS, "see", "copy"),
        make(
            "link",
            ("o",),
            "link",
            "open its address; of updates the notes",
            PANES | DETAILS,
            "see",
            "link",
        ),
        make("refresh", ("ctrl+r",), "refresh", "look again now", EVERYWHERE, "see", "refresh"),
    )
    doing = (
        make(
            "approve",
            ("a",),
            "approve…",
            "review it, then write it to main",
            _OF_UPDATES | {"review"},
            "act",
            "approve",
            2,
            refuse=_approvable,
        ),
        make(
            "reconcile",
            ("R",),
            "reconcile",
            "ask for a pass, follow it",
            _OF_FLUX,
            "act",
            "reconcile",
            5,
            True,
            True,
        ),
        make(
            "reconcile_source",
            ("W",),
            "with source",
            "the same, its source first",
            _OF_FLUX,
            "act",
            "reconcile-with-source",
            6,
            True,
            True,
        ),
        make("suspend", ("s",), "suspend", "suspend it, or resume it", _OF_FLUX, "act", "suspend", 7, True, True),
        make(
            "reconcile_failing",
            (),
            "reconcile failing",
            "all that fails, after a question",
            PANES,
            "act",
            "reconcile-failing",
            writes=True,
        ),
        make(
            "force",
            (),
            "force",
            "an upgrade though nothing changed",
            _OF_FLUX,
            "act",
            "force",
            writes=True,
            needs_row=True,
            refuse=_forceable,
        ),
        make(
            "reset",
            (),
            "reset",
            "forget the failures, retry anew",
            _OF_FLUX,
            "act",
            "reset",
            writes=True,
            needs_row=True,
            refuse=_resettable,
        ),
        make("write", (), "write", "switch writing on for this run", EVERYWHERE, "act", "write"),
        make("readonly", (), "read-only", "switch writing off", EVERYWHERE, "act", "readonly"),
    )
    leaving = (
        make(
            "command",
            (":",),
            "command",
            "a command by name; tab completes",
            EVERYWHERE - {"palette"},
            "leave",
            footer=11,
        ),
        make("palette", ("ctrl+p",), "palette", "all commands", PANES | TEXTS, "leave"),
        make("help", ("?",), "help", "the keys of this place", EVERYWHERE - {"help"}, "leave", "help", 12),
        make("back", ("escape",), "back", "back; ends filter, marks, search", EVERYWHERE, "leave"),
        make("close", ("q",), "quit", "back; on the first screen: quit", EVERYWHERE, "leave", "quit"),
        make("quit", ("ctrl+c",), "quit", "quit; asks while something runs", EVERYWHERE, "leave"),
        make("stop", ("ctrl+z",), "to shell", "put the console in the background", EVERYWHERE, "leave"),
    )
    return (*moving, *seeing, *doing, *leaving)


ACTIONS = _make()
BY_ID = {action.id: action for action in ACTIONS}
GROUPS = {"move": "Move", "see": "See", "act": "Act", "leave": "Commands and leaving"}


def bindings(places: Iterable[str]) -> list[Binding]:
    """The bindings of a screen that is all of ``places``; only quitting goes before what one types."""
    wanted = frozenset(places)
    return [
        Binding(
            ",".join(action.keys),
            f"app.act('{action.id}')",
            action.label,
            show=False,
            priority=action.id in ("quit", "stop"),
            id=action.id,
        )
        for action in ACTIONS
        if action.keys and action.where & wanted
    ]


_BEFORE_FILTER = 7.5
_IN_PARTS = frozenset(("review", "log", "flux details", "updates details", "upgrades details"))


def at(place: str) -> list[Action]:
    """The actions of a place."""
    return [action for action in ACTIONS if place in action.where]


def in_footer(place: str) -> list[Action]:
    """Those that the footer shows, the most used first."""
    shown = [action for action in at(place) if action.footer and action.id != "help"]
    if place in TEXTS:
        shown += [BY_ID["next_part"]] if place in _IN_PARTS else []
        shown += [BY_ID["back"]]
    return sorted(shown, key=lambda action: action.footer or _BEFORE_FILTER)


def commands(place: str, beginning: str) -> list[str]:
    """The words after ``:`` that begin so, here."""
    return sorted({action.command for action in at(place) if action.command.startswith(beginning) and action.command})


def by_command(place: str, word: str) -> Action | None:
    """The action that ``word``, or its only completion, means here."""
    words = [word] if word in commands(place, word) else commands(place, word) if word else []
    if word == "q":
        words = ["quit"]
    if len(words) != 1:
        return None
    return next(action for action in at(place) if action.command == words[0])


def listing() -> str:
    """The README's list of keys, in Markdown."""
    parts = []
    for group, members in groupby(ACTIONS, key=lambda action: action.group):
        parts.append(f"**{GROUPS[group]}**\n\n| key | command | |\n|---|---|---|")
        for action in members:
            keys = f"`{action.shown_keys}`" if action.keys else ""
            command = f"`:{action.command}`" if action.command else ""
            parts.append(f"| {keys} | {command} | {action.help} |")
        parts.append("")
    return "\n".join(parts)
