"""Versions of Talos and Kubernetes are found by content, in the layouts that home clusters have."""

import pytest

from console.foresight.places import Kind, carries, places
from console.model.updates import System

RESOURCE = """\
---
apiVersion: tuppr.home-operations.com/v1alpha1
kind: TalosUpgrade
metadata:
  name: talos
spec:
  talos:
    # renovate: datasource=custom.talos-factory depName=siderolabs/talos
    version: v1.13.7
  policy:
    rebootMode: powercycle
---
apiVersion: tuppr.home-operations.com/v1alpha1
kind: KubernetesUpgrade
metadata:
  name: kubernetes
spec:
  talosctl:
    image:
      tag: v1.13.6
  kubernetes:
    version: "v1.36.2"
"""
SCHEMATIC = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a/upgrades.yaml", RESOURCE, [("talos", "resource", "v1.13.7", 9), ("kubernetes", "resource", "v1.36.2", 22)]),
        (
            "talos/talenv.yaml",
            "# renovate: datasource=docker depName=ghcr.io/siderolabs/installer\ntalosVersion: v1.13.6\n"
            "kubernetesVersion: 1.36.2\n",
            [("talos", "config", "v1.13.6", 2), ("kubernetes", "config", "v1.36.2", 3)],
        ),
        ("talos/talconfig.yaml", 'talosVersion: "${talosVersion}"\nclusterName: home\n', []),
        (
            "talos/machineconfig.yaml.j2",
            f"  install:\n    image: factory.talos.dev/metal-installer/{SCHEMATIC}:v1.13.7\n"
            "  kubelet:\n    image: ghcr.io/siderolabs/kubelet:v1.36.2\n"
            "  apiServer:\n    image: registry.k8s.io/kube-apiserver:v1.36.2\n",
            [
                ("talos", "image", "v1.13.7", 2),
                ("kubernetes", "image", "v1.36.2", 4),
                ("kubernetes", "image", "v1.36.2", 6),
            ],
        ),
        (
            "talos/cluster.yaml.j2",
            "    image: factory.talos.dev/installer/{{ ENV.SCHEMATIC }}:v1.13.7\n",
            [("talos", "image", "v1.13.7", 1)],
        ),
        (
            "versions.env",
            "# renovate: datasource=github-releases depName=siderolabs/talos\nTALOS_VERSION=v1.13.7\n",
            [("talos", "config", "v1.13.7", 2)],
        ),
        (
            ".mise.toml",
            '[tools]\n"aqua:siderolabs/talos" = "1.13.7"\ntalosctl = "1.13.7"\n"aqua:kubernetes/kubectl" = "1.36.2"\n'
            'talhelper = "3.1.16"\n',
            [
                ("talos", "client", "v1.13.7", 2),
                ("talos", "client", "v1.13.7", 3),
                ("kubernetes", "client", "v1.36.2", 4),
            ],
        ),
        (
            "a/helmrelease.yaml",
            "    # renovate: datasource=docker depName=ghcr.io/immich-app/immich\n    tag: v1.13.7\n  kubeVersion: x\n",
            [],
        ),
        ("a/other.yaml", "kind: TalosConfigMap\nspec:\n  talos:\n    version: v1.13.7\n", []),
    ],
)
def test_the_places_of_a_file(path: str, text: str, expected: list[tuple[System, Kind, str, int]]) -> None:
    assert [(p.system, p.kind, p.version, p.line) for p in places(path, text.encode())] == expected


@pytest.mark.parametrize(
    ("path", "can"),
    [
        ("talos/talenv.yaml", True),
        ("talos/machineconfig.yaml.j2", True),
        (".mise.toml", True),
        ("talos/talsecret.sops.yaml", False),
        (".github/workflows/e2e.yaml", False),
        ("README.md", False),
    ],
)
def test_files_that_can_carry_a_version(path: str, can: bool) -> None:
    assert carries(path) is can


def test_bytes_that_are_no_text_are_no_places() -> None:
    assert places("a.yaml", b"\xff\xfe talos \x00" * 10) == ()
