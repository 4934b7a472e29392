"""Numbers drawn with characters: how something went, how long each part took. Words and numbers stand beside them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.model.age import steps as in_steps
from console.ui.looks import Line, Run

if TYPE_CHECKING:
    from console.model.runs import NodeRun

_BARS = "▁▂▃▄▅▆▇█"
_NAMES = 24  # cells of a node's name at most


def bars(values: Sequence[float], most: float = 1.0) -> str:
    """A bar for each value, the oldest first, as high as its share of ``most``."""
    return "".join(_BARS[min(7, max(0, int(value / most * 8)))] for value in values) if most > 0 else ""


def share(values: Sequence[float]) -> str:
    """The history of a share, 0 to 1: its bars, the last one, and between what it went."""
    if not values:
        return ""
    span = f"   between {min(values):.0%} and {max(values):.0%}" if len(values) > 1 else ""
    return f"{values[-1]:4.0%}  {bars(values)}{span}"


def spans(values: Sequence[timedelta]) -> str:
    """How long each took, the oldest first, against the longest; nothing where there are no two to compare."""
    seconds = [value.total_seconds() for value in values]
    if len(seconds) < 2:
        return ""
    return f"{bars(seconds, max(seconds))}  {in_steps(min(values))} to {in_steps(max(values))}"


def timeline(nodes: "Sequence[NodeRun]", width: int, now: datetime) -> list[Line]:
    """A bar for each node, from the first step of any to the last; each step has its part of it, and its name there."""
    began = [node.began[0][1] for node in nodes if node.began]
    if not began:
        return []
    start, end = min(began), max((node.ended or now) for node in nodes if node.began)
    label = min(_NAMES, max(len(node.name) for node in nodes))
    room = width - label - 23
    if room < 20 or end <= start:
        return []
    scale = room / (end - start).total_seconds()
    return [
        (Run(f"    {node.name[:label]:{label}}  ", "muted"), *_bar(node, start, scale, now))
        for node in nodes
        if node.began
    ]


def _bar(node: "NodeRun", start: datetime, scale: float, now: datetime) -> list[Run]:
    moments = [*(at for _, at in node.began), node.ended or max(now, node.began[-1][1])]
    edges = [round((moment - start).total_seconds() * scale) for moment in moments]
    drawn = " " * edges[0] + "├"
    names = [name for name, _ in node.began]
    for name, after, left, right in zip(names, [*names[1:], "end"], edges, edges[1:], strict=False):
        if right > left:
            drawn += (name if name and after else "?")[: right - left - 1].center(right - left - 1, "─") + "┤"
    whole = f"  {in_steps(moments[-1] - moments[0])}" + ("" if node.ended else " so far")
    return [Run(drawn, "accent" if node.ended else "warn"), Run(whole)]
