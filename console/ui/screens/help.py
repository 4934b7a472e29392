"""What the words under the cursor mean; the keys of the place one came from, with those that can't be used and why."""

from console.model.snapshot import Snapshot
from console.ui import keymap
from console.ui.actions import GROUPS, Action
from console.ui.looks import Line, Run
from console.ui.screens.reading import Reading
from console.ui.situation import Situation
from console.ui.texts.about import explained


class Help(Reading):
    """Help for ``situation``."""

    PLACE = "help"

    def __init__(self, situation: Situation) -> None:
        super().__init__()
        self._of = situation

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        return (Run("Keys  ", "accent"), Run(self._of.place, "strong")), (Run("esc back", "muted"),)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        of = self._of
        place, key = of.place.removesuffix(" details"), of.key
        if place == "review" and of.update:
            place, key = "updates", of.update.key
        lines = explained(place, key, snapshot, width)
        for group, name in GROUPS.items():
            members = [action for action in keymap.at(self._of.place, self.console_app.table) if action.group == group]
            if members:
                lines += [*([()] if lines else []), (Run(f" {name}", "accent"),)]
                lines += [self._line(action) for action in members]
        return lines

    def _line(self, action: Action) -> Line:
        keys = action.shown_keys or f":{action.command}"
        reason = action.refusal(self._of)
        if reason:
            return (Run(f"   {keys:14} ", "faint"), Run(f"{action.help:42}  ", "muted"), Run(reason, "warn"))
        command = f":{action.command}" if action.command and action.keys else ""
        return (Run(f"   {keys:14} ", "strong"), Run(f"{action.help:42}  "), Run(command, "muted"))
