"""Where on the web a thing is, as far as its own data tells. Only http and https leave here."""

import re

from console.model.flux import FluxObject
from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.model.updates import RepositoryState, release_notes
from console.ui.situation import Situation

_SSH = re.compile(r"^(?:ssh://)?git@([^:/]+)[:/](.+?)(?:\.git)?/?$")
_WEB = re.compile(r"^https?://[^\s\x00-\x20]+$")


def link_of(situation: Situation, snapshot: Snapshot) -> str:
    """The address of what is under the cursor, of an update its release notes before its branch; empty without one."""
    if situation.update:
        notes = next(filter(None, map(release_notes, situation.update.summary)), "")
        if notes:
            return safe(notes)
        state: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
        site = site_of(state.url) if state else ""
        if not site:
            return ""
        return (
            f"{site}/pull/{situation.update.pull}"
            if situation.update.pull
            else f"{site}/tree/{situation.update.branch}"
        )
    found: FluxObject | None = snapshot[Topic.FLUX].items.get(situation.key)
    return site_of(found.url) if found else ""


def site_of(url: str) -> str:
    """The web address of a repository: ``git@host:a/b.git`` becomes ``https://host/a/b``; empty for what has none."""
    found = _SSH.match(url)
    if found:
        url = f"https://{found.group(1)}/{found.group(2)}"
    elif url.startswith("oci://"):
        url = f"https://{url.removeprefix('oci://')}"
    url = url.removesuffix(".git")
    return safe(url) if _WEB.match(url) else ""
