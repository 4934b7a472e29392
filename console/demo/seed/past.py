"""The passes that brought the cluster to where it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from console.demo.controllers.charts import helm_chart_key, revision_in_status
from console.demo.controllers.crew import Crew
from console.demo.controllers.objects import Key, Obj, key_of, share
from console.demo.controllers.site import SeedTime, Site, live_at_once
from console.demo.controllers.sources import KINDS as SOURCES
from console.demo.controllers.sources import cluster_source

HOUR = timedelta(hours=1)
OWNER = "kustomize.toolkit.fluxcd.io"


class Past:
    """Lives passes at moments of the past. ``ages`` says when the last pass of some Kustomizations began."""

    def __init__(self, site: Site, crew: Crew, time: SeedTime, ages: Mapping[Key, timedelta]) -> None:
        self._site = site
        self._crew = crew
        self._time = time
        self._ages = ages
        self._busy = False

    def live(self, began: datetime, until: datetime | None = None) -> None:
        """One pass of everything, from the moment a commit became an artifact; parents and dependencies first.

        With ``until`` the passes lie in the hour before it, as those by interval would.
        """
        self._time.moment = began
        self._time.meanwhile = self._releases
        live_at_once(self._crew.sources.reconcile(cluster_source(self._site)))
        seen: set[Key] = set()
        ended: dict[str, datetime] = {}
        while (key := self._next(seen)) is not None:
            seen.add(key)
            self._time.moment = self._moment(key, began, until)
            if key not in self._ages:
                before = [ended[need] for need in self._dependencies(key) if need in ended]
                self._time.moment = max([self._time.moment, *before])
            live_at_once(self._crew.kustomizations.reconcile(key))
            ended[key.path] = self._time.moment
            self._releases()
        self._time.meanwhile = None

    def _moment(self, key: Key, began: datetime, until: datetime | None) -> datetime:
        first = began + timedelta(seconds=4 + 25 * share("pass", *key))
        if until is None:
            return first
        if key in self._ages:
            return max(first, until - self._ages[key])
        return max(first, until - HOUR * (0.05 + 0.9 * share("pass", *key)))

    def _next(self, seen: set[Key]) -> Key | None:
        """A Kustomization that had no pass yet, and whose parent and dependencies do not wait for one either."""
        waiting = {key_of(o).path: o for o in self._site.store.list("Kustomization") if key_of(o) not in seen}
        for path, obj in waiting.items():
            if not any(need in waiting and need != path for need in (_parent(obj), *_depends(obj))):
                return key_of(obj)
        return key_of(next(iter(waiting.values()))) if waiting else None

    def _dependencies(self, key: Key) -> list[str]:
        obj = self._site.get(key)
        return _depends(obj) if obj else []

    def _releases(self) -> None:
        """What happens beside a Kustomization's pass: sources and releases that are new get theirs."""
        if self._busy:
            return
        self._busy = True
        self._sources()
        for obj in self._site.store.list("HelmRelease"):
            if self._is_due(obj):
                live_at_once(self._crew.releases.reconcile(key_of(obj)))
                if helm_chart_key(obj).kind == "HelmChart":
                    self._sources()
                    live_at_once(self._crew.releases.reconcile(key_of(obj)))
        self._busy = False

    def _sources(self) -> None:
        for kind in SOURCES:
            for obj in self._site.store.list(kind):
                if (obj.get("status") or {}).get("observedGeneration") != obj["metadata"]["generation"]:
                    live_at_once(self._crew.sources.reconcile(key_of(obj)))

    def _is_due(self, obj: Obj) -> bool:
        status, revision = obj.get("status") or {}, revision_in_status(self._site, obj)
        done = (status.get("lastAttemptedGeneration"), status.get("lastAttemptedRevision"))
        return not revision or done != (obj["metadata"]["generation"], revision)


def _parent(obj: Obj) -> str:
    """``namespace/name`` of the Kustomization that applied this one."""
    labels = obj["metadata"].get("labels") or {}
    return f"{labels.get(f'{OWNER}/namespace', '')}/{labels.get(f'{OWNER}/name', '')}"


def _depends(obj: Obj) -> list[str]:
    """``namespace/name`` of each dependency."""
    own = obj["metadata"]["namespace"]
    return [f"{d.get('namespace') or own}/{d['name']}" for d in obj["spec"].get("dependsOn") or ()]
