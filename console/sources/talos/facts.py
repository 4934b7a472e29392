"""What the answers of one node say about it: each function gives the fields of TalosNode that it knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.model.nodes import Filesystem
from console.model.unstructured import moment
from console.model.version import normal
from console.sources.errors import Malformed
from console.sources.talos import etcd
from console.sources.talos.documents import Document, documents, identity, items_at, number_at, part, text_at
from console.sources.talos.tables import rows

Fields = dict[str, Any]


def _only(text: str) -> Document:
    found = documents(text)
    return found[0] if found else {}


def machine_status(text: str) -> Fields:
    """Stage, readiness, boot time: resources live in memory, so the status is as old as the boot."""
    document = _only(text)
    if not document:
        raise Malformed("talosctl printed no machine status.")
    unmet = items_at(document, "spec", "status", "unmetConditions")
    return {
        "stage": text_at(document, "spec", "stage"),
        "ready": part(document, "spec", "status").get("ready") is True,
        "unmet": tuple(f"{each.get('name')}: {each.get('reason')}" for each in unmet if isinstance(each, dict)),
        "boot": moment(text_at(document, "metadata", "created")),
    }


def version(text: str) -> Fields:
    """The running Talos."""
    return {"talos": normal(text_at(_only(text), "spec", "version"))}


def nodename(text: str) -> Fields:
    """The name in Kubernetes."""
    name = text_at(_only(text), "spec", "nodename")
    return {"name": name} if name else {}


def services(text: str) -> Fields:
    """Name and state of each service; etcd and trustd run on control planes only."""
    found = sorted((identity(each), _service(part(each, "spec"))) for each in documents(text))
    names = {name for name, _ in found}
    role = {"role": "control plane" if names & {"etcd", "trustd"} else "worker"} if "kubelet" in names else {}
    return {"services": tuple(found)} | role


def _service(spec: Document) -> str:
    if not spec.get("running"):
        return "not running"
    if spec.get("unknown"):
        return "running"
    return "healthy" if spec.get("healthy") else "unhealthy"


def extensions(text: str) -> Fields:
    """``name version`` of each extension, and the schematic, which is listed as one."""
    found = [part(each, "spec", "metadata") for each in documents(text)]
    named = [(str(meta.get("name", "")), str(meta.get("version", ""))) for meta in found]
    schematic = next((version for name, version in named if name == "schematic"), "")
    rest = tuple(f"{name} {version}" for name, version in named if name not in {"schematic", "modules.dep"})
    return {"schematic": schematic, "extensions": rest}


def time_status(text: str) -> Fields:
    """Whether the clock follows a time server."""
    return {"time_synced": part(_only(text), "spec").get("synced") is True}


def diagnostics(text: str) -> Fields:
    """Talos' own diagnoses, ``id: message``."""
    return {"diagnostics": tuple(f"{identity(each)}: {text_at(each, 'spec', 'message')}" for each in documents(text))}


def filesystems(text: str) -> Fields:
    """What is mounted from disks. The rest of ``mounts`` is memory, or read-only images, which are always full."""
    try:
        found = [_filesystem(row) for row in rows(text) if row["FILESYSTEM"].startswith("/dev/")]
    except (KeyError, ValueError) as error:
        raise Malformed(f"talosctl printed other mounts than are known here: {error}") from error
    seen: dict[str, Filesystem] = {}
    for each in sorted(found, key=lambda each: len(each.mount)):
        seen.setdefault(each.device, each)  # further mounts of it are parts of the same
    return {"filesystems": tuple(each for each in seen.values() if not each.device.startswith("/dev/loop"))}


def _filesystem(row: dict[str, str]) -> Filesystem:
    size, used = (round(float(row[name]) * 1e9) for name in ("SIZE(GB)", "USED(GB)"))
    return Filesystem(row["FILESYSTEM"], row["MOUNTED ON"], size, used)


def static_pods(text: str) -> Fields:
    """Name and readiness of the control plane's pods."""
    return {"static_pods": tuple(sorted((identity(each).split("/")[-1], _ready(each)) for each in documents(text)))}


def _ready(document: Document) -> bool:
    conditions = [each for each in items_at(document, "spec", "conditions") if isinstance(each, dict)]
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


def kubelet(text: str) -> Fields:
    """The kubelet's version, from its image."""
    image = text_at(_only(text), "spec", "image").partition("@")[0]
    return {"kubelet": normal(image.rpartition(":")[2])} if image else {}


def etcd_status(text: str) -> Fields:
    """The node's own etcd member."""
    return {"etcd": etcd.status(text)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a counter or gauge. ``key`` changes when the node reads anew."""

    key: str
    busy: float
    total: float


def cpu_reading(text: str) -> Reading:
    """Seconds of CPU since boot, in use and in all."""
    document = _only(text)
    counters = part(document, "spec", "cpuTotal")
    parts = ("user", "nice", "system", "idle", "iowait", "irq", "softIrq", "steal")
    total = sum(number_at(counters, name) for name in parts)
    idle = number_at(counters, "idle") + number_at(counters, "iowait")
    return Reading(text_at(document, "metadata", "updated"), total - idle, total)


def memory_reading(text: str) -> Reading:
    """KiB of memory that processes hold, and in all."""
    document = _only(text)
    total = number_at(document, "spec", "total")
    key = text_at(document, "metadata", "updated")
    return Reading(key, total - number_at(document, "spec", "available"), total)


@dataclass(frozen=True, slots=True)
class Member:
    """One node as discovery knows it. ``addresses`` in Talos' order."""

    name: str
    addresses: tuple[str, ...]
    role: str
    talos: str = ""


def members(text: str) -> Sequence[Member]:
    """All nodes of the cluster, by name; empty where discovery is off."""
    found = []
    for document in documents(text):
        addresses = items_at(document, "spec", "addresses")
        role = "control plane" if text_at(document, "spec", "machineType") == "controlplane" else "worker"
        system = text_at(document, "spec", "operatingSystem")  # Talos (v1.13.9)
        talos = normal(system.partition("(")[2].partition(")")[0])
        found.append(Member(identity(document), tuple(map(str, addresses)), role, talos))
    return sorted(found, key=lambda member: member.name)
