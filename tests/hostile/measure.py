"""What a process holds: memory, threads, descriptors, children. From procfs."""

import contextlib
import statistics
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Held:
    """``memory`` in kB (anonymous and private: what grows when something is kept), the others are counts."""

    memory: int
    threads: int
    descriptors: int
    children: int


# How much the second half of a plateau may be above the first: a fraction, and so much beside it.
_ALLOWED = Held(memory=4_000, threads=2, descriptors=3, children=2)
# What may never be surpassed, whatever piles up: twice the threads for watches and places, the connections, pipes.
_MOST = Held(memory=160_000, threads=120, descriptors=160, children=40)
_FRACTION = 0.05


def held(pid: int) -> Held:
    """Of process ``pid`` now. OSError when it has ended."""
    status = dict(line.split(":", 1) for line in (Path("/proc") / str(pid) / "status").read_text().splitlines())
    return Held(
        memory=int(status["RssAnon"].split()[0]),
        threads=int(status["Threads"]),
        descriptors=sum(1 for _ in (Path("/proc") / str(pid) / "fd").iterdir()),
        children=len(children(pid)),
    )


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started and that still are, their children too."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(folder.name))
    found, new = [], [pid]
    while new:
        new = [child for each in new for child in parents.get(each, ())]
        found += new
    return found


def growth(samples: Sequence[Held], slack: float = 1) -> list[str]:
    """What of it grew from the first to the second half of the plateau, which begins after a third of the samples.

    By the lowest decile: what is never given back is there when the least goes on, too. With the API half of all
    threads and descriptors come and go, and it is away for a third or more of the time: medians stand on either side.
    ``slack`` multiplies what is allowed: for runs that are too short for all to be settled.
    """
    plateau = samples[len(samples) // 3 :]
    middle = len(plateau) // 2
    first, second = (_levels(half) for half in (plateau[:middle], plateau[middle:]))
    names = Held.__dataclass_fields__
    peaks = map(max, zip(*map(astuple, samples), strict=True))
    return [
        f"{name} was {peak}, and may be {most} at most"
        for name, peak, most in zip(names, peaks, astuple(_MOST), strict=True)
        if peak > most
    ] + [
        f"{name} grew from {before:.0f} to {after:.0f}"
        for name, before, after, allowed in zip(names, first, second, astuple(_ALLOWED), strict=True)
        if after > before * (1 + _FRACTION * slack) + allowed * slack
    ]


def _levels(samples: Sequence[Held]) -> list[float]:
    return [statistics.quantiles(column, n=10)[0] for column in zip(*map(astuple, samples), strict=True)]
