"""What talhelper keeps in ``talos/``: configuration, versions, patches, secrets, and one templated machine config."""

from console.demo.repository.fake import encrypted, sops
from console.demo.repository.files import File
from console.demo.world import Topology

# What the factory makes for the extensions i915, which transcoding needs, iscsi-tools and util-linux-tools, which
# Longhorn needs: the SHA-256 of the schematic's YAML. The machines run it.
SCHEMATIC = "0751f1135eff2bc906854a62cc450c94f3dc65428d42110fc7998db8959dd5e5"


def files(topology: Topology) -> dict[str, File]:
    """Everything under ``talos/``."""
    texts = {
        "talconfig.yaml": _talconfig(topology),
        "talenv.yaml": _TALENV,
        "talsecret.sops.yaml": _talsecret(),
        "templates/nas.yaml.j2": _NAS,
        "patches/README.md": "Applied by talhelper to all nodes (`global`) and to control planes (`controller`).\n",
        "patches/global/machine-files.yaml": _FILES,
        "patches/global/machine-kubelet.yaml": _KUBELET,
        "patches/global/machine-network.yaml": _NETWORK,
        "patches/global/machine-sysctls.yaml": _SYSCTLS,
        "patches/global/machine-time.yaml": _TIME,
        "patches/controller/cluster.yaml": _CLUSTER,
        "patches/controller/machine-features.yaml": _FEATURES,
    }
    return {f"talos/{path}": File(text) for path, text in texts.items()}


def _talconfig(topology: Topology) -> str:
    nodes = "".join(_node(*machine) for machine in topology.machines())
    return f"""---
clusterName: home

talosVersion: "${{talosVersion}}"
kubernetesVersion: "${{kubernetesVersion}}"

endpoint: https://10.0.0.10:6443
additionalApiServerCertSans: &sans
  - "127.0.0.1"
  - "10.0.0.10"
  - "home.internal"
additionalMachineCertSans: *sans

clusterPodNets: ["10.42.0.0/16"]
clusterSvcNets: ["10.43.0.0/16"]
cniConfig:
  name: none

nodes:
{nodes}
patches:
  - "@./patches/global/machine-files.yaml"
  - "@./patches/global/machine-kubelet.yaml"
  - "@./patches/global/machine-network.yaml"
  - "@./patches/global/machine-sysctls.yaml"
  - "@./patches/global/machine-time.yaml"

controlPlane:
  patches:
    - "@./patches/controller/cluster.yaml"
    - "@./patches/controller/machine-features.yaml"
"""


def _node(name: str, address: str, control_plane: bool) -> str:
    virtual = "\n        vip:\n          ip: 10.0.0.10" if control_plane else ""
    return f"""  - hostname: {name}
    ipAddress: {address}
    installDiskSelector:
      model: "Samsung SSD 980*"
    machineSpec:
      secureboot: false
    talosImageURL: factory.talos.dev/metal-installer/{SCHEMATIC}
    controlPlane: {str(control_plane).lower()}
    networkInterfaces:
      - deviceSelector:
          physical: true
        dhcp: false
        addresses: ["{address}/24"]
        routes:
          - network: 0.0.0.0/0
            gateway: 10.0.0.1
        mtu: 1500{virtual}
"""


_TALENV = """# renovate: datasource=custom.talos-factory depName=siderolabs/talos
talosVersion: «talos»
# renovate: datasource=docker depName=ghcr.io/siderolabs/kubelet
kubernetesVersion: «kubernetes»
"""

_FILES = """---
machine:
  files:
    - op: create
      path: /etc/cri/conf.d/20-customization.part
      content: |
        [plugins."io.containerd.cri.v1.images"]
          discard_unpacked_layers = false
"""

_KUBELET = """---
machine:
  kubelet:
    extraConfig:
      serializeImagePulls: false
      maxParallelImagePulls: «kubelet.pulls»
    extraMounts:
      - destination: /var/lib/longhorn
        type: bind
        source: /var/lib/longhorn
        options: ["bind", "rshared", "rw"]
    nodeIP:
      validSubnets:
        - 10.0.0.0/24
"""

_NETWORK = """---
machine:
  network:
    disableSearchDomain: true
    nameservers:
      - 10.0.0.1
"""

_SYSCTLS = """---
machine:
  sysctls:
    fs.inotify.max_user_instances: "8192"
    fs.inotify.max_user_watches: "«sysctl.watches»"
    net.core.rmem_max: "7500000"
    net.core.wmem_max: "7500000"
    vm.nr_hugepages: "1024"
"""

_TIME = """---
machine:
  time:
    disabled: false
    servers:
      - 10.0.0.1
      - time.cloudflare.com
"""

_CLUSTER = """---
cluster:
  allowSchedulingOnControlPlanes: true
  apiServer:
    admissionControl:
      $patch: delete
    extraArgs:
      enable-aggregator-routing: "true"
  controllerManager:
    extraArgs:
      bind-address: 0.0.0.0
  coreDNS:
    disabled: true
  etcd:
    extraArgs:
      listen-metrics-urls: http://0.0.0.0:2381
    advertisedSubnets:
      - 10.0.0.0/24
  proxy:
    disabled: true
  scheduler:
    extraArgs:
      bind-address: 0.0.0.0
"""

_FEATURES = """---
machine:
  features:
    kubernetesTalosAPIAccess:
      enabled: true
      allowedRoles:
        - os:admin
        - os:etcd:backup
      allowedKubernetesNamespaces:
        - system
"""

# A machine that talhelper does not know: its config is filled in by minijinja from the environment.
_NAS = """---
version: v1alpha1
machine:
  type: worker
  token: {{ ENV.TALOS_MACHINE_TOKEN }}
  install:
    disk: /dev/disk/by-id/{{ ENV.NAS_DISK }}
    image: factory.talos.dev/metal-installer/{{ ENV.NAS_SCHEMATIC }}:{{ ENV.TALOS_VERSION }}
  kubelet:
    image: ghcr.io/siderolabs/kubelet:{{ ENV.KUBERNETES_VERSION }}
{% if ENV.NAS_GPU %}
  kernel:
    modules:
      - name: nvidia
      - name: nvidia_uvm
{% endif %}
  nodeLabels:
    storage.home/pool: slow
cluster:
  controlPlane:
    endpoint: https://10.0.0.10:6443
  network:
    cni:
      name: none
---
apiVersion: v1alpha1
kind: HostnameConfig
hostname: nas
"""


def _talsecret() -> str:
    def value(name: str, size: int = 32) -> str:
        return encrypted(f"talsecret/{name}", size)

    certificates = "\n".join(
        f"  {name}:\n    crt: {value(name + '/crt', 96)}\n    key: {value(name + '/key', 64)}"
        for name in ("etcd", "k8s", "k8saggregator", "os")
    )
    return f"""cluster:
  id: {value("id")}
  secret: {value("secret")}
secrets:
  bootstraptoken: {value("bootstraptoken", 23)}
  secretboxencryptionsecret: {value("secretbox")}
trustdinfo:
  token: {value("token", 23)}
certs:
{certificates}
  k8sserviceaccount:
    key: {value("serviceaccount", 120)}
{sops("talsecret", "2026-03-02T18:11:40Z", "mac_only_encrypted: true")}"""
