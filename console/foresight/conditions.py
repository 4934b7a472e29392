"""What a rule looks for, and where it is found. The words are those of ``foresight/rules``."""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.foresight.machineconfig import Part, together
from console.foresight.paths import Path, matches, words
from console.foresight.ranges import Range
from console.foresight.tree import Tree, named
from console.foresight.yamlfiles import UNKNOWN, Document, Setting
from console.model.version import Version


class Unasked(Exception):  # noqa: N818 - no error: an answer that is not there
    """The cluster would have to be asked, and can't be. The text says why."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where something was found. ``file`` is empty for what is in the cluster, and for what is nowhere."""

    value: str = ""
    path: Path = ()
    name: str = ""
    file: str = ""
    line: int = 0
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What conditions may look at. ``live`` gives the objects of (apiVersion, kind), or raises Unasked."""

    tree: Tree
    runs: Mapping[str, tuple[Version, ...]]
    live: Callable[[str, str], Sequence[Mapping[str, Any]]]
    now: datetime


class Condition(Protocol):
    """Something to look for."""

    def found(self, ground: Ground) -> list[Hit]:
        """Where it is; empty when it is not. Unasked when that can't be told."""


def _fits(value: str, wanted: str, unwanted: str) -> bool:
    """What a template will put there is not known, so it is neither."""
    if not wanted and not unwanted:
        return True
    if UNKNOWN in value and not (wanted and re.fullmatch(wanted, value)):
        return False
    return (not wanted or bool(re.fullmatch(wanted, value, re.DOTALL))) and not (
        unwanted and re.fullmatch(unwanted, value, re.DOTALL)
    )


def _hit(setting: Setting, name: str = "", part: Part | None = None) -> Hit:
    return Hit(setting.value, setting.path, name, setting.file, setting.line, part)


@dataclass(frozen=True, slots=True)
class Config:
    """A key in machine configuration."""

    paths: tuple[str, ...] = ()
    kind: str = ""
    value: str = ""
    unlike: str = ""
    key: str = ""

    def found(self, ground: Ground) -> list[Hit]:
        """One for each value; a document itself where no path is asked for."""
        hits: list[Hit] = []
        for part in ground.tree.parts:
            if self.kind not in ("*", part.kind):
                continue
            if not self.paths:
                hits.append(_hit(part.start, part.kind, part))
            hits += [_hit(s, part.kind, part) for s in part.settings if self._means(s)]
        return hits

    def _means(self, setting: Setting) -> bool:
        if not any(matches(path, setting.path) for path in self.paths):
            return False
        if self.key and not re.fullmatch(self.key, setting.path[-1]):
            return False
        return _fits(setting.value, self.value, self.unlike)


@dataclass(frozen=True, slots=True)
class Object:
    """A Kubernetes object in the repository."""

    kinds: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    name: str = ""
    charts: tuple[str, ...] = ()
    has: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()

    def found(self, ground: Ground) -> list[Hit]:
        """One for each object: the first value that is asked for, else the line with its kind."""
        tree, hits = ground.tree, []
        for document in tree.releases(self.charts) if self.charts else tree.objects(self.kinds, self._needles):
            if self._is(document) and (place := self._holds(document, ground.tree)):
                start = Setting(("kind",), document.kind, document.file, document.line)
                hits.append(_hit(place[0] if self.has else start, document.name))
        return hits

    @property
    def _needles(self) -> list[str]:
        """What a file must hold, literally, for this to be in it."""
        keys = [literal[-1] for path in self.has if (literal := words(path))]
        return [*keys, *filter(None, map(_literal, self.has.values()))]

    def _holds(self, document: Document, tree: Tree) -> list[Setting]:
        """What answers; nothing where values come from elsewhere and it is asked what they lack."""
        if document.kind != "HelmRelease":
            return _holds(document.settings, self.has, self.lacks)
        if "Secret" in (s.value for s in document.settings if matches("spec.valuesFrom[].kind", s.path)) and self.lacks:
            return []
        return _holds((*document.settings, *tree.values(document)), self.has, self.lacks)

    def _is(self, document: Document) -> bool:
        if self.apis and not any(fnmatch.fnmatchcase(document.api, api) for api in self.apis):
            return False
        return not self.name or fnmatch.fnmatchcase(document.name, self.name)


def _literal(regex: str) -> str:
    """What every text that matches begins with; empty where that can't be told at a glance."""
    found = re.match(r"[\w/:-]+", regex)
    if found is None or "|" in regex:
        return ""
    return found[0][:-1] if regex[found.end() : found.end() + 1] in {"?", "*", "{", "+"} else found[0]


def _holds(settings: Sequence[Setting], has: Mapping[str, str], lacks: Sequence[str]) -> list[Setting]:
    """The settings that answer ``has``, in its order; all of them where nothing is asked; empty when it fails."""
    answers: list[Setting] = []
    for path, value in has.items():
        here = [s for s in settings if matches(path, s.path) and _fits(s.value, value, "")]
        if not here:
            return []
        answers += here
    if any(matches(path, s.path) for path in lacks for s in settings):
        return []
    return answers or list(settings)


@dataclass(frozen=True, slots=True)
class Schematic:
    """System extensions that a schematic names."""

    extensions: tuple[str, ...]

    def found(self, ground: Ground) -> list[Hit]:
        """One for each of them."""
        return [
            _hit(s)
            for document in ground.tree.documents(["officialExtensions"])
            for s in document.settings
            if matches("**.officialExtensions[]", s.path) and named(self.extensions, s.value)
        ]


