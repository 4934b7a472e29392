"""What the answers of one node say about it when it is looked at closely: the fields of NodeDetail."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.model.nodedetail import Disk, Extension, NodeEvent, Service, Volume
from console.model.nodes import CONTROL_PLANE, Filesystem, TalosNode
from console.model.version import Version
from console.sources.errors import Malformed
from console.sources.talos import facts
from console.sources.talos.documents import Document, documents, identity, items_at, number_at, part, text_at
from console.sources.talos.facts import Fields
from console.sources.talos.tables import rows

EVENTS = 30  # that are looked at, of the thousand that a node keeps
ADMIN = "os:admin"


@dataclass(frozen=True, slots=True)
class Look:
    """One question of the detail. ``fields`` reads the answer, given when it came; ``needs`` is the role it takes."""

    part: str
    arguments: tuple[str, ...]
    fields: Callable[[str, datetime], Fields]
    asks: Callable[[TalosNode], bool] = lambda _node: True
    needs: str = "os:reader"


def _get(kind: str) -> tuple[str, ...]:
    return ("get", kind, "--output=json")


def _plain(read: Callable[[str], Fields]) -> Callable[[str, datetime], Fields]:
    return lambda text, _now: read(text)


def services(text: str, now: datetime) -> Fields:
    """The table of ``services``; resources tell neither state nor event."""
    try:
        found = [
            Service(row["SERVICE"], row["STATE"], row["HEALTH"], row["LAST EVENT"], _ago(row["LAST CHANGE"], now))
            for row in rows(text)
        ]
    except KeyError as error:
        raise Malformed(f"talosctl printed other services than are known here: {error}") from error
    return {"services": tuple(sorted(found, key=lambda each: each.name))}


def _ago(text: str, now: datetime) -> datetime | None:
    """``2h3m4s ago`` as a moment. Go's durations end with hours."""
    parts = {unit: float(number) for number, unit in re.findall(r"([\d.]{1,20})(h|ms|m|s)", text)}
    if not parts:
        return None
    length = timedelta(hours=parts.get("h", 0), minutes=parts.get("m", 0), seconds=parts.get("s", 0))
    return (now - length).replace(microsecond=0)


def extensions(text: str) -> Fields:
    """Each extension, and the schematic, which is listed as one."""
    found = [part(each, "spec", "metadata") for each in documents(text)]
    named = [
        Extension(*(text_at(each, name) for name in ("name", "version", "author", "description"))) for each in found
    ]
    schematic = next((each.version for each in named if each.name == "schematic"), "")
    rest = tuple(each for each in named if each.name not in {"schematic", "modules.dep"})
    return {"schematic": schematic, "extensions": rest}


def addresses(text: str) -> Fields:
    """All that the node has now, with their prefix lengths."""
    current = next((each for each in documents(text) if identity(each) == "current"), {})
    return {"addresses": tuple(map(str, items_at(current, "spec", "addresses")))}


def disks(text: str) -> Fields:
    """Every disk but CD drives."""
    found = [(identity(each), part(each, "spec")) for each in documents(text)]
    return {"disks": tuple(_disk(name, spec) for name, spec in sorted(found, key=_named) if not spec.get("cdrom"))}


def _named(disk: tuple[str, Document]) -> str:
    return disk[0]


def _disk(name: str, spec: Document) -> Disk:
    return Disk(
        name,
        path=text_at(spec, "dev_path"),
        size=int(number_at(spec, "size")),
        model=text_at(spec, "model"),
        serial=text_at(spec, "serial"),
        transport=text_at(spec, "transport"),
        read_only=spec.get("readonly") is True,
    )


def system_disk(text: str) -> Fields:
    """The name of the disk that Talos is on."""
    found = documents(text)
    return {"system_disk": text_at(found[0], "spec", "diskID") if found else ""}


def volumes(text: str) -> Fields:
    """Every volume."""
    return {"volumes": tuple(_volume(identity(each), part(each, "spec")) for each in documents(text))}


