"""The kinds of Flux 2.9 and Flux Operator 0.58, and what each of them understands."""

from dataclasses import dataclass

OPERATOR = "fluxcd.controlplane.io"
SOURCE = "source.toolkit.fluxcd.io"
EXTENSIONS = "source.extensions.fluxcd.io"

CATEGORY = "fluxcd"  # all CRDs since Flux 2.9 are in it

REQUESTED_AT = "reconcile.fluxcd.io/requestedAt"
FORCE_AT = "reconcile.fluxcd.io/forceAt"
RESET_AT = "reconcile.fluxcd.io/resetAt"

# Ours, beside the one that the operator's web interface writes.
SUSPENDED_BY = "homeconsole/suspended-by"
SUSPENDED_AT = "homeconsole/suspended-at"
SUSPENDED_WHY = "homeconsole/suspended-reason"
OPERATOR_SUSPENDED_BY = f"{OPERATOR}/suspendedBy"


@dataclass(frozen=True, slots=True)
class FluxKind:
    """``version`` is the one that Flux 2.9 serves; clusters may serve another.

    ``switch`` is the annotation that suspends a kind without ``spec.suspend``. ``static``: why a pass can't be asked
    for, empty where it can.
    """

    kind: str
    group: str
    version: str
    plural: str
    switch: str = ""
    suspendable: bool = True
    static: str = ""

    @property
    def api_version(self) -> str:
        """``group/version``."""
        return f"{self.group}/{self.version}"


_NO_STATUS = "it has no status of its own: other controllers read it when they need it"
_OPERATOR_SWITCH = f"{OPERATOR}/reconcile"

_ALL = (
    FluxKind("GitRepository", SOURCE, "v1", "gitrepositories"),
    FluxKind("OCIRepository", SOURCE, "v1", "ocirepositories"),
    FluxKind("HelmRepository", SOURCE, "v1", "helmrepositories"),
    FluxKind("HelmChart", SOURCE, "v1", "helmcharts"),
    FluxKind("Bucket", SOURCE, "v1", "buckets"),
    FluxKind(
        "ExternalArtifact",
        SOURCE,
        "v1",
        "externalartifacts",
        suspendable=False,
        static="another controller makes it: reconcile what generates it",
    ),
    FluxKind("ArtifactGenerator", EXTENSIONS, "v1beta1", "artifactgenerators", switch=f"{EXTENSIONS}/reconcile"),
    FluxKind("Kustomization", "kustomize.toolkit.fluxcd.io", "v1", "kustomizations"),
    FluxKind("HelmRelease", "helm.toolkit.fluxcd.io", "v2", "helmreleases"),
    FluxKind("ImageRepository", "image.toolkit.fluxcd.io", "v1", "imagerepositories"),
    FluxKind("ImagePolicy", "image.toolkit.fluxcd.io", "v1", "imagepolicies"),
    FluxKind("ImageUpdateAutomation", "image.toolkit.fluxcd.io", "v1", "imageupdateautomations"),
    FluxKind("Receiver", "notification.toolkit.fluxcd.io", "v1", "receivers"),
    FluxKind("Alert", "notification.toolkit.fluxcd.io", "v1beta3", "alerts", static=_NO_STATUS),
    FluxKind("Provider", "notification.toolkit.fluxcd.io", "v1beta3", "providers", static=_NO_STATUS),
    FluxKind("FluxInstance", OPERATOR, "v1", "fluxinstances", switch=_OPERATOR_SWITCH),
    FluxKind("ResourceSet", OPERATOR, "v1", "resourcesets", switch=_OPERATOR_SWITCH),
    FluxKind("ResourceSetInputProvider", OPERATOR, "v1", "resourcesetinputproviders", switch=_OPERATOR_SWITCH),
    FluxKind("FluxReport", OPERATOR, "v1", "fluxreports", switch=_OPERATOR_SWITCH),
)

KINDS = {kind.kind: kind for kind in _ALL}


def belongs(group: str, categories: tuple[str, ...] = ()) -> bool:
    """Whether a kind that the API serves is one of Flux' (older clusters have no categories)."""
    return (
        CATEGORY in categories or group.endswith(".toolkit.fluxcd.io") or group in {EXTENSIONS, OPERATOR}
    ) and "." in group


# Short names, as the CRDs of source-, kustomize- and helm-controller give them.
_SHORT = {
    "ks": "Kustomization",
    "hr": "HelmRelease",
    "gitrepo": "GitRepository",
    "ocirepo": "OCIRepository",
    "helmrepo": "HelmRepository",
    "hc": "HelmChart",
}
_WORDS = {word: known.kind for known in _ALL for word in (known.kind.lower(), known.plural)} | _SHORT


def called(word: str) -> str | None:
    """The kind that a word means: its name, plural or short name, in any case. None when Flux has no such kind."""
    return _WORDS.get(word.lower())
