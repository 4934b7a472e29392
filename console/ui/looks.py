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
from console.ui.palettes import DARK, LIGHT, PALETTES, TERMINAL, Palette


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


_BOLD = frozenset(("strong", "bad"))

# One character for one: nothing moves when the glyphs change. What is cut ends as in editors; after a dot it would look
# whole.
_ASCII = str.maketrans("✔✖◌‖▲▶●★▌▏→←↑↓…·›‹╭╮╰╯─│┴┬├┤–—“”‘’▁▂▃▄▅▆▇█", "vx~=!>*+>|><^v>.><++++-|++++--\"\"''_.:-=+*#")


class Looks:
    """How runs are drawn: in the colours of a palette, with symbols or in ASCII alone."""

    def __init__(self, palette: Palette = DARK, *, ascii_only: bool = False) -> None:
        self.ascii_only = ascii_only
        self._styles = dict(_styles(palette))

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


def _styles(palette: Palette) -> Iterable[tuple[str, Style]]:
    background = palette.background or None
    for name, colour in palette.colours.items():
        bold = True if name in _BOLD or (name == "accent" and palette is TERMINAL) else None  # told without colours
        yield name, Style(color=colour, bgcolor=background, bold=bold)
        if palette.cursor:
            yield f"{name}+", Style(color=colour, bgcolor=palette.cursor, bold=bold)
        else:  # one bar: reversed colours would be patches
            plain = Style(color=palette.colours[""], bgcolor=background) if background else Style()
            yield f"{name}+", plain + Style(bold=bold, reverse=True)


def theme(name: str) -> Theme | None:
    """The palette of that name for what Textual itself paints; None where that has the terminal's own colours."""
    palette = PALETTES[name]
    if palette is TERMINAL:
        return None
    return Theme(
        name=f"homeconsole-{name}",
        primary=palette.colours["accent"],
        foreground=palette.colours[""],
        background=palette.background,
        surface=palette.background,
        panel=palette.background,
        dark=palette is not LIGHT,
    )