def _volume(name: str, spec: Document) -> Volume:
    return Volume(
        name,
        phase=text_at(spec, "phase"),
        kind=text_at(spec, "type"),
        location=text_at(spec, "location"),
        size=int(number_at(spec, "size")),
        format=text_at(spec, "filesystem"),
    )


def kernel_arguments(text: str) -> Fields:
    """The command line that the kernel was started with, by words."""
    found = documents(text)
    return {"kernel_arguments": tuple(text_at(found[0], "spec", "cmdline").split()) if found else ()}


def boot_entry(text: str) -> Fields:
    """What the boot loader started."""
    found = documents(text)
    return {"boot_entry": text_at(found[0], "spec", "bootedEntry") if found else ""}


def security(text: str) -> Fields:
    """Whether the firmware checked what it started."""
    found = documents(text)
    return {"secure_boot": part(found[0], "spec").get("secureBoot") is True if found else None}


def platform(text: str) -> Fields:
    """Where it runs: metal, or whose cloud."""
    found = documents(text)
    return {"platform": text_at(found[0], "spec", "platform") if found else ""}


def kubelet_image(text: str) -> Fields:
    """The kubelet's image."""
    found = documents(text)
    return {"kubelet_image": text_at(found[0], "spec", "image") if found else ""}


def alarms(text: str) -> Fields:
    """etcd's alarms with the member's id; no text means none."""
    return {"alarms": tuple(f"{row.get('ALARM', '')} {row.get('MEMBER', '')}" for row in rows(text))}


def events(text: str) -> Fields:
    """Newest first. Columns do not align; a line that does not begin one belongs to the event before."""
    found: list[list[str]] = []
    for line in text.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        kind = next((index for index, cell in enumerate(cells[:4]) if "talos/runtime/" in cell), None)
        if kind is not None:
            found.append([cells[kind].rpartition(".")[2], cells[kind - 1] if kind else "", *cells[kind + 1 :]])
        elif found and line.strip() and cells[0] != "NODE":
            found[-1] += cells
    return {"events": tuple(NodeEvent(each[0], " ".join(each[2:]), each[1]) for each in reversed(found))}


def _controls(node: TalosNode) -> bool:
    return node.role == CONTROL_PLANE


def _is_new(node: TalosNode) -> bool:
    version = Version.parse(node.talos)
    return version is not None and version >= Version(1, 14)


def joined(fields: Fields) -> Fields:
    """What belongs together brought together: the system disk's mark, the volumes' use."""
    system = fields.pop("system_disk", "")
    mounted: dict[str, Filesystem] = {each.device: each for each in fields.get("filesystems", ())}
    return fields | {
        "disks": tuple(_marked(each, system) for each in fields.get("disks", ())),
        "volumes": tuple(_mounted(each, mounted) for each in fields.get("volumes", ())),
    }


def _marked(disk: Disk, system: str) -> Disk:
    return replace(disk, system=disk.name == system)


def _mounted(volume: Volume, mounted: dict[str, Filesystem]) -> Volume:
    return replace(volume, mounted=mounted.get(volume.location))


LOOKS = (
    Look("services", ("services",), services),
    Look("extensions", _get("extensions"), _plain(extensions)),
    Look("addresses", _get("nodeaddress"), _plain(addresses)),
    Look("disks", _get("disks"), _plain(disks)),
    Look("system disk", _get("systemdisk"), _plain(system_disk)),
    Look("volumes", _get("volumestatus"), _plain(volumes)),
    Look("file systems", ("mounts",), _plain(facts.filesystems)),
    Look("kernel arguments", _get("cmdline"), _plain(kernel_arguments)),
    Look("boot entry", _get("bootedentry"), _plain(boot_entry)),
    Look("secure boot", _get("securitystate"), _plain(security)),
    Look("platform", _get("platformmetadata"), _plain(platform)),
    Look("etcd alarms", ("etcd", "alarm", "list"), _plain(alarms), _controls),
    # From 1.14 on a reader may see the kubelet's image; before, it is only in what the machine config says.
    Look("kubelet image", _get("kubeletstatus"), _plain(kubelet_image), _is_new),
    Look("kubelet image", _get("kubeletspec"), _plain(kubelet_image), lambda node: not _is_new(node), ADMIN),
)
