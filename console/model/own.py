"""What an operator makes their own: clusters by name, views, commands on what is chosen. Values, and their rules."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

SCOPES = ("nodes", "flux", "updates", "upgrades")
# What a command may ask for in each scope.
_EVERYWHERE = frozenset(("cluster", "context"))
VARIABLES: Mapping[str, frozenset[str]] = {
    "nodes": _EVERYWHERE | {"name", "address"},
    "flux": _EVERYWHERE | {"kind", "namespace", "name"},
    "updates": _EVERYWHERE | {"branch", "head"},
    "upgrades": _EVERYWHERE | {"system"},
}
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")


class View(NamedTuple):
    """A pane as somebody likes to see it: ``filter`` as it is typed, ``sort`` as the table has it, or empty."""

    name: str
    pane: str
    filter: str = ""
    sort: str = ""
    descending: bool = False
    problems: bool = False


class Command(NamedTuple):
    """A command of the operator's own. ``run`` is its argv, in which ``{name}`` stands for what is chosen.

    ``kinds``: of Flux objects, empty for all. ``seconds`` is how long it may take in the background; in the
    ``foreground`` it has the terminal, and all the time in the world.
    """

    name: str
    run: tuple[str, ...]
    scopes: tuple[str, ...]
    key: str = ""
    kinds: frozenset[str] = frozenset()
    says: str = ""
    confirm: bool = False
    writes: bool = False
    foreground: bool = False
    seconds: float = 60.0


class Own(NamedTuple):
    """All of it. ``keys`` are the operator's, by the ids of actions; ``source`` is the file that they stand in."""

    keys: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    commands: tuple[Command, ...] = ()
    views: tuple[View, ...] = ()
    source: str = ""


class Place(NamedTuple):
    """A cluster that one can go to. ``talos`` is the talosconfig's context for it, ``why`` how it was found, or why
    there is none; ``here``: it is the one that is shown.
    """

    name: str
    context: str
    talos: str = ""
    why: str = ""
    repository: str = ""
    write: bool = False
    here: bool = False


def placeholders(word: str) -> list[str]:
    """The variables that ``word`` asks for; ``{{`` and ``}}`` are braces."""
    return [found[1] for found in _PLACEHOLDER.finditer(word) if found[1]]


def filled(run: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """``run`` with the values in their places, each within its own word: nothing in a value ever makes another word.

    Raises LookupError with the variable that has no value: what it leaves out may widen what is done. ValueError for a
    word that a value would turn into an option, ``{name}`` for a name of ``-rf``.
    """
    argv = []
    for word in run:
        for name in placeholders(word):
            if not values[name]:
                raise LookupError(name)
        new = _PLACEHOLDER.sub(lambda found: values[found[1]] if found[1] else found[0][0], word)
        if new.startswith("-") and not word.startswith("-"):
            raise ValueError(word)
        argv.append(new)
    return argv


class Kept(NamedTuple):
    """What the console remembers for the operator: views saved by name, favourites as (pane, *key of the row)."""

    views: tuple[View, ...] = ()
    favourites: frozenset[tuple[str, ...]] = frozenset()

    def favourites_in(self, pane: str) -> frozenset[tuple[str, ...]]:
        """The keys of the rows of ``pane`` that are favourites."""
        return frozenset(each[1:] for each in self.favourites if each[0] == pane)
