"""The cells of ``kubectl get`` for the built-in kinds, in the order of their columns in ``kinds``."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Object = Mapping[str, Any]
Cells = list[Any]
_ROLE = "node-role.kubernetes.io/"


def age(moment: str | None, now: datetime) -> str:
    """How long ago, as kubectl says it: two units while the first is small (``3m20s``, ``2d4h``, ``14d``)."""
    if not moment:
        return "<unknown>"
    seconds = int((now - datetime.fromisoformat(moment).astimezone(UTC)).total_seconds())
    return human(seconds)


def human(seconds: int) -> str:
    """A duration in the steps of Kubernetes' ``HumanDuration``: the second unit goes when the first is large."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{max(0, seconds)}s"
    if minutes < 180:
        return f"{minutes}m" + (f"{seconds % 60}s" if minutes < 10 and seconds % 60 else "")
    if hours < 48:
        return f"{hours}h" + (f"{minutes % 60}m" if hours < 8 and minutes % 60 else "")
    if days < 730:
        return f"{days}d" + (f"{hours % 24}h" if days < 8 and hours % 24 else "")
    return f"{days // 365}y" + (f"{days % 365}d" if days < 2920 and days % 365 else "")


def _created(obj: Object, now: datetime) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _spec(obj: Object) -> Mapping[str, Any]:
    return obj.get("spec") or {}


def _status(obj: Object) -> Mapping[str, Any]:
    return obj.get("status") or {}


def _node(obj: Object, now: datetime) -> Cells:
    spec, status = _spec(obj), _status(obj)
    info = status.get("nodeInfo") or {}
    ready = next((c["status"] for c in status.get("conditions") or () if c["type"] == "Ready"), "Unknown")
    words = ["Ready" if ready == "True" else "NotReady" if ready == "False" else "Unknown"]
    if spec.get("unschedulable"):
        words.append("SchedulingDisabled")
    labels = obj["metadata"].get("labels") or {}
    roles = ",".join(sorted(key.removeprefix(_ROLE) for key in labels if key.startswith(_ROLE))) or "<none>"
    addresses = {a["type"]: a["address"] for a in status.get("addresses") or ()}
    return [
        *(_name(obj), ",".join(words), roles, _created(obj, now), info.get("kubeletVersion", "")),
        *(addresses.get(kind, "<none>") for kind in ("InternalIP", "ExternalIP")),
        *(info.get(key, "<unknown>") for key in ("osImage", "kernelVersion", "containerRuntimeVersion")),
    ]


def _namespace(obj: Object, now: datetime) -> Cells:
    return [_name(obj), _status(obj).get("phase", "Active"), _created(obj, now)]


def _pod(obj: Object, now: datetime) -> Cells:
    spec, status = _spec(obj), _status(obj)
    statuses = status.get("containerStatuses") or ()
    ready = sum(bool(c.get("ready")) for c in statuses)
    waiting = (((c.get("state") or {}).get("waiting") or {}).get("reason") for c in statuses)
    word = status.get("reason") or next((reason for reason in waiting if reason), status.get("phase", "Pending"))
    word = "Completed" if word == "Succeeded" else word
    if obj["metadata"].get("deletionTimestamp"):
        word = "Terminating"
    restarts = sum(c.get("restartCount", 0) for c in statuses)
    return [
        *(_name(obj), f"{ready}/{len(spec.get('containers') or ())}", word, str(restarts), _created(obj, now)),
        *(status.get("podIP", "<none>"), spec.get("nodeName", "<none>")),
        *(status.get("nominatedNodeName", "<none>"), "<none>"),
    ]


def _event(obj: Object, now: datetime) -> Cells:
    series, about, source = obj.get("series") or {}, obj.get("involvedObject") or {}, obj.get("source") or {}
    created = obj["metadata"].get("creationTimestamp")
    last = series.get("lastObservedTime") or obj.get("lastTimestamp") or obj.get("eventTime") or created
    first = obj.get("firstTimestamp") or obj.get("eventTime") or created
    of = f"{about.get('kind', '').lower()}/{about.get('name', '')}"
    reporter = source.get("component") or obj.get("reportingComponent", "")
    told = (obj.get("message") or "").strip()
    return [
        *(age(last, now), obj.get("type", ""), obj.get("reason", ""), of, about.get("fieldPath", "")),
        *(", ".join(filter(None, (reporter, source.get("host")))), told),
        *(age(first, now), obj.get("count") or 1, _name(obj)),
    ]


