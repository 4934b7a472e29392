"""Going to another cluster: one is left in order, with all that was begun on it; the other begins like a first one."""

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from console.ui.bridge import Bridge
from console.ui.looks import Run
from console.ui.messages import Ended
from console.ui.scene import Scene
from console.ui.screens.home import Home
from console.ui.widgets.columns import Row
from console.ui.work import Work

if TYPE_CHECKING:
    from console.model.own import Place
    from console.ui.app import ConsoleApp
    from console.ui.ports import Desk

_LATE = 30.0  # seconds until the next one begins, whatever the old one still does
_LEAVE = 10.0  # seconds that jobs of the cluster that is left get to end


class ClusterVerbs:
    """Bound to one app."""

    _app: "ConsoleApp"

    def do_ctx(self) -> None:
        """Which clusters there are, to choose one."""
        self._app.work.ask("ctx", self._app.desk.places, self._listed)

    def name_ctx(self, word: str) -> None:
        """To the one that is called so."""
        if word == self._app.desk.cluster:
            self._app.tell(f"ctx: {word} is the one that you see", "muted")
        elif self._may_leave():
            self._app.work.ask("ctx", partial(self._app.desk.elsewhere, word), self._found)

    def _listed(self, ended: Ended) -> None:
        if ended.error:
            self._app.refuse("ctx", ended.error.message, ended.error.hint)
            return
        rows = [_row(place) for place in ended.result]
        title = (Run("Clusters  ", "accent"), Run(f"{len(rows)}", "strong"))
        self._app.open("choice", "Choice", title, rows, "goes there", then=self._chose)

    def _chose(self, name: str | None) -> None:
        if name:
            self.name_ctx(name)

    def _found(self, ended: Ended) -> None:
        if ended.error:
            self._app.refuse("ctx", ended.error.message, ended.error.hint)
        elif self._may_leave():
            _go(self._app, ended.result)

    def _may_leave(self) -> bool:
        """What acts on the world is seen to its end."""
        running = ", ".join(job.label for job in self._app.work.operations)
        running = running or ("what has the terminal" if self._app.guest else "")
        if running or self._app.leaving:
            self._app.tell(f"ctx: wait for {running or 'the cluster that is being left'}", "warn")
        return not (running or self._app.leaving)


def _go(app: "ConsoleApp", desk: "Desk") -> None:
    """Leave what is shown for ``desk``. Nothing that was asked of the old one is answered on the new one's screen."""
    old, work = app.desk, app.work
    app.close()
    work.stop()
    app.leaving = True
    app.desk, app.work, app.bridge, app.stack = desk, Work(app), Bridge(app, desk), ExitStack()
    app.scene, app.outcomes, app.recent, app.clusters = Scene(desk.snapshot()), None, [], None
    while len(app.screen_stack) > 1:
        app.pop_screen()
    if isinstance(app.screen, Home):
        app.screen.forget()
        app.screen.take(app.scene)

    def leave() -> None:
        work.join(_LEAVE)
        old.stop()

    def begin() -> None:
        app.leaving = False
        app.begin()

    def left(ended: Ended) -> None:
        late.stop()
        if ended.error:
            app.tell(f"{old.cluster}: {ended.error.message}", "bad")
        if app.leaving:  # else it took too long, and was waited for no more
            begin()

    late = app.set_timer(_LATE, begin)
    app.work.ask(f"leave {old.cluster}", leave, left)


def _row(place: "Place") -> Row:
    talos = f"Talos {place.talos}, by {place.why}" if place.talos else place.why
    mode = "here" if place.here else "write" if place.write else ""
    return Row(
        (place.name,),
        (
            Run(place.name, "accent" if place.here else "strong"),
            Run(mode, "accent" if place.here else "warn"),
            Run(place.context, "muted"),
            Run(talos, "muted" if place.talos else "warn"),
            Run(place.repository or "what Flux follows", "muted"),
        ),
        find=f"{place.name} {place.context} {place.talos} {place.repository}".lower(),
        name=place.name,
    )
