"""The commits of main, oldest first, as the moves of pins that they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.demo.repository.fake import action, pinned, short
from console.demo.repository.people import BOT, OPERATOR
from console.demo.repository.stream import Person


@dataclass(frozen=True, slots=True)
class Landed:
    """A commit on main, ``hours`` ago. ``moves`` gives values before and after; ``pull`` is the number behind it."""

    hours: float
    author: Person
    subject: str
    moves: Mapping[str, tuple[str, str]]
    body: str = ""
    pull: int = 0

    @property
    def message(self) -> str:
        """As git keeps it."""
        subject = f"{self.subject} (#{self.pull})" if self.pull else self.subject
        return f"{subject}\n\n{self.body}".rstrip() + "\n"


FIRST = "feat: start from the template, with what the old cluster had"
FIRST_HOURS = 75 * 24

_DAY = 24.0


def _bot(days: float, pull: int, subject: str, moves: Mapping[str, tuple[str, str]], body: str = "") -> Landed:
    return Landed(days * _DAY, BOT, subject, moves, body, pull)


def _operator(days: float, subject: str, moves: Mapping[str, tuple[str, str]]) -> Landed:
    return Landed(days * _DAY, OPERATOR, subject, moves)


_CO_AUTHORED = "Co-authored-by: home-bot[bot] <198765432+home-bot[bot]@users.noreply.github.com>"
_SIGNED_OFF = "Signed-off-by: home-bot[bot] <198765432+home-bot[bot]@users.noreply.github.com>"

_TABLE = """| datasource | package                                    | from    | to      |
| ---------- | ------------------------------------------ | ------- | ------- |
| docker     | ghcr.io/prometheus-community/charts/kube-prometheus-stack | 87.18.2 | 87.21.0 |
"""

_PLEX = "ghcr.io/home-operations/plex"
_PAPERLESS = "ghcr.io/paperless-ngx/paperless-ngx"
_HASS = "ghcr.io/home-assistant/home-assistant"
_SERVER = "ghcr.io/immich-app/immich-server"
_LEARNING = "ghcr.io/immich-app/immich-machine-learning"
_TORRENT = "ghcr.io/home-operations/qbittorrent"
_POSTGRES = "ghcr.io/cloudnative-pg/postgresql"
_GATUS = "ghcr.io/twin/gatus"
_TUNNEL = "docker.io/cloudflare/cloudflared"
_MQTT = "public.ecr.aws/docker/library/eclipse-mosquitto"

_OLDER = [
    _bot(
        73,
        2178,
        "fix(container): update image quay.io/cilium/charts/cilium ( 1.19.4 ➔ 1.19.5 )",
        {"cilium": ("1.19.4", "1.19.5")},
    ),
    _operator(71, "docs: say what this is", {"docs.index": ("…", "How the cluster is built.")}),
    _bot(
        70,
        2181,
        "feat(container): update image ghcr.io/grafana/helm-charts/grafana ( 10.2.0 ➔ 10.3.0 )",
        {"grafana": ("10.2.0", "10.3.0")},
    ),
    _bot(68, 2184, "fix(container): update siderolabs/talos (v1.13.4 ➔ v1.13.5)", {"talos": ("v1.13.4", "v1.13.5")}),
    _bot(68, 2185, "fix(mise): update tool talosctl (1.13.4 ➔ 1.13.5)", {"mise.talosctl": ("1.13.4", "1.13.5")}),
    _operator(66, "feat(kromgo): badges for the documentation", {"+kromgo": ("", "  - ./kromgo/ks.yaml\n")}),
    _bot(
        64,
        2190,
        f"chore(container): update image {_TORRENT} ({short(_TORRENT, 'rolling', -1)} ➔ "
        f"{short(_TORRENT, 'rolling', 0)})",
        {"qbittorrent.image": (pinned(_TORRENT, "rolling", -1), pinned(_TORRENT, "rolling", 0))},
    ),
    _bot(
        61,
        2193,
        "feat(container)!: Update image ghcr.io/home-operations/charts/kromgo (0.14.1 ➔ 0.15.2)",
        {"kromgo": ("0.14.1", "0.15.2")},
    ),
    _operator(59, "fix(plex): more memory, the transcoder was killed", {"plex.memory": ("4Gi", "6Gi")}),
    _bot(
        57,
        2199,
        "feat(container): update image ghcr.io/cloudnative-pg/charts/cloudnative-pg (0.26.1 → 0.27.0)",
        {"cloudnative-pg": ("0.26.1", "0.27.0")},
        _SIGNED_OFF,
    ),
    _bot(
        55,
        2203,
        f"fix(container): update image {_PLEX} (1.42.1.10060 ➔ 1.42.2.10156)",
        {"plex.image": (pinned(_PLEX, "1.42.1.10060"), pinned(_PLEX, "1.42.2.10156"))},
    ),
    _bot(52, 2208, "feat(helm): update chart longhorn ( 1.10.2 → 1.11.1 )", {"longhorn": ("1.10.2", "1.11.1")}),
    _operator(52, "chore(longhorn): keep 15 % of the disk free", {"longhorn.reserved": ("25", "15")}),
    _bot(
        49,
        2213,
        "feat(container): update image ghcr.io/siderolabs/kubelet (v1.36.1 ➔ v1.36.2)",
        {"kubernetes": ("v1.36.1", "v1.36.2")},
    ),
    _bot(
        49,
        2214,
        "fix(mise): update tool aqua:kubernetes/kubectl (1.36.1 ➔ 1.36.2)",
        {"mise.kubectl": ("1.36.1", "1.36.2")},
    ),
    _bot(
        46,
        2219,
        "fix(container): update flux-operator group",
        {"flux-operator": ("0.57.0", "0.58.0"), "flux-instance": ("0.57.0", "0.58.0")},
    ),
    _bot(43, 2224, "fix(container): update siderolabs/talos (v1.13.5 ➔ v1.13.6)", {"talos": ("v1.13.5", "v1.13.6")}),
    _bot(43, 2225, "fix(mise): update tool talosctl (1.13.5 ➔ 1.13.6)", {"mise.talosctl": ("1.13.5", "1.13.6")}),
    _operator(41, "feat(talos): let the kubelet pull five images at once", {"kubelet.pulls": ("3", "5")}),
    _bot(
        40,
        2230,
        f"feat(container): update image {_PAPERLESS} (2.18.4 ➔ 2.19.6)",
        {"paperless.image": (pinned(_PAPERLESS, "2.18.4"), pinned(_PAPERLESS, "2.19.6"))},
    ),
]

_NEWER = [
    _bot(
        37,
        2236,
        "feat(container): update immich group (v2.3.1 ➔ v2.4.1)",
        {
            "immich.image": (pinned(_SERVER, "v2.3.1"), pinned(_SERVER, "v2.4.1")),
            "immich.learning": (pinned(_LEARNING, "v2.3.1"), pinned(_LEARNING, "v2.4.1")),
        },
        _CO_AUTHORED,
    ),
    _bot(
        35,
        2239,
        "ci(github-action): update action jdx/mise-action (v4.2.3 ➔ v4.2.4)",
        {"action.mise": (action("jdx/mise-action", "v4.2.3"), action("jdx/mise-action", "v4.2.4"))},
    ),
    _operator(33, "revert: back to one CoreDNS, it is one node", {"coredns.replicas": ("2", "1")}),
    _bot(
        31,
        2244,
        "fix(container): update image quay.io/cilium/charts/cilium ( 1.19.5 ➔ 1.19.6 )",
        {"cilium": ("1.19.5", "1.19.6")},
    ),
    _bot(
        29,
        2249,
        f"Update image {_HASS} to v2026.10.4",
        {"home-assistant.image": (pinned(_HASS, "2026.9.4"), pinned(_HASS, "2026.10.4"))},
    ),
    _bot(
        27,
        2253,
        "feat(container): update image ghcr.io/prometheus-community/charts/kube-prometheus-stack (87.18.2 ➔ 87.21.0)",
        {"kube-prometheus-stack": ("87.18.2", "87.21.0")},
        _TABLE,
    ),
    _operator(26, "fix(prometheus): two weeks are enough", {"prometheus.retention": ("30d", "14d")}),
    _bot(25, 2257, "Update image ghcr.io/grafana/helm-charts/loki (6.44.0 ➔ 6.46.0)", {"loki": ("6.44.0", "6.46.0")}),
    _bot(
        22,
        2261,
        f"Update image {_POSTGRES} ({short(_POSTGRES, '17.6', 0)} ➔ {short(_POSTGRES, '17.6')})",
        {"postgres.image": (pinned(_POSTGRES, "17.6", 0), pinned(_POSTGRES, "17.6"))},
    ),
    _bot(20, 2265, "Update siderolabs/talos (v1.13.6 ➔ v1.13.7)", {"talos": ("v1.13.6", "v1.13.7")}),
    _bot(20, 2266, "Update tool talosctl (1.13.6 ➔ 1.13.7)", {"mise.talosctl": ("1.13.6", "1.13.7")}),
    _operator(
        19, "fix(talos): more watches, home-assistant ran out of them", {"sysctl.watches": ("524288", "1048576")}
    ),
    _bot(
        18,
        2269,
        f"Update image {_TUNNEL} (2026.9.1 ➔ 2026.10.0)",
        {"cloudflared.image": (pinned(_TUNNEL, "2026.9.1"), pinned(_TUNNEL, "2026.10.0"))},
    ),
    _bot(16, 2272, "Update image ghcr.io/home-operations/charts/tuppr (0.5.4 ➔ 0.5.5)", {"tuppr": ("0.5.4", "0.5.5")}),
    _bot(15, 2274, "Update chart longhorn (1.11.1 ➔ 1.11.2)", {"longhorn": ("1.11.1", "1.11.2")}),
    _bot(14, 2277, "Update image ghcr.io/grafana/helm-charts/alloy (1.3.1 ➔ 1.4.0)", {"alloy": ("1.3.1", "1.4.0")}),
    _bot(
        12,
        2281,
        f"Update image {_GATUS} (v5.32.0 ➔ v5.33.0)",
        {"gatus.image": (pinned(_GATUS, "v5.32.0"), pinned(_GATUS, "v5.33.0"))},
    ),
    _operator(
        11,
        "docs: what to do when it is not up",
        {"docs.index": ("How the cluster is built.", "How the cluster is built, and what to do when it is not up.")},
    ),
    _bot(
        10,
        2284,
        f"Update image {_TORRENT} ({short(_TORRENT, 'rolling', 0)} ➔ {short(_TORRENT, 'rolling')})",
        {"qbittorrent.image": (pinned(_TORRENT, "rolling", 0), pinned(_TORRENT, "rolling"))},
    ),
    _bot(
        8, 2289, "Update image ghcr.io/grafana/helm-charts/grafana (10.3.0 ➔ 10.4.0)", {"grafana": ("10.3.0", "10.4.0")}
    ),
    _bot(
        6,
        2293,
        f"Update image {_MQTT} (2.0.21 ➔ 2.0.22)",
        {"mosquitto.image": (pinned(_MQTT, "2.0.21"), pinned(_MQTT, "2.0.22"))},
    ),
    _bot(5, 2296, "Update image ghcr.io/coredns/charts/coredns (1.45.0 ➔ 1.45.1)", {"coredns": ("1.45.0", "1.45.1")}),
    _operator(4, "chore(mise): helm 4.1.4, the chart tests need it", {"mise.helm": ("4.1.3", "4.1.4")}),
    _bot(1.9, 2303, "Update image ghcr.io/stakater/charts/reloader (2.2.4 ➔ 2.2.5)", {"reloader": ("2.2.4", "2.2.5")}),
    _bot(
        1.4, 2304, "Update image ghcr.io/grafana/helm-charts/tempo (1.24.0 ➔ 1.24.1)", {"tempo": ("1.24.0", "1.24.1")}
    ),
    _operator(0.9, "fix(grafana): the Cilium dashboard of this year", {"dashboard.cilium": ("3", "4")}),
    _bot(0.3, 2309, "Update chart external-dns (1.19.0 ➔ 1.20.0)", {"external-dns": ("1.19.0", "1.20.0")}),
    _operator(0.1, "fix(envoy-gateway): long uploads ran into the timeout", {"envoy.timeout": ("15s", "30s")}),
]

LANDED = (*_OLDER, *_NEWER)
