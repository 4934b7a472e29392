"""Every way in which a repository holds upgrades back, found in its files; what lifts it: ``operations.lifting``."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import yaml

from console.edits import renovate, yamltext
from console.edits.text import opened
from console.model.hold import SUSPEND, Hold, day
from console.model.updates import System
from console.operations.ports import Repository
from console.sources.errors import Refused
from console.sources.git.places import purpose

KINDS: dict[str, System] = {"TalosUpgrade": "talos", "KubernetesUpgrade": "kubernetes"}
_NAMES: dict[System, tuple[str, ...]] = {
    "talos": ("siderolabs/talos", "ghcr.io/siderolabs/installer"),
    "kubernetes": ("ghcr.io/siderolabs/kubelet", "kubernetes/kubernetes"),
}
_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Resource:
    """One of tuppr's resources in a file: which document of it."""

    system: System
    file: str
    document: int
    read: yamltext.Read

    def line(self, *path: str) -> int:
        """The line (1-based) of what stands at ``path``."""
        node = self.read.node(self.document, path)
        return int(self.read.events[node.first if node.key is None else node.key].start_mark.line) + 1


@dataclass(frozen=True, slots=True)
class Manifests:
    """What of a repository's files tells of holds. ``files`` are all names, ``texts`` those that were read."""

    files: Sequence[str]
    texts: Mapping[str, bytes]

    @classmethod
    def of(cls, repository: Repository, commit: str) -> "Manifests":
        """At ``commit``. Raises SourceError."""
        names = repository.files(commit)
        wanted = [n for n in names if n.endswith(_YAML) or purpose(n) == "config"]
        return cls(names, repository.contents(commit, [n for n in wanted if ".sops." not in n]))

    def resources(self) -> list[Resource]:
        """tuppr's resources, wherever they stand."""
        return list(_resources(self.texts))

    def listing(self, file: str) -> str:
        """The kustomization in the folder of ``file`` that should list it; empty when there is none."""
        folder = PurePosixPath(file).parent
        names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
        return next((p for n in names if (p := str(folder / n)) in self.texts), "")


def holds(repository: Repository, commit: str) -> tuple[Hold, ...]:
    """All that the files of ``commit`` say of holds. Raises SourceError."""
    found = Manifests.of(repository, commit)
    told = [*_of_resources(found), *_of_renovate(found)]
    return tuple(_dated(repository, commit, hold) for hold in told)


def _resources(texts: Mapping[str, bytes]) -> Iterator[Resource]:
    for path, data in texts.items():
        if b"TalosUpgrade" not in data and b"KubernetesUpgrade" not in data:
            continue
        try:
            read = yamltext.read(opened(data)[1])
        except Refused:
            continue
        for document in read.documents:
            system = KINDS.get(read.value(document, "kind"))
            if system and read.value(document, "apiVersion").startswith("tuppr."):
                yield Resource(system, path, document, read)


def _of_resources(found: Manifests) -> Iterator[Hold]:
    resources = found.resources()
    by_comments = any(map(_is_commented, resources))
    for each in resources:
        with contextlib.suppress(Refused):  # one that can't be read whole hides no other
            yield from list(_of_resource(found, each, by_comments=by_comments))


def _of_resource(found: Manifests, each: Resource, *, by_comments: bool) -> Iterator[Hold]:
    read, system = each.read, each.system
    annotation = ("metadata", "annotations", SUSPEND)
    if read.has(each.document, *annotation):
        note = read.value(each.document, *annotation)
        words = f"suspend annotation: {note}" if note not in {"", "true"} else "suspend annotation"
        yield Hold("suspend", words, system=system, file=each.file, line=each.line(*annotation))
    if read.has(each.document, "spec", "maintenance", "windows"):
        line = each.line("spec", "maintenance", "windows")
        yield Hold("window", "waits for its maintenance window", system=system, file=each.file, line=line)
    listing = found.listing(each.file)
    if listing and not lists(found.texts[listing], PurePosixPath(each.file).name):
        text = f"{PurePosixPath(each.file).name} is not listed in {listing}"
        yield Hold("unlisted", text, system=system, file=listing)
    for file, document in suspended(found, each.file):
        name = yamltext.read(opened(found.texts[file])[1]).value(document, "metadata", "name")
        yield Hold("flux", f"Kustomization {name} is suspended", system=system, file=file)
    path = ("spec", system, "version")
    if by_comments and not _is_commented(each) and read.has(each.document, *path):
        words = "pinned: no renovate comment stands above the version"
        yield Hold("pinned", words, system=system, file=each.file, line=each.line(*path))


