"""One long line on several, at a space where there is one near. Pure: a line in, lines out."""

from datetime import datetime

from rich.cells import cell_len, chop_cells

from console.ui.looks import Line, Run

_INDENT = 2  # cells that what goes on below stands further in


def wrapped(line: Line, width: int, now: datetime) -> list[Line]:
    """``line`` in lines of at most ``width`` cells; all but the first are indented. One that fits stays as it is."""
    runs = [Run(run.shown(now), run.style) for run in line]
    text = "".join(run.text for run in runs)
    indent = min(len(text) - len(text.lstrip(" ")), width // 4) + _INDENT
    if cell_len(text) <= width or width <= 2 * indent:
        return [line]
    lines: list[Line] = []
    while text:
        size = _size(text, width - (indent if lines else 0), width - indent)
        first, runs = _cut(runs, size)
        lines.append((Run(" " * indent), *first) if lines else first)
        text = text[size:]
    return lines


def _size(text: str, room: int, below: int) -> int:
    """How many characters go on the line: up to a space, where the word behind it fits ``below`` or the space is far
    enough along; else as many as there is room for."""
    if cell_len(text) <= room:
        return len(text)
    most = len(chop_cells(text, room)[0])
    space = text.rfind(" ", 0, most)
    if not text[: space + 1].strip():
        return most
    word = text[space + 1 :].partition(" ")[0]
    return space + 1 if space >= most // 2 or cell_len(word) <= below else most


def _cut(runs: list[Run], size: int) -> tuple[Line, list[Run]]:
    """(the first ``size`` characters, the rest)."""
    first: list[Run] = []
    for number, run in enumerate(runs):
        if len(run.text) > size:
            rest = [run._replace(text=run.text[size:]), *runs[number + 1 :]]
            return (*first, *([run._replace(text=run.text[:size])] if size else [])), rest
        first.append(run)
        size -= len(run.text)
    return tuple(first), []
