"""Where one pane fills the screen: the four in a line, with their counts."""

from console.ui.looks import Line, Run
from console.ui.panes.pane import Pane, brief
from console.ui.widgets.canvas import Canvas


class Tabs(Canvas):
    """Two lines: the panes, and a rule with what the open one has to say of itself."""

    def __init__(self, panes: list[Pane]) -> None:
        super().__init__(id="tabs")
        self._panes = panes
        self.open: Pane = panes[0]

    def draw(self, width: int, height: int) -> list[Line]:
        """See Canvas."""
        del height
        now = self.console_app.desk.now()
        tabs = self._tabs(words=True)
        if sum(len(run.text) for run in tabs) > width:
            tabs = self._tabs(words=False)
        said = self.open.position()
        state = self.open.state(())
        if state:
            said = (*state, Run("  "), *said)
        size = sum(len(run.shown(now)) for run in said)
        rule = Run("─" * (width - size - 2 if said else width), "faint")
        return [tabs, (rule, Run(" "), *said, Run(" ")) if said else (rule,)]

    def _tabs(self, *, words: bool) -> Line:
        runs: list[Run] = [Run(" ")]
        for index, pane in enumerate(self._panes):
            runs += [Run(" │ ", "faint")] if index else []
            runs.append(Run(f"{pane.number} {pane.kind.title}", "accent" if pane is self.open else "muted"))
            counts = pane.counts if words else brief(pane.counts)
            runs += [Run(" "), *counts] if counts else []
        return tuple(runs)
