"""What a repository holds at which version, in the forms in which repositories write it."""

import pytest

from console.foresight.tree import Tree

FORMS = {
    "an OCIRepository": (
        "kind: OCIRepository\napiVersion: source.toolkit.fluxcd.io/v1\nmetadata: {name: spegel}\n"
        "spec:\n  url: oci://ghcr.io/spegel-org/helm-charts/spegel\n  ref:\n    tag: 0.0.24\n",
        "ghcr.io/spegel-org/helm-charts/spegel",
    ),
    "a HelmRelease's chart": (
        "kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nmetadata: {name: a}\n"
        "spec:\n  chart:\n    spec:\n      chart: spegel\n      version: 0.0.24\n",
        "spegel",
    ),
    "a dependency of a chart of one's own": (
        "apiVersion: v2\nname: own\nversion: 1.0.0\ndependencies:\n"
        "  - name: spegel\n    version: v0.0.24\n    repository: oci://ghcr.io/spegel-org/helm-charts\n",
        "ghcr.io/spegel-org/helm-charts/spegel",
    ),
    "a chart that kustomize renders": (
        "kind: Kustomization\nhelmCharts:\n  - name: spegel\n    version: 0.0.24\n    repo: https://charts.example.com\n",
        "charts.example.com/spegel",
    ),
    "an image": ("spec:\n  image: ghcr.io/spegel-org/spegel:v0.0.24@sha256:12\n", "ghcr.io/spegel-org/spegel"),
    "an image in two values": (
        "image:\n  repository: ghcr.io/spegel-org/spegel\n  tag: v0.0.24\n",
        "ghcr.io/spegel-org/spegel",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_package_is_found(form: str) -> None:
    text, name = FORMS[form]
    found = Tree({"a.yaml": text.encode()}).packages(["spegel"])
    assert [(p.name, str(p.version)) for p in found] == [(name, "v0.0.24")]


def test_a_version_of_something_else_is_no_package() -> None:
    assert not Tree({"Chart.yaml": b"apiVersion: v2\nname: own\nversion: 1.0.0\n"}).packages(["*"])
