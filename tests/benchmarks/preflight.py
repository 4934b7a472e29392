"""A preflight of a repository with 3,000 files, beside parsing its YAML with PyYAML's C loader.

Whatever is kept between two preflights is thrown away before each.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

from console.foresight import places, yamlfiles
from console.foresight.knowledge import knowledge
from console.foresight.knowledge.components import tables
from console.model.version import Version
from console.operations import reading
from console.operations.preflight import preflight, supposed
from console.sources.git.mirror import Mirror
from console.sources.git.runner import Git
from console.sources.stop import Stop
from tests.benchmarks.figure import Figure, most

FILES, NOW = 3000, datetime(2026, 11, 22, tzinfo=UTC)


def files() -> dict[str, str]:
    """Five files for each application, and the nodes' configuration."""
    found = {
        "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml": _upgrade("TalosUpgrade", "talos", "v1.13.7"),
        "kubernetes/apps/system/tuppr/upgrades/kubernetesupgrade.yaml": _upgrade(
            "KubernetesUpgrade", "kubernetes", "v1.36.2"
        ),
        "talos/talenv.yaml": "talosVersion: v1.13.7\nkubernetesVersion: v1.36.2\n",
        "talos/patches/install.yaml": "machine:\n  kubelet:\n    extraArgs:\n      rotate-server-certificates: true\n",
    }
    for number in range((FILES - len(found)) // 4):
        base = f"kubernetes/apps/ns{number % 30}/app{number}"
        found |= {
            f"{base}/ks.yaml": _KUSTOMIZATION.format(n=number),
            f"{base}/app/kustomization.yaml": _RESOURCES,
            f"{base}/app/ocirepository.yaml": _REPOSITORY.format(n=number),
            f"{base}/app/helmrelease.yaml": _RELEASE.format(n=number),
        }
    return found


def _upgrade(kind: str, section: str, version: str) -> str:
    head = f"apiVersion: tuppr.home-operations.com/v1alpha1\nkind: {kind}\nmetadata:\n  name: {section}\n"
    return f"{head}spec:\n  {section}:\n    version: {version}\n"


_KUSTOMIZATION = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: app{n}
  namespace: &namespace media
spec:
  targetNamespace: *namespace
  commonMetadata:
    labels:
      app.kubernetes.io/name: app{n}
  path: ./kubernetes/apps/media/app{n}/app
  prune: true
  sourceRef:
    kind: OCIRepository
    name: flux-system
    namespace: flux-system
  wait: false
  interval: 1h
  dependsOn:
    - name: rook-ceph-cluster
      namespace: rook-ceph
  postBuild:
    substitute:
      APP: app{n}
      VOLSYNC_CAPACITY: 5Gi
"""
_RESOURCES = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ./ocirepository.yaml
  - ./helmrelease.yaml
"""
_REPOSITORY = """apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: app{n}
spec:
  interval: 15m
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
    operation: copy
  ref:
    tag: 4.6.2
  url: oci://ghcr.io/bjw-s-labs/helm/app-template
"""
_RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: app{n}
spec:
  chartRef:
    kind: OCIRepository
    name: app{n}
  interval: 1h
  values:
    controllers:
      app{n}:
        annotations:
          reloader.stakater.com/auto: "true"
        containers:
          app:
            image:
              repository: ghcr.io/example/app{n}
              tag: 1.2.3@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            env:
              TZ: Europe/Vienna
              APP__PORT: &port 8080
            probes:
              liveness: &probes
                enabled: true
                custom: true
                spec:
                  httpGet:
                    path: /healthz
                    port: *port
                  initialDelaySeconds: 0
                  periodSeconds: 10
                  timeoutSeconds: 1
                  failureThreshold: 3
              readiness: *probes
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {{drop: ["ALL"]}}
            resources:
              requests:
                cpu: 10m
              limits:
                memory: 512Mi
    defaultPodOptions:
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
    service:
      app:
        ports:
          http:
            port: *port
    route:
      app:
        hostnames: ["app{n}.example.org"]
        parentRefs:
          - name: internal
            namespace: network
            sectionName: https
    persistence:
      config:
        existingClaim: app{n}
      tmp:
        type: emptyDir
"""


def build(path: Path, content: dict[str, str]) -> None:
    """A repository with these files, and a branch that raises Talos by a minor."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)], check=True)
    who = "bot[bot] <bot@users.noreply.github.com> 1700000000 +0000"
    stream = [f"commit refs/heads/main\nmark :1\ncommitter {who}\ndata 5\nfirst\n"]
    stream += [f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n" for name, text in content.items()]
    stream.append(f"commit refs/heads/renovate/talos\ncommitter {who}\ndata 5\ntalos\nfrom :1\n")
    moved = {n: t.replace("v1.13.7", "v1.14.0") for n, t in content.items() if "v1.13.7" in t}
    stream += [f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n" for name, text in moved.items()]
    subprocess.run(["git", f"--git-dir={path}", "fast-import", "--quiet"], input="".join(stream).encode(), check=True)


def _took(work: Callable[[], object]) -> float:
    """Milliseconds of CPU, of this process and of those that it started."""
    began = sum(os.times()[:4])
    work()
    return 1000 * (sum(os.times()[:4]) - began)


def _forgotten() -> None:
    reading.forget()
    yamlfiles.forget()
    places.places.cache_clear()


def measure(runs: int) -> Iterator[Figure]:
    """Of Talos and of Kubernetes, each in turn with the parsing."""
    with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder:
        works = _works(Path(folder))
        parsing: list[float] = []
        took: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(runs):
            parsing.append(_took(_parsed))
            for name, work in works.items():
                _forgotten()
                took[name].append(_took(work))
    why = "every file is parsed once, as findings name file and line; PyYAML's C parser sets the pace"
    for name, values in took.items():
        what = f"preflight of {name}, {FILES:,} files"
        yield Figure(what, "ms CPU", values, "parsing them by libyaml", parsing, most(1000), why)


def _parsed() -> None:
    for text in files().values():
        list(yaml.load_all(text, yaml.CSafeLoader))


def _works(folder: Path) -> dict[str, Callable[[], object]]:
    build(folder / "home.git", files())
    mirror = Mirror(str(folder / "home.git"), "main", ("renovate/",), folder / "clones", git=Git())
    mirror.fetch(Stop())
    update = mirror.scan()[1][0]
    knowledge()
    tables()
    goal = Version.parse("v1.37.1")
    assert goal
    return {
        "Talos": lambda: preflight(update, mirror, None, NOW),
        "Kubernetes": lambda: supposed("kubernetes", goal, mirror, None, NOW),
    }
