"""Ages in steps: a text changes, and bytes flow, only when the next step is reached."""

from datetime import datetime, timedelta


def steps(age: timedelta) -> str:
    """``age`` in steps (5 s below 1 min, 30 s below 5 min, 1 min, 5 min, 1 h, 1 d): ``35s 2m30s 14m 3h 2d``."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return f"{seconds // 5 * 5}s"
    if seconds < 300:
        minutes, rest = divmod(seconds // 30 * 30, 60)
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if seconds < 3600:
        return f"{seconds // 60}m"
    if seconds < 86400:
        hours, rest = divmod(seconds // 300 * 300, 3600)
        return f"{hours}h" if hours >= 6 or not rest else f"{hours}h{rest // 60}m"
    return f"{seconds // 86400}d"


def took(span: timedelta) -> str:
    """A span that is over, and changes no more: below a minute to the second, from there on in steps."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds}s" if seconds < 60 else steps(span)


def since(moment: datetime | None, now: datetime) -> str:
    """The age of ``moment`` in steps, or an empty text when it is not known."""
    return steps(now - moment) if moment else ""
