"""From any object up to where it comes from: owners, what applied it, its source, and the commit that brought it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_graph import FluxRow
from console.model.flux_kinds import KINDS
from console.model.flux_needs import owner
from console.model.flux_revision import commit_in
from console.model.flux_tree import Brought, Link, Trace
from console.model.inventory import WORKLOADS, standing
from console.model.unstructured import Raw, rows, text
from console.operations.ports import Lineage
from console.operations.tree import Cluster as TreeCluster
from console.sources.errors import HomeconsoleError

_DEEPEST = 12  # links: a pod in a release in an app in a cluster's root is six
# GitHub's squash and merge, GitLab's and Azure's merges, and the trailers that some write.
_PULL = re.compile(
    r"\(#(\d{1,9})\)\s*$|^Merge (?:pull|merge) request #?!?(\d{1,9})\b|^Merged PR (\d{1,9}):", re.IGNORECASE
)
_TRAILER = re.compile(
    r"^(?:pull-request|pull|pr|see merge request):?\s+\S*?[#!](\d{1,9})\s*$", re.MULTILINE | re.IGNORECASE
)


class Cluster(TreeCluster, Protocol):
    """A cluster that also knows kinds by their names."""

    def served(self, kind: str) -> tuple[str, str]:
        """(apiVersion, kind) that a name of a kind means."""


_DOCUMENTS = re.compile(r"^---", re.MULTILINE)


def trace(cluster: Cluster, start: FluxKey, rows_: Iterable[FluxRow], lineage: Lineage | None) -> Trace:
    """From ``start``, of whatever kind, up. ``lineage``: the repository; None where there is none.

    Raises SourceError when ``start`` itself can't be read; where the way breaks off further up, ``why`` says it.
    """
    climb = _Climb(cluster, {row.key: row for row in rows_})
    why = climb.up(start)
    applier = climb.applier
    if applier is None:
        return Trace(tuple(climb.links), why=why or "nothing of Flux applied it: it is not from the repository")
    brought = _brought(applier, climb.revision(applier), climb.below(applier), lineage)
    return Trace(tuple(climb.links), brought.path, brought.applied, brought.changed, brought.why or why)


@dataclass(frozen=True, slots=True)
class _Way:
    key: FluxKey
    relation: str
    api_version: str = ""


@dataclass(slots=True)
class _Climb:
    cluster: Cluster
    watched: Mapping[FluxKey, FluxRow]
    links: list[Link] = field(default_factory=list)
    flux: list[FluxObject] = field(default_factory=list)

    @property
    def applier(self) -> FluxObject | None:
        """The lowest Kustomization; where there is none, the first object that runs a commit."""
        lowest = next((this for this in self.flux if this.key.kind == "Kustomization"), None)
        return lowest or next((this for this in self.flux if commit_in(self.revision(this))), None)

    def below(self, applier: FluxObject) -> FluxKey | None:
        """What ``applier`` applied on the way; None where the way begins with it."""
        keys = [link.key for link in self.links]
        above = keys.index(applier.key) if applier.key in keys else 0
        return keys[above - 1] if above else None

    def revision(self, this: FluxObject) -> str:
        """What the cluster runs of it. A Kustomization that only failed its health check has applied the newer one."""
        source = self.watched.get(this.source) if this.source else None
        tried = this.attempted_revision
        if this.standing().reason == "HealthCheckFailed" and tried and tried != this.revision:
            return source.object.origin_revision if source and source.object.revision == tried else tried
        return this.origin_revision or this.revision

    def up(self, start: FluxKey) -> str:
        """Fill ``links``; gives where the way broke off, or nothing."""
        ways, seen, why = [_Way(start, "asked")], set(), ""
        while ways and len(self.links) < _DEEPEST:
            way = ways.pop(0)
            if way.key in seen:
                continue
            seen.add(way.key)
            try:
                onward = self._step(way)
            except HomeconsoleError as error:
                if not self.links:
                    raise
                self.links.append(Link(way.key, way.relation, "Unknown", error.message))
                why = f"{way.key.ref} can't be read: {error.message}"
            else:
                ways, why = onward, ""
        self._sources()
        return why

    def _step(self, way: "_Way") -> list["_Way"]:
        """Note this object; gives the ways up from it, the nearest first: one that breaks off leaves the next."""
        row = self.watched.get(way.key)
        if row is not None:
            told = "" if row.status is Status.READY else row.message or row.reason
            self.links.append(Link(way.key, way.relation, str(row.status), told, row.object.revision))
            self.flux.append(row.object)
            above = row.object.managed_by
            return [_Way(above, "applied by")] if above else []
        raw = self._get(way.key, way.api_version)
        stands = standing(raw)
        key = way.key._replace(kind=text(raw, "kind") or way.key.kind)  # asked for in any case, or in the plural
        self.links.append(Link(key, way.relation, stands.word, stands.text))
        above = owner(raw)
        return [*_owners(raw, way.key.namespace), *([_Way(above, "applied by")] if above else [])]

    def _get(self, key: FluxKey, version: str) -> Raw:
        """Whole where its status is of interest; a Secret's data never leaves the cluster."""
        kind = key.kind
        if not version:
            version, kind = self.cluster.served(key.kind)
        if kind in WORKLOADS or kind in KINDS:
            return self.cluster.get(version, kind, key.name, key.namespace)
        return self.cluster.metadata(version, kind, key.name, key.namespace)

    def _sources(self) -> None:
        """What the objects on the way take their content from, at the end."""
        seen = {link.key for link in self.links}
        for this in list(self.flux):
            here: FluxObject | None = this
            while here and here.source and here.source not in seen:
                seen.add(here.source)
                row = self.watched.get(here.source)
                told = "" if row is None or row.status is Status.READY else row.message
                revision = row.object.revision if row else ""
                self.links.append(Link(here.source, "source", str(row.status) if row else "Missing", told, revision))
                here = row.object if row else None


