"""An app as an operator lays it out: ``ks.yaml`` beside ``app/`` with its release, its chart, its secrets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from console.demo.repository.fake import encrypted, sops
from console.demo.repository.files import File

APP_TEMPLATE = "ghcr.io/bjw-s-labs/helm/app-template"


@dataclass(frozen=True, slots=True)
class App:
    """One app. The version of its chart is the pin of its name; all apps of APP_TEMPLATE share one pin.

    ``values`` are the HelmRelease's, indented by nothing; without ``chart`` there is no HelmRelease. ``helm`` is the
    URL of a Helm repository where the chart is no OCI artifact. ``needs`` are ``namespace/name`` of Kustomizations.
    ``secret`` are the keys of a SOPS-encrypted Secret; ``more`` further files of ``app/``.
    """

    namespace: str
    name: str
    chart: str = APP_TEMPLATE
    values: str = ""
    helm: str = ""
    needs: tuple[str, ...] = ()
    wait: bool = False
    secret: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    when: str = ""

    @property
    def folder(self) -> str:
        """Where it lies in the repository."""
        return f"kubernetes/apps/{self.namespace}/{self.name}"

    @property
    def pin(self) -> str:
        """The pin that holds its chart's version."""
        return "app-template" if self.chart == APP_TEMPLATE else self.name


def files(apps: Iterable[App], source: str) -> dict[str, File]:
    """Everything of ``apps``. ``source`` is the kind of the Flux source: OCIRepository or GitRepository."""
    return {f"{app.folder}/{path}": File(text, app.when) for app in apps for path, text in _texts(app, source).items()}


def kustomization(app: App, name: str, folder: str, source: str, needs: tuple[str, ...], *, wait: bool) -> str:
    """A Flux Kustomization, as ``ks.yaml`` holds it."""
    depends = "".join(f"    - name: {n.split('/')[1]}\n      namespace: {n.split('/')[0]}\n" for n in needs)
    return f"""---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: &app {name}
  namespace: &namespace {app.namespace}
spec:
  commonMetadata:
    labels:
      app.kubernetes.io/name: *app
{"  dependsOn:" + chr(10) + depends if needs else ""}  interval: 1h
  path: ./{folder}
  prune: true
  retryInterval: 2m
  sourceRef:
    kind: {source}
    name: flux-system
    namespace: flux-system
  targetNamespace: *namespace
  timeout: 5m
  wait: {str(wait).lower()}
"""


def kustomize(resources: Iterable[str]) -> str:
    """A ``kustomization.yaml`` of these resources."""
    lines = "".join(f"  - ./{resource}\n" for resource in resources)
    return f"---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{lines}"


def _texts(app: App, source: str) -> dict[str, str]:
    inside: dict[str, str] = {}
    if app.chart:
        inside["helmrelease.yaml"] = _release(app)
        inside["helmrepository.yaml" if app.helm else "ocirepository.yaml"] = _chart(app)
    if app.secret:
        inside["secret.sops.yaml"] = _secret(app)
    inside.update(app.more)
    texts = {f"app/{name}": text for name, text in inside.items()}
    texts["app/kustomization.yaml"] = kustomize(sorted(inside))
    texts["ks.yaml"] = kustomization(app, app.name, f"{app.folder}/app", source, app.needs, wait=app.wait)
    return texts


def _release(app: App) -> str:
    if app.helm:
        chart = (
            f"  chart:\n    spec:\n      chart: {app.chart}\n      version: «{app.pin}»\n"
            f"      sourceRef:\n        kind: HelmRepository\n        name: {app.name}\n"
        )
    else:
        chart = f"  chartRef:\n    kind: OCIRepository\n    name: {app.name}\n"
    values = "".join(f"    {line}\n" if line else "\n" for line in app.values.strip("\n").split("\n"))
    return f"""---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {app.name}
spec:
{chart}  interval: 1h
{"  values:" + chr(10) + values if app.values else ""}"""


def _chart(app: App) -> str:
    if app.helm:
        return f"""---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: {app.name}
spec:
  interval: 2h
  url: {app.helm}
"""
    return f"""---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: {app.name}
spec:
  interval: 15m
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
    operation: copy
  ref:
    tag: «{app.pin}»
  url: oci://{app.chart}
"""


def _secret(app: App) -> str:
    lines = "".join(f"  {key}: {encrypted(f'{app.name}/{key}', 28)}\n" for key in app.secret)
    block = sops(app.name, "2026-06-21T09:30:12Z", "encrypted_regex: ^(data|stringData)$")
    return f"---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {app.name}-secret\nstringData:\n{lines}{block}"
