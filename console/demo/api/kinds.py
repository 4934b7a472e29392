"""Which kinds the embedded cluster knows."""

from collections.abc import Iterator

from console.demo.api.builtin import BUILTIN, EVENTS
from console.demo.api.custom import FLUX, TUPPR
from console.demo.api.kind import READ_WRITE, Column, Kind

__all__ = [
    "EVENTS",
    "FLUX_KINDS",
    "KINDS",
    "READ_WRITE",
    "SERVED",
    "Column",
    "Kind",
    "groups",
    "named",
    "served",
    "within",
]

KINDS: tuple[Kind, ...] = (*BUILTIN, *FLUX, *TUPPR)  # what is stored
SERVED = (*KINDS, EVENTS)
FLUX_KINDS: tuple[str, ...] = tuple(kind.kind for kind in FLUX)

_BY_KIND = {kind.kind: kind for kind in KINDS}
_BY_PLURAL = {(kind.group, kind.version, kind.plural): kind for kind in SERVED}


def named(kind: str) -> Kind:
    """The kind of this name; KeyError when the cluster does not know it."""
    return _BY_KIND[kind]


def served(group: str, version: str, plural: str) -> Kind | None:
    """The kind behind a URL."""
    return _BY_PLURAL.get((group, version, plural))


def groups() -> Iterator[tuple[str, str]]:
    """Each (group, version) once, the core group (an empty name) first."""
    yield from dict.fromkeys((kind.group, kind.version) for kind in SERVED)


def within(group: str, version: str) -> list[Kind]:
    """The kinds of a group and version."""
    return [kind for kind in SERVED if (kind.group, kind.version) == (group, version)]
