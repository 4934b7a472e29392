"""Find anything: what was looked at, the commands of a place, and all that has a name. Type to narrow."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.ui import keymap
from console.ui.actions import Action
from console.ui.findverbs import row
from console.ui.looks import Run
from console.ui.screens.choice import Choice
from console.ui.situation import Situation
from console.ui.things import thing, things
from console.ui.widgets.columns import Row
from console.ui.widgets.table import Table

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp

_NOT_HERE = frozenset(("palette", "command", "back", "quit", "go", "recent"))
_RECENT = 5  # of what was looked at stand first


class Palette(Choice):
    """Gives what was chosen: ``("do", action)``, ``("view", name)``, ``("go", pane, *key)``; or None."""

    def __init__(self, situation: Situation) -> None:
        super().__init__((Run("Find  ", "accent"), Run(situation.place, "strong")), (), "goes there, does it")
        self.table = Table(id="text")
        self._of = situation

    def on_mount(self) -> None:
        """See Place."""
        self._rows = list(_rows(self.console_app, self._of))
        super().on_mount()

    def do_details(self) -> None:
        """Take it."""
        row = self.table.current
        self.dismiss(row.key if row else None)


def _rows(app: "ConsoleApp", situation: Situation) -> Iterator[Row]:
    scene = app.scene
    recent = [each for each in (thing(scene, *seen) for seen in app.recent[:_RECENT]) if each]
    yield from (row(each, "go", each.place, *each.key, group="looked at last") for each in recent)
    for action in keymap.at(situation.place, app.table):
        if action.group != "move" and action.id not in _NOT_HERE:
            yield _action(action, situation)
    for name, view in app.verbs.views.items():
        cells = (Run(name, "strong"), Run("view", "muted"), Run(f"{view.pane} {view.filter}".rstrip(), "muted"))
        yield Row(("view", name), cells, find=f"{name} view {view.pane}".lower(), name=name, group="views")
    seen = {(each.place, each.key) for each in recent}
    for each in things(scene):
        if (each.place, each.key) not in seen:
            yield row(each, "go", each.place, *each.key, group=each.place)


def _action(action: Action, situation: Situation) -> Row:
    reason = action.refusal(situation)
    return Row(
        ("do", action.id),
        (
            Run(action.label, "muted" if reason else "strong"),
            Run(action.shown_keys or f":{action.command}", "accent"),
            Run(reason.removeprefix(f"{action.label}: "), "warn") if reason else Run(action.help),
        ),
        problem=bool(reason),
        find=f"{action.label} {action.help} {action.command}".lower(),
        name=action.label,
        group="commands",
    )
