"""Only what differs is written, and the terminal shows the same as if everything had been."""

import io
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from console.ui.frame import Frame
from tests.ui.test_terminal import console

_STYLES = [Style(), Style(color="#d7af5f", bgcolor="#121212"), Style(color="#ffffff", bgcolor="#303030", bold=True)]
_CONSOLE = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False)
_LETTERS = "ab ✔│\u00e9你好"  # the last two take two cells each


def _strip(luck: Random, width: int) -> Strip:
    """Text of several styles in exactly ``width`` cells."""
    segments = [
        Segment("".join(luck.choices(_LETTERS, k=luck.randint(1, 9))), luck.choice(_STYLES))
        for _ in range(luck.randint(0, 4))
    ]
    return Strip(segments).adjust_cell_length(width, _STYLES[1])


def _edges(luck: Random, width: int) -> list[tuple[int, int]]:
    """Where the widgets of a line begin and end."""
    return list(pairwise([0, *sorted(luck.sample(range(1, width), min(width - 1, luck.randint(0, 3)))), width]))


def _whole(lines: list[Strip], size: Size) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, *size))


def _parts(luck: Random, edges: list[list[tuple[int, int]]]) -> ChopsUpdate:
    """Some widgets of some lines; outside of the spans stands what is not to be written."""
    chops = [{x: _strip(luck, end - x) for x, end in line} for line in edges]
    spans = [(y, x, end) for y, line in enumerate(edges) for x, end in line if luck.random() < 0.4]
    return ChopsUpdate(chops, spans, [[end for _, end in line] for line in edges])


@dataclass
class Shown:
    """A terminal of ``size``; ``lines`` is what stands on it, however it came there."""

    size: Size
    lines: list[Strip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.screen = pyte.Screen(*self.size)
        self.stream = pyte.Stream(self.screen)

    def take(self, update: CompositorUpdate) -> None:
        """As Textual means it."""
        if isinstance(update, LayoutUpdate):
            self.lines = [Strip.join(line) for line in update.strips]
        elif isinstance(update, ChopsUpdate):
            for y, x, end in update.spans:
                before, strip = self.lines[y], update.chops[y][x]
                assert strip is not None
                self.lines[y] = Strip.join([before.crop(0, x), strip, before.crop(end)])

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """What the operator sees."""
        return [[self.screen.buffer[y][x] for x in range(self.size.width)] for y in range(self.size.height)]


@pytest.mark.parametrize("seed", range(60))
def test_after_any_updates_the_terminal_shows_what_stands_on_the_screen(seed: int) -> None:
    luck = Random(seed)  # noqa: S311 - the same every time
    frame, shown, edges = Frame(), Shown(Size(1, 1)), [[(0, 1)]]
    for _ in range(12):
        if not shown.lines or luck.random() < 0.2:
            shown = Shown(Size(shown.size.width % 20 + luck.randint(2, 8), luck.randint(1, 4)))
            frame.forget()
        size = shown.size
        update: CompositorUpdate
        if shown.lines and luck.random() < 0.7:
            update = _parts(luck, edges)
        else:
            edges = [_edges(luck, size.width) for _ in range(size.height)]
            lines = [Strip.join([_strip(luck, end - x) for x, end in line]) for line in edges]
            update = _whole(lines, size)
        shown.take(update)
        difference = frame.difference(update, size)
        shown.stream.feed(difference.render_segments(_CONSOLE) if difference else "")
        wanted = Shown(size)
        wanted.stream.feed(_whole(shown.lines, size).render_segments(_CONSOLE))
        assert shown.cells == wanted.cells


def test_what_is_pressed_while_the_window_shrinks_leaves_nothing_of_the_larger_one() -> None:
    with console(columns=140, rows=45) as screen:
        screen.sees("0 blockers")
        for _ in range(4):
            screen.resize(140, 45)
            screen.quiet()
            screen.resize(80, 24)
            screen.presses("!")
            shown = screen.text
            screen.presses("?")
            screen.presses("\x1b")
            assert shown == screen.text
