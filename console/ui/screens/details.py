"""One thing, whole: what is known of it, its diff. Of Flux objects and nodes there is more: screens of their own."""

from collections.abc import Callable

from console.model.snapshot import Snapshot, Topic
from console.model.updates import Update
from console.model.upgrades import proposals
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.screens.reading import Reading
from console.ui.situation import Situation
from console.ui.texts.about import ABOUT
from console.ui.texts.layout import coloured_diff, prose

_PARTS = {
    "flux": ("describe", "tree", "events", "yaml"),
    "updates": ("describe", "diff"),
    "upgrades": ("describe", "diff"),
}
_WORDS = {
    "describe": "details",
    "tree": "tree and trace",
    "yaml": "YAML",
    "events": "events",
    "diff": "diff",
}


class Details(Reading):
    """``of`` is the pane it came from, ``key`` the row's, ``part`` what to show first."""

    def __init__(self, of: str, key: tuple[str, ...], part: str) -> None:
        super().__init__()
        self._of = of
        self._key = key
        self._part = part if part in _PARTS[of] else "describe"
        self._fetched: dict[str, list[Line]] = {}

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self._show(self._part)

    def situation(self) -> Situation:
        """See Place."""
        return Situation(self.place, self.console_app.desk.writable, self._key, self._update())

    @property
    def place(self) -> str:
        """Details of what."""
        return f"{self._of} details"

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        parts = [Run(f"{_WORDS[part]}  ", "accent" if part == self._part else "muted") for part in _PARTS[self._of]]
        return (Run("/".join(self._key), "strong"),), tuple(parts) if len(parts) > 1 else ()

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        if self._part != "describe":
            return self._fetched.get(self._part, [(Run(f" asking for the {_WORDS[self._part]}", "muted"),)])
        return ABOUT[self._of](self._key, snapshot, width) or [
            (Run(" It is gone: the last look did not find it any more.", "warn"),)
        ]

    # Keys

    def do_describe(self) -> None:
        """What is known of it."""
        self._show("describe")

    def do_diff(self) -> None:
        """What the update changes."""
        self._show("diff")

    def do_refresh(self) -> None:
        """Ask again."""
        self._fetched.pop(self._part, None)
        self.console_app.desk.refresh()
        self._show(self._part)

    def do_next_part(self) -> None:
        """The next part."""
        self._turn(1)

    def do_previous_part(self) -> None:
        """The part before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        parts = _PARTS[self._of]
        self._show(parts[(parts.index(self._part) + by) % len(parts)])

    # Asking

    def _show(self, part: str) -> None:
        if part not in _PARTS[self._of]:
            self.say(Run(f"{_WORDS[part]}: there is none of this", "warn"))
            return
        changed, self._part = part != self._part, part
        if part != "describe" and part not in self._fetched:
            self._ask(part)
        if changed:
            self.text.show(())
        self.take(self.console_app.scene)

    def _ask(self, part: str) -> None:
        self.console_app.work.ask(part, self._questions()[part], lambda ended: self._answered(part, ended))

    def _questions(self) -> dict[str, Callable[[], list[Line]]]:
        """What to ask for each part that is not in the snapshot."""
        desk, branch = self.console_app.desk, self._update()
        return {"diff": lambda: coloured_diff(desk.diff(branch.branch)) if branch else []}

    def _answered(self, part: str, ended: Ended) -> None:
        if ended.error:
            error = ended.error
            self._fetched[part] = [
                (Run(" ✖ ", "bad"), Run(error.message, "strong")),
                *(prose(error.hint, self.size.width, "muted", 3) if error.hint else ()),
            ]
        else:
            self._fetched[part] = ended.result or [(Run(f" There are no {_WORDS[part]}.", "muted"),)]
        if self.is_mounted and self._part == part:
            self.take(self.console_app.scene)

    def _update(self) -> Update | None:
        snapshot = self.console_app.desk.snapshot()
        if self._of == "updates":
            return snapshot[Topic.UPDATES].items.get(self._key)
        if self._of == "upgrades":
            return next(iter(proposals(snapshot, self._key[0])), None)  # type: ignore[arg-type]
        return None
