"""What a Flux object needs, and whom its message names: the edges of the graph, read from one object."""

import re
from sys import intern

from console.model.flux import FluxKey
from console.model.unstructured import Raw, at, mapping, rows, text

_DEPENDENCY = re.compile(r"dependency '([^'/\s]{1,253})/([^'/\s]{1,253})'")
_NOT_READY = re.compile(r"\b([A-Z][A-Za-z]{1,62}) '([^'/\s]{1,253})/([^'/\s]{1,253})' is not ready")
# helm-controller (chartutil, ErrValuesReference): a Secret or ConfigMap of spec.valuesFrom, or a key in it.
_VALUES = re.compile(r"\b(Secret|ConfigMap) chart values reference '([^'/\s]{1,253})/([^'/\s]{1,253})'")
_UNHEALTHY = re.compile(r"\b([A-Z][A-Za-z]{1,62})/(?:([^'/\s\]]{1,253})/)?([^'/\s\]]{1,253}) status: '")

_OWNERS = (
    ("Kustomization", "kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"),
    ("HelmRelease", "helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace"),
    ("ResourceSet", "resourceset.fluxcd.controlplane.io/name", "resourceset.fluxcd.controlplane.io/namespace"),
    ("FluxInstance", "fluxcd.controlplane.io/name", "fluxcd.controlplane.io/namespace"),
)


def source(raw: Raw, key: FluxKey) -> FluxKey | None:
    """Where the object takes its content from: a HelmRelease from its OCIRepository or its HelmChart."""
    if key.kind == "HelmRelease":
        return _referred(raw, key, "spec", "chartRef") or _chart(raw, key)
    if key.kind == "ImagePolicy":
        return _referred(raw, key, "spec", "imageRepositoryRef", kind="ImageRepository")
    if key.kind == "Alert":
        return _referred(raw, key, "spec", "providerRef", kind="Provider")
    return _referred(raw, key, "spec", "sourceRef")


def needs(raw: Raw, key: FluxKey) -> tuple[FluxKey, ...]:
    """All that must be ready before this object can be: dependencies first, then the source."""
    found = [_key(row, key, kind=key.kind) for row in rows(raw, "spec", "dependsOn")]
    if key.kind == "ResourceSet":
        found += [
            _key(row, key, kind="ResourceSetInputProvider")
            for row in rows(raw, "spec", "inputsFrom")
            if row.get("name")
        ]
    if key.kind == "ArtifactGenerator":
        found += [_key(row, key) for row in rows(raw, "spec", "sources")]
    if key.kind == "FluxInstance":
        found += _synced(raw, key)
    if key.kind == "GitRepository":
        found += [_key(mapping(row, "repository"), key, kind="GitRepository") for row in rows(raw, "spec", "include")]
    found.append(source(raw, key))
    return tuple(dict.fromkeys(need for need in found if need and need != key))


def values(raw: Raw, key: FluxKey) -> tuple[FluxKey, ...]:
    """The Secrets and ConfigMaps that a HelmRelease takes values from."""
    found = (
        _key({"kind": text(row, "kind"), "name": text(row, "name")}, key) for row in rows(raw, "spec", "valuesFrom")
    )
    return tuple(dict.fromkeys(each for each in found if each))


def blames(message: str, key: FluxKey) -> tuple[FluxKey, ...]:
    """Whom a controller's message names: dependencies, a source, values, what failed its health check."""
    if "'" not in message:  # around every name
        return ()
    message = message[:20_000]
    found = [FluxKey(key.kind, *names) for names in _DEPENDENCY.findall(message)]
    found += [FluxKey(*parts) for parts in _NOT_READY.findall(message)]
    found += [FluxKey(*parts) for parts in _VALUES.findall(message)]
    found += [FluxKey(*parts) for parts in _UNHEALTHY.findall(message)]
    return tuple(dict.fromkeys(found))


def owner(raw: Raw) -> FluxKey | None:
    """The object that applied this one, by the labels that it left on it."""
    labels = mapping(raw, "metadata", "labels")
    for kind, name, namespace in _OWNERS if labels else ():
        if found := text(labels, name):
            return _shared(FluxKey(kind, intern(text(labels, namespace)), found))
    return None


def _synced(raw: Raw, key: FluxKey) -> list[FluxKey | None]:
    """The source and the Kustomization by which the whole cluster follows its repository; named after the namespace
    unless the instance says otherwise (Flux Operator 0.58, spec.sync).
    """
    sync = mapping(raw, "spec", "sync")
    name = text(sync, "name") or key.namespace
    return [_key({"kind": kind, "name": name}, key) for kind in ("Kustomization", text(sync, "kind"))] if sync else []


def _chart(raw: Raw, key: FluxKey) -> FluxKey | None:
    """The HelmChart that helm-controller keeps for a release: ``<namespace>-<name>`` beside the chart's source."""
    namespace, _, name = text(raw, "status", "helmChart").partition("/")
    if name:
        return FluxKey("HelmChart", namespace, name)
    reference = mapping(raw, "spec", "chart", "spec", "sourceRef")
    if not reference:
        return None
    return FluxKey("HelmChart", text(reference, "namespace") or key.namespace, f"{key.namespace}-{key.name}")


def _referred(raw: Raw, key: FluxKey, *path: str, kind: str = "") -> FluxKey | None:
    reference = at(raw, *path)
    return _key(reference, key, kind=kind) if isinstance(reference, dict) else None


def _key(reference: Raw, key: FluxKey, *, kind: str = "") -> FluxKey | None:
    name = text(reference, "name")
    kind = text(reference, "kind") or kind
    if not name or not kind:
        return None
    return _shared(FluxKey(intern(kind), intern(text(reference, "namespace") or key.namespace), name))


_KEYS: dict[FluxKey, FluxKey] = {}


def _shared(key: FluxKey) -> FluxKey:
    """One value for all who refer to the same object: hundreds follow one source."""
    if len(_KEYS) > 16_384:
        _KEYS.clear()
    return _KEYS.setdefault(key, key)
