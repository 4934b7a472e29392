"""What is on the terminal, so that only what differs is sent. Beside terminal.py, inorder.py and
onterminal.py the file that leans on Textual's insides (8.2.8).

Textual keeps track of regions to paint, not of what is painted there: opening a screen sends it two or three times in
full. Here each update is laid over the last frame, and of each line only the segments that differ are written.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

Piece = tuple[int, int, Strip]  # y, x, what stands there


class Difference(CompositorUpdate):
    """The pieces that differ, as Textual's app writes them."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces

    def render_segments(self, console: Console) -> str:
        """See CompositorUpdate."""
        return "".join(f"{Control.move_to(x, y).segment.text}{strip.render(console)}" for y, x, strip in self._pieces)


class Frame:
    """The last frame that was written."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._lines: list[Strip | None] = []  # None: not known

    @property
    def size(self) -> Size:
        """Of the frame that is known; none when nothing is."""
        return self._size

    def forget(self) -> None:
        """Something else wrote to the terminal: the next update is written whole."""
        self._size = Size(0, 0)

    def difference(self, update: CompositorUpdate, size: Size) -> CompositorUpdate | None:
        """What of ``update`` has to be written; None when nothing has."""
        if not isinstance(update, LayoutUpdate | ChopsUpdate):
            self.forget()
            return update
        if size != self._size:
            self._size, self._lines = size, [None] * size.height
        pieces = self._whole(update) if isinstance(update, LayoutUpdate) else self._parts(update)
        differing = list(pieces)
        return Difference(differing) if differing else None

    def _whole(self, update: LayoutUpdate) -> Iterator[Piece]:
        for y, strips in enumerate(update.strips, update.region.y):
            yield from self._differing(y, Strip.join(strips))

    def _parts(self, update: ChopsUpdate) -> Iterator[Piece]:
        """Of each line that ``update`` touches: laid over what stands there, or as it is where that is not known."""
        for y in dict.fromkeys(span[0] for span in update.spans):
            if y >= len(self._lines):
                continue
            chops, before = _chops(update, y), self._lines[y]
            if before is None and any(strip is None for _, _, strip in chops):
                yield from ((y, x, strip) for x, _, strip in chops if strip is not None)
                continue
            laid = before or Strip.blank(self._size.width)
            line = Strip.join([laid.crop(x, end) if strip is None else strip for x, end, strip in chops])
            yield from self._differing(y, line)

    def _differing(self, y: int, line: Strip) -> Iterator[Piece]:
        if y >= len(self._lines):
            return
        before, self._lines[y] = self._lines[y], line
        if before is None:
            yield y, 0, line
        elif before != line:
            yield (y, *_between(list(before), list(line)))


def _chops(update: ChopsUpdate, y: int) -> list[tuple[int, int, Strip | None]]:
    """The parts of a line: from, to, and what stands there. Outside of the spans only backgrounds were drawn: None."""
    spans = [(x1, x2) for at, x1, x2 in update.spans if at == y]
    return [
        (x, end, strip if any(x < x2 and end > x1 for x1, x2 in spans) else None)
        for (x, strip), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False)
    ]


def _between(before: list[Segment], after: list[Segment]) -> tuple[int, Strip]:
    """Where two lines of one width begin to differ, and what stands there until they are equal again."""
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    start = sum(segment.cell_length for segment in after[:head])
    return start, Strip(after[head : len(after) - tail])
