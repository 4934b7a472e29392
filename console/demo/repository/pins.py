"""What main holds now: every version and every value that some commit moves."""

from console.demo.repository.fake import action, pinned
from console.demo.world import Topology

CHARTS = {
    "alloy": "1.4.0",
    "app-template": "5.0.1",
    "cert-manager": "v1.19.2",
    "cilium": "1.19.6",
    "cloudnative-pg": "0.27.0",
    "coredns": "1.45.1",
    "envoy-gateway": "v1.8.1",
    "external-dns": "1.20.0",
    "flux-instance": "0.58.0",
    "flux-operator": "0.58.0",
    "grafana": "10.4.0",
    "kromgo": "0.15.2",
    "kube-prometheus-stack": "87.21.0",
    "longhorn": "1.11.2",
    "loki": "6.46.0",
    "metrics-server": "3.13.0",
    "postgres": "0.5.0",
    "reloader": "2.2.5",
    "tempo": "1.24.1",
    "tuppr": "0.5.5",
}

IMAGES = {
    "cloudflared.image": pinned("docker.io/cloudflare/cloudflared", "2026.10.0"),
    "gatus.image": pinned("ghcr.io/twin/gatus", "v5.33.0"),
    "grafana.image": "12.3.0",  # not pinned: a branch does that
    "home-assistant.image": pinned("ghcr.io/home-assistant/home-assistant", "2026.10.4"),
    "immich.image": pinned("ghcr.io/immich-app/immich-server", "v2.4.1"),
    "immich.learning": pinned("ghcr.io/immich-app/immich-machine-learning", "v2.4.1"),
    "mosquitto.image": pinned("public.ecr.aws/docker/library/eclipse-mosquitto", "2.0.22"),
    "paperless.image": pinned("ghcr.io/paperless-ngx/paperless-ngx", "2.19.6"),
    "plex.image": pinned("ghcr.io/home-operations/plex", "1.42.2.10156"),
    "postgres.image": pinned("ghcr.io/cloudnative-pg/postgresql", "17.6"),
    "qbittorrent.image": pinned("ghcr.io/home-operations/qbittorrent", "rolling"),
    "sonarr.image": pinned("ghcr.io/onedr0p/sonarr", "4.0.16.2944"),
    "sonarr.repository": "ghcr.io/onedr0p/sonarr",
}

TOOLS = {
    "mise.flux": "2.9.3",
    "mise.helm": "4.1.4",
    "mise.kubeconform": "0.7.0",
    "mise.kubectl": "1.36.2",
    "mise.sops": "3.12.1",
    "mise.talhelper": "3.1.15",
    "mise.yq": "4.50.1",
    "action.changed-files": action("tj-actions/changed-files", "v46.0.0"),
    "action.checkout": action("actions/checkout", "v6.0.1"),
    "action.mise": action("jdx/mise-action", "v4.2.4"),
    "action.python": "v6",
    "docs.material": "9.7.1",
    "lock.pygments": "2.19.2",
    "lock.requests": "2.32.5",
    "renovate.matchers": "fileMatch",
}

VALUES = {
    "+kromgo": "  - ./kromgo/ks.yaml\n",
    "coredns.replicas": "1",
    "dashboard.cilium": "4",
    "docs.index": "How the cluster is built, and what to do when it is not up.",
    "envoy.log": "info",
    "envoy.timeout": "30s",
    "kubelet.pulls": "5",
    "longhorn.reserved": "15",
    "plex.memory": "6Gi",
    "prometheus.retention": "14d",
    "sysctl.watches": "1048576",
}


def current(topology: Topology) -> dict[str, str]:
    """The pins of main before any upgrade was approved."""
    cluster = {
        "flux": topology.flux.removeprefix("v").rpartition(".")[0] + ".x",
        "kubernetes": topology.kubernetes,
        "talos": topology.talos,
        "mise.talosctl": topology.talos.removeprefix("v"),
    }
    return {**CHARTS, **IMAGES, **TOOLS, **VALUES, **cluster}
