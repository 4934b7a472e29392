"""The one table of keys and commands. Footer, help, command line, palette and the README's list are made of it.

A key either works where it is listed or is not in the table; where it can't work now, ``refuse`` says why.
"""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from console.ui.availability import (
    READ_ONLY,
    Refusal,
    approvable,
    forceable,
    has_diff,
    has_fix,
    has_window,
    markable,
    resettable,
    restartable,
    suspendable,
    zoomable,
)
from console.ui.situation import DETAILS, EVERYWHERE, LISTS, PANES, TEXTS, WHEREABOUTS, Situation

if TYPE_CHECKING:
    from console.model.own import Command

_SHOWN = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "escape": "esc",
    "comma": ",",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "shift+tab": "shift-tab",
}


class Action(NamedTuple):
    """``where`` it applies; ``footer`` ranks it there (0: not shown). ``writes``: refused in read-only mode.

    ``command`` is the word after ``:``, empty where only a key makes sense; ``hint`` is how the footer words it, where
    that is not its key and its label. ``own``: it is none of ours, but a command of the operator's.
    """

    group: str
    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: frozenset[str]
    command: str = ""
    footer: int = 0
    writes: bool = False
    needs_row: bool = False
    refuse: Refusal | None = None
    hint: str = ""
    own: "Command | None" = None

    def refusal(self, situation: Situation) -> str:
        """Why it can't be done now; empty when it can."""
        if situation.place not in self.where:
            return f"{self.told}: only in {self._whereabouts}"
        if self.needs_row and not situation.key:
            return f"{self.label}: nothing is chosen"
        reason = self.refuse(situation) if self.refuse else ""
        if not reason and self.writes and not situation.writable:
            return f"{self.label}: {READ_ONLY}"
        return reason

    @property
    def told(self) -> str:
        """The key that was pressed and what it does: ``e (events about the object)``."""
        return f"{self.shown_keys.partition(' ')[0] or ':' + self.command} ({self.help})"

    @property
    def _whereabouts(self) -> str:
        panes = [text for place, text in WHEREABOUTS.items() if place in self.where & PANES]
        others = [text for place, text in WHEREABOUTS.items() if place in self.where]
        return " or ".join(panes or others) or "another place"

    @property
    def shown_keys(self) -> str:
        """The keys as they are printed."""
        return " ".join(_SHOWN.get(key, key.replace("+", "-")) for key in self.keys)


_UPDATES = frozenset(("updates", "upgrades", "updates details", "upgrades details"))
_FLUX = frozenset(("flux", "flux details"))
_NODES = frozenset(("nodes", "nodes details"))
_ROLLOUT = frozenset(("rollout",))
_REVIEW = frozenset(("review",))
_SUPPOSED = frozenset(("review", "queue"))  # there n is the dry run
_OPEN = EVERYWHERE - {"palette"}  # there letters are typed
_PARTED = (DETAILS - {"nodes details"}) | {"review", "rollout", "log"}

_move = partial(Action, "move")
_see = partial(Action, "see")
_act = partial(Action, "act")
_change = partial(Action, "act", writes=True, needs_row=True)
_leave = partial(Action, "leave")

