"""The registry of resource types: names, columns, and who may read them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from console.demo.world import Machine, World


@dataclass(frozen=True, slots=True)
class Item:
    """One resource of a type on one machine."""

    id: str
    spec: Any
    labels: tuple[tuple[str, str], ...] = ()


Column = tuple[str, Callable[[Any], Any]]  # printed upper-case; picks from the spec
Rows = Callable[[World, Machine], Iterable[Item]]


def at(*path: str) -> Callable[[Any], Any]:
    """The value at ``path`` of a spec; a missing one is printed as nothing."""

    def pick(spec: Any) -> Any:
        for key in path:
            spec = spec.get(key, "") if isinstance(spec, dict) else ""
        return spec

    return pick


@dataclass(frozen=True, slots=True)
class Kind:
    """``type`` is the full name (``MachineStatuses.runtime.talos.dev``), ``display`` what tables show."""

    type: str
    display: str
    namespace: str
    owner: str
    rows: Rows
    columns: tuple[Column, ...] = ()
    aliases: tuple[str, ...] = ()
    sensitive: bool = False
    since: tuple[int, int] = (1, 12)  # the first Talos that has it

    @property
    def names(self) -> set[str]:
        """Everything it may be called by, in lower case: full name, its beginnings, singular, initials."""
        full = self.type.lower()
        parts = full.split(".")
        beginnings = {".".join(parts[: i + 1]) for i in range(len(parts))}
        group = ".".join(parts[1:2])
        singular = self.display.lower()
        initials = "".join(re.findall("[A-Z]", self.display)).lower()
        return beginnings | {singular, f"{singular}.{group}", initials, initials + "s", *self.aliases}
