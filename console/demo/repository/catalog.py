"""The apps that run on the cluster, apart from its platform."""

from console.demo.repository.apps import App


def _container(name: str, image: str, memory: str = "1Gi", *, port: int = 8080, uid: int = 1000, more: str = "") -> str:
    """Values for app-template with one container. ``memory`` may be a place: ``«plex.memory»``."""
    return f"""
controllers:
  {name}:
    annotations:
      reloader.stakater.com/auto: "true"
    containers:
      app:
        image:
          repository: {image}
          tag: «{name}.image»
        probes:
          liveness: &probe
            enabled: true
          readiness: *probe
        resources:
          requests:
            cpu: 50m
          limits:
            memory: {memory}
{more}defaultPodOptions:
  securityContext:
    runAsNonRoot: true
    runAsUser: {uid}
    runAsGroup: {uid}
    fsGroup: {uid}
service:
  app:
    ports:
      http:
        port: {port}
route:
  app:
    hostnames: ["{{{{ .Release.Name }}}}.home.internal"]
    parentRefs:
      - name: envoy-internal
        namespace: network
"""


_LEARNING = """  machine-learning:
    containers:
      app:
        image:
          repository: ghcr.io/immich-app/immich-machine-learning
          tag: «immich.learning»
        resources:
          requests:
            cpu: 100m
          limits:
            memory: 4Gi
"""

MEDIA = (
    App(
        "media",
        "immich",
        needs=("database/postgres", "longhorn-system/longhorn"),
        secret=("DB_PASSWORD", "IMMICH_API_KEY"),
        values=_container("immich", "ghcr.io/immich-app/immich-server", "2Gi", port=2283, more=_LEARNING),
    ),
    App(
        "media",
        "plex",
        needs=("longhorn-system/longhorn",),
        values=_container("plex", "ghcr.io/home-operations/plex", "«plex.memory»", port=32400),
    ),
    App("media", "sonarr", secret=("SONARR__AUTH__APIKEY",), values=_container("sonarr", "«sonarr.repository»")),
    App(
        "media",
        "qbittorrent",
        needs=("longhorn-system/longhorn",),
        values=_container("qbittorrent", "ghcr.io/home-operations/qbittorrent", "8Gi"),
    ),
)

HOME = (
    App(
        "home",
        "home-assistant",
        needs=("home/mosquitto", "longhorn-system/longhorn"),
        secret=("HASS_SECRET_LATITUDE", "HASS_SECRET_LONGITUDE"),
        values=_container("home-assistant", "ghcr.io/home-assistant/home-assistant", "2Gi", port=8123),
    ),
    App(
        "home",
        "mosquitto",
        wait=True,
        values=_container("mosquitto", "public.ecr.aws/docker/library/eclipse-mosquitto"),
    ),
    App(
        "home",
        "paperless",
        needs=("database/postgres",),
        secret=("PAPERLESS_SECRET_KEY", "PAPERLESS_DBPASS"),
        values=_container("paperless", "ghcr.io/paperless-ngx/paperless-ngx", "3Gi", port=8000),
    ),
)

DATABASE = (
    App(
        "database",
        "cloudnative-pg",
        "ghcr.io/cloudnative-pg/charts/cloudnative-pg",
        needs=("longhorn-system/longhorn",),
        wait=True,
        values="crds:\n  create: true\nmonitoring:\n  podMonitorEnabled: true\n",
    ),
    App(
        "database",
        "postgres",
        "ghcr.io/cloudnative-pg/charts/cluster",
        needs=("database/cloudnative-pg",),
        wait=True,
        secret=("username", "password"),
        values="""
cluster:
  instances: 1
  imageName: ghcr.io/cloudnative-pg/postgresql:«postgres.image»
  storage:
    size: 20Gi
    storageClass: longhorn
  enablePDB: true
""",
    ),
)

OBSERVABILITY = (
    App(
        "observability",
        "kube-prometheus-stack",
        "ghcr.io/prometheus-community/charts/kube-prometheus-stack",
        needs=("longhorn-system/longhorn",),
        wait=True,
        values="""
crds:
  enabled: true
grafana:
  enabled: false
prometheus:
  prometheusSpec:
    retention: «prometheus.retention»
    retentionSize: 40GB
    storageSpec:
      volumeClaimTemplate:
        spec:
          storageClassName: longhorn
          resources:
            requests:
              storage: 50Gi
""",
    ),
    App(
        "observability",
        "grafana",
        "ghcr.io/grafana/helm-charts/grafana",
        needs=("observability/kube-prometheus-stack",),
        wait=True,
        secret=("admin-user", "admin-password"),
        values="""
admin:
  existingSecret: grafana-secret
image:
  tag: «grafana.image»
persistence:
  enabled: false
plugins:
  - grafana-piechart-panel
dashboards:
  default:
    cilium:
      # renovate: depName="Cilium Agent Metrics"
      gnetId: 16611
      revision: «dashboard.cilium»
      datasource: Prometheus
""",
    ),
    App(
        "observability",
        "loki",
        "ghcr.io/grafana/helm-charts/loki",
        needs=("observability/grafana",),
        wait=True,
        values="""
deploymentMode: SingleBinary
loki:
  auth_enabled: false
  limits_config:
    retention_period: 14d
""",
    ),
    App(
        "observability",
        "tempo",
        "ghcr.io/grafana/helm-charts/tempo",
        needs=("observability/grafana",),
        values="tempo:\n  retention: 72h\npersistence:\n  enabled: true\n  size: 10Gi\n",
    ),
    App(
        "observability",
        "alloy",
        "ghcr.io/grafana/helm-charts/alloy",
        needs=("observability/loki",),
        values="controller:\n  type: daemonset\nalloy:\n  mounts:\n    varlog: true\n",
    ),
    App(
        "observability",
        "kromgo",
        "ghcr.io/home-operations/charts/kromgo",
        when="+kromgo",
        values="config:\n  prometheus: http://prometheus-operated.observability.svc:9090\n",
    ),
    App(
        "observability",
        "gatus",
        values=_container("gatus", "ghcr.io/twin/gatus", "256Mi"),
        more={
            "configmap.yaml": """---
apiVersion: v1
kind: ConfigMap
metadata:
  name: gatus-config
data:
  config.yaml: |
    endpoints:
      - name: home assistant
        url: http://home-assistant.home.svc:8123
        interval: 1m
        conditions: ["[STATUS] == 200"]
"""
        },
    ),
)

APPS = MEDIA + HOME + DATABASE + OBSERVABILITY
