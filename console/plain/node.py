"""``homeconsole nodes NAME``: one node looked at closely, below its row."""

from collections.abc import Iterator
from datetime import datetime

from console.model.age import since
from console.model.nodedetail import Disk, Missing, NodeDetail, Service, Volume
from console.model.nodes import Filesystem
from console.model.text import safe
from console.plain.document import Document, moment, problem
from console.plain.table import table

_GB = 1_000_000_000


def document(of: NodeDetail) -> Document:
    """What the row does not tell. Sizes in bytes."""
    return {
        "at": moment(of.at),
        "schematic": of.schematic,
        "platform": of.platform,
        "bootEntry": of.boot_entry,
        "secureBoot": of.secure_boot,
        "kubeletImage": of.kubelet_image,
        "kernelArguments": list(of.kernel_arguments),
        "addresses": list(of.addresses),
        "services": [_service(each) for each in of.services],
        "extensions": [
            {"name": each.name, "version": each.version, "author": each.author, "description": each.description}
            for each in of.extensions
        ],
        "disks": [_disk(each) for each in of.disks],
        "volumes": [_volume(each) for each in of.volumes],
        "filesystems": [_filesystem(each) for each in of.filesystems],
        "alarms": list(of.alarms),
        "events": [{"id": each.identity, "kind": each.kind, "text": each.text} for each in of.events],
        "missing": [_missing(each) for each in of.missing],
    }


def lines(of: NodeDetail) -> list[str]:
    """The same as tables, each under its title; what could not be read at the end."""
    found: list[str] = []
    for head, rows in _tables(of):
        if rows:
            found += ["", *table(head, rows)]
    return found


def _tables(of: NodeDetail) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    yield ("fact", "value"), [pair for pair in _facts(of) if pair[1]]
    yield ("service", "state", "health", "since", "last event"), [_service_cells(each, of.at) for each in of.services]
    yield ("extension", "version", "description"), [(e.name, e.version, e.description) for e in of.extensions]
    yield (
        ("disk", "size", "model", "transport", "use"),
        [(e.path, _size(e.size), e.model, e.transport, "system" if e.system else "") for e in of.disks],
    )
    yield (
        ("volume", "phase", "size", "used", "where"),
        [(e.name, e.phase, _size(e.size), _used(e.mounted), e.location) for e in of.volumes],
    )
    volumes = {each.location for each in of.volumes}
    yield (
        ("mounted", "size", "used", "device"),
        [(e.mount, _size(e.size), _used(e), e.device) for e in of.filesystems if e.device not in volumes],
    )
    yield ("event", "text"), [(each.kind, each.text) for each in of.events]
    yield ("not read", "why"), [(each.part, _why(each)) for each in of.missing]


def _facts(of: NodeDetail) -> Iterator[tuple[str, str]]:
    yield "schematic", of.schematic
    yield "boot entry", of.boot_entry
    yield "secure boot", "" if of.secure_boot is None else "on" if of.secure_boot else "off"
    yield "platform", of.platform
    yield "kubelet image", of.kubelet_image
    yield "addresses", " ".join(of.addresses)
    yield "kernel arguments", " ".join(of.kernel_arguments)
    yield "etcd alarms", ", ".join(of.alarms)


def _service(each: Service) -> Document:
    return {
        "name": each.name,
        "state": each.state,
        "health": each.health,
        "lastEvent": each.event,
        "changedAt": moment(each.changed),
    }


def _service_cells(each: Service, now: datetime) -> tuple[str, ...]:
    return each.name, each.state, each.health, since(each.changed, now), each.event


def _disk(each: Disk) -> Document:
    return {
        "name": each.name,
        "path": each.path,
        "size": each.size,
        "model": each.model,
        "serial": each.serial,
        "transport": each.transport,
        "system": each.system,
        "readOnly": each.read_only,
    }


def _volume(each: Volume) -> Document:
    return {
        "name": each.name,
        "phase": each.phase,
        "type": each.kind,
        "location": each.location,
        "size": each.size,
        "format": each.format,
        "used": each.mounted.used if each.mounted else None,
    }


def _filesystem(each: Filesystem) -> Document:
    return {"device": each.device, "mount": each.mount, "size": each.size, "used": each.used}


def _missing(each: Missing) -> Document:
    return {"part": each.part, "needs": each.needs or None, "error": problem(each.problem)}


def _why(each: Missing) -> str:
    return f"needs {each.needs}" if each.needs else safe(each.problem.message)


def _size(size: int) -> str:
    return f"{size / _GB:.1f} GB" if size < 100 * _GB else f"{size / _GB:.0f} GB"


def _used(of: Filesystem | None) -> str:
    return f"{of.share:.0%}" if of else ""
