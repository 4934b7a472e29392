"""What an update is called on a command line."""

import difflib
from collections.abc import Sequence

from console.model.moves import target_of
from console.model.updates import Update
from console.model.version import normal
from console.sources.errors import UsageError


def named(updates: Sequence[Update], name: str, prefixes: Sequence[str]) -> Update:
    """By branch (with or without prefix), by ``talos@v1.13.8``, or by its commit (7 digits at least)."""
    branches = {name, *(prefix + name for prefix in prefixes)}
    system, _, version = name.partition("@")
    for update in updates:
        by_version = version and update.system == system and target_of(update) == normal(version)
        by_commit = len(name) >= 7 and update.head.startswith(name.lower())
        if update.branch in branches or by_version or by_commit:
            return update
    near = difflib.get_close_matches(name, [update.branch for update in updates], 1)
    hint = f"Did you mean {near[0]}?" if near else "homeconsole updates lists them all."
    raise UsageError(f"there is no update {name!r}", hint, kind="not-found")
