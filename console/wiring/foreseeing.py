"""Preflights at the desk: of a branch, of a commit, of a version that nothing proposes yet; with acknowledgements."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from console.model.version import Version
from console.sources.errors import SourceError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from console.model.finding import Preflight
    from console.model.snapshot import Snapshot
    from console.model.updates import System, Update
    from console.operations.acknowledge import Acknowledgements
    from console.operations.live import LiveObjects
    from console.settings import Settings
    from console.sources.git.mirror import Mirror

_SUPPOSED = re.compile(r"(talos|kubernetes)@(\S+)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def is_alone(settings: Settings) -> bool:
    """Whether there is a repository and nothing that names a cluster: then a preflight is one of it alone."""
    named = settings.named_kubeconfig is not None or os.environ.get("KUBECONFIG")
    return not named and not settings.kubeconfig.exists() and not os.environ.get("KUBERNETES_SERVICE_HOST")


class Foresight:
    """What a preflight needs beside the update: where it looks, and what was acknowledged before."""

    def __init__(self, acknowledgements: Acknowledgements, live: LiveObjects) -> None:
        self._acknowledgements = acknowledgements
        self._live = live

    def reasons(self, mirror: Mirror, update: str, head: str) -> dict[str, str]:
        """What was acknowledged for this update at this head."""
        return self._acknowledgements.of(mirror.url, update, head)

    def acknowledge(
        self, mirror: Mirror, checked: Preflight, reasons: Mapping[str, str], *, supposed: bool = False
    ) -> None:
        """Go on in spite of these findings, for this update at this head. UsageError for one that there is not.

        ``supposed``: only to see what it would come to; it is not kept.
        """
        open_ = {f.rule for f in checked.findings if f.status != "pass"}
        for rule in reasons:
            if rule not in open_:
                raise UsageError(f"{rule} was not found here", "Only what applies, or was not asked, is acknowledged.")
        at = checked.base if _SUPPOSED.fullmatch(checked.update) else checked.head
        self._acknowledgements.add(mirror.url, checked.update, at, reasons, supposed=supposed)

    def checked(
        self, update: Update, mirror: Mirror, snapshot: Snapshot | None, now: datetime, *, patient: bool = False
    ) -> Preflight:
        """The findings for one update. Without ``snapshot``: offline. ``patient``: nobody waits for it, or asked."""
        from console.foresight.evidence import offline  # noqa: PLC0415 - late
        from console.operations.preflight import preflight  # noqa: PLC0415

        return preflight(
            update,
            mirror,
            snapshot,
            now,
            live=offline if snapshot is None else self._live.patient if patient else self._live,
            reasons=self.reasons(mirror, update.branch, _reviewed(update, mirror)),
        )

    def imagined(self, name: str, mirror: Mirror, snapshot: Snapshot | None, now: datetime) -> Preflight | None:
        """The findings for what ``name`` means though no branch proposes it: ``talos@v1.14.0``, or a commit.

        None when it means neither.
        """
        from console.foresight.evidence import offline  # noqa: PLC0415 - late
        from console.operations.preflight import supposed  # noqa: PLC0415

        live = self._live if snapshot is not None else offline
        asked = _SUPPOSED.fullmatch(name)
        version = Version.parse(asked[2]) if asked else None
        if asked and version:
            key = f"{asked[1]}@{version}"
            reasons = self.reasons(mirror, key, mirror.head())
            system: System = "talos" if asked[1] == "talos" else "kubernetes"
            return supposed(system, version, mirror, snapshot, now, live=live, reasons=reasons)
        if not _COMMIT.fullmatch(name.lower()):
            return None
        try:
            update = mirror.proposed(name.lower())
        except SourceError:
            return None
        return self.checked(update, mirror, snapshot, now)


def _reviewed(update: Update, mirror: Mirror) -> str:
    """The commit that acknowledgements are about: with edits on top, that of the branch below them.

    What no branch offers follows from main alone.
    """
    if _SUPPOSED.fullmatch(update.branch):
        return mirror.head()
    tip = mirror.branches().get(update.branch, "")
    if not tip or update.head == tip:
        return update.head
    return tip if tip in mirror.commit(update.head).parents else update.head