def _owners(raw: Raw, namespace: str) -> list["_Way"]:
    """Its controller. A static pod belongs to its machine: nothing brought it."""
    found = [row for row in rows(raw, "metadata", "ownerReferences") if row.get("kind") != "Node"]
    found.sort(key=lambda row: row.get("controller") is not True)
    return [
        _Way(FluxKey(text(row, "kind"), namespace, text(row, "name")), "owner", text(row, "apiVersion"))
        for row in found[:1]
        if text(row, "kind") and text(row, "name")
    ]


@dataclass(frozen=True, slots=True)
class _Brought:
    path: str = ""
    applied: Brought | None = None
    changed: Brought | None = None
    why: str = ""


def _brought(applier: FluxObject, revision: str, key: FluxKey | None, lineage: Lineage | None) -> _Brought:
    """What the cluster runs, what last changed ``key``, or why that can't be told."""
    oid, path = commit_in(revision), applier.path
    if not oid:
        said = "its source names no commit of a repository" if revision else "it has applied nothing yet"
        return _Brought(path, why=f"{applier.key.ref}: {said}")
    if lineage is None:
        return _Brought(path, why=f"commit {oid[:12]}: there is no repository to look it up in")
    try:
        applied = _of(lineage, oid)
        path = _written(lineage, oid, path, key) if key else path
        newest = lineage.newest(oid, path)
        return _Brought(
            path, applied, _of(lineage, newest) if newest else None, "" if newest else f"nothing touches {path}"
        )
    except HomeconsoleError as error:
        return _Brought(path, why=f"commit {oid[:12]}: {error.message}")


def _written(lineage: Lineage, oid: str, inside: str, key: FluxKey) -> str:
    """The folder in a Kustomization's in which ``key`` is written, with the values and charts that stand beside it.

    ``inside``, the Kustomization's own, where that can't be told.
    """
    folder = f"{inside}/" if inside else ""
    paths = [path for path in lineage.files(oid) if path.startswith(folder) and path.endswith((".yaml", ".yml"))]
    kind = re.compile(rf"^kind:\s*[\"']?{re.escape(key.kind)}[\"']?\s*$", re.MULTILINE)
    name = re.compile(rf"^  name:\s*(?:&\S+\s+)?[\"']?{re.escape(key.name)}[\"']?\s*$", re.MULTILINE)
    found = [
        path
        for path, raw in lineage.contents(oid, paths).items()
        for text_ in _DOCUMENTS.split(raw.decode(errors="replace"))
        if kind.search(text_) and name.search(text_)
    ]
    if len(set(found)) != 1:  # several have this name, or it is made by something
        return inside
    return found[0].rpartition("/")[0]


def _of(lineage: Lineage, oid: str) -> Brought:
    commit = lineage.commit(oid)
    named = _PULL.search(commit.subject) or _TRAILER.search(commit.body)
    pull = next((int(number) for number in named.groups() if number), None) if named else None
    return Brought(commit.oid, commit.author, commit.subject, commit.authored_at, pull)
