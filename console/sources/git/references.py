"""Versions inside texts: image references, URLs, actions, Renovate's comments, and any two texts that differ in some.

Each function takes texts as they stand in the file and gives what they name; none reads files.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TAG = r"[A-Za-z0-9_][\w.+-]{0,127}"
_IMAGE = re.compile(
    r"^(?:oci://|docker://)?(?P<name>[a-zA-Z0-9.\-]+(?::\d+)?(?:/[\w.\-{} ]+)+|[a-z0-9][a-z0-9._\-]*)"
    rf"(?::(?P<tag>{_TAG}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?$"
)
_IN_TEXT = re.compile(
    r"(?<![a-zA-Z0-9._\-])(?:oci://|docker://)?(?:[a-zA-Z0-9\-]+(?:\.[a-zA-Z0-9\-]+)+(?::\d+)?/)?[a-zA-Z0-9._\-]+"
    r"(?:/(?:[\w.\-]+|\{\{[^{}]*\}\}))*"
    rf":{_TAG}(?:@sha256:[0-9a-f]{{64}})?|(?:[\w.\-]+/)+[\w.\-]+@sha256:[0-9a-f]{{64}}"
)
_URL = re.compile(r"https?://[^\s\"'<>]+")
_USES = re.compile(r"uses:\s*[\"']?(?P<name>[\w.\-]+/[\w.\-/]+)@(?P<ref>[\w.\-/]+)[\"']?(?:\s*#\s*(?P<comment>.*))?$")
_ANNOTATION = re.compile(r"renovate:\s*(?P<rest>.*?)\s*(?:-->|#\}|\*/)?$")
_PAIR = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S+)")
_SPLIT = re.compile(r"([\s\"'`/=@,()\[\]{}<>;#!|?&:\\]+)")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+(?:[-+_][0-9A-Za-z][\w.+]*)*|v\d+")
_ARCHIVE = re.compile(r"\.(?:tar\.(?:gz|xz|bz2|zst)|tgz|zip|ya?ml|json|exe|deb|rpm|AppImage|git|jar|sh)$")
_NUMBER = re.compile(r"^v?\d+(?:\.\d+)*(?:[-+_.]\S*)?$|^[0-9a-f]{7,64}$|\d+\.\d+")
_COMMENT_VERSION = re.compile(
    r"(?:tag\s*=\s*|renovate:\s*tag=|ratchet:[\w./-]+@)?(?P<version>v?\d[\w.+-]*|[a-z][\w.+-]*)"
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image or OCI artifact reference, taken apart. ``tag`` and ``digest`` may be empty."""

    name: str
    tag: str = ""
    digest: str = ""

    @property
    def version(self) -> str:
        """``tag@digest``, as far as they are there."""
        return join(self.tag, self.digest)


@dataclass(frozen=True, slots=True)
class Action:
    """``uses:`` of a workflow; ``comment`` is the version noted behind a commit."""

    name: str
    ref: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A ``# renovate:`` comment: what the line below it is a version of."""

    name: str
    datasource: str


def join(tag: str, digest: str) -> str:
    """``tag@sha256:…``, or the one that is there."""
    digest = digest if not digest or digest.startswith("sha") else f"sha256:{digest}"
    return f"{tag}@{digest}" if tag and digest else tag or digest


def image(text: str) -> Image | None:
    """The image that the whole of ``text`` names, or None."""
    found = _IMAGE.match(text.strip())
    if not found:
        return None
    return Image(found["name"], found["tag"] or "", found["digest"] or "")


def images(line: str) -> list[Image]:
    """All images with a version that ``line`` names."""
    found = (image(m.group()) for m in _IN_TEXT.finditer(line))
    return [i for i in found if i and (i.digest or re.search(r"\d", i.tag) or "/" in i.name)]


def action(line: str) -> Action | None:
    """The action that a line of a workflow uses."""
    found = _USES.search(line.strip())
    if not found:
        return None
    comment = _COMMENT_VERSION.match((found["comment"] or "").strip())
    name = "/".join(found["name"].split("/")[:2])  # what is versioned is the repository
    return Action(name, found["ref"], comment["version"] if comment else "")


def annotation(comment: str) -> Annotation | None:
    """What a ``# renovate:`` comment says, in any order of its attributes."""
    found = _ANNOTATION.search(comment)
    if not found:
        return None
    said = {key.lower(): value.strip("\"'") for key, value in _PAIR.findall(found["rest"])}
    name = said.get("depname") or said.get("packagename") or said.get("lookupname") or said.get("image") or ""
    datasource = said.get("datasource", "")
    if not name and not datasource:
        # Short forms that some use: "renovate: docker=repo/name", "renovate: repo/name"
        short = next(((k, v) for k, v in said.items() if "/" in v), None)
        if short:
            datasource, name = short
    return Annotation(name, datasource) if name or datasource else None


def annotated(lines: Sequence[str], place: int) -> Annotation | None:
    """The annotation that stands over (or behind) line ``place`` (0-based)."""
    own = annotation(lines[place]) if "renovate:" in lines[place] else None
    if own:
        return own
    for above in range(place - 1, max(-1, place - 5), -1):
        line = lines[above].strip()
        if not line.startswith(("#", "//", ";", "{#", "<!--", "*")):
            return None
        if "renovate:" in line:
            return annotation(line)
    return None


def url_name(url: str) -> str:
    """``owner/repository`` of a URL on a forge, else the host, with the first path element if that is a name."""
    if url.startswith("oci://"):
        return url.removeprefix("oci://")
    rest = url.split("://", 1)[-1].split("?", 1)[0]
    host, *path = [p for p in rest.split("/") if p]
    if host in ("github.com", "raw.githubusercontent.com", "gitlab.com", "codeberg.org", "api.github.com"):
        path = path[1:] if host == "api.github.com" else path
        return "/".join(path[:2]).removesuffix(".git")
    return "/".join([host, *(part for part in path[:1] if not re.search(r"\d", part))])


def moved_version(old: str, new: str) -> tuple[str, str] | None:
    """The version in which two URLs of the same thing differ: one with dots before a bare number or a digest."""
    pairs = [pair for pair in differing(old, new) if _NUMBER.search(pair[0]) and _NUMBER.search(pair[1])]
    if not pairs or url_name(old) != url_name(new):
        return None
    return max(pairs, key=lambda pair: ("." in pair[1], pair[1].startswith("v")))


def urls(line: str) -> list[str]:
    """All URLs in ``line``."""
    return _URL.findall(line)


def differing(old: str, new: str) -> list[tuple[str, str]]:
    """The words in which two texts of the same shape differ, narrowed to the versions in them. Empty otherwise."""
    before, after = _SPLIT.split(old), _SPLIT.split(new)
    if [gap.strip() for gap in before[1::2]] != [gap.strip() for gap in after[1::2]]:
        return []
    pairs = dict.fromkeys(_narrowed(a, b) for a, b in zip(before[::2], after[::2], strict=True) if a != b)
    return list(pairs)


def _narrowed(old: str, new: str) -> tuple[str, str]:
    """The version inside each of two words, where that is all they differ in."""
    for before, after in zip(_versions(old), _versions(new), strict=False):
        if before != after and old.replace(before, "") == new.replace(after, ""):
            return before, after
    if old[:1] == new[:1] and old[:1] in ("^", "~"):
        return old[1:], new[1:]
    return old, new


def _versions(word: str) -> Iterator[str]:
    for found in _VERSION.finditer(word):
        yield _ARCHIVE.sub("", found.group())