@dataclass(frozen=True, slots=True)
class Kernel:
    """Kernel arguments: of a schematic, and of machine configuration."""

    argument: str

    def found(self, ground: Ground) -> list[Hit]:
        """One for each of them."""
        return [
            _hit(s)
            for document in ground.tree.documents(["extraKernelArgs"])
            for s in document.settings
            if matches("**.extraKernelArgs[]", s.path) and _fits(s.value, self.argument, "")
        ]


# Where a document of that kind names the installer.
_INSTALLERS = {
    "": "machine.install.image",
    "UnattendedInstallConfig": "**.image",
    "UnattendedInstall": "**.image",
}


@dataclass(frozen=True, slots=True)
class Installer:
    """Installer images: in machine configuration and in talhelper's own keys."""

    image: str

    def found(self, ground: Ground) -> list[Hit]:
        """One for each place."""
        return [
            _hit(s, part.kind, part)
            for part in ground.tree.parts
            for s in part.settings
            if matches(_INSTALLERS.get(part.kind, "**.talosImageURL"), s.path) and _fits(s.value, self.image, "")
        ]


@dataclass(frozen=True, slots=True)
class Held:
    """A package that the repository holds."""

    names: tuple[str, ...]
    version: Range | None = None

    def found(self, ground: Ground) -> list[Hit]:
        """One for each place that pins it."""
        return [
            Hit(str(p.version), p.place.path, p.name, p.place.file, p.place.line)
            for p in ground.tree.packages(self.names)
            if self.version is None or self.version.holds(p.version)
        ]


@dataclass(frozen=True, slots=True)
class Runs:
    """The version of Talos or Kubernetes once the update is through."""

    system: str
    version: Range

    def found(self, ground: Ground) -> list[Hit]:
        """One, when any node has such a version."""
        return [Hit(str(v), name=self.system) for v in ground.runs.get(self.system, ()) if self.version.holds(v)][:1]


@dataclass(frozen=True, slots=True)
class Text:
    """A line of a file that is no YAML, or is read as text."""

    files: tuple[str, ...]
    match: str

    def found(self, ground: Ground) -> list[Hit]:
        """One for each line in which it is."""
        wanted = re.compile(self.match)
        return [
            Hit(found.group(), (), "", path, number)
            for path, number, line in ground.tree.lines(self.files)
            if (found := wanted.search(line)) and not line.lstrip().startswith("#")
        ]


@dataclass(frozen=True, slots=True)
class Live:
    """An object in the cluster now."""

    api: str
    kind: str
    has: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    older: Mapping[str, timedelta] = field(default_factory=dict)

    def found(self, ground: Ground) -> list[Hit]:
        """One for each object, named ``namespace/name``."""
        hits = []
        for found in ground.live(self.api, self.kind):
            settings = tuple(_flat(found))
            place = _holds(settings, self.has, self.lacks) or ([] if self.has or self.lacks else list(settings))
            if place and all(self._old(settings, path, age, ground.now) for path, age in self.older.items()):
                meta = found.get("metadata") or {}
                name = "/".join(filter(None, (str(meta.get("namespace") or ""), str(meta.get("name") or ""))))
                hits.append(Hit(place[0].value, place[0].path, name))
        return hits

    @staticmethod
    def _old(settings: Sequence[Setting], path: str, age: timedelta, now: datetime) -> bool:
        moments = [_moment(s.value) for s in settings if matches(path, s.path)]
        return any(moment is not None and now - moment > age for moment in moments)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _flat(value: Any, path: Path = ()) -> list[Setting]:
    if isinstance(value, Mapping):
        return [s for key, inner in value.items() for s in _flat(inner, (*path, str(key)))]
    if isinstance(value, list):
        found = [s for number, inner in enumerate(value) for s in _flat(inner, (*path, f"[{number}]"))]
        typed = [v for v in value if isinstance(v, Mapping) and "type" in v] if path[-1:] == ("conditions",) else []
        return found + [s for inner in typed for s in _flat(inner, (*path, f"[{inner['type']}]"))]
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return [Setting(path, text, "", 0)]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - the language's word
    """One of several."""

    of: tuple[Condition, ...]

    def found(self, ground: Ground) -> list[Hit]:
        """All that any of them finds."""
        return [hit for condition in self.of for hit in condition.found(ground)]


@dataclass(frozen=True, slots=True)
class All:
    """Several at once, and others not: on machine configuration of one node."""

    of: tuple[Condition, ...]
    without: tuple[Condition, ...] = ()

    def found(self, ground: Ground) -> list[Hit]:
        """What the first finds, as far as the others are there too."""
        hits = [Hit()]
        for number, condition in enumerate(self.of):
            here = condition.found(ground)
            hits = here if number == 0 else [hit for hit in hits if any(_beside(hit, other) for other in here)]
            if not hits:
                return []
        for condition in self.without:
            here = condition.found(ground)
            hits = [hit for hit in hits if not any(_beside(hit, other) for other in here)]
            if not hits:
                return []
        return hits


def _beside(one: Hit, other: Hit) -> bool:
    return one.part is None or other.part is None or together(one.part, other.part)
