"""Where the operator can be, and where they are: what the table of keys and its rules are asked with."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from console.model.updates import Update

PANES = frozenset(("nodes", "flux", "updates", "upgrades"))
DETAILS = frozenset(("nodes details", "flux details", "updates details", "upgrades details"))
TEXTS = DETAILS | {"rollout", "help", "review", "log", "many", "queue", "origin", "dry run", "output", "messages"}
LISTS = PANES | {"palette"}
EVERYWHERE = LISTS | TEXTS
# How to get there, in the words of what is seen.
WHEREABOUTS = {
    "nodes": "the nodes pane (1)",
    "flux": "the Flux pane (2)",
    "updates": "the updates pane (3)",
    "upgrades": "the upgrades pane (4)",
    "review": "a review",
    "rollout": "a rollout (w)",
    "log": "a log",
    "flux details": "the tree of a Flux object",
}


class Situation(NamedTuple):
    """The place, what is under the cursor, and the update that this is about, if any.

    ``kinds``: of the Flux objects that are chosen. ``marked``: how many rows are. ``in_the_way``: what is being
    upgraded now, so that nothing more of the nodes is to be approved. ``narrow``: one pane fills the screen anyway.
    ``offers``: what findings (``fix``) or a rollout (verbs of its choices) offer to do.
    """

    place: str
    writable: bool
    key: tuple[str, ...] = ()
    update: "Update | None" = None
    suspended: bool = False
    kinds: frozenset[str] = frozenset()
    marked: int = 0
    in_the_way: str = ""
    narrow: bool = False
    offers: frozenset[str] = frozenset()
