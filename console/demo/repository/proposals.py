"""What waits under ``renovate/``: every kind of branch that such repositories have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.demo.repository.fake import action, commit_id, digest, pinned, short
from console.demo.world import Topology


@dataclass(frozen=True, slots=True)
class Proposal:
    """A branch with one commit of the bot, made ``hours`` ago on the main of that hour. ``pins`` are the new values.

    With ``then`` the operator committed these pins onto it, ``then_hours`` ago. Without ``name`` the pull request was
    closed and the branch is gone.
    """

    hours: float
    name: str
    pull: int
    subject: str
    pins: Mapping[str, str]
    body: str = ""
    then: Mapping[str, str] = field(default_factory=dict)
    then_subject: str = ""
    then_hours: float = 0


TALOS = "renovate/siderolabs-talos-1.x"
KUBERNETES = "renovate/ghcr.io-siderolabs-kubelet-1.x"

_SIGNED_OFF = "Signed-off-by: home-bot[bot] <198765432+home-bot[bot]@users.noreply.github.com>"
_PLEX = "ghcr.io/home-operations/plex"
_TORRENT = "ghcr.io/home-operations/qbittorrent"
_POSTGRES = "ghcr.io/cloudnative-pg/postgresql"
_CERT_TABLE = """| datasource | package                              | from    | to      |
| ---------- | ------------------------------------ | ------- | ------- |
| docker     | quay.io/jetstack/charts/cert-manager | v1.19.2 | v1.19.3 |
"""


def proposals(topology: Topology) -> list[Proposal]:
    """All of them. No node upgrade waits in the scenario ``healthy``."""
    nodes = [] if topology.scenario == "healthy" else _nodes(topology)
    return [*nodes, *_PLATFORM, *_APPS, *_TOOLING, *_CLOSED]


def _nodes(topology: Topology) -> list[Proposal]:
    old, new = topology.talos, topology.talos_next
    client, next_client = old.removeprefix("v"), new.removeprefix("v")
    kubernetes, next_kubernetes = topology.kubernetes, topology.kubernetes_next
    return [
        Proposal(50, TALOS, 2307, f"Update siderolabs/talos ({old} ➔ {new})", {"talos": new}),
        Proposal(
            50, "renovate/talosctl-1.x", 2308, f"Update tool talosctl ({client} ➔ {next_client})",
            {"mise.talosctl": next_client},
        ),
        Proposal(
            9, KUBERNETES, 2311, f"Update image ghcr.io/siderolabs/kubelet ({kubernetes} ➔ {next_kubernetes})",
            {"kubernetes": next_kubernetes},
        ),
    ]  # fmt: skip


_PLATFORM = [
    Proposal(3, "renovate/quay.io-jetstack-charts-cert-manager-1.x", 2312,
             "fix(container): update image quay.io/jetstack/charts/cert-manager (v1.19.2 ➔ v1.19.3)",
             {"cert-manager": "v1.19.3"}, _CERT_TABLE),
    Proposal(290, "renovate/quay.io-cilium-charts-cilium-1.x", 2280,
             "feat(container): update image quay.io/cilium/charts/cilium (1.19.6 ➔ 1.20.0)", {"cilium": "1.20.0"}),
    Proposal(70, "renovate/flux-operator", 2300, "fix(container): update flux-operator group",
             {"flux-operator": "0.58.1", "flux-instance": "0.58.1"}),
    Proposal(26, "renovate/ghcr.io-home-operations-charts-tuppr-0.x", 2306,
             "fix(container): update image ghcr.io/home-operations/charts/tuppr ( 0.5.5 → 0.5.6 )", {"tuppr": "0.5.6"}),
    Proposal(13 * 24, "renovate/longhorn-1.x", 2278, "feat(helm): update chart longhorn ( 1.11.2 → 1.12.0 )",
             {"longhorn": "1.12.0"}, _SIGNED_OFF),
    # Far behind, and still clean
    Proposal(72 * 24, "renovate/metrics-server-3.x", 2179,
             "feat(helm): update chart metrics-server ( 3.13.0 ➜ 3.14.0 )", {"metrics-server": "3.14.0"}),
    # Someone else's commit on top
    Proposal(60, "renovate/mirror.gcr.io-envoyproxy-gateway-helm-1.x", 2301,
             "feat(container): update image mirror.gcr.io/envoyproxy/gateway-helm to v1.9.0",
             {"envoy-gateway": "v1.9.0"}, then={"envoy.log": "debug"},
             then_subject="chore(envoy-gateway): let it talk while 1.9 is tried out", then_hours=20),
    # On main already, by squash
    Proposal(140, "renovate/ghcr.io-coredns-charts-coredns-1.x", 2296,
             "Update image ghcr.io/coredns/charts/coredns (1.45.0 ➔ 1.45.1)", {"coredns": "1.45.1"}),
]  # fmt: skip

_APPS = [
    Proposal(27, "renovate/major-immich", 2305, "feat(container)!: Update immich group (v2.4.1 ➔ v3.0.0)",
             {"immich.image": pinned("ghcr.io/immich-app/immich-server", "v3.0.0"),
              "immich.learning": pinned("ghcr.io/immich-app/immich-machine-learning", "v3.0.0")}),
    Proposal(240, "renovate/ghcr.io-prometheus-community-charts-kube-prometheus-stack-88.x", 2287,
             "feat(container)!: Update image ghcr.io/prometheus-community/charts/kube-prometheus-stack "
             "(87.21.0 ➔ 88.0.0)", {"kube-prometheus-stack": "88.0.0"}),
    # A breaking minor: before 1.0 a minor may break
    Proposal(100, "renovate/major-ghcr.io-home-operations-charts-kromgo-0.x", 2298,
             "feat(container)!: Update image ghcr.io/home-operations/charts/kromgo (0.15.2 ➔ 0.16.0)",
             {"kromgo": "0.16.0"}),
    Proposal(16, "renovate/ghcr.io-bjw-s-labs-helm-app-template-5.x", 2310,
             "⬆️ Update ghcr.io/bjw-s-labs/helm/app-template ( 5.0.1 → 5.1.0 )", {"app-template": "5.1.0"}),
    Proposal(40, "renovate/ghcr.io-home-assistant-home-assistant-2026.x", 2313,
             "Update image ghcr.io/home-assistant/home-assistant to v2026.11.1",
             {"home-assistant.image": pinned("ghcr.io/home-assistant/home-assistant", "2026.11.1")}),
    Proposal(33, "renovate/ghcr.io-home-operations-plex-1.x", 2314,
             f"fix(container): update image {_PLEX} (1.42.2.10156 ➜ 1.42.3.10310)",
             {"plex.image": pinned(_PLEX, "1.42.3.10310")}),
    Proposal(30, "renovate/ghcr.io-home-operations-qbittorrent-rolling", 2315,
             f"chore(container): update image {_TORRENT} "
             f"({short(_TORRENT, 'rolling')} ➔ {short(_TORRENT, 'rolling', 2)})",
             {"qbittorrent.image": pinned(_TORRENT, "rolling", 2)}),
    Proposal(12, "renovate/ghcr.io-cloudnative-pg-postgresql-17.6", 2316,
             f"chore(container): update {_POSTGRES}:17.6 docker digest to {short(_POSTGRES, '17.6', 2)}",
             {"postgres.image": pinned(_POSTGRES, "17.6", 2)}),
    Proposal(21, "renovate/docker.io-cloudflare-cloudflared-2026.x", 2317,
             "⬆️ Update docker.io/cloudflare/cloudflared ( 2026.10.0 → 2026.11.0 )",
             {"cloudflared.image": pinned("docker.io/cloudflare/cloudflared", "2026.11.0")}),
    Proposal(19, "renovate/ghcr.io-grafana-helm-charts-loki-6.x", 2318,
             "feat(container): update image ghcr.io/grafana/helm-charts/loki (6.46.0 ➔ 6.49.0)", {"loki": "6.49.0"}),
    Proposal(18, "renovate/ghcr.io-grafana-helm-charts-grafana-10.x", 2319,
             "build(deps): update grafana ( 10.4.0 ➜ 10.5.1 )", {"grafana": "10.5.1"}),
    Proposal(90, "renovate/ghcr.io-paperless-ngx-paperless-ngx-2.x", 2299,
             "feat(container): update image ghcr.io/paperless-ngx/paperless-ngx (2.19.6 -> 2.20.0)",
             {"paperless.image": pinned("ghcr.io/paperless-ngx/paperless-ngx", "2.20.0")}),
    Proposal(110, "renovate/ghcr.io-onedr0p-sonarr-replacement", 2297,
             "chore(deps): replace image ghcr.io/onedr0p/sonarr with ghcr.io/home-operations/sonarr 4.0.16.2944",
             {"sonarr.repository": "ghcr.io/home-operations/sonarr",
              "sonarr.image": pinned("ghcr.io/home-operations/sonarr", "4.0.16.2944")}),
    Proposal(20, "renovate/grafana-dashboards-cilium", 2320,
             "feat(grafana-dashboards): update dashboard cilium agent metrics ( 4 → 5 )", {"dashboard.cilium": "5"}),
]  # fmt: skip

_TOOLING = [
    # Four tools at once; main has moved one of them meanwhile
    Proposal(200, "renovate/mise-tools", 2291, "chore(mise): update mise tools",
             {"mise.helm": "4.2.0", "mise.sops": "3.12.2", "mise.yq": "4.52.0", "mise.kubeconform": "0.8.0"}),
    Proposal(45, "renovate/jdx-mise-action-4.x", 2321,
             "ci(github-action): update action jdx/mise-action (v4.2.4 ➔ v4.2.5)",
             {"action.mise": action("jdx/mise-action", "v4.2.5")}),
    Proposal(44, "renovate/actions-checkout-digest", 2322,
             f"chore(github-action): update actions/checkout digest to {commit_id('actions/checkout', 'v6.0.1/2')[:7]}",
             {"action.checkout": f"{commit_id('actions/checkout', 'v6.0.1/2')} # v6.0.1"}),
    Proposal(52, "renovate/pin-dependencies", 2323, "ci(github-action): pin dependencies",
             {"action.python": action("actions/setup-python", "v6.0.0"),
              "grafana.image": f"12.3.0@{digest('docker.io/grafana/grafana', '12.3.0')}"}),
    Proposal(6, "renovate/github-tags-tj-actions/changed-files-vulnerability", 2324,
             "chore(deps): update tj-actions/changed-files action to v46.0.1 [SECURITY]",
             {"action.changed-files": action("tj-actions/changed-files", "v46.0.1")}),
    Proposal(64, "renovate/lock-file-maintenance", 2325, "chore(deps): lock file maintenance",
             {"lock.pygments": "2.20.0", "lock.requests": "2.33.1"}),
    Proposal(38, "renovate/mkdocs-material-9.x", 2326, "fix(deps): update dependency mkdocs-material to v9.7.2",
             {"docs.material": "9.7.2"}),
    Proposal(80, "renovate/migrate-config", 2327, "chore(renovate-config): migrate config .renovaterc.json5",
             {"renovate.matchers": "managerFilePatterns"}),
]  # fmt: skip

# The forge keeps the pull request's ref when the branch is long gone.
_CLOSED = [
    Proposal(30 * 24, "", 2246, "feat(container)!: Update image ghcr.io/grafana/helm-charts/loki (6.44.0 ➔ 7.0.0)",
             {"loki": "7.0.0"}),
    Proposal(21 * 24, "", 2263, "fix(container): update siderolabs/talos (v1.13.6 ➔ v1.13.7-beta.0)",
             {"talos": "v1.13.7-beta.0"}),
    Proposal(9 * 24, "", 2286, "feat(container): update image quay.io/jetstack/charts/cert-manager (v1.19.2 ➔ v1.20.0)",
             {"cert-manager": "v1.20.0"}),
]  # fmt: skip
