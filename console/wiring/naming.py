"""What an update is called on a command line."""

import difflib
from collections.abc import Sequence

from console.model.moves import target_of
from console.model.updates import Update
from console.model.version import normal
from console.sources.errors import UsageError


def named(updates: Sequence[Update], name: str, prefixes: Sequence[str]) -> Update:
    """By branch (with or without prefix), by ``talos@v1.13.8``, or by its commit (7 digits at least).

    Also, where it means only one, by its pull request (``2307``, ``#2307``), by ``talos`` alone while an upgrade of it
    waits, and by what it moves: the dependency's name or the last part of that.
    """
    branches = {name, *(prefix + name for prefix in prefixes)}
    system, _, version = name.partition("@")
    for update in updates:
        by_version = version and update.system == system and target_of(update) == normal(version)
        by_commit = len(name) >= 7 and update.head.startswith(name.lower())
        if update.branch in branches or by_version or by_commit:
            return update
    if (found := _shortly(updates, name)) is not None:
        return found
    near = difflib.get_close_matches(name, [update.branch for update in updates], 1)
    hint = f"Did you mean {near[0]}?" if near else "homeconsole updates lists them all."
    raise UsageError(f"there is no update {name!r}", hint, kind="not-found")


def _shortly(updates: Sequence[Update], name: str) -> Update | None:
    """By pull request, system or dependency. Raises UsageError where several are meant."""
    number, word = name.removeprefix("#"), name.lower()
    found = [u for u in updates if u.pull is not None and str(u.pull) == number]
    waiting = [u for u in updates if u.state != "applied"]
    found = found or [u for u in waiting if u.system == word]
    found = found or [u for u in waiting if any(c.name.lower() == word for c in u.changes)]
    found = found or [u for u in waiting if any(c.name.lower().rpartition("/")[2] == word for c in u.changes)]
    found = found or [u for u in waiting if u.called.lower() == word]
    if len(found) > 1:
        named_ones = ", ".join(update.branch for update in found)
        raise UsageError(f"{name!r} means {len(found)} updates: {named_ones}", "Give the branch.", kind="ambiguous")
    return found[0] if found else None
