"""Everything on the panes by its name: what palette, command line and the list of what was looked at go through."""

from collections.abc import Iterator
from dataclasses import dataclass

from console.ui.scene import Scene
from console.ui.widgets.columns import Row

_KINDS = {"nodes": "node", "updates": "update", "upgrades": "upgrade"}


@dataclass(frozen=True, slots=True)
class Thing:
    """A row of a pane. ``name`` is what it is called, ``kind`` what it is; ``find`` what a filter looks through."""

    place: str
    key: tuple[str, ...]
    name: str
    kind: str
    state: str
    find: str
    problem: bool


def things(scene: Scene) -> Iterator[Thing]:
    """All of them, pane by pane, in their order."""
    for place, view in scene.views.items():
        for row in view.rows:
            yield _thing(place, row)


def thing(scene: Scene, place: str, key: tuple[str, ...]) -> Thing | None:
    """The one with this key, if it is (still) there."""
    view = scene.views.get(place)
    at = view.arranged.place(key) if view else None
    return _thing(place, view.rows[at]) if view and at is not None else None


def called(scene: Scene, word: str) -> list[Thing]:
    """Those whose name is ``word``, with or without its namespace; else those in whose name it stands."""
    wanted = word.lower()
    found = [each for each in things(scene) if wanted in each.name.lower()]
    return [each for each in found if wanted in (each.name.lower(), each.name.lower().rpartition("/")[2])] or found


def _thing(place: str, row: Row) -> Thing:
    if place == "flux":
        name, kind, state = "/".join(row.key[1:]), row.key[0], row.cells[0].text
    elif place == "nodes":
        name, kind, state = row.key[0], _KINDS[place], ""
    else:
        name = row.cells[0].text.partition(" ")[2].strip() or row.key[0]
        kind, state = _KINDS[place], row.cells[1].text
    return Thing(place, row.key, name, kind, state, f"{name} {kind} {row.terms[0]}".lower(), row.problem)
