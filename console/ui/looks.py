"""Few styles, by name, and the one place where text becomes cells on the terminal.

A run is a piece of text in one style; a line is a tuple of runs. Everything that is drawn passes ``Looks.strip``, which
makes outside text harmless, so no pane can forget it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme

from console.model.age import since
from console.model.text import safe


class Run(NamedTuple):
    """Text in one style. With ``moment`` its age is shown instead; ``short`` stands for it where room is scarce."""

    text: str
    style: str = ""
    short: str = ""
    moment: datetime | None = None

    def shown(self, now: datetime) -> str:
        """The text, harmless, at this instant."""
        return since(self.moment, now) if self.moment else clean(self.text)


Line = tuple[Run, ...]


def age(moment: datetime | None, style: str = "muted") -> Run:
    """The age of ``moment`` in steps, taken when it is drawn."""
    return Run("", style, "", moment)


def line(*runs: Run | str) -> Line:
    """A line of runs; plain strings are ordinary text."""
    return tuple(Run(r) if isinstance(r, str) else r for r in runs)


def clean(text: str) -> str:
    """``safe``, quickly for the common case."""
    return text if text.isascii() and text.isprintable() else safe(text)


# Colours of the 256-colour cube, so that a terminal with fewer than true colours shows the same.
_COLOURS = {
    "": "#d0d0d0",
    "strong": "#ffffff",
    "muted": "#949494",
    "faint": "#585858",
    "good": "#87af87",
    "warn": "#d7af5f",
    "bad": "#ff8787",
    "accent": "#87afd7",
}
_BACKGROUND = "#121212"
_CURSOR = "#303030"
# The terminal's own sixteen: bright ones only where they must stand out.
_SIXTEEN = {
    "": "default",
    "strong": "default",
    "muted": "default",
    "faint": "bright_black",
    "good": "green",
    "warn": "yellow",
    "bad": "red",
    "accent": "cyan",
}
_BOLD = frozenset(("strong", "bad"))

THEME = Theme(
    name="homeconsole",
    primary=_COLOURS["accent"],
    foreground=_COLOURS[""],
    background=_BACKGROUND,
    surface=_BACKGROUND,
    panel=_BACKGROUND,
)

# One character for one: nothing moves when the glyphs change.
_ASCII = str.maketrans("✔✖◌‖▲▶●▌▏→←↑↓…·›‹╭╮╰╯─│┴┬├┤–—“”‘’▁▂▃▄▅▆▇█", "vx~=!>*>|><^v..><++++-|++++--\"\"''_.:-=+*#")


class Looks:
    """How runs are drawn: in colours of the cube, or of the terminal's sixteen; with symbols, or in ASCII alone."""

    def __init__(self, *, sixteen: bool = False, ascii_only: bool = False) -> None:
        self.ascii_only = ascii_only
        self._styles = dict(_styles_of_sixteen() if sixteen else _styles_of_cube())

    def style(self, name: str) -> Style:
        """The style of that name; ``name+`` is the same under the cursor."""
        return self._styles[name]

    def text(self, text: str) -> str:
        """``text`` in the characters that the terminal has."""
        text = clean(text)
        if self.ascii_only and not text.isascii():
            return text.translate(_ASCII).encode("ascii", "replace").decode()
        return text

    def strip(self, runs: Iterable[Run], width: int, now: datetime) -> Strip:
        """Exactly ``width`` cells, with as few changes of style as possible; what does not fit ends in ``…``."""
        segments: list[tuple[str, str]] = []
        left = width
        for run in runs:
            text = self.text(run.shown(now))
            if not text:
                continue
            size = cell_len(text)
            if size > left:
                text = set_cell_size(text, left - 1) + self.text("…") if left else ""
                size = left
            _append(segments, text, run.style)
            left -= size
            if not left:
                break
        if left:
            _pad(segments, left)
        return Strip([Segment(text, self._styles[name]) for text, name in segments], width)

    def edge(
        self, corners: tuple[str, str], title: Line, state: Line, *, style: str, width: int, now: datetime
    ) -> Strip:
        """One edge of a frame: corner, title, a rule, state, corner. The state gives way first."""
        left, right = corners
        title = self._set_off(title, now)
        state = self._set_off(state, now)
        room = width - cell_len(left) - cell_len(right) - _cells(title)
        if _cells(state) > room - 1:
            state = ()
        rule = Run("─" * max(0, room - _cells(state)), style)
        return self.strip((Run(left, style), *title, rule, *state, Run(right, style)), width, now)

    def _set_off(self, runs: Line, now: datetime) -> Line:
        """With a blank at both ends, ages taken."""
        return (Run(" "), *(Run(r.shown(now), r.style) for r in runs), Run(" ")) if runs else ()


def _cells(runs: Line) -> int:
    return sum(cell_len(run.text) for run in runs)


def _append(segments: list[tuple[str, str]], text: str, name: str) -> None:
    """Blanks take any style before them, as long as the background is the same."""
    if segments:
        before, style = segments[-1]
        if style == name:
            segments[-1] = (before + text, name)
            return
        word = text.lstrip(" ")
        if style.endswith("+") == name.endswith("+") and len(word) < len(text):
            segments[-1] = (before + text[: len(text) - len(word)], style)
            text = word
    if text:
        segments.append((text, name))


def _pad(segments: list[tuple[str, str]], cells: int) -> None:
    if segments:
        segments[-1] = (segments[-1][0] + " " * cells, segments[-1][1])
    else:
        segments.append((" " * cells, ""))


def _styles_of_cube() -> Iterable[tuple[str, Style]]:
    for name, colour in _COLOURS.items():
        bold = True if name in _BOLD else None
        yield name, Style(color=colour, bgcolor=_BACKGROUND, bold=bold)
        yield f"{name}+", Style(color=colour, bgcolor=_CURSOR, bold=bold)


def _styles_of_sixteen() -> Iterable[tuple[str, Style]]:
    for name, colour in _SIXTEEN.items():
        bold = True if name in _BOLD else None
        yield name, Style(color=colour, bold=bold)
        yield f"{name}+", Style(bold=bold, reverse=True)  # one bar: reversed colours would be patches
