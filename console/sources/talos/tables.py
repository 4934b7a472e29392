"""Tables as talosctl prints them where it has no JSON (Go's tabwriter, talosctl 1.12 to 1.14)."""

import re


def rows(text: str) -> list[dict[str, str]]:
    """The lines of a table by the columns of its header. Empty cells count: columns are where the header's words are.

    An empty text is a table without rows.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    starts = [match.start() for match in re.finditer(r"\S+(?: \S+)*", lines[0])]
    ends = [*starts[1:], None]
    names = [lines[0][start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [
        {name: line[start:end].strip() for name, start, end in zip(names, starts, ends, strict=True)}
        for line in lines[1:]
    ]
