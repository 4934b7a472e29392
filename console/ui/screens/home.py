"""The first screen: four panes side by side, or one that fills it."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.ui import keymap
from console.ui.looks import Run
from console.ui.panes.kinds import KINDS
from console.ui.panes.pane import Pane, View
from console.ui.scene import Scene
from console.ui.screens.base import Place
from console.ui.situation import PANES, Situation
from console.ui.widgets.attention import AttentionLine
from console.ui.widgets.header import Header
from console.ui.widgets.side import Side
from console.ui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from console.model.flux import FluxKey, FluxObject
    from console.model.own import View as SavedView
    from console.model.updates import Update

NARROW = 100  # fewer columns: one pane fills the screen
WIDE = 168  # from here on what is under the cursor is told beside the panes
_BESIDE = 44  # columns that prose takes at least; the panes have the others, until names of Flux are whole
_KEPT = 144  # columns from which on the panes share with what stands beside them
_AMPLE = 120  # from here on versions have room enough at the left, and Flux' long names get the rest
_LEAST = 5  # lines of a pane beside another, its frame included
_PANE_OF = {
    Topic.TALOS: "nodes",
    Topic.KUBERNETES: "nodes",
    Topic.WORKLOADS: "nodes",
    Topic.FLUX: "flux",
    Topic.UPDATES: "updates",
    Topic.REPOSITORY: "updates",
    Topic.TUPPR: "upgrades",
    Topic.ASSESSMENTS: "upgrades",
}
_DETAILS = {
    "flux": ("fluxdetails", "FluxDetails"),
    "nodes": ("nodedetails", "NodeDetails"),
}  # those that have a screen of their own


class Home(Place):
    """Nodes, Flux, updates, upgrades; the line above them; the keys below."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(PANES)]
    zoomed: var[bool] = var(False)

    def __init__(self) -> None:
        super().__init__()
        self.panes = [Pane(kind, number) for number, kind in enumerate(KINDS, 1)]
        self.open = self.panes[0]
        self.header = Header()
        self.needs = AttentionLine()
        self.tabs = Tabs(self.panes)
        self.side = Side()

    @property
    def place(self) -> str:
        """The open pane's."""
        return self.open.kind.place

    def compose(self) -> ComposeResult:
        """See Screen. Left nodes and updates, right Flux and upgrades."""
        nodes, flux, updates, upgrades = self.panes
        yield self.header
        yield self.needs
        yield self.tabs
        west, east = Vertical(nodes, updates, id="west"), Vertical(flux, upgrades, id="east")
        yield Horizontal(west, east, self.side, id="panes")
        yield self.bottom

    def on_mount(self) -> None:
        """See Place."""
        self._arrange()
        super().on_mount()
        self.read(self.open)

    def on_resize(self, event: events.Resize) -> None:
        """Narrow or wide."""
        del event
        self._arrange()

    def take(self, scene: Scene) -> None:
        """See Place."""
        self.header.take(scene)
        self.needs.take(scene)
        kept = self.console_app.desk.kept
        for pane in self.panes:
            pane.prefer(kept.favourites_in(pane.kind.place))
            pane.take(scene.views.get(pane.kind.place, View()), scene.snapshot)
        self.tabs.repaint()
        self.bottom.repaint()
        self._share()
        self._look()

    def on_table_altered(self) -> None:
        """The line above a pane that fills the screen tells of it, and the keys are those for the row."""
        self.tabs.repaint()
        self.bottom.repaint()
        self._look()

    def _look(self) -> None:
        row = self.open.current
        self.side.look(self.place, row.key if row else ())

    def situation(self) -> Situation:
        """See Place."""
        row, update = self.open.current, self.update
        return Situation(
            self.place,
            self.console_app.desk.writable,
            row.key if row else (),
            update,
            self._is_suspended(),
            frozenset(key.kind for key in self.flux_keys),
            len(self.marked_updates),
            _in_the_way(self.console_app.scene.snapshot, update),
            self.size.width < NARROW,
        )

    @property
    def update(self) -> "Update | None":
        """The update under the cursor, of the updates or behind an upgrade."""
        row = self.open.current
        snapshot = self.console_app.scene.snapshot
        if row and self.place == "updates":
            return snapshot[Topic.UPDATES].items.get(row.key)
        if row and self.place == "upgrades":
            from console.model.upgrades import proposals  # noqa: PLC0415 - after the first frame

            return next(iter(proposals(snapshot, row.key[0])), None)  # type: ignore[arg-type]
        return None

    @property
    def marked_updates(self) -> list[str]:
        """The branches marked among the updates, as they stand there."""
        return [row.key[0] for row in self.open.chosen] if self.place == "updates" and self.open.marks else []

    @property
    def flux_keys(self) -> "list[FluxKey]":
        """The Flux objects marked, or the one under the cursor."""
        if self.place != "flux" or not self.open.rows:
            return []
        from console.model.flux import FluxKey  # noqa: PLC0415 - after the first frame

        return [FluxKey(*row.key) for row in self.open.chosen]

    def _is_suspended(self) -> bool:
        keys = self.flux_keys
        found: FluxObject | None = self.console_app.scene.snapshot[Topic.FLUX].items.get(keys[0]) if keys else None
        return bool(found and found.suspended)

    # Panes

    def show(self, pane: Pane) -> None:
        """Open ``pane`` and give it the keys."""
        self.open = pane
        self.tabs.open = pane
        self._arrange()
        self.read(pane)
        self.bottom.repaint()
        self.tabs.repaint()
        self._look()

    def jump(self, topic: Topic, key: tuple[str, ...]) -> None:
        """Open the pane of ``topic`` with the cursor on ``key``."""
        self.go(_PANE_OF.get(topic, "updates"), key)

    def go(self, place: str, key: tuple[str, ...]) -> None:
        """Open the pane called ``place`` with the cursor on ``key``."""
        pane = next(p for p in self.panes if p.kind.place == place)
        self.show(pane)
        if key and not pane.go_to(key):
            pane.clear()
            pane.go_to(key)

    def forget(self) -> None:
        """As at the beginning: nothing that was narrowed, marked or looked at on another cluster."""
        for pane in self.panes:
            pane.forget()
        self.needs.forget()
        self.zoomed = False
        self.show(self.panes[0])

    def wear(self, view: "SavedView") -> None:
        """Open a pane as it was saved."""
        pane = next(p for p in self.panes if p.kind.place == view.pane)
        self.show(pane)
        pane.clear()
        pane.sort, pane.descending, pane.problems_only = view.sort, view.descending, view.problems
        pane.filter = view.filter
        pane.refill()

    def view(self, name: str) -> "SavedView":
        """The open pane as it is seen, under a name."""
        from console.model.own import View as SavedView  # noqa: PLC0415 - after the first frame

        pane = self.open
        return SavedView(name, self.place, pane.filter, pane.sort, pane.descending, pane.problems_only)

    def do_pane_1(self) -> None:
        """Nodes."""
        self.show(self.panes[0])

    def do_pane_2(self) -> None:
        """Flux."""
        self.show(self.panes[1])

    def do_pane_3(self) -> None:
        """Updates."""
        self.show(self.panes[2])

    def do_pane_4(self) -> None:
        """Upgrades."""
        self.show(self.panes[3])

    def do_next_part(self) -> None:
        """The next pane."""
        self.show(self.panes[self.open.number % len(self.panes)])

    def do_previous_part(self) -> None:
        """The pane before."""
        self.show(self.panes[self.open.number - 2])

    def do_zoom(self) -> None:
        """One pane, or all four."""
        self.zoomed = not self.zoomed
        self._arrange()

    def do_attention(self) -> None:
        """To what needs the operator; again: to the next."""
        item = self.needs.next()
        if item is None:
            known = self.needs.known
            self.say(Run("nothing needs you" if known else "not everything has been read yet", "muted"))
        else:
            self.jump(item.topic, item.key)

    def do_back(self) -> None:
        """Ends the filter, then the marks; there is nothing behind this screen."""
        if self.open.clear():
            self.tabs.repaint()

    def do_close(self) -> None:
        """Quit."""
        self.console_app.verbs.do_quit()

    def do_copy(self) -> None:
        """The name of what is under the cursor."""
        row = self.open.current
        if row:
            text = safe("/".join(row.key))
            self.app.copy_to_clipboard(text)
            self.say(Run(f"copied {text}"))

    def do_details(self) -> None:
        """All that is known of it."""
        self._details("describe")

    do_describe = do_details

    def do_yaml(self) -> None:
        """As the API has it."""
        self._details("yaml")

    def do_events(self) -> None:
        """Events about it."""
        self._details("events")

    def do_tree(self) -> None:
        """What it applied, and where it comes from."""
        self._details("tree")

    def do_logs(self) -> None:
        """What its controllers wrote about it; of a node its own logs, as they come."""
        row = self.open.current
        if row and self.place == "nodes":
            self.console_app.open("log", "NodeLog", row.key[0])
        elif row:
            self.console_app.open("fluxlog", "FluxLog", row.key)

    def do_diff(self) -> None:
        """What the update changes."""
        self._details("diff")

    def _details(self, part: str) -> None:
        row = self.open.current
        if row:
            module, name = _DETAILS.get(self.place, ("details", "Details"))
            self.console_app.looked_at(self.place, row.key)
            self.console_app.open(module, name, self.place, row.key, part)

    # Layout

    def _arrange(self) -> None:
        one = self.zoomed or self.size.width < NARROW
        self.tabs.display = one
        self.side.display = self.size.width >= WIDE
        self.side.styles.width = max(_BESIDE, min(self.size.width - _KEPT, self.size.width * 35 // 100))
        for column in (self.query_one("#west"), self.query_one("#east")):
            column.display = not one or self.open in column.children
        for pane in self.panes:
            pane.display = not one or pane is self.open
            pane.framed = not one
        self.query_one("#east").styles.width = "6fr" if self.size.width >= _AMPLE else "5fr"
        self._share()

    def _share(self) -> None:
        """Nodes and upgrades take what they need, updates and Flux the rest."""
        if self.tabs.display:
            for pane in self.panes:
                pane.styles.height = "1fr"
            return
        height = self.size.height - 3
        for pane, most in ((self.panes[0], height // 2), (self.panes[3], height * 2 // 5)):
            wanted = max(_LEAST, min(pane.lines + 2, most))
            if pane.styles.height is None or pane.styles.height.value != wanted or pane.styles.height.is_fraction:
                pane.styles.height = wanted


def _in_the_way(snapshot: Snapshot, update: "Update | None") -> str:
    if update is None or not update.system:
        return ""
    from console.model.upgrades import in_the_way  # noqa: PLC0415 - after the first frame

    return in_the_way(snapshot, update.system)
