"""Which cluster's configuration an update is about, in a repository of several."""

import posixpath
from collections.abc import Iterator, Sequence
from itertools import takewhile

from console.foresight.machineconfig import Part
from console.foresight.places import Place

_TOOLS = frozenset({"talconfig", "topf"})


def concerned(found: Sequence[Part], versions: Sequence[Place], touched: Sequence[str]) -> tuple[Part, ...]:
    """``found`` without what stands nearer to the version of a cluster that is not ``touched``.

    A cluster has one resource of tuppr's for a system, and one folder of a tool's configuration. Where neither tells
    clusters apart, everything is kept: a rule rather looks at too much than at too little.
    """
    folders = {part.root for part in found if part.kind in _TOOLS}
    tellers = [[p for p in versions if p.kind == "resource"]]
    tellers.append([p for p in versions if p.kind == "config" and posixpath.dirname(p.file) in folders])
    sides = [side for several in tellers for side in _sides(several, touched)]
    return tuple(p for p in found if not any(_nearest(p.root, there) > _nearest(p.root, here) for here, there in sides))


def _sides(versions: Sequence[Place], touched: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The files that change and those that do not, of each system."""
    for system in sorted({p.system for p in versions}):
        files = [p.file for p in versions if p.system == system]
        here = [file for file in files if file in touched]
        if here:
            yield here, [file for file in files if file not in touched]


def _nearest(root: str, files: Sequence[str]) -> int:
    return max((shared(f"{root}/", file) for file in files), default=0)


def shared(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
