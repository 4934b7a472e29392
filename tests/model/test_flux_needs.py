"""The edges of the graph, as they stand in the objects and in the controllers' own messages."""

import pytest

from console.model.flux import FluxKey
from console.model.flux_needs import blames, needs, owner, source, values
from tests.model.flux_objects import Object, made

APP = {kind: FluxKey(kind, "apps", "app") for kind in ("Kustomization", "HelmRelease")}
CHART = {
    "chart": {"spec": {"chart": "grafana", "sourceRef": {"kind": "HelmRepository", "name": "g", "namespace": "flux"}}}
}


def key(raw: Object) -> FluxKey:
    return FluxKey(raw["kind"], raw["metadata"]["namespace"], raw["metadata"]["name"])


NEEDS: dict[str, tuple[Object, tuple[FluxKey, ...]]] = {
    "a Kustomization its dependencies, then its source": (
        made(
            "Kustomization",
            spec={
                "dependsOn": [{"name": "db"}, {"name": "crds", "namespace": "system"}],
                "sourceRef": {"kind": "OCIRepository", "name": "flux-system", "namespace": "flux-system"},
            },
        ),
        (
            FluxKey("Kustomization", "apps", "db"),
            FluxKey("Kustomization", "system", "crds"),
            FluxKey("OCIRepository", "flux-system", "flux-system"),
        ),
    ),
    "a source without namespace is beside the object": (
        made("Kustomization", spec={"sourceRef": {"kind": "GitRepository", "name": "home"}}),
        (FluxKey("GitRepository", "apps", "home"),),
    ),
    "a release the chart that is named": (
        made("HelmRelease", spec={"chartRef": {"kind": "OCIRepository", "name": "grafana"}}),
        (FluxKey("OCIRepository", "apps", "grafana"),),
    ),
    "a release the chart that its controller made": (
        made("HelmRelease", spec=CHART, status={"helmChart": "flux/apps-app"}),
        (FluxKey("HelmChart", "flux", "apps-app"),),
    ),
    "a release the chart that will be made beside its source": (
        made("HelmRelease", spec=CHART),
        (FluxKey("HelmChart", "flux", "apps-app"),),
    ),
    "a chart its repository": (
        made("HelmChart", spec={"sourceRef": {"kind": "HelmRepository", "name": "g"}}),
        (FluxKey("HelmRepository", "apps", "g"),),
    ),
    "a policy its images": (
        made("ImagePolicy", spec={"imageRepositoryRef": {"name": "i"}}),
        (FluxKey("ImageRepository", "apps", "i"),),
    ),
    "an alert its provider": (
        made("Alert", spec={"providerRef": {"name": "p"}}),
        (FluxKey("Provider", "apps", "p"),),
    ),
    "an artifact its generator": (
        made("ExternalArtifact", spec={"sourceRef": {"kind": "ArtifactGenerator", "name": "g"}}),
        (FluxKey("ArtifactGenerator", "apps", "g"),),
    ),
    "a generator its sources": (
        made("ArtifactGenerator", spec={"sources": [{"alias": "x", "kind": "GitRepository", "name": "home"}]}),
        (FluxKey("GitRepository", "apps", "home"),),
    ),
    "a set its dependencies of any kind, and its inputs": (
        made(
            "ResourceSet",
            spec={
                "dependsOn": [{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "name": "db"}],
                "inputsFrom": [{"kind": "ResourceSetInputProvider", "name": "in"}, {"selector": {}}],
            },
        ),
        (FluxKey("HelmRelease", "apps", "db"), FluxKey("ResourceSetInputProvider", "apps", "in")),
    ),
    "a repository what it includes": (
        made("GitRepository", spec={"include": [{"repository": {"name": "other"}}]}),
        (FluxKey("GitRepository", "apps", "other"),),
    ),
    "an instance what it follows, called as its namespace": (
        made("FluxInstance", "flux", "flux-system", spec={"sync": {"kind": "GitRepository", "url": "https://x"}}),
        (
            FluxKey("Kustomization", "flux-system", "flux-system"),
            FluxKey("GitRepository", "flux-system", "flux-system"),
        ),
    ),
    "an instance what it follows, called otherwise": (
        made("FluxInstance", "flux", "flux-system", spec={"sync": {"kind": "Bucket", "name": "home"}}),
        (FluxKey("Kustomization", "flux-system", "home"), FluxKey("Bucket", "flux-system", "home")),
    ),
    "an instance without sync nothing": (made("FluxInstance", "flux", "flux-system"), ()),
    "an automation its repository": (
        made("ImageUpdateAutomation", spec={"sourceRef": {"kind": "GitRepository", "name": "home"}}),
        (FluxKey("GitRepository", "apps", "home"),),
    ),
    "a release its dependencies": (
        made("HelmRelease", spec={"dependsOn": [{"name": "db", "namespace": "data"}], **CHART}),
        (FluxKey("HelmRelease", "data", "db"), FluxKey("HelmChart", "flux", "apps-app")),
    ),
    "nobody himself": (made("Kustomization", spec={"dependsOn": [{"name": "app"}]}), ()),
}


