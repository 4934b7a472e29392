"""What carries the apps: network, storage, certificates, Flux itself, and tuppr."""

from console.demo.repository.apps import App, kustomization, kustomize
from console.demo.repository.files import File

# Of a version that Cilium 1.20 no longer has: what the update to it finds, and can mend.
_NODE_CONFIG = """---
apiVersion: cilium.io/v2alpha1
kind: CiliumNodeConfig
metadata:
  name: jumbo
spec:
  nodeSelector:
    matchLabels:
      feature.node.kubernetes.io/jumbo: "true"
  defaults:
    mtu: "8950"
"""
_RELOADER = "reloader:\n  readOnlyRootFileSystem: true\n"

KUBE_SYSTEM = (
    App(
        "kube-system",
        "cilium",
        "quay.io/cilium/charts/cilium",
        wait=True,
        values="""
cluster:
  name: home
cgroup:
  automount:
    enabled: false
  hostRoot: /sys/fs/cgroup
ipv4NativeRoutingCIDR: 10.42.0.0/16
k8sServiceHost: 127.0.0.1
k8sServicePort: 7445
kubeProxyReplacement: true
l2announcements:
  enabled: true
operator:
  replicas: 1
  rollOutPods: true
routingMode: native
""",
        more={"nodeconfig.yaml": _NODE_CONFIG},
    ),
    App(
        "kube-system",
        "coredns",
        "ghcr.io/coredns/charts/coredns",
        values="fullnameOverride: coredns\nreplicaCount: «coredns.replicas»\nservice:\n  clusterIP: 10.43.0.10\n",
    ),
    App(
        "kube-system",
        "metrics-server",
        "metrics-server",
        helm="https://kubernetes-sigs.github.io/metrics-server",
        values="args:\n  - --kubelet-preferred-address-types=InternalIP\nmetrics:\n  enabled: true\n",
    ),
    App("kube-system", "reloader", "ghcr.io/stakater/charts/reloader", values=_RELOADER),
)

NETWORK = (
    App(
        "network",
        "envoy-gateway",
        "mirror.gcr.io/envoyproxy/gateway-helm",
        wait=True,
        values="""
config:
  envoyGateway:
    requestTimeout: «envoy.timeout»
    provider:
      type: Kubernetes
    logging:
      level:
        default: «envoy.log»
""",
    ),
    App(
        "network",
        "cloudflare-tunnel",
        needs=("network/envoy-gateway",),
        secret=("TUNNEL_TOKEN",),
        values="""
controllers:
  cloudflare-tunnel:
    containers:
      app:
        image:
          repository: docker.io/cloudflare/cloudflared
          tag: «cloudflared.image»
        args: ["tunnel", "run"]
        resources:
          limits:
            memory: 256Mi
""",
    ),
    App(
        "network",
        "external-dns",
        "external-dns",
        helm="https://kubernetes-sigs.github.io/external-dns",
        needs=("network/envoy-gateway",),
        secret=("api-token",),
        values='provider: cloudflare\npolicy: sync\nsources: ["gateway-httproute"]\ntxtPrefix: k8s.\n',
    ),
)

STORAGE = (
    App(
        "cert-manager",
        "cert-manager",
        "quay.io/jetstack/charts/cert-manager",
        wait=True,
        values="crds:\n  enabled: true\nreplicaCount: 1\ndns01RecursiveNameserversOnly: true\n",
    ),
    App(
        "longhorn-system",
        "longhorn",
        "longhorn",
        helm="https://charts.longhorn.io",
        wait=True,
        values="""
defaultSettings:
  defaultReplicaCount: 1
  nodeDrainPolicy: allow-if-replica-is-stopped
  storageReservedPercentageForDefaultDisk: «longhorn.reserved»
persistence:
  defaultClassReplicaCount: 1
preUpgradeChecker:
  jobEnabled: false
""",
    ),
)

_NOTIFICATIONS = {
    "provider.yaml": """---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata:
  name: alertmanager
spec:
  type: alertmanager
  address: http://alertmanager-operated.observability.svc:9093/api/v2/alerts/
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata:
  name: alertmanager
spec:
  providerRef:
    name: alertmanager
  eventSeverity: error
  eventSources:
    - kind: HelmRelease
      name: "*"
      namespace: media
  exclusionList:
    - "error.*lookup github\\\\.com.*"
""",
}