ACTIONS = (
    _move("down", ("down", "j"), "down", "one line down", EVERYWHERE),
    _move("up", ("up", "k"), "up", "one line up", EVERYWHERE),
    _move("top", ("g", "home"), "top", "the beginning", _OPEN),
    _move("bottom", ("G", "end"), "bottom", "the end", _OPEN),
    _move("page_down", ("pagedown", "ctrl+f"), "page", "a screenful down", EVERYWHERE),
    _move("page_up", ("pageup", "ctrl+b"), "page up", "a screenful up", EVERYWHERE),
    _move("left", ("left",), "left", "back along long lines", TEXTS),
    _move("right", ("right",), "right", "further along long lines", TEXTS),
    _move("next_match", ("n",), "next", "the next place found", TEXTS - _SUPPOSED),
    _move("previous_match", ("N",), "previous", "the place found before", TEXTS - _SUPPOSED),
    _move("next_found", ("N",), "next", "the next place found", _SUPPOSED),
    _move("pane_1", ("1",), "nodes", "the pane of the nodes", PANES, "nodes", 11, hint="1-4 panes"),
    _move("pane_2", ("2",), "flux", "the pane of Flux", PANES, "flux"),
    _move("pane_3", ("3",), "updates", "the pane of the updates", PANES, "updates"),
    _move("pane_4", ("4",), "upgrades", "the pane of the upgrades", PANES, "upgrades"),
    _move("next_part", ("tab",), "next", "the next pane, the next part", PANES | _PARTED),
    _move("previous_part", ("shift+tab",), "part before", "the pane or part before", PANES | _PARTED),
    _move("attention", ("!",), "needs me", "to what needs you now; again: the next", PANES, "attention", 12),
    _see("details", ("enter",), "details", "all that is known of it", LISTS, footer=1, needs_row=True),
    _see("describe", ("d",), "describe", "status, conditions, why", PANES | DETAILS, "describe"),
    _see("yaml", ("y",), "YAML", "the object as the API has it", _FLUX, "yaml"),
    _see("events", ("e",), "events", "events about the object", _FLUX, "events"),
    _see("tree", ("t",), "tree", "what it applied, where it comes from", _FLUX, "tree"),
    _see("onward", ("enter",), "open", "what is chosen in a tree", frozenset(("flux details", "origin"))),
    _see("logs", ("l",), "logs", "what its controllers, or the node, wrote", _FLUX | _NODES | {"log"}, "logs"),
    _see("diff", ("D",), "diff", "what the update changes, by lines", _UPDATES, "diff", 4, refuse=has_diff),
    _see("pause", ("space",), "pause", "let the log stand still, or go on", frozenset(("log",)), "pause", 3),
    _see("job_log", ("l",), "job log", "what tuppr's last job wrote, or the steps again", _ROLLOUT, "log", 3),
    _see("rollout", ("w",), "rollout", "follow what was approved", PANES, "rollout"),
    _see("outcomes", ("O",), "outcomes", "what became of each of many", PANES, "outcomes"),
    _see("messages", ("m",), "messages", "what the last line told, whole", _OPEN - {"messages"}, "messages"),
    _see("filter", ("/",), "filter", "every word must stand in it; ! before it: must not", PANES, footer=8),
    _see("search", ("/",), "search", "find it in the text, as you type", TEXTS, footer=8),
    _see("problems", ("f",), "problems", "only problems, or all again", PANES, "problems", footer=13),
    _see("zoom", ("z",), "zoom", "this pane fills the screen, or all four", PANES, "zoom", 14, refuse=zoomable),
    _see("sort_name", ("N",), "by name", "by name; again turns it, again ends it", PANES, "sort-name"),
    _see("sort_age", ("A",), "by age", "by age, as above", PANES, "sort-age"),
    _see("sort_status", ("S",), "by status", "by status, as above", PANES, "sort-status"),
    _see("sort_blocks", ("B",), "by blocks", "by how much it blocks, as above", frozenset(("flux",)), "sort-blocks"),
    _see(
        "mark",
        ("space",),
        "mark",
        "mark it and go down, to do one thing to many",
        PANES,
        needs_row=True,
        refuse=markable,
    ),
    _see("mark_range", ("v",), "range", "mark from the last mark to here", PANES, needs_row=True, refuse=markable),
    _see("copy", ("c",), "copy", "its name to the clipboard (OSC 52)", PANES | TEXTS, "copy"),
    _see("select", ("v",), "select", "lines from here on; c copies them", TEXTS),
    _see("wrap", ("w",), "wrap", "long lines on several, or each on its own", TEXTS, "wrap"),
    _see("pager", ("p",), "pager", "read it in your $PAGER", TEXTS, "pager"),
    _see("editor", (), "editor", "look at it in your $EDITOR", TEXTS, "editor"),
    _see("save", (), "save", "write it to a file: :save FILE", TEXTS, "save"),
    _see(
        "favourite",
        ("*",),
        "favourite",
        "make it a favourite, or no more",
        PANES | DETAILS,
        "favourite",
        needs_row=True,
    ),
    _see("favourites", (), "favourites", "only favourites, or all again", PANES, "favourites"),
    _see("view", (), "view", "a pane as it was saved: :view NAME", _OPEN, "view"),
    _see("save_view", (), "save view", "keep what is seen: :save-view NAME", PANES, "save-view"),
    _see("go", (), "go", "to a node, an object, an update: :go NAME", _OPEN, "go"),
    _see("recent", (), "recent", "what was looked at last", _OPEN, "recent"),
    _see("link", ("o",), "link", "open its address; of updates the notes", PANES | DETAILS, "link"),
    _see("refresh", ("ctrl+r",), "refresh", "look again now", _OPEN, "refresh"),
    _act(
        "approve",
        ("a",),
        "approve…",
        "review it, or all that are marked, then write it to main",
        _UPDATES | {"review", "queue"},
        "approve",
        2,
        refuse=approvable,
    ),
    _act("hold", ("H",), "hold", "hold it, or release it", _UPDATES | {"review"}, "hold"),
    _act("undo", ("u",), "undo", "take back what was approved", _UPDATES | {"rollout"}, "undo"),
    _act("take_fix", ("F",), "take fix", "the fix that a finding offers", _REVIEW, "take-fix", 3, refuse=has_fix),
    _act("edit", ("e",), "edit", "open a file in your editor, then review it again", _REVIEW, "edit", 4),
    _act(
        "window",
        ("M",),
        "window",
        "take its maintenance windows away too, or let them stay",
        _REVIEW,
        "window",
        6,
        refuse=has_window,
    ),
    _see("dry_run", ("n",), "dry run", "the commit, the leases, the commands; writes nothing", _SUPPOSED, "dry-run", 7),
    _act("acknowledge", ("A",), "acknowledge", "go on in spite of a finding, say why", _REVIEW, "acknowledge", 5),
    _change("reconcile", ("R",), "reconcile", "ask for a pass, follow it", _FLUX, "reconcile", 5),
    _change("reconcile_source", ("W",), "with source", "the same, its source first", _FLUX, "reconcile-with-source", 6),
    _change("suspend", ("s",), "suspend", "suspend it, or resume it", _FLUX, "suspend", 7),
    _change(
        "reconcile_failing",
        (),
        "reconcile failing",
        "all that fails, after a question",
        PANES,
        "reconcile-failing",
        needs_row=False,
    ),
    _change("force", (), "force", "an upgrade though nothing changed", _FLUX, "force", refuse=forceable),
    _change("reset", (), "reset", "forget the failures, retry anew", _FLUX, "reset", refuse=resettable),
    _act("hasten", ("R",), "reconcile", "its source and Kustomization now", _ROLLOUT, "reconcile", 4, writes=True),
    _act(
        "intervene",
        ("s",),
        "suspend",
        "suspend the upgrade, or release it",
        _ROLLOUT,
        "suspend",
        5,
        writes=True,
        refuse=suspendable,
    ),
    _act(
        "start_over",
        ("X",),
        "reset",
        "let tuppr start over",
        _ROLLOUT,
        "reset",
        6,
        writes=True,
        refuse=restartable,
    ),
    _act("write", (), "write", "switch writing on for this run", _OPEN, "write"),
    _act("readonly", (), "read-only", "switch writing off", _OPEN, "readonly"),
    _see("theme", (), "theme", "other colours: dark, light, contrast, terminal", _OPEN, "theme"),
    _leave("command", (":",), "command", "a command by name; tab completes", _OPEN, footer=10),
    _leave("palette", ("ctrl+p",), "palette", "find anything by its name", PANES | TEXTS),
    _leave("ctx", (), "cluster", "another cluster: :ctx NAME, or all of them", _OPEN, "ctx"),
    _leave("help", ("?",), "help", "the keys of this place", EVERYWHERE - {"help"}, "help", 15),
    _leave("back", ("escape",), "back", "back; ends filter, marks, search", EVERYWHERE),
    _leave("close", ("q",), "quit", "back; on the first screen: quit", _OPEN, "quit", 9),
    _leave("quit", ("ctrl+c",), "quit", "quit; asks while something runs", EVERYWHERE),
    _leave("stop", ("ctrl+z",), "to shell", "put the console in the background", EVERYWHERE),
)
BY_ID = {action.id: action for action in ACTIONS}
GROUPS = {"move": "Move", "see": "See", "act": "Act", "own": "Your own", "leave": "Commands and leaving"}
