"""Threads that must have ended."""

import threading

ENOUGH = 60.0  # seconds: far beyond what it takes, for machines under load


def ended(before: set[threading.Thread]) -> bool:
    """Whether, once those that are ending have ended, no thread is left beside those that were there ``before``."""
    for thread in set(threading.enumerate()) - before:
        thread.join(ENOUGH)
    return set(threading.enumerate()) <= before
