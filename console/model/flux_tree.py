"""An object and what it applied, as a tree; and the way from a workload up to the commit that brought it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from console.model.flux import FluxKey


@dataclass(frozen=True, slots=True)
class Node:
    """One object in a tree.

    ``status`` is Flux' word for what is watched (``Failed``), kstatus' for workloads (``InProgress``), ``Ready`` for
    what is just there, ``Missing`` for what is not, ``Unknown`` for what could not be asked (``text`` says why).
    ``hidden`` counts what lies below and was not looked at: ask for the tree of this node.
    """

    key: FluxKey
    api_version: str
    status: str
    text: str = ""
    children: tuple["Node", ...] = ()
    hidden: int = 0

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Node"]]:
        """Itself and all below it, in the order of reading, each with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


MISSING = "Missing"
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Link:
    """A step of a trace: an object, how it came in (``relation``: ``asked``, ``owner``, ``applied by``, ``source``).

    ``revision`` is what it runs or serves, in full.
    """

    key: FluxKey
    relation: str
    status: str = ""
    text: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """A commit. ``pull`` is the number of the pull request, where subject or trailers name it."""

    commit: str
    author: str
    subject: str
    at: datetime
    pull: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """From an object up to where it comes from.

    ``applied`` is the commit that the cluster runs, ``changed`` the newest one up to it that touched ``path``, the
    folder in which the object is written: the one that brought it as it is. Where they can't be told, ``why`` says so.
    """

    links: tuple[Link, ...]
    path: str = ""
    applied: Brought | None = None
    changed: Brought | None = None
    why: str = ""
