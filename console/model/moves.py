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


def from_to(change: Change) -> tuple[str, str]:
    """From what to what, as short as tells the two apart: ``1.19.2``, ``1.19.3``.

    An image by its tag, without one by its digest's first digits, as a commit too. Where the tag stays, the digest
    comes with it (``17.6@557a2ac``, ``930af59``); where another image takes its place, what differs in their names.
    """
    (old_name, old_tag, old_digest), (name, tag, digest) = _parts(change.old), _parts(change.new)
    if old_name != name and old_name and name:
        old_name, name = _apart(old_name, name)
        same = old_tag == tag
        return (old_name, name) if same else (f"{old_name}:{old_tag}", f"{name}:{tag}")
    if old_tag != tag or not old_tag:
        return old_tag or old_digest, tag or digest
    if old_digest == digest:
        return change.old, change.new
    at = f"{tag}@{digest}" if digest else tag
    return (f"{old_tag}@{old_digest}", digest or tag) if old_digest else (tag, at)


def _parts(text: str) -> tuple[str, str, str]:
    """Name, tag and the digest's first seven digits of an image; of a version only the tag, of a commit the digest."""
    front, _, digest = text.partition("@")
    if re.fullmatch(r"(?:sha256:)?[0-9a-f]{40,}", front):
        front, digest = "", front
    if ":" in front.rpartition("/")[2]:  # one before it is a port's
        name, _, tag = front.rpartition(":")
    else:
        name, tag = (front, "") if "/" in front else ("", front)
    return name, tag, digest.removeprefix("sha256:")[:7]


def _apart(one: str, other: str) -> tuple[str, str]:
    """What two image names do not share: ``onedr0p`` and ``home-operations``, of whatever registry and name."""
    these, those = one.split("/"), other.split("/")
    while len(these) > 1 and len(those) > 1 and these[0] == those[0]:
        del these[0], those[0]
    while len(these) > 1 and len(those) > 1 and these[-1] == those[-1]:
        del these[-1], those[-1]
    return "/".join(these), "/".join(those)


def wanted(name: str) -> tuple[System, str] | None:
    """``talos@v1.14.0`` in parts; None for any other name."""
    word, _, text = name.partition("@")
    version = Version.parse(text) if word in {"talos", "kubernetes"} else None
    return ("talos" if word == "talos" else "kubernetes", str(version)) if version else None


def _own(changes: tuple[Change, ...], system: System) -> tuple[Change, ...]:
    pattern = _NAMES[system]
    return tuple(c for c in changes if pattern.search(c.name) or pattern.search(c.path)) or changes


def _highest(texts: Iterable[str]) -> str:
    found = [v for v in map(Version.parse, texts) if v]
    return str(max(found)) if found else ""
