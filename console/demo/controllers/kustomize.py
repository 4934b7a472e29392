"""As much of kustomize as a home repository uses: resources, components, namespace, patches, generators, variables.

Follows kustomize-controller: a folder without a kustomization file gets one generated from its YAML files, where a
folder that has one is taken as a whole (fluxcd/pkg kustomize generator).
"""

import base64
import copy
import functools
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from console.demo.controllers.objects import Obj

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_CLUSTER = frozenset(("Namespace", "Node", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"))
_CLUSTER |= {"TalosUpgrade", "KubernetesUpgrade", "StorageClass", "PersistentVolume", "ClusterIssuer", "GatewayClass"}
_CLUSTER |= {
    "ClusterSecretStore",
    "PriorityClass",
    "IngressClass",
    "CiliumLoadBalancerIPPool",
    "CiliumBGPPeeringPolicy",
}
_CLUSTER |= {"CiliumL2AnnouncementPolicy", "ClusterPolicy", "ValidatingAdmissionPolicy", "VolumeSnapshotClass"}
_VARIABLE = re.compile(r"\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)(?::?[=-]([^}]*))?\}")


class BuildError(Exception):
    """The manifests can't be built; the text is what the controller reports."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as Kubernetes reads it: a date stays text."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in _Loader.yaml_implicit_resolvers.items()
}


@functools.lru_cache(maxsize=4096)
def _parsed(content: bytes) -> tuple[Any, ...]:
    return tuple(d for d in yaml.load_all(content, Loader=_Loader) if d)


def documents(content: bytes) -> list[Any]:
    """The documents of a YAML file. Parsed once; the caller gets copies."""
    return [copy.deepcopy(d) for d in _parsed(content)]


def is_cluster_scoped(obj: Mapping[str, Any]) -> bool:
    """Whether a namespace transformer leaves this object alone."""
    return obj["kind"] in _CLUSTER


class Build:
    """Builds folders of one tree."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._folders = {posixpath.dirname(path) for path in files}

    def objects(self, path: str) -> list[Obj]:
        """All objects of the folder ``path`` (``./kubernetes/apps``), in order. Raises BuildError."""
        folder = posixpath.normpath(path.lstrip("/")) if path else "."
        folder = "" if folder == "." else folder
        if not self.has(folder):
            raise FileNotFoundError(folder)
        name = self._kustomization(folder)
        return self._overlay(folder, name) if name else [o for f in self._generated(folder) for o in self._resource(f)]

    def has(self, folder: str) -> bool:
        """Whether the tree has this folder."""
        return folder == "" or any(f == folder or f.startswith(folder + "/") for f in self._folders)

    def _kustomization(self, folder: str) -> str:
        return next((n for n in _NAMES if posixpath.join(folder, n) in self._files), "")

    def _generated(self, folder: str) -> Iterator[str]:
        """What a generated kustomization lists: sub-folders that have one, other YAML files one by one."""
        owned: list[str] = []
        for path in sorted(self._files):
            parent = posixpath.dirname(path)
            if folder and parent != folder and not parent.startswith(folder + "/"):
                continue
            if any(parent == o or parent.startswith(o + "/") for o in owned):
                continue
            owner = self._topmost(folder, parent)
            if owner:
                owned.append(owner)
                yield owner
            elif path.endswith((".yaml", ".yml")):
                yield path

    def _topmost(self, folder: str, parent: str) -> str:
        below = parent[len(folder) :].strip("/")
        current = folder
        for part in below.split("/") if below else ():
            current = posixpath.join(current, part)
            if self._kustomization(current):
                return current
        return ""

    def _overlay(self, folder: str, name: str) -> list[Obj]:
        path = posixpath.join(folder, name)
        spec = self._documents(path)[0]
        found: list[Obj] = []
        for entry in [*(spec.get("resources") or ()), *(spec.get("components") or ())]:
            if str(entry).startswith(("https://", "http://", "git@")):
                continue  # remote bases are out of reach for a cluster on loopback
            found += self._entry(folder, path, str(entry))
        found += [_config_map(g, self._files, folder) for g in spec.get("configMapGenerator") or ()]
        for patch in spec.get("patches") or ():
            apply_patch(found, self._patch(folder, patch))
        if namespace := spec.get("namespace"):
            set_namespace(found, namespace)
        return found

    def _entry(self, folder: str, path: str, entry: str) -> list[Obj]:
        target = posixpath.normpath(posixpath.join(folder, entry))
        if target in self._files:
            return self._resource(target)
        name = self._kustomization(target)
        if name:
            return self._overlay(target, name)
        missing = f"accumulating resources: accumulation err='accumulating resources from '{entry}': "
        raise BuildError(f"kustomize build failed: {missing}evalsymlink failure on '{entry}' : no such file' ({path})")

    def _resource(self, path: str) -> list[Obj]:
        if path not in self._files:
            return self._overlay(path, self._kustomization(path))
        found = []
        for document in self._documents(path):
            items = document.get("items", []) if document.get("kind") == "List" else [document]
            for item in items:
                if not isinstance(item, dict) or "kind" not in item or "name" not in (item.get("metadata") or {}):
                    raise BuildError(f"kustomize build failed: missing metadata.name or kind in object of '{path}'")
                found.append(_decrypted(item))
        return found

    def _documents(self, path: str) -> list[Any]:
        try:
            found = documents(self._files[path])
        except yaml.YAMLError as error:
            where = getattr(error, "problem_mark", None)
            line = f"line {where.line + 1}: " if where else ""
            problem = getattr(error, "problem", "") or "not YAML"
            raise BuildError(
                f"kustomize build failed: MalformedYAMLError: yaml: {line}{problem} in File: {path}"
            ) from error
        if not all(isinstance(d, dict) for d in found) or (not found and path.endswith(_NAMES)):
            raise BuildError(f"kustomize build failed: invalid Kustomization: expected a mapping in File: {path}")
        return found

    def _patch(self, folder: str, patch: Obj) -> Obj:
        if "path" in patch:
            content = self._files.get(posixpath.normpath(posixpath.join(folder, patch["path"])), b"")
            return patch | {"patch": content.decode()}
        return patch


def set_namespace(objects: list[Obj], namespace: str) -> None:
    """The namespace transformer: every namespaced object goes there; a Namespace object itself is renamed."""
    for obj in objects:
        if not is_cluster_scoped(obj):
            obj["metadata"]["namespace"] = namespace


def apply_patch(objects: list[Obj], patch: Obj) -> None:
    """A patch given as YAML, strategic merge or JSON 6902, on every object that its target matches."""
    content = patch.get("patch") or ""
    for body in documents(content.encode()):
        operations = isinstance(body, list)
        own = {} if operations else {"kind": body.get("kind"), "name": (body.get("metadata") or {}).get("name")}
        target = patch.get("target") or own
        for obj in objects:
            if not _matches(obj, target):
                continue
            if operations:
                for operation in body:
                    _operate(obj, operation)
            else:
                merge(obj, {k: v for k, v in body.items() if k not in ("apiVersion", "kind", "metadata")})


def _operate(obj: Obj, operation: Obj) -> None:
    """One JSON patch operation on mappings (RFC 6902): add, replace, remove."""
    *parents, last = [p.replace("~1", "/").replace("~0", "~") for p in str(operation["path"]).strip("/").split("/")]
    place: Any = obj
    for name in parents:
        place = place.setdefault(name, {}) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        return
    if operation["op"] == "remove":
        place.pop(last, None)
    else:
        place[last] = copy.deepcopy(operation.get("value"))


def _matches(obj: Obj, target: Mapping[str, Any]) -> bool:
    labels = obj["metadata"].get("labels") or {}
    wanted = target.get("labelSelector") or ""
    for term in filter(None, (t.strip() for t in wanted.split(","))):
        name, different, value = term.partition("!=") if "!=" in term else term.partition("=")
        name = name.strip()
        same = labels.get(name) == value.strip("= ").strip()
        if same if "!=" in different else not same:
            return False
    return all(
        not target.get(field) or re.fullmatch(str(target[field]), str(value))
        for field, value in (("kind", obj["kind"]), ("name", obj["metadata"]["name"]))
    )


def merge(target: Obj, change: Mapping[str, Any]) -> None:
    """JSON merge patch, in place (RFC 7386)."""
    for name, value in change.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        else:
            target[name] = copy.deepcopy(value)


def substitute(value: Any, variables: Mapping[str, str]) -> Any:
    """``${NAME}``, ``${NAME:=default}`` in every text, as Flux's post-build substitution does."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda m: m.group()[1:] if m[1] else variables.get(m[2], m[3] or ""), value)
    if isinstance(value, dict):
        return {k: substitute(v, variables) for k, v in value.items()}
    if isinstance(value, list):
        return [substitute(v, variables) for v in value]
    return value


def _config_map(generator: Obj, files: Mapping[str, bytes], folder: str) -> Obj:
    data = {}
    for entry in generator.get("files") or ():
        name, _, path = str(entry).rpartition("=")
        content = files.get(posixpath.normpath(posixpath.join(folder, path)), b"")
        data[name or posixpath.basename(path)] = content.decode(errors="replace")
    for entry in generator.get("literals") or ():
        name, _, text = str(entry).partition("=")
        data[name] = text
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data}


def _decrypted(obj: Obj) -> Obj:
    """A SOPS file as the controller applies it: without its ``sops`` block. The values are made up."""
    if "sops" not in obj:
        return obj
    plain = {k: v for k, v in obj.items() if k != "sops"}
    made_up = base64.b64encode(b"a value of the demo").decode()
    for field, value in (("data", made_up), ("stringData", "a value of the demo")):
        if isinstance(plain.get(field), dict):
            plain[field] = dict.fromkeys(plain[field], value)
    return plain
