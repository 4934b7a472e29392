"""All commands of a place: type to narrow, Enter to do."""

from console.ui import keymap
from console.ui.actions import Action
from console.ui.looks import Run
from console.ui.screens.choice import Choice
from console.ui.situation import Situation
from console.ui.widgets.columns import Row

_NOT_HERE = frozenset(("palette", "command", "back", "quit"))


class Palette(Choice):
    """Gives the id of the action chosen, or None."""

    def __init__(self, situation: Situation) -> None:
        chosen = [action for action in keymap.at(situation.place) if action.group != "move"]
        rows = [_row(action, situation) for action in chosen if action.id not in _NOT_HERE]
        super().__init__((Run("Commands  ", "accent"), Run(situation.place, "strong")), rows, "does it")


def _row(action: Action, situation: Situation) -> Row:
    reason = action.refusal(situation)
    return Row(
        (action.id,),
        (
            Run(action.label, "muted" if reason else "strong"),
            Run(action.help, "muted" if reason else ""),
            Run(action.shown_keys, "accent"),
            Run(reason, "warn"),
        ),
        problem=bool(reason),
        find=f"{action.label} {action.help} {action.command}".lower(),
        name=action.label,
    )
