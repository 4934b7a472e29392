"""The line above the panes: what needs the operator now, worst first."""

from typing import TYPE_CHECKING

from console.model.snapshot import Topic
from console.ui.looks import Line, Run, age
from console.ui.scene import Scene
from console.ui.widgets.canvas import Canvas

if TYPE_CHECKING:
    from console.model.attention import Attention

# Before all of these were read nothing can be said to be well.
_READ = (Topic.TALOS, Topic.KUBERNETES, Topic.FLUX, Topic.UPDATES)
_MARKS = {"bad": ("✖", "bad"), "way": ("▶", "accent"), "act": ("▲", "warn"), "note": ("·", "muted")}


class AttentionLine(Canvas):
    """Shows as many as fit, from the one that was jumped to last."""

    def __init__(self) -> None:
        super().__init__(id="attention")
        self._all: tuple[Attention, ...] = ()
        self._at = 0
        self._jumped = False
        self.known = False

    def take(self, scene: Scene) -> None:
        """Show this scene."""
        here = self._all[self._at] if self._all else None
        self._all = scene.needs
        self.known = all(scene.snapshot[topic].freshness.at for topic in _READ)
        same = [i for i, each in enumerate(self._all) if here and (each.topic, each.key) == (here.topic, here.key)]
        self._at = same[0] if same and self._jumped else 0
        self.repaint()

    def forget(self) -> None:
        """Nothing was jumped to."""
        self._jumped = False

    def next(self) -> "Attention | None":
        """The one to jump to: the first, then one further each time."""
        if not self._all:
            return None
        if self._jumped:
            self._at = (self._at + 1) % len(self._all)
        self._jumped = True
        self.repaint()
        return self._all[self._at]

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del height
        if not self._all:
            return [(Run(" ✔ ", "good"), Run("nothing needs you", "muted"))] if self.known else []
        count = f"{self._at + 1} of {len(self._all)} ! "
        room = width - len(count)
        now = self.console_app.desk.now()
        runs: list[Run] = []
        taken = 0
        for offset in range(len(self._all)):
            part = _part(self._all[(self._at + offset) % len(self._all)], first=offset == 0)
            size = sum(len(run.shown(now)) for run in part)
            if runs and taken + size > room:
                break
            runs += part
            taken += size
        whole = self.console_app.looks
        if taken > room:
            runs, taken = [Run(whole.strip(runs, room, now).text)], room
        return [(*runs, Run(" " * (room - taken)), Run(count, "muted"))]


def _part(each: "Attention", *, first: bool) -> list[Run]:
    symbol, style = _MARKS[each.severity]
    loud = "strong" if first and each.severity != "note" else ""
    runs = [Run(f" {symbol} ", style), Run(each.text, loud)]
    if each.since:
        runs += [Run(" "), age(each.since, loud)]
    if each.rest:
        runs.append(Run(f", {each.rest}", loud))
    return [*runs, Run("  ")]