def flux(source: str) -> tuple[App, ...]:
    """Flux by the Flux Operator, following this repository: as an artifact, or directly."""
    sync = _SYNC_OCI if source == "OCIRepository" else _SYNC_GIT
    receiver = f"""---
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata:
  name: github-webhook
spec:
  type: github
  events: ["ping", "{"package" if source == "OCIRepository" else "push"}"]
  secretRef:
    name: flux-instance-secret
  resources:
    - apiVersion: source.toolkit.fluxcd.io/v1
      kind: {source}
      name: flux-system
      namespace: flux-system
    - apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      name: flux-system
      namespace: flux-system
"""
    return (
        App(
            "flux-system",
            "flux-operator",
            "ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
            wait=True,
            values="serviceMonitor:\n  create: true\n",
        ),
        App(
            "flux-system",
            "flux-instance",
            "ghcr.io/controlplaneio-fluxcd/charts/flux-instance",
            needs=("flux-system/flux-operator",),
            secret=("token",),
            values=f"""
instance:
  distribution:
    version: «flux»
  cluster:
    networkPolicy: false
  components: [source-controller, kustomize-controller, helm-controller, notification-controller]
  sync:
{sync}""",
            more={"receiver.yaml": receiver},
        ),
        App("flux-system", "notifications", "", more=_NOTIFICATIONS),
    )


_SYNC_OCI = """    kind: OCIRepository
    url: oci://ghcr.io/home-operator/home-ops
    ref: latest
    path: kubernetes/flux/cluster
"""

_SYNC_GIT = """    kind: GitRepository
    url: https://github.com/home-operator/home-ops.git
    ref: refs/heads/main
    path: kubernetes/flux/cluster
"""

TUPPR = App(
    "system",
    "tuppr",
    "ghcr.io/home-operations/charts/tuppr",
    needs=("cert-manager/cert-manager",),
    wait=True,
    values="replicaCount: 1\nmonitoring:\n  serviceMonitor:\n    enabled: true\n",
)

_TALOS_UPGRADE = """---
apiVersion: tuppr.home-operations.com/v1alpha1
kind: TalosUpgrade
metadata:
  name: talos
spec:
  talos:
    # renovate: datasource=custom.talos-factory depName=siderolabs/talos
    version: «talos»
  policy:
    debug: false
    placement: soft
    rebootMode: powercycle
    timeout: 30m
  healthChecks:
    - apiVersion: v1
      kind: Node
      description: every node is ready
      expr: status.conditions.exists(c, c.type == "Ready" && c.status == "True")
"""

_KUBERNETES_UPGRADE = """---
apiVersion: tuppr.home-operations.com/v1alpha1
kind: KubernetesUpgrade
metadata:
  name: kubernetes
spec:
  kubernetes:
    # renovate: datasource=docker depName=ghcr.io/siderolabs/kubelet
    version: «kubernetes»
  healthChecks:
    - apiVersion: v1
      kind: Node
      description: every node is ready
      expr: status.conditions.exists(c, c.type == "Ready" && c.status == "True")
      timeout: 10m
"""


def tuppr_upgrades(source: str) -> dict[str, File]:
    """The upgrade resources, under a Kustomization of their own, and the ``ks.yaml`` with both."""
    folder = f"{TUPPR.folder}/upgrades"
    both = kustomization(TUPPR, "tuppr", f"{TUPPR.folder}/app", source, TUPPR.needs, wait=True)
    both += kustomization(TUPPR, "tuppr-upgrades", folder, source, ("system/tuppr",), wait=False)
    return {
        f"{TUPPR.folder}/ks.yaml": File(both),
        f"{folder}/kustomization.yaml": File(kustomize(["kubernetesupgrade.yaml", "talosupgrade.yaml"])),
        f"{folder}/kubernetesupgrade.yaml": File(_KUBERNETES_UPGRADE),
        f"{folder}/talosupgrade.yaml": File(_TALOS_UPGRADE),
    }


def platform(source: str) -> tuple[App, ...]:
    """All apps of the platform."""
    return (*KUBE_SYSTEM, *NETWORK, *STORAGE, *flux(source), TUPPR)
