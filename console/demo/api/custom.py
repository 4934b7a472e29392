"""The custom kinds of the cluster: those of Flux 2.9.4, Flux Operator 0.58 and tuppr v1alpha1, with their columns."""

from console.demo.api.kind import Column, Kind

_READY = Column("Ready", '.status.conditions[?(@.type=="Ready")].status')
_STATUS = Column("Status", '.status.conditions[?(@.type=="Ready")].message')
_AGE = Column("Age", ".metadata.creationTimestamp", "date")
_PHASE = Column("Phase", ".status.phase")
_REASON = Column("Reason", '.status.conditions[?(@.type=="Progressing")].reason')
_URL = Column("URL", ".spec.url")


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

FLUX: tuple[Kind, ...] = (
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

TUPPR: tuple[Kind, ...] = (
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
