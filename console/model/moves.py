"""Which versions an update moves: of Talos and Kubernetes, though it may be a group with both and others beside."""

import re
from collections.abc import Iterable

from console.model.updates import Change, System, Update
from console.model.version import Version

_NAMES: dict[System, re.Pattern[str]] = {
    "talos": re.compile(r"talos|installer", re.IGNORECASE),
    "kubernetes": re.compile(r"kubernetes|kubelet|kube-", re.IGNORECASE),
}


def moves(update: Update) -> tuple[Change, ...]:
    """The changes that move the nodes' version; all of them for an ordinary update."""
    return _own(update.changes, update.system) if update.system else update.changes


def target_of(update: Update) -> str:
    """The version that a node upgrade goes to, ``vX.Y.Z``; empty where the update names none."""
    return goal_of(update.changes, update.system) if update.system else ""


def origin_of(update: Update) -> str:
    """The version that a node upgrade comes from, as main has it; empty where the update names none."""
    return _highest(change.old for change in moves(update)) if update.system else ""


def goal_of(changes: tuple[Change, ...], system: System) -> str:
    """The version of ``system`` that these changes go to, ``vX.Y.Z``; empty where they name none."""
    return _highest(change.new for change in _own(changes, system))


def _own(changes: tuple[Change, ...], system: System) -> tuple[Change, ...]:
    pattern = _NAMES[system]
    return tuple(c for c in changes if pattern.search(c.name) or pattern.search(c.path)) or changes


def _highest(texts: Iterable[str]) -> str:
    found = [v for v in map(Version.parse, texts) if v]
    return str(max(found)) if found else ""