def _config_map(obj: Object, now: datetime) -> Cells:
    return [_name(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), _created(obj, now)]


def _secret(obj: Object, now: datetime) -> Cells:
    return [_name(obj), obj.get("type", "Opaque"), len(obj.get("data") or ()), _created(obj, now)]


def _service(obj: Object, now: datetime) -> Cells:
    spec = _spec(obj)
    ingress = (_status(obj).get("loadBalancer") or {}).get("ingress") or ()
    external = ",".join(i.get("ip") or i.get("hostname", "") for i in ingress) or "<none>"
    ports = ",".join(f"{p['port']}/{p.get('protocol', 'TCP')}" for p in spec.get("ports") or ()) or "<none>"
    return [
        *(_name(obj), spec.get("type", "ClusterIP"), spec.get("clusterIP", "<none>"), external, ports),
        *(_created(obj, now), _pairs(spec.get("selector"))),
    ]


def _endpoints(obj: Object, now: datetime) -> Cells:
    pairs = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    more = f" + {len(pairs) - 3} more..." if len(pairs) > 3 else ""
    return [_name(obj), ",".join(pairs[:3]) + more or "<none>", _created(obj, now)]


def _pairs(labels: Mapping[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def _template(obj: Object) -> tuple[str, str, str]:
    """Names of the containers, their images, the selector."""
    spec = _spec(obj)
    containers = ((spec.get("template") or {}).get("spec") or {}).get("containers") or ()
    names, images = (",".join(c.get(key, "") for c in containers) for key in ("name", "image"))
    return names, images, _pairs((spec.get("selector") or {}).get("matchLabels"))


def _daemon_set(obj: Object, now: datetime) -> Cells:
    status = _status(obj)
    counts = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
    node_selector = (((_spec(obj).get("template") or {}).get("spec") or {}).get("nodeSelector")) or {}
    return [
        _name(obj),
        *(status.get(key, 0) for key in (*counts, "numberAvailable")),
        *(_pairs(node_selector), _created(obj, now), *_template(obj)),
    ]


def _deployment(obj: Object, now: datetime) -> Cells:
    status = _status(obj)
    ready = f"{status.get('readyReplicas', 0)}/{_spec(obj).get('replicas', 1)}"
    counts = (status.get("updatedReplicas", 0), status.get("availableReplicas", 0))
    return [_name(obj), ready, *counts, _created(obj, now), *_template(obj)]


def _stateful_set(obj: Object, now: datetime) -> Cells:
    ready = f"{_status(obj).get('readyReplicas', 0)}/{_spec(obj).get('replicas', 1)}"
    return [_name(obj), ready, _created(obj, now), *_template(obj)[:2]]


def _job(obj: Object, now: datetime) -> Cells:
    spec, status = _spec(obj), _status(obj)
    done = {c["type"] for c in status.get("conditions") or () if c["status"] == "True"}
    word = "Complete" if "Complete" in done else "Failed" if "Failed" in done else "Running"
    began, ended = status.get("startTime"), status.get("completionTime")
    took = "" if not began else age(began, datetime.fromisoformat(ended) if ended else now)
    completions = f"{status.get('succeeded', 0)}/{spec.get('completions', 1)}"
    return [_name(obj), word, completions, took, _created(obj, now), *_template(obj)]


def _budget(obj: Object, now: datetime) -> Cells:
    spec = _spec(obj)
    limits = (str(spec.get(key, "N/A")) for key in ("minAvailable", "maxUnavailable"))
    return [_name(obj), *limits, _status(obj).get("disruptionsAllowed", 0), _created(obj, now)]


def _definition(obj: Object, now: datetime) -> Cells:
    del now
    return [_name(obj), obj["metadata"].get("creationTimestamp")]


CELLS: Mapping[str, Callable[[Object, datetime], Cells]] = {
    "Node": _node,
    "Namespace": _namespace,
    "Pod": _pod,
    "Event": _event,
    "ConfigMap": _config_map,
    "Secret": _secret,
    "Service": _service,
    "Endpoints": _endpoints,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "Job": _job,
    "PodDisruptionBudget": _budget,
    "CustomResourceDefinition": _definition,
}

__all__: Sequence[str] = ["CELLS", "age", "human"]
