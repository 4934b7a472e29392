"""Where a repository carries a version of Talos or Kubernetes: found by content, whatever the layout."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from console.model.updates import System
from console.model.version import Version, normal

Kind = Literal["resource", "config", "image", "client"]

_SUFFIXES = (".yaml", ".yml", ".j2", ".toml", ".env", ".tpl", ".tmpl", ".mise.toml", ".tool-versions")
_VERSION = r"v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.\-]+)?"
# Without one of these in it no line below can match.
_NAMED = re.compile(
    rb"TalosUpgrade|KubernetesUpgrade|alosVersion|ubernetesVersion|alos_version|ubernetes_version|ALOS_VERSION"
    rb"|UBERNETES_VERSION|installer|siderolabs|talosctl|kubectl|k8s\.io/kube-"
)
_RESOURCE = re.compile(r"^kind:\s*[\"']?(TalosUpgrade|KubernetesUpgrade)\b", re.MULTILINE)
_SPEC = re.compile(rf"^(\s+)version:\s*(?:&\S+\s+)?[\"']?({_VERSION})")
_SECTION = re.compile(r"^\s+(talos|kubernetes):\s*$")
_KEY = re.compile(
    rf"^\s*-?\s*[\"']?(talosVersion|kubernetesVersion|talos_version|kubernetes_version"
    rf"|TALOS_VERSION|KUBERNETES_VERSION)[\"']?\s*[:=]\s*[\"']?({_VERSION})[\"']?"
)
_IMAGE = re.compile(
    rf"(?:(?P<talos>(?:factory\.talos\.dev|ghcr\.io/siderolabs)/\S*?installer(?:-secureboot)?(?:/(?:\{{\{{[^}}]*\}}\}}|[^\s:\"'])+)?)"
    rf"|(?P<kubernetes>ghcr\.io/siderolabs/kubelet|registry\.k8s\.io/kube-(?:apiserver|controller-manager|scheduler|proxy))"
    rf"):(?P<version>{_VERSION})"
)
_ANNOTATED = re.compile(r"#\s*renovate:.*\b(?:depName|packageName)=(\S+)")
_DEPENDENCIES: dict[str, System] = {
    "siderolabs/talos": "talos",
    "ghcr.io/siderolabs/installer": "talos",
    "ghcr.io/siderolabs/kubelet": "kubernetes",
}
_CLIENT = re.compile(
    rf"^\s*[\"']?(?:aqua:|ubi:|github:|asdf:)?(?P<tool>siderolabs/talos|talosctl|kubernetes/kubectl|kubernetes/kubernetes/kubectl|kubectl)"
    rf"[\"']?\s*(?:=|:|\s)\s*(?:\{{\s*version\s*=\s*)?[\"']?(?P<version>{_VERSION})"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One line that carries a version (``vX.Y.Z``): tuppr's resource, a configuration, an image, or a client's pin."""

    system: System
    kind: Kind
    version: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"


def carries(path: str) -> bool:
    """Whether a file of that name can carry such a version at all."""
    name = path.rsplit("/", 1)[-1]
    return path.endswith(_SUFFIXES) and ".sops." not in name and not path.startswith((".github/", ".renovate", ".git/"))


@lru_cache(maxsize=8192)
def places(path: str, data: bytes) -> tuple[Place, ...]:
    """The places in one file. Files that name neither system are passed over without decoding."""
    if len(data) > 1_000_000 or not _NAMED.search(data):
        return ()
    text = data.decode("utf-8", "replace")
    if path.endswith((".toml", ".tool-versions")):
        return tuple(_clients(path, text))
    found = {place.line: place for place in _lines(path, text)}
    if _RESOURCE.search(text):
        found |= {place.line: place for place in _resources(path, text)}
    return tuple(found[line] for line in sorted(found))


def moved(data: bytes, of: Sequence[Place], version: str) -> bytes:
    """A file in which each of these places says ``version``, in the manner in which it says what it says now."""
    lines = data.split(b"\n")
    for place in of:
        for old, new in ((place.version, version), (place.version[1:], version.removeprefix("v"))):
            if old.encode() in lines[place.line - 1]:
                lines[place.line - 1] = lines[place.line - 1].replace(old.encode(), new.encode())
                break
    return b"\n".join(lines)


def _resources(path: str, text: str) -> Iterator[Place]:
    """tuppr's resources in a file of one or more documents: ``spec.talos.version``, ``spec.kubernetes.version``."""
    number = 0
    for document in re.split(r"(?m)^(?=---)", text):
        kind = _RESOURCE.search(document)
        section = ""
        for line in document.splitlines():
            number += 1
            if opened := _SECTION.match(line):
                section = opened.group(1)
            elif kind and section and (version := _SPEC.match(line)):
                system: System = "talos" if kind.group(1) == "TalosUpgrade" else "kubernetes"
                if section == system:
                    yield Place(system, "resource", normal(version.group(2)), path, number)
                section = ""


def _lines(path: str, text: str) -> Iterator[Place]:
    annotated: System | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if note := _ANNOTATED.search(line):
            annotated = _DEPENDENCIES.get(note.group(1))
            continue
        if key := _KEY.match(line):
            system: System = "talos" if key.group(1).lower().startswith("talos") else "kubernetes"
            yield Place(system, "config", normal(key.group(2)), path, number)
        elif image := _IMAGE.search(line):
            yield Place("talos" if image["talos"] else "kubernetes", "image", normal(image["version"]), path, number)
        elif annotated and (version := re.search(rf"(?<![\w.]){_VERSION}", line)) and Version.parse(version.group()):
            yield Place(annotated, "config", normal(version.group()), path, number)
        annotated = None


def _clients(path: str, text: str) -> Iterator[Place]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := _CLIENT.match(line):
            system: System = "talos" if "talos" in found["tool"] else "kubernetes"
            yield Place(system, "client", normal(found["version"]), path, number)
