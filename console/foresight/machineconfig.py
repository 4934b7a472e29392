"""Talos machine configuration, wherever a repository keeps it: found by content, whatever tool renders it.

Whole files and patches of them, documents of every kind, JSON patches (RFC 6902), talhelper's patches inline and by
``@file``, topf's folders, templates of either. (talhelper 3.1.16, topf as cluster-template has it, Talos 1.8 to 1.14.)
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from console.foresight.paths import Path
from console.foresight.yamlfiles import SUFFIXES, UNKNOWN, Document, Setting, inline, is_yaml, read

# The keys that Talos' v1alpha1 document has below these two; other tools have sections of the same names.
_MACHINE = """
    type token ca acceptedCAs certSANs controlPlane kubelet pods network disks install files env time sysctls sysfs
    registries systemDiskEncryption features udev logging kernel seccompProfiles baseRuntimeSpecOverrides nodeLabels
    nodeAnnotations nodeTaints
"""
_CLUSTER = """
    id secret controlPlane clusterName network token aescbcEncryptionSecret secretboxEncryptionSecret ca acceptedCAs
    aggregatorCA serviceAccount apiServer controllerManager proxy scheduler discovery etcd coreDNS externalCloudProvider
    extraManifests extraManifestHeaders inlineManifests adminKubeconfig allowSchedulingOnControlPlanes
    allowSchedulingOnMasters
"""
_BELOW = {"machine": frozenset(_MACHINE.split()), "cluster": frozenset(_CLUSTER.split())}
_WHOLE = frozenset({"version", "machine", "cluster"})
_OUTERMOST = frozenset({"version", "debug", "persist", "machine", "cluster", "sops"})
_PLANES = frozenset(
    {"controlplane", "controlplanes", "control-plane", "control_plane", "controller", "controllers", "master"}
)
_WORKERS = frozenset({"worker", "workers"})
_NEEDLES = (b"machine:", b"cluster:", b"v1alpha1", b"/machine/", b"/cluster/", b"clusterName", b"talosVersion")
_RENDERED = "clusterconfig/"
_DIRECTIVES = frozenset({"$patch", "$$patch"})

Lane = tuple[str, str]  # ("role", "worker"), ("node", "k8s-1"), or ("", "") for what concerns every node


@dataclass(frozen=True, slots=True)
class Part:
    """A document of machine configuration, or of the tool that makes it.

    ``kind``: empty for v1alpha1, else the document's; ``talconfig`` and ``topf`` are the tools' own files. ``root`` is
    the folder of one cluster's configuration; ``lane`` the nodes it is for; ``whole`` its file, where that is no patch
    but a whole configuration: another whole one beside it stands for another node, or for later.
    """

    kind: str
    root: str
    lane: Lane
    document: Document
    whole: str = ""

    @property
    def settings(self) -> tuple[Setting, ...]:
        return self.document.settings

    @property
    def start(self) -> Setting:
        """The line that says what it is."""
        return Setting(("kind",), self.kind, self.document.file, self.document.line)


def together(one: Part, other: Part) -> bool:
    """Whether a node may have both."""
    if one.root != other.root or (one.whole and other.whole and one.whole != other.whole):
        return False
    if one.lane[0] != other.lane[0]:  # a node's own, and its role's: it may have that role
        return True
    return one.lane == other.lane


def parts(files: Mapping[str, bytes]) -> tuple[Part, ...]:
    """All machine configuration in ``files`` (path to bytes)."""
    documents = [
        document
        for path, data in files.items()
        if is_yaml(path) and f"/{_RENDERED}" not in f"/{path}" and any(needle in data for needle in _NEEDLES)
        for document in read(path, data)
    ]
    tools = [document for document in documents if _tool(document)]
    roots = {posixpath.dirname(tool.file) for tool in tools}
    named = _references(tool for tool in tools if _tool(tool) == "talconfig")
    wholes = {document.file for document in documents if document.keys >= _WHOLE and not document.kind}
    found = [part for document in documents for part in _recognised(document, roots, wholes)]
    return tuple(_placed(part, named) for part in found if _used(part, named))


def _tool(document: Document) -> str:
    """``talconfig``, ``topf`` or nothing: by the keys that each of them demands."""
    if document.kind:
        return ""
    keys = document.keys
    name = posixpath.basename(document.file)
    if name.startswith(("talconfig.", "topf.")):
        return name.partition(".")[0]
    if {"nodes", "clusterName"} <= keys:
        return "talconfig" if "endpoint" in keys else "topf"
    return ""


def _recognised(document: Document, roots: set[str], wholes: set[str]) -> Iterator[Part]:
    root = _root(document.file, roots)
    tool = _tool(document)
    if tool:
        for lane, settings in _by_node(document, tool).items():
            yield Part(tool, root, lane, Document(document.file, tuple(settings)))
        yield from _inline(document, root)
    else:
        whole = document.file if document.file in wholes else ""
        for part in _configuration(document, root, _lane(document.file.removeprefix(f"{root}/"))):
            yield replace(part, whole=whole)


def _by_node(document: Document, tool: str) -> dict[Lane, list[Setting]]:
    """A tool's own keys: those of the cluster, and talhelper's for each node."""
    found: dict[Lane, list[Setting]] = {("", ""): []}
    for setting in document.settings:
        of_node = tool == "talconfig" and setting.path[0] == "nodes" and len(setting.path) > 1
        found.setdefault(_of(document, setting.path) if of_node else ("", ""), []).append(setting)
    return {lane: settings for lane, settings in found.items() if settings}


def _configuration(document: Document, root: str, lane: Lane) -> Iterator[Part]:
    if (kind := _kind(document)) is not None:
        if kept := _kept(document):
            yield Part(kind, root, lane, kept)
    elif patch := _json_patch(document):
        yield Part("", root, lane, patch)


def _kind(document: Document) -> str | None:
    """Empty for v1alpha1, a document's own kind, None for what is no machine configuration."""
    if document.kind:
        return document.kind if document.api == "v1alpha1" else None
    keys = document.keys
    if not keys <= _OUTERMOST:
        return None
    return "" if any(s.path[1] in _BELOW.get(s.path[0], ()) for s in document.settings if len(s.path) > 1) else None


