"""The Flux pane with 50 to 20,000 objects, in peace and while 500 a second change: key to frame, memory, list.

For each size an API server of its own, in a process of its own; the console in another one. The sizes take turns.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from tests.benchmarks.figure import Figure, most, percentile, times
from tests.benchmarks.fluxserver import Server, serving

SIZES = (50, 500, 5_000, 20_000)
_MEASURED = (5_000, 20_000)  # for memory
KEYS = 150
_MOST = 2  # runs: one of all sizes takes more than a minute

Found = dict[str, Any]
_PEACE = "Python's own full collection goes through all that is kept, now and then, and keys wait for it meanwhile"
_STORM = "each change is worked out by Python in another thread, and one core's worth of it is shared with the screen"


def measure(runs: int) -> Iterator[Figure]:
    """Everything, by size."""
    with ExitStack() as stack:
        servers = {size: stack.enter_context(serving(size)) for size in (0, *SIZES)}
        found = [
            {size: _console(server, size, KEYS if size else 0) for size, server in servers.items()}
            for _ in range(min(runs, _MOST))
        ]
    smallest, largest = SIZES[0], SIZES[-1]
    for when, said in (("peace", ""), ("storm", ", 500 changes a second")):
        for size in SIZES:
            yield Figure(f"key to frame, p50, {size:,} objects{said}", "ms wall", _keys(found, size, when, 0.5))
    for size in SIZES:
        flat = size == largest
        yield Figure(
            f"key to frame, p99, {size:,} objects",
            "ms wall",
            _keys(found, size, "peace", 0.99),
            f"{smallest} objects" if flat else "",
            _keys(found, smallest, "peace", 0.99) if flat else (),
            times(1.3) if flat else None,
            _PEACE,
        )
    for size in SIZES:
        peace = _keys(found, size, "peace", 0.99)
        said = f"key to frame, p99, {size:,} objects, 500 changes a second"
        yield Figure(said, "ms wall", _keys(found, size, "storm", 0.99), "in peace", peace, times(2), _STORM)
    yield from _memory(found)
    for size in _MEASURED:
        ours, bare = ([each[size][name] for each in found] for name in ("list", "bare"))
        yield Figure(f"start to a complete list, {size:,} objects", "ms wall", ours, "bare list", bare)


def _keys(found: Sequence[dict[int, Found]], size: int, when: str, share: float) -> list[float]:
    return [percentile(each[size][when], share) for each in found]


def _memory(found: Sequence[dict[int, Found]]) -> Iterator[Figure]:
    empty = statistics.median(each[0]["resident"] for each in found)
    for size in _MEASURED:
        taken = [(each[size]["resident"] - empty) / size for each in found]
        why = "texts that differ from object to object, and Python's own head on each value"
        yield Figure(f"memory an object, {size:,} objects", "bytes", taken, goal=most(1000), why=why)


def _console(server: Server, size: int, keys: int) -> Found:
    words = [sys.executable, "-m", "tests.benchmarks.fluxconsole", "--kubeconfig", str(server.kubeconfig)]
    words += ["--objects", str(size), "--keys", str(keys)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as console:
        assert console.stdout is not None
        for line in console.stdout:
            if line in ("go\n", "stand\n"):
                server.says(line.strip())
            elif line.startswith("{"):
                found: Found = json.loads(line)
                return found
    raise RuntimeError(f"the console with {size} objects ended without an answer")