def lists(data: bytes, name: str) -> bool:
    """Whether a kustomization lists a file of its own folder; what can't be read counts as a yes."""
    try:
        read = yamltext.read(opened(data)[1])
    except Refused:
        return True
    listed = [read.events[n.first].value for n in read.nodes if _is_item(n, read)]
    return any(str(PurePosixPath(each)) == name for each in listed)


def _is_item(node: yamltext.Node, read: yamltext.Read) -> bool:
    inside = len(node.path) == 2 and node.path[0] in {"resources", "components", "bases"}
    return inside and isinstance(read.events[node.first], yaml.ScalarEvent)


def suspended(found: Manifests, file: str) -> list[tuple[str, int]]:
    """The Flux Kustomizations (file, document) that apply the folder of ``file`` and are suspended in git."""
    folder = PurePosixPath(file).parent
    answer = []
    for path, data in found.texts.items():
        if b"suspend:" not in data or b"kustomize.toolkit.fluxcd.io" not in data:
            continue
        try:
            read = yamltext.read(opened(data)[1])
        except Refused:
            continue
        for document in read.documents:
            mine = read.value(document, "kind") == "Kustomization"
            where = read.value(document, "spec", "path").removeprefix("./").strip("/")
            if mine and PurePosixPath(where) == folder and read.value(document, "spec", "suspend") == "true":
                answer.append((path, document))
    return answer


def _is_commented(each: Resource) -> bool:
    """Whether the comment by which Renovate finds the version is there; where one has it, the others need it too."""
    path = ("spec", each.system, "version")
    if not each.read.has(each.document, *path):
        return False
    line = each.line(*path)
    lines = each.read.text.split("\n")
    above = lines[line - 2] if line > 1 else ""
    return "renovate:" in above or "renovate:" in lines[line - 1]


def _of_renovate(found: Manifests) -> Iterator[Hold]:
    for path, data in found.texts.items():
        if purpose(path) != "config":
            continue
        try:
            rules = renovate.rules(data)
        except Refused:
            continue
        for rule in rules:
            yield from _of_rule(path, rule)


def _of_rule(path: str, rule: renovate.Rule) -> Iterator[Hold]:
    ours = rule.ours
    if ours:
        began = day(ours["since"])
        since = datetime.combine(began, datetime.min.time(), UTC) if began else None
        yield Hold("own", ours["reason"], ours["by"], since, day(ours["until"]), rule.names, None, path, rule.line)
        return
    about = rule.content.get("description")
    words = f": {about}" if isinstance(about, str) and about else ""
    kinds = rule.content.get("matchUpdateTypes")
    types = tuple(map(str, kinds)) if isinstance(kinds, list) else ()
    for system, names in _NAMES.items():
        if not any(rule.matches(name) for name in names):
            continue
        if rule.content.get("enabled") is False:
            text = f"Renovate is told to leave it{words}"
            yield Hold("renovate", text, system=system, file=path, line=rule.line, types=types)
        elif "allowedVersions" in rule.content:
            text = f"Renovate may take {rule.content['allowedVersions']} only{words}"
            yield Hold("renovate", text, system=system, file=path, line=rule.line, types=types)
        elif rule.content.get("dependencyDashboardApproval") is True:
            which = f"{', '.join(types)} versions" if types else "new versions"
            text = f"{which} wait for Renovate's dashboard{words}"
            yield Hold("dashboard", text, system=system, file=path, line=rule.line, types=types)


def _dated(repository: Repository, commit: str, hold: Hold) -> Hold:
    """By whom and since when, where the hold does not say so itself: whoever wrote its line, else its file."""
    if hold.by or not hold.file:
        return hold
    written = repository.blame(commit, hold.file, hold.line) if hold.line else ""
    oid = written or repository.newest(commit, hold.file)
    if not oid:
        return hold
    last = repository.commit(oid)
    return replace(hold, by=last.author, since=last.committed_at)
