"""What a repository holds once the update is merged: configuration, objects, packages. Parsed when first asked for."""

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from console.foresight.clusters import concerned
from console.foresight.machineconfig import Part, parts
from console.foresight.places import Place
from console.foresight.yamlfiles import Document, Setting, is_yaml, read
from console.model.version import Version

_LONGEST = 300  # characters of a reference
_TEXTS = (".sh", ".bash", ".toml", ".env", ".json5", ".just", ".hcl", ".tf", ".py")
_NAMED = ("taskfile", "justfile", "makefile", ".justfile", ".tool-versions", "mise.lock")
# An image or a chart in one text, and a release's address; the version is what Version takes.
_REFERENCE = re.compile(
    r"^(?:oci://|docker://)?(?P<name>[\w.-]+(?::\d+)?(?:/[\w.-]+)+):(?P<version>v?\d[\w.+-]*)(?:@.*)?$"
)
_RELEASE = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)/releases/download/(?P<version>v?\d[^/]*)/")
_REVISION = re.compile(r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?(?://[^?]*)?\?(?:.*&)?ref=(?P<version>v?\d[\w.+-]*)")


def wanted(path: str) -> bool:
    """Whether a file of that name is looked at by any rule."""
    name = path.rsplit("/", 1)[-1].lower()
    return not path.startswith(".git/") and (is_yaml(path) or path.endswith(_TEXTS) or name.startswith(_NAMED))


def named(globs: Sequence[str], name: str) -> bool:
    """Whether a dependency's name is one of ``globs``: its last parts, as many as the glob has."""
    last = name.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return any(
        fnmatch.fnmatchcase(name, glob) or fnmatch.fnmatchcase(name, f"*/{glob}")
        if "/" in glob
        else fnmatch.fnmatchcase(last, glob)
        for glob in globs
    )


@dataclass(frozen=True, slots=True)
class Package:
    """Something that the repository holds at a version."""

    name: str
    version: Version
    place: Setting


@dataclass(frozen=True)
class Tree:
    """Files by path. What is asked for is found by its bytes first: only files that can hold it are parsed.

    ``versions`` and ``touched`` (places of versions, files that change) tell which of several clusters is meant.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    versions: tuple[Place, ...] = ()
    touched: tuple[str, ...] = ()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All machine configuration of the cluster that the update is about."""
        return concerned(parts(self.files), self.versions, self.touched)

    def documents(self, words: Iterable[str]) -> Iterator[Document]:
        """The documents of the YAML files that hold each of ``words``."""
        needles = [word.encode() for word in words]
        for path, data in self.files.items():
            if is_yaml(path) and all(needle in data for needle in needles):
                yield from read(path, data)

    def _sources_of_values(self, words: Iterable[str]) -> Iterator[Document]:
        """HelmReleases whose values stand in other files, where any file holds each of ``words``."""
        needles = [word.encode() for word in words]
        if needles and any(all(needle in data for needle in needles) for data in self.files.values()):
            yield from self.documents(["HelmRelease", "valuesFrom"])

    def objects(self, kinds: Sequence[str], words: Sequence[str] = ()) -> Iterator[Document]:
        """The Kubernetes objects of these kinds (of any, for none) in files that hold each of ``words``."""
        several = kinds or ("kind:",)
        seen: set[str] = set()
        for kind in several:
            found = self.documents([kind, *words])
            for document in chain(found, self._sources_of_values(words)) if kind == "HelmRelease" else found:
                if document.api and document.api != "v1alpha1" and (not kinds or document.kind == kind):
                    place = f"{document.file}:{document.line}"
                    if place not in seen:
                        seen.add(place)
                        yield document

    def lines(self, globs: Sequence[str]) -> Iterator[tuple[str, int, str]]:
        """Path, number and text of each line of the files that ``globs`` name, by whole path or by last part."""
        for path, data in self.files.items():
            name = path.rsplit("/", 1)[-1]
            if any(fnmatch.fnmatchcase(path if "/" in glob else name, glob) for glob in globs):
                for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
                    yield path, number, line

    def releases(self, charts: Sequence[str]) -> Iterator[Document]:
        """The HelmReleases of these charts (globs): by the chart they name, or by their OCIRepository's address."""
        literals = [_literal(chart) for chart in charts]
        sources = {
            (posixpath.dirname(document.file), document.name)
            for literal in dict.fromkeys(literals)
            for document in self.objects(["OCIRepository"], [literal])
            if named(charts, document.text("spec", "url").rstrip("/"))
        }
        names = {name for _, name in sources}
        needles = [word.encode() for word in dict.fromkeys((*literals, *names))]
        for path, data in self.files.items():
            if not is_yaml(path) or b"HelmRelease" not in data or not any(needle in data for needle in needles):
                continue
            for document in read(path, data):
                own = document.text("spec", "chart", "spec", "chart")
                name = own or document.text("spec", "chartRef", "name")
                held = not own and ((posixpath.dirname(path), name) in sources or name in names)
                if document.kind == "HelmRelease" and name and (held or named(charts, name)):
                    yield document

    def values(self, release: Document) -> list[Setting]:
        """Values that a HelmRelease takes from a ConfigMap made of files below its folder, as if they stood in it."""
        if not any(s.path[:2] == ("spec", "valuesFrom") for s in release.settings):
            return []
        folder = posixpath.dirname(release.file)
        return [
            replace(s, path=("spec", "values", *s.path))
            for path, data in self.files.items()
            if path.startswith(f"{folder}/") and is_yaml(path) and "values" in path.rsplit("/", 1)[-1]
            for document in read(path, data)
            for s in document.settings
        ]

    def packages(self, globs: Sequence[str]) -> list[Package]:
        """What it holds of these names, and at which versions."""
        literals = [_literal(glob) for glob in globs]
        found: dict[str, Package] = {}
        for literal in dict.fromkeys(literals):
            for document in self.documents([literal] if literal else []):
                for package in _packages(document):
                    if named(globs, package.name):
                        found.setdefault(package.place.where, package)
        return list(found.values())


def _literal(glob: str) -> str:
    """The longest part of a glob that stands in what it matches as it is."""
    return max(re.split(r"[*?\[\]/]", glob), key=len)


def _packages(document: Document) -> Iterator[Package]:
    by_path = {s.path: s for s in document.settings}
    for setting in document.settings:
        name = version = ""
        key, beside = (setting.path[-1] if setting.path else ""), setting.path[:-1]
        text = setting.value if len(setting.value) <= _LONGEST else ""  # a dashboard, a certificate: no reference
        if match := _REFERENCE.match(text) or _RELEASE.search(text) or _REVISION.search(text):
            name, version = match["name"], match["version"]
        elif key == "tag" and document.kind in {"OCIRepository", "GitRepository"}:
            name, version = document.text("spec", "url").removeprefix("oci://").removesuffix(".git"), setting.value
        elif key == "tag" and (repository := by_path.get((*beside, "repository"))):
            name, version = repository.value, setting.value
        elif key == "version" and (chart := by_path.get((*beside, "chart"))):
            name, version = chart.value, setting.value
        elif key == "version" and (chart := by_path.get((*beside, "name"))):  # of Chart.yaml, and of kustomize
            source = by_path.get((*beside, "repository")) or by_path.get((*beside, "repo"))
            name, version = (f"{source.value.partition('//')[2]}/{chart.value}", setting.value) if source else ("", "")
        parsed = Version.parse(version.partition("@")[0]) if name else None
        if parsed:
            yield Package(name.rstrip("/"), parsed, setting)
