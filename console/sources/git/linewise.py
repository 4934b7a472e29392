"""Versions in lines: for everything that is not plain YAML (templates, TOML, JSON, workflows' comments, Dockerfiles,
scripts) and for what the YAML rules left. A line before and the line after are compared word by word.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.sources.git import references
from console.sources.git.classify import is_digest, is_version, update_type
from console.sources.git.naming import VERSION_KEY, Found

_KEY = re.compile(
    r"^\s*(?:-\s+)?(?:export\s+|ENV\s+|ARG\s+|set\s+)?"
    r"(?:[\"'](?P<quoted>[^\"']+)[\"']|(?P<key>[\w.\-/@]*[\w/]))\s*(?:[:?+]?=|:(?!\S))\s*"
)
_REQUIREMENT = re.compile(
    r"^\s*(?P<name>[\w.\-\[\]/@]+)(?:\s*[=~><!]=\s*|\s+|@)(?P<version>[\^~]?v?\d[\w.+\-]*)\s*\\?$"
)
_QUOTED_REQUIREMENT = re.compile(r"[\"'](?P<name>[\w.\-\[\]]+)\s*[=~><!]=\s*(?P<version>v?\d[^\"';, ]*)")
_INLINE_NAME = re.compile(r"[\"']?(?:name|repo|package|chart)[\"']?\s*[:=]\s*[\"']?(?P<name>[\w.\-/]+)")
_SECTION = re.compile(r"^\s*\[+\s*(?P<name>[^\]]+?)\s*\]+")
_NAMING = re.compile(
    r"^\s*(?:-\s+)?[\"']?(?P<key>name|source|chart|repo|package|image|repository|url)[\"']?"
    r"\s*[:=]\s*[\"']?(?P<name>[\w.\-/:@]+)"
)
_PRESET = re.compile(r"(?:github|gitlab|gitea|forgejo|local)>(?P<name>[\w.\-/]+)[^#\"']*#(?P<version>[\w.\-/]+)")
_LONGEST = 1000  # characters
_PREFIXED = re.compile(r"^v\d+$")
_GENERIC = ("version", "tag", "rev", "ref", "digest", "sha", "url", "image", "default", "value", "commit", "hash")


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one version of a file. ``tools``: a list of tools, where a bare ``22`` is a version too."""

    lines: Sequence[str]
    place: int
    tools: bool = False

    @property
    def text(self) -> str:
        return self.lines[self.place]


Rule = Callable[[Side, Side], list[Found]]


def found(old: Side, new: Side) -> list[Found]:
    """The versions that moved from one line to the other, by the first rule that knows; none in a line so long that no
    person wrote it."""
    if max(len(old.text), len(new.text)) > _LONGEST:
        return []
    for rule in _RULES:
        results = [result for result in rule(old, new) if result.old != result.new]
        if results:
            return results
    return []


