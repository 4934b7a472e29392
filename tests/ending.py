"""Whether a process ends: also one that is nobody's child here."""

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watched(pid: int) -> Iterator[Callable[[], bool]]:
    """Hold on to a process that runs; what is given waits until it has ended, and says whether it did."""
    descriptor = os.pidfd_open(pid)
    try:
        yield lambda: bool(select.select([descriptor], [], [], 60)[0])
    finally:
        os.close(descriptor)
