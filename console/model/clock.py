"""The present."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)
