"""Text as Go prints it: tabwriter columns, human sizes, durations."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def table(rows: Sequence[Sequence[str]]) -> str:
    """``text/tabwriter`` with padding 3: a column is as wide as its longest cell; the last one is not padded."""
    widths: dict[int, int] = {}
    for row in rows:
        for index, cell in enumerate(row[:-1]):
            widths[index] = max(widths.get(index, 0), len(cell) + 3)
    lines = ["".join(cell.ljust(widths[i]) for i, cell in enumerate(row[:-1])) + row[-1] for row in rows]
    return "".join(line + "\n" for line in lines)


def size(count: int) -> str:
    """``go-humanize`` Bytes: powers of 1000, one decimal below 10."""
    value, unit = float(count), "B"
    for bigger in ("kB", "MB", "GB", "TB", "PB"):
        if value < 1000:
            break
        value, unit = value / 1000, bigger
    digits = 1 if value < 10 and unit != "B" else 0
    return f"{value:.{digits}f} {unit}"


def duration(length: timedelta) -> str:
    """``time.Duration.String`` of whole seconds: ``2h3m4s``."""
    seconds = max(0, int(length.total_seconds()))
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def relative(moment: datetime, now: datetime) -> str:
    """``go-humanize`` RelTime: ``10 months from now``."""
    seconds = abs((moment - now).total_seconds())
    label = "from now" if moment > now else "ago"
    for length, unit in ((31536000, "year"), (2592000, "month"), (604800, "week"), (86400, "day"), (3600, "hour")):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} {label}"
    return f"{int(seconds // 60)} minutes {label}"


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, as YAML and Kubernetes show it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