def paired(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Which line became which: by place when there are as many as before, else by the same shape, in order."""
    if len(old) == len(new):
        return list(zip(range(len(old)), range(len(new)), strict=True))
    pairs = []
    start = 0
    for i, line in enumerate(old):
        for j in range(start, len(new)):
            if _shape(line) == _shape(new[j]):
                pairs.append((i, j))
                start = j + 1
                break
    return pairs


def _shape(line: str) -> str:
    return re.sub(r"[0-9a-f]{7,}|\d+", "0", re.sub(r"#.*", "", line)).strip()


def _uses(old: Side, new: Side) -> list[Found]:
    before, after = references.action(old.text), references.action(new.text)
    if not before or not after:
        return []
    if before.name != after.name:
        olds, news = f"{before.name}@{before.ref}", f"{after.name}@{after.ref}"
        return [Found(after.name, olds, news, "github-tags", replaces=before.name)]
    olds, news = before.ref, after.ref
    if is_digest(after.ref) and is_digest(before.ref):
        if before.comment != after.comment and is_version(before.comment) and is_version(after.comment):
            olds, news = before.comment, after.comment
    elif is_digest(after.ref) and update_type(before.ref, after.comment) == "major":
        news = after.comment  # pinned and raised at once
    return [Found(after.name, olds, news, "github-tags")]


def _annotated(old: Side, new: Side) -> list[Found]:
    said = references.annotated(new.lines, new.place)
    if not said or not said.name:
        return []
    pair = best(old.text, new.text)
    return [Found(said.name, *pair, said.datasource)] if pair else []


def _image(old: Side, new: Side) -> list[Found]:
    before, after = references.images(old.text), references.images(new.text)
    if not after or len(before) != len(after):
        return []
    results = []
    for a, b in zip(before, after, strict=True):
        if a == b:
            continue
        if a.name != b.name:
            olds, news = f"{a.name}:{a.version}", f"{b.name}:{b.version}"
            results.append(Found(b.name, olds, news, "docker", replaces=a.name))
        elif a.tag != b.tag:
            results.append(Found(b.name, a.tag or a.digest, b.tag or b.digest, "docker"))
        elif a.digest and b.digest:
            results.append(Found(b.name, a.digest, b.digest, "docker"))
        else:
            results.append(Found(b.name, a.version, b.version, "docker"))
    return results


def _url(old: Side, new: Side) -> list[Found]:
    pairs = zip(references.urls(old.text), references.urls(new.text), strict=False)
    for before, after in pairs:
        pair = references.moved_version(before, after) if before != after else None
        if pair:
            forge = "github" in after
            return [Found(references.url_name(after), *pair, "github-releases" if forge else "", weak=not forge)]
    return []


def _preset(old: Side, new: Side) -> list[Found]:
    """``github>owner/presets#1.2.3`` in Renovate's own configuration."""
    before = {found["name"]: found["version"] for found in _PRESET.finditer(old.text)}
    after = {found["name"]: found["version"] for found in _PRESET.finditer(new.text)}
    return [Found(name, before[name], after[name], "github-tags") for name in before.keys() & after.keys()]


def _requirement(old: Side, new: Side) -> list[Found]:
    """``name==1.2``, ``name 1.2``, ``name@1.2``: requirements, .tool-versions, go.mod."""
    for pattern in (_REQUIREMENT, _QUOTED_REQUIREMENT):
        before, after = pattern.search(old.text), pattern.search(new.text)
        if before and after and before["name"] == after["name"]:
            return [Found(after["name"], before["version"], after["version"])]
    return []


def _keyed(old: Side, new: Side) -> list[Found]:
    pair = best(old.text, new.text)
    if not pair:
        return []
    key = _KEY.match(new.text)
    name = (key["quoted"] or key["key"]).strip() if key else ""
    if not (new.tools or _is_plain(pair[1]) or VERSION_KEY.search(name)):
        return []
    if name.lower() in _GENERIC or not name:
        beside = _INLINE_NAME.search(new.text)
        around = beside["name"] if beside else _around(new)
        if around:
            return [Found(around, *pair)]
        return [Found(name or pair[1], *pair, weak=True)]
    return [Found(name, *pair, _mise_source(name), weak=name.isupper() or name.lower().endswith("version"))]


def _is_plain(version: str) -> bool:
    """Whether it can be nothing else: a dotted or prefixed version, a digest. A bare number may be anything."""
    return (
        is_digest(version)
        or ("." in version and version[:1].lower() in "v0123456789")
        or bool(_PREFIXED.match(version))
    )


def _around(side: Side) -> str:
    """What a bare ``version`` belongs to: its TOML section, or what is named a few lines above or just below it."""
    below = range(side.place + 1, min(len(side.lines), side.place + 3))
    for place in (*range(side.place - 1, max(-1, side.place - 6), -1), *below):
        line = side.lines[place]
        section = _SECTION.match(line)
        if section and "=" not in section["name"]:
            return section["name"].split(".", 1)[-1].strip("\"'") if "." in section["name"] else ""
        named = _NAMING.match(line)
        if named and (place < side.place or named["key"] in ("url", "repository", "chart")):
            name = named["name"].removeprefix("oci://")
            return references.url_name(name) if "://" in name else name
    return ""


def _mise_source(name: str) -> str:
    return "github-releases" if name.split(":", 1)[0] in ("aqua", "ubi", "github") and ":" in name else ""


def best(old: str, new: str) -> tuple[str, str] | None:
    """The pair of words that tells most: a version before a digest before anything."""
    pairs = references.differing(old, new)
    for wanted in (lambda t: is_version(t) and not is_digest(t), is_digest):
        for pair in pairs:
            if wanted(pair[0]) and wanted(pair[1]):
                return pair
    before, after = references.images(old), references.images(new)
    if len(before) == len(after) == 1 and before[0].name == after[0].name:
        return before[0].version, after[0].version
    return None


_RULES: tuple[Rule, ...] = (_uses, _annotated, _image, _url, _preset, _requirement, _keyed)
