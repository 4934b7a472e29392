"""Finding things again: by name, as a view, as a favourite, among what was looked at."""

from functools import partial
from typing import TYPE_CHECKING, Any

from console.model.own import Kept, View
from console.ui.looks import Run
from console.ui.messages import Ended
from console.ui.screens.base import Place
from console.ui.screens.home import Home
from console.ui.things import Thing, called, thing
from console.ui.widgets.columns import Row

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


class FindVerbs:
    """Bound to one app."""

    _app: "ConsoleApp"

    # By name

    def do_palette(self) -> None:
        """Commands of this place, and everything that there is."""
        screen = self._app.screen
        if isinstance(screen, Place):
            self._app.open("palette", "Palette", screen.situation(), then=self._chosen)

    def _chosen(self, key: tuple[str, ...] | None) -> None:
        match key:
            case ("do", name):
                self._app.call_later(self._app.action_act, name)
            case ("view", name):
                self.name_view(name)
            case ("go", place, *rest):
                self.jump(place, tuple(rest))

    def do_go(self) -> None:
        """The same as the palette: there one types the name."""
        self.do_palette()

    def name_go(self, word: str) -> None:
        """To what is called so."""
        found = called(self._app.scene, word)
        if len(found) == 1:
            self.jump(found[0].place, found[0].key)
        elif found:
            self._choose("Called so  ", found)
        else:
            self._app.tell(f"go: nothing here is called {word!r}")

    def jump(self, place: str, key: tuple[str, ...]) -> None:
        """Back to the panes, with the cursor on it."""
        while len(self._app.screen_stack) > 1:
            self._app.pop_screen()
        home = self._app.screen
        if isinstance(home, Home):
            home.go(place, key)
            self._app.looked_at(place, key)

    def do_recent(self) -> None:
        """What was looked at, the last first."""
        found = [each for each in (thing(self._app.scene, *seen) for seen in self._app.recent) if each]
        if found:
            self._choose("Looked at last  ", found)
        else:
            self._app.tell("recent: nothing was looked at yet", "muted")

    def _choose(self, title: str, found: list[Thing]) -> None:
        rows = [row(each, str(number)) for number, each in enumerate(found)]
        head = (Run(title, "accent"), Run(str(len(rows)), "strong"))

        def chosen(number: str | None) -> None:
            if number is not None:
                self.jump(found[int(number)].place, found[int(number)].key)

        self._app.open("choice", "Choice", head, rows, "goes there", then=chosen)

    # Views

    @property
    def views(self) -> dict[str, View]:
        """All that there are, by name: those saved here go before those of the configuration."""
        own, kept = self._app.desk.own.views, self._app.desk.kept.views
        return {view.name: view for view in (*own, *kept)}

    def do_view(self) -> None:
        """All of them, to choose one."""
        views = self.views
        if not views:
            self._app.tell("view: there is none yet; :save-view NAME keeps what you see", "muted")
            return
        rows = [_view_row(view) for view in views.values()]
        self._app.open("choice", "Choice", (Run("Views", "accent"),), rows, "opens it", then=self._viewed)

    def _viewed(self, name: str | None) -> None:
        if name:
            self.name_view(name)

    def name_view(self, word: str) -> None:
        """The one that is called so."""
        view = self.views.get(word)
        if view is None:
            known = ", ".join(self.views) or "none yet; :save-view NAME keeps what you see"
            self._app.tell(f"view: there is no {word!r}; there are: {known}")
            return
        while len(self._app.screen_stack) > 1:
            self._app.pop_screen()
        if isinstance(self._app.screen, Home):
            self._app.screen.wear(view)

    def do_save_view(self) -> None:
        """It needs a name."""
        self._app.tell("save view: give it a name, :save-view NAME")

    def name_save_view(self, word: str) -> None:
        """What is seen now, under that name."""
        home = self._app.screen
        if len(word.split()) != 1:
            self._app.tell("save view: a name is one word")
        elif isinstance(home, Home):
            view = home.view(word)
            self._keep(partial(_with_view, view), f"kept: :view {word}")

    # Favourites

    def do_favourite(self) -> None:
        """Mark it, or no more."""
        screen = self._app.screen
        key = screen.situation().key if isinstance(screen, Place) else ()
        if isinstance(screen, Place) and key:
            favourite = (screen.place.removesuffix(" details"), *key)
            now = favourite in self._app.desk.kept.favourites
            name = "/".join(key)
            self._keep(
                partial(_without if now else _with, favourite),
                f"{'no favourite any more' if now else 'favourite'}: {name}",
            )

    def do_favourites(self) -> None:
        """Only favourites, or all again."""
        home = self._app.screen
        if isinstance(home, Home):
            home.open.do_favourites()

    def _keep(self, change: Any, told: str) -> None:
        desk = self._app.desk

        def kept(ended: Ended) -> None:
            if ended.error:
                self._app.tell(f"{ended.error.message}  {ended.error.hint}", "bad")
                return
            self._app.show_again()
            self._app.tell(told, "")

        self._app.work.ask("keep", lambda: desk.keep(change), kept)


def row(each: Thing, *key: str, group: str = "") -> Row:
    """A thing in a list to choose from."""
    style = "bad" if each.problem else "muted"
    cells = (Run(each.name, "strong"), Run(each.kind, "muted"), Run(each.state, style))
    return Row(key, cells, find=each.find, name=each.name, group=group)


def _view_row(view: View) -> Row:
    order = f"by {view.sort}{' turned' if view.descending else ''}" if view.sort else ""
    only = "problems" if view.problems else ""
    cells = (
        Run(view.name, "strong"),
        Run(view.pane),
        Run(view.filter, "accent"),
        Run(f"{order} {only}".strip(), "muted"),
    )
    return Row((view.name,), cells, find=f"{view.name} {view.pane} {view.filter}".lower(), name=view.name)


def _with_view(view: View, kept: Kept) -> Kept:
    others = tuple(each for each in kept.views if each.name != view.name)
    return kept._replace(views=(*others, view))


def _with(favourite: tuple[str, ...], kept: Kept) -> Kept:
    return kept._replace(favourites=kept.favourites | {favourite})


def _without(favourite: tuple[str, ...], kept: Kept) -> Kept:
    return kept._replace(favourites=kept.favourites - {favourite})