@pytest.mark.parametrize(("raw", "expected"), NEEDS.values(), ids=NEEDS.keys())
def test_needs(raw: Object, expected: tuple[FluxKey, ...]) -> None:
    assert needs(raw, key(raw)) == expected


def test_the_source_of_a_release_is_its_chart() -> None:
    raw = made("HelmRelease", spec=CHART)
    assert source(raw, key(raw)) == FluxKey("HelmChart", "flux", "apps-app")


def test_a_release_takes_values_from_beside_itself() -> None:
    found = [
        {"kind": "Secret", "name": "login"},
        {"kind": "ConfigMap", "name": "more", "optional": True},
        {"name": "?"},
    ]
    raw = made("HelmRelease", spec={"valuesFrom": found})
    assert values(raw, key(raw)) == (FluxKey("Secret", "apps", "login"), FluxKey("ConfigMap", "apps", "more"))


MESSAGES: dict[str, tuple[str, str, tuple[FluxKey, ...]]] = {
    "dependency not ready": (
        "Kustomization",
        "dependency 'data/postgres' is not ready",
        (FluxKey("Kustomization", "data", "postgres"),),
    ),
    "dependency missing": (
        "Kustomization",
        "dependency 'data/postgres' not found: kustomizations.kustomize.toolkit.fluxcd.io \"postgres\" not found",
        (FluxKey("Kustomization", "data", "postgres"),),
    ),
    "dependency of a release": (
        "HelmRelease",
        "unable to get 'data/postgres' dependency: not found",
        (),
    ),
    "release's dependency not ready": (
        "HelmRelease",
        "dependency 'data/postgres' is not ready",
        (FluxKey("HelmRelease", "data", "postgres"),),
    ),
    "source not ready": (
        "HelmRelease",
        "HelmChart 'flux/apps-app' is not ready: latest generation of object has not been reconciled",
        (FluxKey("HelmChart", "flux", "apps-app"),),
    ),
    "health check timed out": (
        "Kustomization",
        "health check failed after 5m0s: timeout waiting for: [HelmRelease/apps/db status: 'InProgress', "
        "Deployment/apps/web status: 'InProgress']",
        (FluxKey("HelmRelease", "apps", "db"), FluxKey("Deployment", "apps", "web")),
    ),
    "health check failed early": (
        "Kustomization",
        "health check failed after 1.2s: failed early due to stalled resources: [HelmRelease/apps/db status: 'Failed']",
        (FluxKey("HelmRelease", "apps", "db"),),
    ),
    "of the whole cluster": (
        "Kustomization",
        "timeout waiting for: [ClusterIssuer/letsencrypt status: 'InProgress']",
        (FluxKey("ClusterIssuer", "", "letsencrypt"),),
    ),
    "nothing": ("Kustomization", "kustomize build failed: 'a/b' is not what it was", ()),
}


@pytest.mark.parametrize(("kind", "message", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_whom_a_message_names(kind: str, message: str, expected: tuple[FluxKey, ...]) -> None:
    assert blames(message, APP[kind]) == expected


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("kustomize.toolkit.fluxcd.io", "Kustomization"),
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
        ("resourceset.fluxcd.controlplane.io", "ResourceSet"),
        ("fluxcd.controlplane.io", "FluxInstance"),
    ],
)
def test_who_applied_it(group: str, kind: str) -> None:
    labels = {f"{group}/name": "parent", f"{group}/namespace": "flux-system"}
    assert owner(made("OCIRepository", labels=labels)) == FluxKey(kind, "flux-system", "parent")


def test_nobody_applied_it() -> None:
    assert owner(made("OCIRepository")) is None
