"""The versions that a change of a file moves: by the structure of YAML first, line by line for the rest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from console.model.updates import Change, System, UpdateType
from console.sources.git import linewise, naming, references, yamltree
from console.sources.git.classify import update_type
from console.sources.git.files import Hunk, hunks, lines_of
from console.sources.git.naming import Found
from console.sources.git.places import is_yaml, purpose

_YAML_LIMIT = 1_500_000  # characters; beyond it lines have to do

_TALOS = re.compile(
    r"(?:^|/)(?:siderolabs/talos|(?:siderolabs/)?(?:[\w-]+-)?installer(?:-base)?)$|factory\.talos\.dev/[\w-]*installer"
)
_KUBERNETES = re.compile(
    r"(?:^|/)(?:siderolabs/kubelet|kubernetes/kubernetes|kubelet|kube-(?:apiserver|controller-manager|scheduler|proxy))$"
)
_CLIENT_WORDS = re.compile(
    r"talosctl|kubectl|kubeconform|json-schema|(?:^|[/_-])schemas?(?:$|[/_.-])|_cli\b|client", re.IGNORECASE
)


@dataclass(slots=True)
class FileVersions:
    """What was found in one file. ``spots`` tell what it touches (paths, or old lines) for other branches to compare;
    ``others`` counts changed lines that are no version, comment or blank."""

    changes: list[Change] = field(default_factory=list)
    systems: set[System] = field(default_factory=set)
    weak: list[bool] = field(default_factory=list)
    spots: set[tuple[str, str]] = field(default_factory=set)
    others: int = 0


def file_versions(path: str, old: str, new: str) -> FileVersions:
    """The versions that differ between two texts of the file at ``path``."""
    return _Comparison(path, old, new).result()


class _Comparison:
    def __init__(self, path: str, old: str, new: str) -> None:
        self._path = path
        self._tools = purpose(path) == "client"
        self._old_text, self._new_text = old, new
        self._old, self._new = lines_of(old), lines_of(new)
        self._hunks = hunks(self._old, self._new)
        self._old_left = {i for h in self._hunks for i in range(h.old_start, h.old_end)}
        self._new_left = {i for h in self._hunks for i in range(h.new_start, h.new_end)}
        self._versions = FileVersions()
        self._seen: set[tuple[object, ...]] = set()

    def result(self) -> FileVersions:
        """All that differs. A lock file has no versions of its own."""
        if purpose(self._path) != "lock":
            if is_yaml(self._path) and max(len(self._old_text), len(self._new_text)) <= _YAML_LIMIT and self._hunks:
                self._by_structure()
            self._versions.spots |= {(self._path, self._old[place].strip()) for place in self._old_left}
            for hunk in self._hunks:
                self._by_lines(hunk)
        self._versions.others = sum(
            1
            for lines, left in ((self._old, self._old_left), (self._new, self._new_left))
            for place in left
            if not _is_void(lines[place])
        )
        return self._versions

    def _by_structure(self) -> None:
        before, after = yamltree.documents(self._old_text), yamltree.documents(self._new_text)
        if before is None or after is None:
            return
        olds, news = yamltree.by_identity(before), yamltree.by_identity(after)
        for identity in olds.keys() & news.keys():
            for old, new in self._pairs(olds[identity], news[identity]):
                self._leaf(old, new)

    def _pairs(
        self, before: yamltree.Document, after: yamltree.Document
    ) -> Iterator[tuple[yamltree.Leaf, yamltree.Leaf]]:
        """Scalars on one line at the same path whose lines differ. What only moved within a list has no such lines."""
        for path, new in after.values.items():
            old = before.values.get(path)
            if (
                old is not None
                and old.value != new.value
                and new.line in self._new_left
                and old.line in self._old_left
                and new.line == new.end_line
                and old.line == old.end_line
            ):
                yield old, new

    def _leaf(self, old: yamltree.Leaf, new: yamltree.Leaf) -> None:
        result = None
        if new.key == "uses":
            result = next(iter(linewise.found(self._side_old(old.line), self._side_new(new.line))), None)
        result = result or naming.found(old, new)
        said = references.annotated(self._new, new.line) or self._dashboard(new)
        if said and said.name:
            pair = (result.old, result.new) if result else linewise.best(old.value, new.value) or (old.value, new.value)
            datasource = said.datasource or (result.datasource if result else "")
            result = Found(said.name, *pair, datasource, place=result.place if result else ())
        if result is None:
            return
        self._old_left.discard(old.line)
        self._new_left.discard(new.line)
        place = f"{new.document.kind}/{new.document.name} {yamltree.dotted(new.path)}"
        self._versions.spots.add((self._path, place))
        key = (id(new.document), result.place or new.path)
        if key not in self._seen:
            self._seen.add(key)
            self._add(result, yamltree.dotted(new.path), new.line, new.document.kind)

    def _dashboard(self, leaf: yamltree.Leaf) -> references.Annotation | None:
        """What is said of a Grafana dashboard, whose revision stands beside its number, below the comment."""
        number = leaf.neighbour("gnetId") if leaf.key == "revision" else None
        return references.annotated(self._new, number.line) if number else None

    def _by_lines(self, hunk: Hunk) -> None:
        olds = [i for i in range(hunk.old_start, hunk.old_end) if i in self._old_left]
        news = [i for i in range(hunk.new_start, hunk.new_end) if i in self._new_left]
        for i, j in linewise.paired([self._old[i] for i in olds], [self._new[j] for j in news]):
            old, new = self._side_old(olds[i]), self._side_new(news[j])
            results = linewise.found(old, new)
            for result in results:
                key = (result.name, result.old, result.new, new.place)
                if key not in self._seen:
                    self._seen.add(key)
                    self._add(result, _key_of(new.text), new.place, "")
            if results:
                self._old_left.discard(old.place)
                self._new_left.discard(new.place)

    def _side_old(self, place: int) -> linewise.Side:
        return linewise.Side(self._old, place, self._tools)

    def _side_new(self, place: int) -> linewise.Side:
        return linewise.Side(self._new, place, self._tools)

    def _add(self, result: Found, path: str, line: int, kind: str) -> None:
        kind_of_step: UpdateType = "replacement" if result.replaces else update_type(result.old, result.new)
        change = Change(
            result.name, result.old, result.new, kind_of_step, result.datasource, self._path, path, line + 1
        )
        self._versions.changes.append(change)
        self._versions.weak.append(result.weak)
        system = _system(change, kind)
        if system:
            self._versions.systems.add(system)


def _system(change: Change, kind: str) -> System | None:
    """The system whose version on the nodes this moves. Tools for people and pipelines are none."""
    if kind == "TalosUpgrade":
        return "talos" if change.path == "spec.talos.version" else None
    if kind == "KubernetesUpgrade":
        return "kubernetes" if change.path == "spec.kubernetes.version" else None
    if purpose(change.file) != "content" or _CLIENT_WORDS.search(f"{change.path} {change.name}"):
        return None
    if _TALOS.search(change.name):
        return "talos"
    return "kubernetes" if _KUBERNETES.search(change.name) else None


def _key_of(line: str) -> str:
    found = re.match(r"^\s*(?:-\s+)?(?:[\"']([^\"']+)[\"']|([\w.\-/@]+?))\s*[:=]", line)
    return (found[1] or found[2]) if found else ""


def _is_void(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith(("#", "//", "<!--", "{#")) or text in ("---", "...")
