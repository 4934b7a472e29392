"""A Flux object, whole and live: how it stands, what it applied, where it comes from, what was said about it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from console.model.flux import FluxKey
from console.model.flux_detail import Detail
from console.model.flux_kinds import KINDS
from console.model.snapshot import Snapshot
from console.sources.errors import CLOSED, HomeconsoleError
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.scene import Scene
from console.ui.screens.details import Details
from console.ui.settled import settled
from console.ui.situation import Situation
from console.ui.texts import flux, fluxdetail
from console.ui.texts.fluxdetail import Choice
from console.ui.texts.layout import coloured_yaml, prose
from console.ui.work import Job

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


class FluxDetails(Details):
    """While it is open, the object and its events are watched."""

    def __init__(self, of: str, key: tuple[str, ...], part: str) -> None:
        super().__init__(of, key, part)
        self._flux = FluxKey(*key)
        self._detail: Detail | None = None
        self._problem: HomeconsoleError | None = None
        self._watching: Job | None = None
        self._objects: dict[int, FluxKey] = {}  # by line of the tree

    def on_mount(self) -> None:
        """See Place."""
        self._watch()
        super().on_mount()

    def _watch(self) -> None:
        desk, key = self.console_app.desk, self._flux
        self._watching = self.console_app.work.watch(
            f"watch {key.name}", lambda stop: desk.watch(key, stop), self._saw, self._ended
        )

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        if self._watching:
            self._watching.stop.set()

    @property
    def flux_keys(self) -> list[FluxKey]:
        """The Flux object that this is about."""
        return [self._flux]

    def situation(self) -> Situation:
        """See Place."""
        return super().situation()._replace(kinds=frozenset((self._flux.kind,)))

    def take(self, scene: Scene) -> None:
        """See Place."""
        super().take(scene)
        self.text.offer(self._objects if self._part == "tree" else {})

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        if self._part == "describe":
            return self._described(snapshot, width)
        if self._part == "events" and self._detail and self._detail.events:
            return fluxdetail.events(self._detail, width)
        if self._part == "yaml" and self._detail:
            return coloured_yaml(self._detail.manifest)
        return super().lines(snapshot, width)

    def _described(self, snapshot: Snapshot, width: int) -> list[Line]:
        rows = settled(snapshot)
        found = next((row for row in rows if row.key == self._key), None)
        gone = [] if found else [(Run(" It is gone: the last look did not find it any more.", "warn"),), ()]
        events = self._detail.events if self._detail else ()
        heard = max((each.at for each in events if each.at), default=None)
        top = flux.describe(found, rows, width, snapshot.at, heard) if found else gone
        if self._problem:
            return [*top, (), *failed(self._problem, width)]
        if self._detail is None:
            return [*top, (), (Run(" asking for its conditions, history and inventory", "muted"),)]
        return [*top, *fluxdetail.describe(self._detail, found.message if found else "", width)]

    # Keys

    def do_yaml(self) -> None:
        """As the API has it."""
        self._show("yaml")

    def do_tree(self) -> None:
        """What it applied and where it comes from, asked anew."""
        self._anew("tree")

    def do_events(self) -> None:
        """Events about it, asked anew."""
        self._anew("events")

    def do_onward(self) -> None:
        """Details of what is chosen in the tree; of what is none of Flux where it comes from."""
        onward(self.console_app, self.text.chosen)

    def do_logs(self) -> None:
        """What its controllers write about it, as it comes."""
        self.console_app.open("fluxlog", "FluxLog", self._key)

    def _anew(self, part: str) -> None:
        self._fetched.pop(part, None)
        self._show(part)

    # Asking

    def _questions(self) -> dict[str, Callable[[], list[Any]]]:
        desk, key, width = self.console_app.desk, self._flux, max(40, self.size.width - 2)
        return {
            "yaml": lambda: coloured_yaml(desk.manifest(key)),
            "events": lambda: [fluxdetail.event_line(each) for each in desk.events(key)],
            "tree": lambda: [
                *_or_why(lambda: fluxdetail.trace(desk.trace(key), width), width),
                ((), None),
                *_or_why(lambda: fluxdetail.tree(desk.tree(key)), width),
            ],
        }

    def _answered(self, part: str, ended: Ended) -> None:
        if part == "tree" and ended.result:
            lines, keys = zip(*ended.result, strict=True)
            self._objects = {number: key for number, key in enumerate(keys) if key and key != self._flux}
            ended.result = list(lines)
        super()._answered(part, ended)

    def _saw(self, detail: Detail) -> None:
        self._detail = detail
        if self.is_mounted:
            self.take(self.console_app.scene)

    def _ended(self, ended: Ended) -> None:
        self._problem = ended.error
        problem = self._detail.problem if self._detail else None
        if self.is_mounted and not ended.error and problem and problem.kind == CLOSED:
            self._watch()  # by the new way
        if self.is_mounted:
            self.take(self.console_app.scene)


def onward(app: "ConsoleApp", key: FluxKey | None) -> None:
    """Open what is known of ``key``."""
    if key is None:
        app.tell("enter: nothing is chosen; t shows the tree, whose objects can be", "muted")
    elif key.kind in KINDS:
        app.open("fluxdetails", "FluxDetails", "flux", tuple(key), "describe")
    else:
        app.open("origin", "Origin", key)


def _or_why(ask: Callable[[], list[Choice]], width: int) -> list[Choice]:
    """The answer; where there is none, why. The other half is worth showing all the same."""
    try:
        return ask()
    except HomeconsoleError as error:
        return [(each, None) for each in failed(error, width)]


def failed(error: HomeconsoleError, width: int) -> list[Line]:
    """Why there is no answer."""
    hint = prose(error.hint, width, "muted", 3) if error.hint else []
    return [(Run(" ✖ ", "bad"), Run(error.message, "strong")), *hint]
