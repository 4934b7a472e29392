"""A node looked at closely, to read: what talosctl tells of it beyond its row."""

from collections.abc import Iterable

from console.model.nodedetail import Disk, Extension, Missing, NodeDetail, Service, Volume
from console.model.nodes import Filesystem
from console.model.nodetroubles import FULL
from console.ui.looks import Line, Run, age
from console.ui.texts.layout import facts, heading, prose

_MARKS = {"OK": ("✔", "good"), "Fail": ("✖", "bad")}
_MOST = 40  # events


def closeup(detail: NodeDetail, width: int) -> list[Line]:
    """All of it; parts that have nothing to tell are left out."""
    parts = (
        _part("Services", (line for each in detail.services for line in _service(each, width))),
        _part("Machine", _machine(detail, width)),
        _part("Addresses", ((Run(f"  {address}"),) for address in detail.addresses)),
        _part("Extensions", (_extension(each) for each in detail.extensions)),
        _part("Disks", (_disk(each) for each in detail.disks)),
        _part("Volumes", (_volume(each) for each in detail.volumes)),
        _part("File systems", (_filesystem(each) for each in _others(detail))),
        _part("Kernel arguments", (line for text in detail.kernel_arguments for line in prose(text, width))),
        _part("Events, newest first", _events(detail, width)),
        _part("Not told", (line for each in detail.missing for line in _missing(each, width))),
    )
    return [line for part in parts for line in part]


def _part(title: str, lines: Iterable[Line]) -> list[Line]:
    found = list(lines)
    return [(), heading(title), *found] if found else []


def _service(each: Service, width: int) -> list[Line]:
    symbol, style = _MARKS.get(each.health, ("·", "muted"))
    if each.state not in ("Running", "Finished", "Skipped"):
        symbol, style = "✖" if each.state == "Failed" else "◌", "bad" if each.state == "Failed" else "warn"
    health = "" if each.health in ("OK", "?", "") else f", health {each.health}"
    said = each.event if len(each.event) < width - 42 or style != "bad" else ""
    first = (
        Run(f"  {symbol} ", style),
        Run(f"{each.name:16} "),
        Run(f"{each.state}{health}", style if style in ("bad", "warn") else "muted"),
        *((Run("  "), age(each.changed)) if each.changed else ()),
        Run(f"  {said}", "muted"),
    )
    return [first] if said or not each.event else [first, *prose(each.event, width, "", 6)]


def _machine(detail: NodeDetail, width: int) -> list[Line]:
    secure = {True: "on", False: "off", None: ""}[detail.secure_boot]
    told = facts(
        (
            ("platform", detail.platform),
            ("boot entry", detail.boot_entry),
            ("secure boot", secure),
            ("kubelet", detail.kubelet_image),
        )
    )
    return [*told, *(line for alarm in detail.alarms for line in prose(f"✖ etcd alarm: {alarm}", width, "bad"))]


def _extension(each: Extension) -> Line:
    return (Run(f"  {each.name:32} "), Run(f"{each.version}  {each.author}", "muted"))


def _disk(each: Disk) -> Line:
    words = [each.model, each.transport, f"serial {each.serial}" if each.serial else ""]
    words += ["read-only"] if each.read_only else []
    system = (Run("  Talos is on it", "accent"),) if each.system else ()
    return (
        Run(f"  {each.path:20} "),
        Run(f"{_size(each.size):>9}  "),
        Run("  ".join(word for word in words if word), "muted"),
        *system,
    )


def _volume(each: Volume) -> Line:
    fine = each.phase == "ready"
    used = each.mounted
    return (
        Run(f"  {'✔' if fine else '✖'} ", "good" if fine else "bad"),
        Run(f"{each.name:16} "),
        Run(f"{_size(each.size):>9}  "),
        *(_used(used) if used else ()),
        Run(" ".join(word for word in (each.phase, each.kind, each.format, each.location) if word), "muted"),
    )


def _filesystem(each: Filesystem) -> Line:
    return (Run(f"  {each.mount:20} "), Run(f"{_size(each.size):>9}  "), *_used(each), Run(each.device, "muted"))


def _others(detail: NodeDetail) -> list[Filesystem]:
    """The file systems that no volume tells of."""
    told = {volume.mounted.mount for volume in detail.volumes if volume.mounted}
    return [each for each in detail.filesystems if each.mount not in told]


def _used(each: Filesystem) -> tuple[Run, ...]:
    full = each.share >= FULL
    return (Run(f"{'▲ ' if full else ''}{each.share:.0%} used  ", "warn" if full else ""),)


def _events(detail: NodeDetail, width: int) -> list[Line]:
    return [
        line
        for each in detail.events[:_MOST]
        for line in prose(f"{each.kind.removesuffix('Event')}  {each.text}", width, "muted")
    ]


def _missing(each: Missing, width: int) -> list[Line]:
    if each.needs:
        return prose(f"· {each.part}: needs {each.needs}", width, "muted")
    return prose(f"✖ {each.part}: {each.problem.message}", width, "warn")


def _size(size: int) -> str:
    """As disks are sold: in powers of 1000."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
