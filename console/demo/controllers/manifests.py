"""What a Kustomization builds to, applies and prunes."""

from collections.abc import Mapping
from typing import Any

from console.demo.api import kinds
from console.demo.api.errors import ApiError
from console.demo.controllers import kustomize
from console.demo.controllers.objects import Key, Obj, digest, key_of
from console.demo.controllers.site import Site
from console.demo.controllers.sources import ORIGIN, cluster_source

GROUP = "kustomize.toolkit.fluxcd.io"


class Broken(Exception):  # noqa: N818
    """The pass can't go on; ``reason`` is the Ready condition's. ``recorded``: the history gets an entry."""

    def __init__(self, reason: str, message: str, *, recorded: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.recorded = recorded


class Manifests:
    """Builds, applies, prunes. The tree of the last revision is kept."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tree: tuple[str, kustomize.Build] | None = None

    def build(self, owner: Obj, source: Obj) -> list[Obj]:
        """What the folder builds to, with the labels of its owner; each object new. Raises Broken."""
        if key_of(source) != cluster_source(self._site):
            return []  # some other repository: its content is not known here
        spec = owner["spec"]
        objects = self._folder(origin(source).rpartition(":")[2], str(spec.get("path", "./")))
        for patch in spec.get("patches") or ():
            kustomize.apply_patch(objects, patch)
        if namespace := spec.get("targetNamespace"):
            kustomize.set_namespace(objects, namespace)
        if variables := self._variables(owner):
            objects = [kustomize.substitute(o, variables) if _substitutes(o) else o for o in objects]
        labels = {f"{GROUP}/name": owner["metadata"]["name"], f"{GROUP}/namespace": owner["metadata"]["namespace"]}
        labels = {**((spec.get("commonMetadata") or {}).get("labels") or {}), **labels}
        for obj in objects:
            meta = obj["metadata"]
            meta["labels"] = {**(meta.get("labels") or {}), **labels}
            if not kustomize.is_cluster_scoped(obj):
                meta.setdefault("namespace", owner["metadata"]["namespace"])
        return objects

    def apply(self, objects: list[Obj]) -> list[str]:
        """Apply in stages, namespaces first; a line for each change, as events tell it. Raises Broken."""
        changes = []
        for obj in sorted(objects, key=lambda o: o["kind"] not in ("Namespace", "CustomResourceDefinition")):
            if not served(obj["kind"]):
                continue  # kinds that nobody looks at in the demo are in the inventory only
            key = key_of(obj)
            before = self._site.get(key)
            try:
                after = self._site.store.apply(obj)
            except ApiError as error:
                told = f"{shown(key)} dry-run failed ({error.reason}): {error.message}"
                raise Broken("ReconciliationFailed", told, recorded=True) from error
            if before is None:
                changes.append(f"{shown(key)} created")
            elif before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]:
                changes.append(f"{shown(key)} configured")
        return changes

    def prune(self, entries: list[str]) -> list[str]:
        """Delete what inventory entries name; a line for each, as events tell it."""
        return [f"{gone} deleted" for entry in sorted(entries) if (gone := self._delete(entry))]

    def _folder(self, commit: str, path: str) -> list[Obj]:
        if self._tree is None or self._tree[0] != commit:
            self._tree = (commit, kustomize.Build(self._site.repository.files(commit)))
        try:
            return self._tree[1].objects(path)
        except FileNotFoundError as error:
            told = f"kustomization path not found: stat /tmp/kustomization-{digest(path)[:10]}/{error}: "
            raise Broken("ArtifactFailed", told + "no such file or directory") from error
        except kustomize.BuildError as error:
            raise Broken("BuildFailed", str(error)) from error

    def _variables(self, owner: Obj) -> dict[str, str]:
        build = owner["spec"].get("postBuild") or {}
        found: dict[str, str] = {}
        for ref in build.get("substituteFrom") or ():
            other = self._site.store.get(ref["kind"], ref["name"], owner["metadata"]["namespace"])
            found |= {k: str(v) for k, v in ((other or {}).get("data") or {}).items()}
        return found | {k: str(v) for k, v in (build.get("substitute") or {}).items()}

    def _delete(self, entry: str) -> str:
        """The object's name in events; empty when it is gone already, or was told to stay."""
        namespace, _, rest = entry.partition("_")
        name, _, kind = rest.rsplit("_", 2)
        key = Key(kind, namespace, name.replace("__", ":"))
        if not served(kind):
            return shown(key)
        obj = self._site.get(key)
        notes = ((obj or {}).get("metadata") or {}).get("annotations") or {}
        if obj is None or "disabled" in (notes.get(f"{GROUP}/prune"), notes.get(f"{GROUP}/reconcile")):
            return ""
        self._site.remove(key)
        return shown(key)


def origin(source: Mapping[str, Any]) -> str:
    """``main@sha1:<commit>``: what an artifact was made from, whichever kind of source it is."""
    artifact = (source.get("status") or {}).get("artifact") or {}
    return str((artifact.get("metadata") or {}).get(ORIGIN) or artifact.get("revision", ""))


def served(kind: str) -> bool:
    """Whether the API has this kind."""
    try:
        kinds.named(kind)
    except KeyError:
        return False
    return True


def entry(obj: Mapping[str, Any]) -> Obj:
    """An inventory entry: ``namespace_name_group_Kind`` and the version."""
    group, _, version = obj["apiVersion"].rpartition("/")
    meta = obj["metadata"]
    return {"id": f"{meta.get('namespace', '')}_{meta['name'].replace(':', '__')}_{group}_{obj['kind']}", "v": version}


def shown(key: Key) -> str:
    """``Kind/namespace/name``, as events and errors name an object."""
    return "/".join(filter(None, key))


def _substitutes(obj: Mapping[str, Any]) -> bool:
    notes = {**(obj["metadata"].get("annotations") or {}), **(obj["metadata"].get("labels") or {})}
    return notes.get(f"{GROUP}/substitute") != "disabled"
