"""The app: it wires desk, screens, keys and jobs together, and knows nothing of what they show."""

import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import BindingType
from textual.screen import Screen

from console.ui import keymap
from console.ui.actions import ACTIONS
from console.ui.bridge import Bridge
from console.ui.looks import Line, Run
from console.ui.messages import Broken, Changed, Ended, Stepped
from console.ui.onterminal import OnTerminal
from console.ui.scene import Scene
from console.ui.screens.base import Place
from console.ui.screens.home import Home
from console.ui.widgets.bottom import Told
from console.ui.work import Work

if TYPE_CHECKING:
    from console.ui.actions import Action
    from console.ui.herald import Herald
    from console.ui.outcomes import Outcomes
    from console.ui.ports import Desk
    from console.ui.verbs import Verbs

TICK = 5.0  # seconds: the smallest step of an age
_LEAVE = 5.0  # seconds that jobs get to end
_RECENT = 50
_TOLD = 200


class ConsoleApp(OnTerminal):
    """The console on one desk."""

    CSS_PATH = "console.tcss"
    TITLE = "homeconsole"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = []  # all keys stand in the table of actions

    def __init__(self, desk: "Desk", *, ascii_only: bool = False, palette: str = "dark", tells: bool = True) -> None:
        super().__init__(ascii_only=ascii_only, palette=palette)
        self.desk = desk
        self._tells = tells
        self.work = Work(self)
        self.bridge = Bridge(self, desk)
        self.scene = Scene(desk.snapshot())
        self.outcomes: Outcomes | None = None  # of what was last done to many objects
        own = desk.own
        mine = import_module("console.ui.mykeys") if own.keys or own.commands else None
        self.table: Sequence[Action] = mine.table(own) if mine else ACTIONS
        self.recent: list[tuple[str, tuple[str, ...]]] = []  # pane and key of what was looked at, the last first
        self.clusters: list[str] | None = None  # their names, once somebody asked
        self.told: deque[Told] = deque(maxlen=_TOLD)
        self.leaving = False  # a cluster is being left
        self.stack = ExitStack()

    @cached_property
    def verbs(self) -> "Verbs":
        """What can be done from anywhere; imported with the first key."""
        return cast("Verbs", import_module("console.ui.verbs").Verbs(self))

    @cached_property
    def herald(self) -> "Herald":
        """Who tells of ends and halts; imported with the first scene."""
        return cast("Herald", import_module("console.ui.herald").Herald(self.emit, os.environ))

    def get_default_screen(self) -> Screen[Any]:
        """See App."""
        return Home()

    # Life

    def on_mount(self) -> None:
        """Draw; all else begins after the first frame."""
        self.set_interval(TICK, self._tick)
        self.call_after_refresh(self.begin)
        self.take_terminal()

    def on_unmount(self) -> None:
        """However it ends: nothing goes on. The desk itself is stopped by ``run``."""
        self.close()
        self.work.stop()
        if self.guest:
            self.guest.hang_up()
        if "herald" in vars(self):
            self.herald.leave()

    def close(self) -> None:
        """What the desk says is heard no more."""
        self.stack.close()

    def begin(self) -> None:
        """Hear the desk, and have it begin."""
        self.stack.enter_context(self.bridge.open())
        self.work.ask("start", self.desk.start, self._started)

    def _started(self, ended: Ended) -> None:
        if ended.error:
            self.tell(f"{ended.error.message}  {ended.error.hint}".rstrip(), "bad")
        elif self.desk.found:
            self.tell(self.desk.found, "muted")

    @property
    def _place(self) -> Place | None:
        """The screen in front, unless it is a dialog, or is being taken down because all ends."""
        front = next(reversed(self.screen_stack), None)
        return front if isinstance(front, Place) and front.is_attached else None

    # From the store and the clock

    def on_changed(self, message: Changed) -> None:
        """Show it, unless it is of a cluster that was left meanwhile."""
        if message.of is not self.bridge:
            return
        self.scene = self.bridge.taken()
        if self._tells:
            self.herald.look(self.desk.cluster, self.scene.rollouts)
        if (place := self._place) and place.is_mounted:  # one that opens just now takes it by itself
            place.take(self.scene)

    def on_broken(self, message: Broken) -> None:
        """A defect costs a line."""
        self.tell(f"a defect, please report it: {message.text}", "bad")

    def _tick(self) -> None:
        if self.has_terminal:
            self.look()
        elif not self.ends:
            self.end(128 + signal.SIGHUP)

    def look(self) -> None:
        """Time went on, or the mode changed: ages may have reached their next step, and more may follow from it."""
        self.bridge.look()
        if place := self._place:
            place.tick()

    # Keys and commands

    def action_act(self, name: str) -> None:
        """A key: do what the table says, or say why not."""
        place = self._place
        if place is None:
            return
        place.hush()
        action = next(action for action in self.table if action.id == name)
        action = keymap.meant(action, place.place, self.table)
        reason = action.refusal(place.situation())
        method = partial(self.verbs.do_own, action.own) if action.own else place.find(action.id)
        if reason or method is None:
            self.tell(reason or f"{action.told}: not here")
        else:
            method()

    def command(self, text: str) -> None:
        """A command line: a word of the table; what follows names what it is about, or narrows the pane it opens."""
        word, _, rest = text.strip().partition(" ")
        place = self._place
        if not word or place is None:
            return
        action = keymap.by_command(place.place, word, self.table)
        if action is None:
            self._go(text.strip())
            return
        if rest and self.verbs.named(action, rest.strip()):
            return
        self.action_act(action.id)
        if rest and action.id.startswith("pane_") and isinstance(place, Home):
            place.open.narrow_to(rest.strip())

    def _go(self, name: str) -> None:
        """No command, but something may be called so."""
        things = import_module("console.ui.things")
        if things.called(self.scene, name):
            self.verbs.name_go(name)
        else:
            self.tell(f"no command {name!r} here, and nothing is called so; ctrl-p lists them all")

    def looked_at(self, place: str, key: tuple[str, ...]) -> None:
        """Remember it, for whoever wants to go back there."""
        seen = (place, key)
        self.recent = [seen, *(each for each in self.recent if each != seen)][:_RECENT]

    def show_again(self) -> None:
        """What is remembered for the operator is another."""
        if place := self._place:
            place.take(self.scene)

    def tell(self, text: str, style: str = "warn") -> None:
        """A line for the operator."""
        self.say(Run(text, style))

    def say(self, *runs: Run, lasting: bool = False) -> None:
        """The same, on whatever screen there is: while something is asked, on the one behind the question."""
        places = (each for each in reversed(self.screen_stack) if isinstance(each, Place) and each.is_attached)
        if place := next(places, None):
            place.say(*runs, lasting=lasting)

    def remember(self, said: Line, *, lasting: bool) -> None:
        """What a last line says. What goes on is remembered as it stood last, before whatever else was said."""
        if lasting and self.told and self.told[-1].lasting:
            self.told.pop()
        self.told.append(Told(self.desk.now(), said, lasting))

    def refuse(self, what: str, message: str, hint: str) -> None:
        """Why it can't be done and what to do instead; over the screen, where the last line has no room for it."""
        told = f"{message}  {hint}".rstrip()
        if self._place and len(told) + 2 > self.size.width:
            dialog = import_module("console.ui.screens.dialog").Dialog
            self.push_screen(dialog(f"{what.capitalize()}: refused", f"{message}\n{hint}".rstrip(), notice=True))
        else:
            self.tell(told, "bad")

    # Jobs

    def on_stepped(self, message: Stepped) -> None:
        """A step of an operation."""
        self.work.stepped(message)

    def on_ended(self, message: Ended) -> None:
        """The end of a job."""
        self.work.ended(message)

    # Screens: imported when they are opened

    def open(self, module: str, name: str, *arguments: Any, then: Callable[[Any], None] | None = None) -> None:
        """Put the screen ``name`` of ``console.ui.screens.<module>`` before this one."""
        screen = getattr(import_module(f"console.ui.screens.{module}"), name)
        self.push_screen(screen(*arguments), then)

    def confirm(
        self,
        title: str,
        text: str,
        *,
        then: Callable[[str], None],
        typed: str = "",
        free: bool = False,
        asks: str = "Why:",
        shows: Callable[[], None] | None = None,
    ) -> None:
        """Ask before something that reaches far; ``then`` only runs after a Yes, with what was typed. ``shows`` is its
        dry run."""

        def answered(answer: str | None) -> None:
            if answer is not None:
                then(answer)

        dialog = import_module("console.ui.screens.dialog").Dialog
        self.push_screen(dialog(title, text, typed=typed, free=free, asks=asks, shows=shows), answered)


def run(
    desk: "Desk", *, ascii_only: bool = False, palette: str = "dark", mouse: bool = False, tells: bool = True
) -> int:
    """Open the console on ``desk`` and run it to its end, however that comes; its exit code. ``tells``: see herald."""
    app = ConsoleApp(desk, ascii_only=ascii_only, palette=palette, tells=tells)
    try:
        code = app.run(mouse=mouse)
    finally:
        app.work.stop()
        app.desk.stop()
        if not app.work.join(_LEAVE) and app.guest:
            app.guest.send(signal.SIGKILL)
            app.work.join(_LEAVE)
    return app.return_code or code or 0
