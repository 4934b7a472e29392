"""What could stand on the command line: commands, what they are about, and everything that has a name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.ui import keymap
from console.ui.messages import Ended
from console.ui.palettes import PALETTES
from console.ui.things import things

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp

_LEAST = 2  # letters of a name, so that commands stand alone at first
_MOST = 20


def completions(app: "ConsoleApp", place: str, text: str) -> list[str]:
    """The words that the last word of ``text`` may become, the likeliest first."""
    word, space, rest = text.partition(" ")
    if not space:
        return [*keymap.commands(place, word, app.table), *_names(app, word)]
    action = keymap.by_command(place, word, app.table)
    if " " in rest or action is None:
        return []
    ways: dict[str, Callable[[], list[str]]] = {
        "go": lambda: _names(app, rest, least=1),
        "view": lambda: [name for name in app.verbs.views if name.startswith(rest)],
        "ctx": lambda: [name for name in _clusters(app) if name.startswith(rest)],
        "approve": lambda: _names(app, rest, place="updates", least=1),
        "theme": lambda: [name for name in PALETTES if name.startswith(rest)],
    }
    return ways.get(action.id, list)()


def _names(app: "ConsoleApp", word: str, *, place: str = "", least: int = _LEAST) -> list[str]:
    """Of nodes, objects and updates; those that begin so first. What has a space in its name has it not here."""
    if len(word) < least:
        return []
    wanted = word.lower()
    names = dict.fromkeys(
        each.key[0] if each.place == "updates" else each.name
        for each in things(app.scene)
        if wanted in each.find and place in ("", each.place)
    )
    fitting = [name for name in names if wanted in name.lower() and " " not in name]
    return sorted(fitting, key=lambda name: not name.lower().startswith(wanted))[:_MOST]


def _clusters(app: "ConsoleApp") -> list[str]:
    """As they were when last asked for; the first time they are asked for now, and are there with the next letter."""
    if app.clusters is None:
        app.clusters = []

        def listed(ended: Ended) -> None:
            app.clusters = [place.name for place in ended.result or ()]

        app.work.ask("ctx", app.desk.places, listed)
    return app.clusters
