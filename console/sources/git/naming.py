"""What a changed scalar of a YAML document is a version of: one rule for each kind of place, tried in order.

A rule gets the scalar before and after and gives what it found, or None. A new kind of place is a new rule.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from console.sources.git import references
from console.sources.git.classify import is_digest, is_version
from console.sources.git.yamltree import Leaf, Path

Rule = Callable[[Leaf, Leaf], "Found | None"]

VERSION_KEY = re.compile(
    r"(?:^|[_\-.])(?:version|tag|rev|revision|ref|release|digest|sha)$|(?:Version|Tag|Rev|Digest)$", re.IGNORECASE
)
_LONGEST = 4000  # characters: no version is written in more
_TALOS_KEY = re.compile(r"^talos_?version$", re.IGNORECASE)
_KUBERNETES_KEY = re.compile(r"^(?:kubernetes|kube|k8s)_?version$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A version that moved. ``weak``: the name is only that of the key; a better one may be known elsewhere.

    ``place`` names what is read together (the mapping that holds tag and digest), so that it counts once. ``replaces``
    is the name before, where another thing takes its place.
    """

    name: str
    old: str
    new: str
    datasource: str = ""
    weak: bool = False
    place: Path = ()
    replaces: str = ""


def found(old: Leaf, new: Leaf) -> Found | None:
    """What the change from ``old`` to ``new`` moves, by the first rule that knows; None when it is no version."""
    if max(len(old.value), len(new.value)) > _LONGEST:
        return None
    for rule in _RULES:
        result = rule(old, new)
        if result and result.old != result.new:
            return result
    return None


def _oci_repository(old: Leaf, new: Leaf) -> Found | None:
    if new.document.kind != "OCIRepository" or new.path[:2] != ("spec", "ref"):
        return None
    name = new.document.text("spec", "url").removeprefix("oci://")
    return _tagged(old, new, name, ("tag", "semver"), "docker")


def _git_repository(old: Leaf, new: Leaf) -> Found | None:
    if new.document.kind != "GitRepository" or new.path[:2] != ("spec", "ref"):
        return None
    name = references.url_name(new.document.text("spec", "url"))
    return Found(
        name, old.value, new.value, "github-tags" if "github.com" in new.document.text("spec", "url") else "git-tags"
    )


def _helm_release(old: Leaf, new: Leaf) -> Found | None:
    if new.document.kind not in ("HelmRelease", "HelmChart") or new.key != "version":
        return None
    chart = new.beside("chart")
    return Found(chart, old.value, new.value, "helm") if chart else None


def _tuppr(old: Leaf, new: Leaf) -> Found | None:
    if new.document.kind == "TalosUpgrade" and new.path == ("spec", "talos", "version"):
        return Found("siderolabs/talos", old.value, new.value)
    if new.document.kind == "KubernetesUpgrade" and new.path == ("spec", "kubernetes", "version"):
        return Found("ghcr.io/siderolabs/kubelet", old.value, new.value, "docker")
    return None


def _cluster_version(old: Leaf, new: Leaf) -> Found | None:
    if _TALOS_KEY.match(new.key):
        return Found("siderolabs/talos", old.value, new.value)
    if _KUBERNETES_KEY.match(new.key):
        return Found("ghcr.io/siderolabs/kubelet", old.value, new.value)
    return None


def _image_map(old: Leaf, new: Leaf) -> Found | None:
    if new.key not in ("tag", "digest", "version", "repository", "image"):
        return None
    before, after = _repository(old), _repository(new)
    if not before or not after:
        return None
    if before != after:
        return Found(
            after, _whole(before, old, "tag"), _whole(after, new, "tag"), "docker", False, new.path[:-1], before
        )
    if new.key in ("repository", "image"):
        return None
    return _tagged(old, new, after, ("tag", "version"), "docker")


def _repository(leaf: Leaf) -> str:
    repository = leaf.beside("repository") or (leaf.beside("image") if leaf.beside("tag") else "")
    registry = leaf.beside("registry")
    return f"{registry}/{repository}" if registry and repository else repository


def _kustomize_image(old: Leaf, new: Leaf) -> Found | None:
    if new.key not in ("newTag", "digest", "newName") or not (new.beside("name") or new.beside("newName")):
        return None
    before, after = (leaf.beside("newName") or leaf.beside("name") for leaf in (old, new))
    if before != after:
        olds, news = _whole(before, old, "newTag"), _whole(after, new, "newTag")
        return Found(after, olds, news, "docker", place=new.path[:-1], replaces=before)
    return _tagged(old, new, after, ("newTag",), "docker")


