"""Durations as Go writes them: ``1h30m``, ``500ms``."""

import re
from datetime import timedelta
from functools import lru_cache

_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


_MOST = float(2**63 - 1) * 1e-9  # seconds: Go counts nanoseconds in 64 bits


@lru_cache(1024)  # a cluster has a handful of them, and each change of an object asks
def duration(text: str) -> timedelta | None:
    """The span that ``text`` is, or None when it is none, or one that Go can't hold (292 years)."""
    if not _WHOLE.fullmatch(text):
        return None
    seconds = sum(float(n) * _SECONDS[unit] for n, unit in _PART.findall(text))
    return timedelta(seconds=seconds) if seconds <= _MOST else None