def _root(file: str, roots: set[str]) -> str:
    """The folder of the cluster's configuration: where the tool's file is, else the uppermost one named after Talos."""
    folder = posixpath.dirname(file)
    above = [root for root in roots if folder == root or folder.startswith(f"{root}/") or not root]
    if above:
        return max(above, key=len)
    names = folder.split("/")
    named = next((i for i, name in enumerate(names) if "talos" in name.lower() or "machine" in name.lower()), None)
    return folder if named is None else "/".join(names[: named + 1])


def _lane(inside: str) -> Lane:
    names = inside.lower().split("/")
    stems = [*names[:-1], _stem(names[-1])]
    for name, following in zip(stems, [*stems[1:], ""], strict=True):
        if name in _PLANES:
            return ("role", "control-plane")
        if name in _WORKERS:
            return ("role", "worker")
        if name in {"node", "nodes"} and following:
            return ("node", following)
    return ("", "")


def _kept(document: Document) -> Document | None:
    """Without what a patch takes away (``$patch: delete``; talhelper writes ``$$patch``)."""
    gone = [s.path[:-1] for s in document.settings if s.path[-1] in _DIRECTIVES and s.value == "delete"]
    if not gone:
        return document
    left = tuple(s for s in document.settings if not any(s.path[: len(path)] == path for path in gone))
    return Document(document.file, left) if left else None


def _stem(name: str) -> str:
    """A file's name without what says how it is written: ``10.0.0.1.yaml.j2`` is for 10.0.0.1."""
    suffix = next((end for end in SUFFIXES if name.endswith(end)), "")
    return _stem(name.removesuffix(suffix)) if suffix else name


def _json_patch(document: Document) -> Document | None:
    """RFC 6902: what its ``add`` and ``replace`` set, as settings."""
    entries: dict[str, dict[Path, Setting]] = {}
    for setting in document.settings:
        if len(setting.path) < 2 or not setting.path[0].startswith("["):
            return None
        entries.setdefault(setting.path[0], {})[setting.path[1:]] = setting
    found: list[Setting] = []
    for entry in entries.values():
        operation, pointer = entry.get(("op",)), entry.get(("path",))
        if operation is None or pointer is None or not pointer.value.startswith("/"):
            return None
        if operation.value in {"add", "replace"}:
            base = _pointed(pointer.value)
            found += [replace(s, path=(*base, *path[1:])) for path, s in entry.items() if path[0] == "value"]
    return Document(document.file, tuple(found)) if found else None


def _pointed(pointer: str) -> Path:
    parts_ = (part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
    return tuple(f"[{0 if part == '-' else part}]" if part == "-" or part.isdigit() else part for part in parts_)


def _inline(document: Document, root: str) -> Iterator[Part]:
    """talhelper's ``patches:`` that stand in talconfig.yaml itself: texts, each a patch or several."""
    for setting in _patches(document):
        if setting.value.startswith("@"):
            continue
        for inner in inline(setting.value, setting.file, setting.line + 1):
            yield from _configuration(inner, root, _of(document, setting.path))


def _patches(document: Document) -> Iterator[Setting]:
    return (s for s in document.settings if "patches" in s.path[:-1])


def _of(document: Document, path: Path) -> Lane:
    """Whom a patch of talconfig.yaml is for."""
    if path[0] == "nodes":
        return ("node", document.text("nodes", path[1], "hostname") or path[1])
    return {"controlPlane": ("role", "control-plane"), "worker": ("role", "worker")}.get(path[0], ("", ""))


def _references(tools: Iterable[Document]) -> dict[str, dict[str, set[Lane]]]:
    """For each folder with a talconfig.yaml: the files that it names by ``@``, and whom they are for.

    A name that a template makes (``@./patches/{{ file }}``) stands for every file of the folder: ``patches/*``.
    """
    named: dict[str, dict[str, set[Lane]]] = {}
    for tool in tools:
        root = posixpath.dirname(tool.file)
        files = named.setdefault(root, {})
        for setting in _patches(tool):
            if setting.value.startswith("@"):
                path = posixpath.normpath(posixpath.join(root, setting.value[1:].strip()))
                if "{" in path or UNKNOWN in path:
                    path = _every(path)
                files.setdefault(path, set()).add(_of(tool, setting.path))
    return named


def _every(path: str) -> str:
    return posixpath.join(posixpath.dirname(path), "*")


def _used(part: Part, named: Mapping[str, Mapping[str, object]]) -> bool:
    """A patch that talconfig.yaml does not name reaches no node."""
    return part.root not in named or part.kind == "talconfig" or _stands_in(part, named) or not named[part.root]


def _stands_in(part: Part, named: Mapping[str, Mapping[str, object]]) -> bool:
    name = posixpath.basename(part.document.file)
    return not {part.document.file, _every(part.document.file)}.isdisjoint(named[part.root]) or name.startswith(
        "talconfig."
    )


def _placed(part: Part, named: Mapping[str, Mapping[str, set[Lane]]]) -> Part:
    files = named.get(part.root, {})
    lanes = files.get(part.document.file) or files.get(_every(part.document.file))
    if not lanes:
        return part
    return replace(part, lane=next(iter(lanes)) if len(lanes) == 1 else ("", ""))