def _whole(name: str, leaf: Leaf, tag: str) -> str:
    return references.join(f"{name}:{leaf.beside(tag)}", leaf.beside("digest"))


def _reference(old: Leaf, new: Leaf) -> Found | None:
    before, after = references.image(old.value), references.image(new.value)
    if not before or not after or not (after.tag or after.digest):
        return None
    if "/" not in after.name and new.key not in ("image", "uses", "container"):
        return None
    if before.name != after.name:
        return Found(after.name, old.value, new.value, "docker", replaces=before.name)
    tags = (before.tag, after.tag)
    return Found(after.name, *_shortest(tags, (before.digest, after.digest)), "docker")


def _url(old: Leaf, new: Leaf) -> Found | None:
    if "://" not in new.value or "\n" in new.value:
        return None
    pair = references.moved_version(old.value, new.value)
    if not pair:
        return None
    forge = "github.com" in new.value or "githubusercontent.com" in new.value
    name = references.url_name(new.value)
    return Found(name, *pair, "github-releases" if forge else "", weak=not forge)


def _sibling(old: Leaf, new: Leaf) -> Found | None:
    """``version`` beside what names it: helmfile releases, Chart.yaml dependencies, requirements, pre-commit."""
    if new.key not in ("version", "rev", "ref", "tag", "targetRevision", "revision"):
        return None
    for key in ("chart", "package", "src", "collection", "role", "module", "plugin", "name", "repo", "url"):
        name = new.beside(key)
        if name and name == old.beside(key):
            is_chart = key == "chart" or bool(new.beside("repository")) or "helmCharts" in new.path
            return Found(
                references.url_name(name) if "://" in name else name, old.value, new.value, "helm" if is_chart else ""
            )
    return None


def _dashboard(old: Leaf, new: Leaf) -> Found | None:
    number = new.beside("gnetId")
    if new.key != "revision" or not number:
        return None
    return Found(f"grafana.com/dashboards/{number}", old.value, new.value, "grafana-dashboards", weak=True)


def _keyed(old: Leaf, new: Leaf) -> Found | None:
    """A key that says that it is a version, or a value that looks like one. Named by key and document at best."""
    if "\n" in new.value or len(new.value) > 200:
        return None
    if not VERSION_KEY.search(new.key):
        plain = is_version(old.value) and is_version(new.value) and ("." in new.value or is_digest(new.value))
        if not plain:
            return None
    name = new.document.name if new.key in ("version", "tag", "digest", "ref", "rev") and new.document.name else ""
    parent = next((part for part in reversed(new.path[:-1]) if not part.startswith("[")), "")
    return Found(name or _of_key(new.key) or parent or new.key, old.value, new.value, weak=True)


def _of_key(key: str) -> str:
    """``TALOS_VERSION`` and ``grafanaVersion`` name what they are a version of."""
    name = re.sub(r"[_\-.]?(?:version|tag|rev|revision|ref|release|digest|sha)$", "", key, flags=re.IGNORECASE)
    return name if name != key else key


def _tagged(old: Leaf, new: Leaf, name: str, tags: tuple[str, ...], datasource: str) -> Found | None:
    """Tag and digest of one mapping, read together."""
    pairs = []
    for leaf in (old, new):
        tag = next((leaf.beside(key) for key in tags if leaf.beside(key)), "")
        inner, _, digest = tag.partition("@")
        pairs.append((inner, digest or leaf.beside("digest")))
    (old_tag, old_digest), (new_tag, new_digest) = pairs
    olds, news = _shortest((old_tag, new_tag), (old_digest, new_digest))
    return Found(name, olds, news, datasource, place=new.path[:-1]) if name else None


def _shortest(tags: tuple[str, str], digests: tuple[str, str]) -> tuple[str, str]:
    """The tags when they differ, the digests when they do not; both when a digest is new (a pin)."""
    if tags[0] != tags[1]:
        return tags[0] or digests[0], tags[1] or digests[1]
    if digests[0] and digests[1]:
        return digests
    return references.join(tags[0], digests[0]), references.join(tags[1], digests[1])


_RULES: tuple[Rule, ...] = (
    _oci_repository,
    _git_repository,
    _tuppr,
    _cluster_version,
    _kustomize_image,
    _image_map,
    _helm_release,
    _reference,
    _url,
    _dashboard,
    _sibling,
    _keyed,
)
