"""tuppr's maintenance windows: a cron expression that opens, a duration, a time zone."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.demo.controllers.objects import seconds_of

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = {name: i for i, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_NAMES |= {
    name: i + 1
    for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}


def closed_until(spec: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the next window opens, in its own time zone; None while one is open, or where there is none."""
    windows = (spec.get("maintenance") or {}).get("windows") or ()
    if not windows:
        return None
    upcoming = []
    for window in windows:
        zone = _zone(str(window.get("timezone") or "UTC"))
        fields = parse(window["start"])
        length = timedelta(seconds=seconds_of(window["duration"], 3600))
        local = now.astimezone(zone).replace(second=0, microsecond=0)
        opened = _last(fields, local, length)
        if opened and opened + length > now:
            return None
        upcoming.append(_next(fields, local))
    return min(upcoming)


def rfc3339(moment: datetime) -> str:
    """As tuppr's messages show a time: in the window's own zone."""
    return moment.isoformat().replace("+00:00", "Z")


def parse(expression: str) -> tuple[frozenset[int], ...]:
    """The five sets of a cron expression; ValueError when it is none."""
    parts = expression.split()
    if len(parts) != 5:
        raise ValueError(f"expected five fields: {expression!r}")
    return tuple(frozenset(_field(part, *bounds)) for part, bounds in zip(parts, _RANGES, strict=True))


def _field(text: str, low: int, high: int) -> Iterable[int]:
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first == "*":
            begin, end = low, high
        else:
            begin = _number(first)
            end = _number(last) if last else (high if step else begin)
        if not low <= begin <= end <= high:
            raise ValueError(f"out of range: {part!r}")
        for value in range(begin, end + 1, int(step or 1)):
            yield value % 7 if high == 7 else value


def _number(text: str) -> int:
    return _NAMES[text.lower()] if text.lower() in _NAMES else int(text)


def _matches(fields: tuple[frozenset[int], ...], at: datetime) -> bool:
    minutes, hours, days, months, weekdays = fields
    day = at.day in days
    weekday = at.isoweekday() % 7 in weekdays
    # cron: where both are restricted, either is enough
    free = len(days) == 31 or len(weekdays) == 7
    fits = (day and weekday) if free else (day or weekday)
    return at.minute in minutes and at.hour in hours and at.month in months and fits


def _next(fields: tuple[frozenset[int], ...], local: datetime) -> datetime:
    day = local
    for _ in range(366 * 4):
        found = _in_day(fields, day, after=local)
        if found:
            return found
        day = (day + timedelta(days=1)).replace(hour=0, minute=0)
    return local + timedelta(days=366 * 4)


def _in_day(fields: tuple[frozenset[int], ...], day: datetime, after: datetime) -> datetime | None:
    for hour in sorted(fields[1]):
        for minute in sorted(fields[0]):
            at = day.replace(hour=hour, minute=minute)
            if at > after and _matches(fields, at):
                return at
    return None


def _last(fields: tuple[frozenset[int], ...], local: datetime, length: timedelta) -> datetime | None:
    """The opening before ``local`` that may still be open: none is sought further back than ``length``."""
    at = local
    for _ in range(int(length.total_seconds() // 60) + 1):
        if _matches(fields, at):
            return at
        at -= timedelta(minutes=1)
    return None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC  # a machine without time-zone data
