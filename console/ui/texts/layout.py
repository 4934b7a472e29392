"""What all texts are made of: headings, facts, wrapped prose, coloured diffs and YAML."""

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

from console.model.text import safe, safe_lines
from console.ui.looks import Line, Run

_YAML_KEY = re.compile(r"^(\s*(?:- )*)([^\s:#'\"][^:#'\"]*)(:)(\s.*|)$")

_PROSE = 16_384  # characters: a condition's message has at most 32,768 (metav1.Condition), and nobody reads that


def heading(text: str) -> Line:
    """What follows belongs together."""
    return (Run(text, "accent"),)


def fact(name: str, value: str | Run, style: str = "", *, width: int = 14) -> Line:
    """A name and its value, the values below one another."""
    run = value if isinstance(value, Run) else Run(value, style)
    return (Run(f"  {name:{width}} ", "muted"), run)


def facts(pairs: Iterable[tuple[str, str | Run]], *, width: int = 14) -> list[Line]:
    """Those that have a value."""
    return [fact(name, value, width=width) for name, value in pairs if isinstance(value, Run) or value]


def prose(text: str, width: int, style: str = "", indent: int = 2) -> list[Line]:
    """``text`` wrapped into ``width`` cells; its own line ends are kept. Of a very long one the beginning."""
    room = max(20, width - indent)
    blank = " " * indent
    lines: list[Line] = []
    for each in safe_lines(text, _PROSE):
        lines += [(Run(f"{blank}{part}", style),) for part in wrap(each, room) or [""]]
    return lines


def coloured_diff(lines: Sequence[str]) -> list[Line]:
    """A unified diff: what is taken away, what is added, where."""
    return [(Run(text := safe(each.expandtabs(4)), _diff_style(text)),) for each in lines]


def _diff_style(text: str) -> str:
    if text.startswith(("+++", "---", "diff ", "index ", "rename ", "new file", "deleted file")):
        return "strong" if text.startswith("diff ") else "muted"
    if text.startswith("@@"):
        return "accent"
    if text.startswith("+"):
        return "good"
    return "bad" if text.startswith("-") else ""


def coloured_yaml(text: str) -> list[Line]:
    """YAML with its keys set off."""
    return [_yaml_line(each) for each in safe_lines(text)]


def _yaml_line(text: str) -> Line:
    if text.lstrip().startswith("#"):
        return (Run(text, "muted"),)
    found = _YAML_KEY.match(text)
    if not found:
        return (Run(text),)
    lead, key, colon, rest = found.groups()
    return (Run(lead), Run(f"{key}{colon}", "accent"), Run(rest))
