"""The built-in kinds of the cluster, with the columns of Kubernetes 1.36 (their cells are made in ``cells``)."""

from console.demo.api.kind import Column, Kind


def _columns(*names: str) -> tuple[Column, ...]:
    """Built-in columns; those whose name ends in ``+`` are wide."""
    return tuple(Column(name.rstrip("+"), priority=int(name.endswith("+"))) for name in names)


_OF_EVENTS = _columns(
    *("Last Seen", "Type", "Reason", "Object", "Subobject+", "Source+", "Message"), *("First Seen+", "Count+", "Name+")
)

_CORE = (
    Kind(
        "Node",
        "nodes",
        "",
        "v1",
        namespaced=False,
        short=("no",),
        generation=False,
        columns=_columns(
            *("Name", "Status", "Roles", "Age", "Version"),
            *("Internal-IP+", "External-IP+", "OS-Image+", "Kernel-Version+", "Container-Runtime+"),
        ),
    ),
    Kind(
        "Namespace",
        "namespaces",
        "",
        "v1",
        namespaced=False,
        short=("ns",),
        generation=False,
        columns=_columns("Name", "Status", "Age"),
    ),
    Kind(
        "Pod",
        "pods",
        "",
        "v1",
        short=("po",),
        categories=("all",),
        columns=_columns(
            "Name", "Ready", "Status", "Restarts", "Age", "IP+", "Node+", "Nominated Node+", "Readiness Gates+"
        ),
    ),
    Kind(
        "Event",
        "events",
        "",
        "v1",
        short=("ev",),
        status=False,
        generation=False,
        columns=_OF_EVENTS,
    ),
    Kind(
        "ConfigMap",
        "configmaps",
        "",
        "v1",
        short=("cm",),
        status=False,
        generation=False,
        columns=_columns("Name", "Data", "Age"),
    ),
    Kind(
        "Secret",
        "secrets",
        "",
        "v1",
        status=False,
        generation=False,
        columns=_columns("Name", "Type", "Data", "Age"),
    ),
    Kind(
        "Service",
        "services",
        "",
        "v1",
        short=("svc",),
        categories=("all",),
        generation=False,
        columns=_columns("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector+"),
    ),
    Kind(
        "Endpoints",
        "endpoints",
        "",
        "v1",
        short=("ep",),
        status=False,
        generation=False,
        columns=_columns("Name", "Endpoints", "Age"),
    ),
)

_WORKLOADS = (
    Kind(
        "DaemonSet",
        "daemonsets",
        "apps",
        "v1",
        short=("ds",),
        categories=("all",),
        columns=_columns(
            *("Name", "Desired", "Current", "Ready", "Up-to-date", "Available", "Node Selector", "Age"),
            *("Containers+", "Images+", "Selector+"),
        ),
    ),
    Kind(
        "Deployment",
        "deployments",
        "apps",
        "v1",
        short=("deploy",),
        categories=("all",),
        columns=_columns("Name", "Ready", "Up-to-date", "Available", "Age", "Containers+", "Images+", "Selector+"),
    ),
    Kind(
        "StatefulSet",
        "statefulsets",
        "apps",
        "v1",
        short=("sts",),
        categories=("all",),
        columns=_columns("Name", "Ready", "Age", "Containers+", "Images+"),
    ),
    Kind(
        "Job",
        "jobs",
        "batch",
        "v1",
        categories=("all",),
        columns=_columns("Name", "Status", "Completions", "Duration", "Age", "Containers+", "Images+", "Selector+"),
    ),
    Kind(
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "policy",
        "v1",
        short=("pdb",),
        columns=_columns("Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"),
    ),
    Kind(
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "apiextensions.k8s.io",
        "v1",
        namespaced=False,
        short=("crd", "crds"),
        categories=("api-extensions",),
        columns=_columns("Name", "Created At"),
    ),
)

BUILTIN: tuple[Kind, ...] = (*_CORE, *_WORKLOADS)

# The events of the core once more, by other names (``views``).
EVENTS = Kind(
    "Event",
    "events",
    "events.k8s.io",
    "v1",
    short=("ev",),
    status=False,
    generation=False,
    columns=_OF_EVENTS,
)
