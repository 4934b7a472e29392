"""Which kinds the embedded cluster knows, how they are named, and which columns ``kubectl get`` shows.

Versions and short names are those of Flux 2.9.4, Flux Operator 0.58 and tuppr v1alpha1; the columns of built-in kinds
are those of Kubernetes 1.36 (their cells are made in ``cells``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

READ_WRITE = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Column:
    """A printed column. ``path`` is a JSONPath; built-in kinds have none, their cells are computed.

    ``priority`` 1 shows with ``-o wide`` only.
    """

    name: str
    path: str = ""
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True)
class Kind:
    """One kind in its one version. ``status``: it has that subresource; ``generation``: it is counted."""

    kind: str
    plural: str
    group: str
    version: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    status: bool = True
    generation: bool = True
    custom: bool = False

    @cached_property
    def api_version(self) -> str:
        """``group/version``, or the version alone in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def qualified(self) -> str:
        """``plural.group``: how errors name the resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def titled(self) -> str:
        """``Kind.group``: how validation errors name the kind."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def singular(self) -> str:
        """The name of one, in lower case."""
        return self.kind.lower()

    @cached_property
    def path(self) -> str:
        """The URL path of the group and version, ``/api/v1`` or ``/apis/group/version``."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


def _columns(*names: str) -> tuple[Column, ...]:
    """Built-in columns; those whose name ends in ``+`` are wide."""
    return tuple(Column(name.rstrip("+"), priority=int(name.endswith("+"))) for name in names)


_READY = Column("Ready", '.status.conditions[?(@.type=="Ready")].status')
_STATUS = Column("Status", '.status.conditions[?(@.type=="Ready")].message')
_AGE = Column("Age", ".metadata.creationTimestamp", "date")
_PHASE = Column("Phase", ".status.phase")
_REASON = Column("Reason", '.status.conditions[?(@.type=="Progressing")].reason')
_URL = Column("URL", ".spec.url")

_CORE = (
    Kind(
        "Node",
        "nodes",
        "",
        "v1",
        namespaced=False,
        short=("no",),
        generation=False,
        columns=_columns(
            *("Name", "Status", "Roles", "Age", "Version"),
            *("Internal-IP+", "External-IP+", "OS-Image+", "Kernel-Version+", "Container-Runtime+"),
        ),
    ),
    Kind(
        "Namespace",
        "namespaces",
        "",
        "v1",
        namespaced=False,
        short=("ns",),
        generation=False,
        columns=_columns("Name", "Status", "Age"),
    ),
    Kind(
        "Pod",
        "pods",
        "",
        "v1",
        short=("po",),
        categories=("all",),
        columns=_columns(
            "Name", "Ready", "Status", "Restarts", "Age", "IP+", "Node+", "Nominated Node+", "Readiness Gates+"
        ),
    ),
    Kind(
        "Event",
        "events",
        "",
        "v1",
        short=("ev",),
        status=False,
        generation=False,
        columns=_columns(
            *("Last Seen", "Type", "Reason", "Object", "Subobject+", "Source+", "Message"),
            *("First Seen+", "Count+", "Name+"),
        ),
    ),
    Kind(
        "ConfigMap",
        "configmaps",
        "",
        "v1",
        short=("cm",),
        status=False,
        generation=False,
        columns=_columns("Name", "Data", "Age"),
    ),
    Kind(
        "Secret",
        "secrets",
        "",
        "v1",
        status=False,
        generation=False,
        columns=_columns("Name", "Type", "Data", "Age"),
    ),
    Kind(
        "Service",
        "services",
        "",
        "v1",
        short=("svc",),
        categories=("all",),
        generation=False,
        columns=_columns("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector+"),
    ),
)

_WORKLOADS = (
    Kind(
        "DaemonSet",
        "daemonsets",
        "apps",
        "v1",
        short=("ds",),
        categories=("all",),
        columns=_columns(
            *("Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age"),
            *("Containers+", "Images+", "Selector+"),
        ),
    ),
    Kind(
        "Deployment",
        "deployments",
        "apps",
        "v1",
        short=("deploy",),
        categories=("all",),
        columns=_columns("Name", "Ready", "Up-to-date", "Available", "Age", "Containers+", "Images+", "Selector+"),
    ),
    Kind(
        "StatefulSet",
        "statefulsets",
        "apps",
        "v1",
        short=("sts",),
        categories=("all",),
        columns=_columns("Name", "Ready", "Age", "Containers+", "Images+"),
    ),
    Kind(
        "Job",
        "jobs",
        "batch",
        "v1",
        categories=("all",),
        columns=_columns("Name", "Status", "Completions", "Duration", "Age", "Containers+", "Images+", "Selector+"),
    ),
    Kind(
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "policy",
        "v1",
        short=("pdb",),
        columns=_columns("Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"),
    ),
    Kind(
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "apiextensions.k8s.io",
        "v1",
        namespaced=False,
        short=("crd", "crds"),
        categories=("api-extensions",),
        columns=_columns("Name", "Created At"),
    ),
)


def _flux(
    kind: str,
    plural: str,
    group: str,
    version: str,
    columns: tuple[Column, ...],
    *,
    short: tuple[str, ...] = (),
    family: str = "",
    status: bool = True,
) -> Kind:
    listed = () if kind in {"FluxInstance", "FluxReport"} else ("all",)
    families = (f"fluxcd-{family}",) if family else ()
    categories = (*listed, "fluxcd", *families)
    return Kind(kind, plural, group, version, True, short, categories, columns, status, custom=True)


_SOURCE = "source.toolkit.fluxcd.io"
_IMAGE = "image.toolkit.fluxcd.io"
_NOTIFICATION = "notification.toolkit.fluxcd.io"
_OPERATOR = "fluxcd.controlplane.io"
_TOLD = (_AGE, _READY, _STATUS)

_FLUX = (
    _flux("GitRepository", "gitrepositories", _SOURCE, "v1", (_URL, *_TOLD), short=("gitrepo",), family="sources"),
    _flux(
        "OCIRepository",
        "ocirepositories",
        _SOURCE,
        "v1",
        (_URL, _READY, _STATUS, _AGE),
        short=("ocirepo",),
        family="sources",
    ),
    _flux("HelmRepository", "helmrepositories", _SOURCE, "v1", (_URL, *_TOLD), short=("helmrepo",), family="sources"),
    _flux(
        "HelmChart",
        "helmcharts",
        _SOURCE,
        "v1",
        (
            Column("Chart", ".spec.chart"),
            Column("Version", ".spec.version"),
            Column("Source Kind", ".spec.sourceRef.kind"),
            Column("Source Name", ".spec.sourceRef.name"),
            *_TOLD,
        ),
        short=("hc",),
        family="sources",
    ),
    _flux("Bucket", "buckets", _SOURCE, "v1", (Column("Endpoint", ".spec.endpoint"), *_TOLD), family="sources"),
    _flux(
        "ExternalArtifact",
        "externalartifacts",
        _SOURCE,
        "v1",
        (*_TOLD, Column("Source", ".spec.sourceRef.name")),
        short=("ea",),
        family="sources",
    ),
    _flux(
        "ArtifactGenerator",
        "artifactgenerators",
        "source.extensions.fluxcd.io",
        "v1beta1",
        _TOLD,
        short=("ag",),
        family="sources",
    ),
    _flux(
        "Kustomization",
        "kustomizations",
        "kustomize.toolkit.fluxcd.io",
        "v1",
        _TOLD,
        short=("ks",),
        family="appliers",
    ),
    _flux("HelmRelease", "helmreleases", "helm.toolkit.fluxcd.io", "v2", _TOLD, short=("hr",), family="appliers"),
    _flux(
        "ImageRepository",
        "imagerepositories",
        _IMAGE,
        "v1",
        (
            Column("Image", ".spec.image"),
            Column("Tags", ".status.lastScanResult.tagCount"),
            _READY,
            _STATUS,
            Column("Last scan", ".status.lastScanResult.scanTime", "string", 1),
            _AGE,
        ),
        short=("imgrepo", "imagerepo"),
        family="images",
    ),
    _flux(
        "ImagePolicy",
        "imagepolicies",
        _IMAGE,
        "v1",
        (
            Column("Image", ".status.latestRef.name"),
            Column("Tag", ".status.latestRef.tag"),
            _READY,
            _STATUS,
            _AGE,
        ),
        short=("imgpol", "imagepol"),
        family="images",
    ),
    _flux(
        "ImageUpdateAutomation",
        "imageupdateautomations",
        _IMAGE,
        "v1",
        (_READY, _STATUS, Column("Last run", ".status.lastAutomationRunTime", "string", 1), _AGE),
        short=("iua", "imgupd", "imgauto"),
        family="images",
    ),
    _flux("Receiver", "receivers", _NOTIFICATION, "v1", _TOLD, family="notifications"),
    _flux("Alert", "alerts", _NOTIFICATION, "v1beta3", (_AGE,), family="notifications", status=False),
    _flux("Provider", "providers", _NOTIFICATION, "v1beta3", (_AGE,), family="notifications", status=False),
    _flux(
        "FluxInstance",
        "fluxinstances",
        _OPERATOR,
        "v1",
        (*_TOLD, Column("Revision", ".status.lastAttemptedRevision")),
        family="appliers",
    ),
    _flux("ResourceSet", "resourcesets", _OPERATOR, "v1", _TOLD, short=("rset",), family="appliers"),
    _flux(
        "ResourceSetInputProvider",
        "resourcesetinputproviders",
        _OPERATOR,
        "v1",
        _TOLD,
        short=("rsip",),
        family="sources",
    ),
    _flux(
        "FluxReport",
        "fluxreports",
        _OPERATOR,
        "v1",
        (
            Column("Entitlement", ".spec.distribution.entitlement", "string", 10),
            *_TOLD,
            Column("LastUpdated", '.status.conditions[?(@.type=="Ready")].lastTransitionTime'),
        ),
    ),
)

_TUPPR = (
    Kind(
        "TalosUpgrade",
        "talosupgrades",
        "tuppr.home-operations.com",
        "v1alpha1",
        namespaced=False,
        custom=True,
        columns=(
            _PHASE,
            _READY,
            _REASON,
            Column("Current Node", ".status.currentNode"),
            # Declared as integers on array paths, which shows nothing: as in the real definition.
            Column("Completed", ".status.completedNodes", "integer", 1),
            Column("Failed", ".status.failedNodes", "integer", 1),
            Column("Completed At", ".status.completedAt", "date", 1),
            _AGE,
        ),
    ),
    Kind(
        "KubernetesUpgrade",
        "kubernetesupgrades",
        "tuppr.home-operations.com",
        "v1alpha1",
        namespaced=False,
        custom=True,
        columns=(
            _PHASE,
            _READY,
            _REASON,
            Column("Current", ".status.currentVersion"),
            Column("Target", ".status.targetVersion"),
            Column("Controller Node", ".status.controllerNode", "string", 1),
            Column("Retries", ".status.retries", "integer", 1),
            Column("Completed", ".status.completedAt", "date", 1),
            _AGE,
        ),
    ),
)

KINDS: tuple[Kind, ...] = (*_CORE, *_WORKLOADS, *_FLUX, *_TUPPR)
FLUX_KINDS: tuple[str, ...] = tuple(kind.kind for kind in _FLUX)

_BY_KIND = {kind.kind: kind for kind in KINDS}
_BY_PLURAL = {(kind.group, kind.version, kind.plural): kind for kind in KINDS}


def named(kind: str) -> Kind:
    """The kind of this name; KeyError when the cluster does not know it."""
    return _BY_KIND[kind]


def served(group: str, version: str, plural: str) -> Kind | None:
    """The kind behind a URL."""
    return _BY_PLURAL.get((group, version, plural))


def groups() -> Iterator[tuple[str, str]]:
    """Each (group, version) once, the core group (an empty name) first."""
    yield from dict.fromkeys((kind.group, kind.version) for kind in KINDS)


def within(group: str, version: str) -> list[Kind]:
    """The kinds of a group and version."""
    return [kind for kind in KINDS if (kind.group, kind.version) == (group, version)]
