"""Resources about the machine itself: status, version, extensions, boot, hardware use."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from console.demo.talosctl.resources.kinds import Item, Kind, at
from console.demo.world import Machine, World
from console.model.version import Version

CORES = 4
MEMORY = 16_777_216  # KiB
# Talos' own diagnostics; a machine has those named in ``unmet``, though they are no conditions.
DIAGNOSTICS = {
    "address-overlap": "host and Kubernetes pod/service CIDR addresses overlap",
    "kubelet-csr": "kubelet server certificate rotation is enabled, but CSR is not approved",
}
_TICK = 30  # seconds between two readings of the machine's counters (controllers/perf)


def talos_of(machine: Machine) -> tuple[int, int]:
    """Major and minor version that a machine runs."""
    version = Version.parse(machine.talos)
    return (version.major, version.minor) if version else (1, 13)


def _status(_world: World, machine: Machine) -> Iterator[Item]:
    conditions = [{"name": name, "reason": reason} for name, reason in machine.unmet if name not in DIAGNOSTICS]
    yield Item("machine", {"stage": machine.stage, "status": {"ready": machine.ready, "unmetConditions": conditions}})


def _version(_world: World, machine: Machine) -> Iterator[Item]:
    yield Item("version", {"name": "Talos", "version": machine.talos})


def extensions_of(machine: Machine) -> list[tuple[str, str, str]]:
    """(name, version, description) of the system extensions in the machine's image."""
    return [
        ("i915", f"20260519-{machine.talos}", "This system extension provides Intel GPU microcode binaries."),
        ("iscsi-tools", "v0.2.0", "This system extension provides iscsi-tools."),
        ("util-linux-tools", "2.41.4", "This system extension provides linux tools."),
    ]


def _extensions(_world: World, machine: Machine) -> Iterator[Item]:
    authors = "Sidero Labs"
    rows = [(n, v, authors, d, {"talos": {"version": ">= v1.5.0"}}) for n, v, d in extensions_of(machine)]
    schematic = "Virtual extension which specifies the schematic of the image built with Image Factory."
    rows.append(("schematic", machine.schematic, "Image Factory", schematic, {}))
    rows.append(("modules.dep", "6.18.38-talos", "Talos Machinery", "Combined modules.dep for all extensions", {}))
    for index, (name, version, author, description, compatibility) in enumerate(rows):
        meta = {"name": name, "version": version, "author": author, "description": description}
        yield Item(str(index), {"image": f"{index}.sqsh", "metadata": meta | {"compatibility": compatibility}})


def _schematic(_world: World, machine: Machine) -> Iterator[Item]:
    spec = {"schematicId": machine.schematic, "flavor": "metal", "apiUrl": "https://factory.talos.dev"}
    yield Item("image-factory-schematic", spec)


def load_of(machine: Machine, seconds: float) -> float:
    """CPU in use at ``seconds`` since boot, as a fraction of 1: two waves, each machine in its own phase."""
    phase = sum(map(ord, machine.name)) % 360
    slow, quick = math.sin(seconds / 900 + phase), math.sin(seconds / 70 + phase * 2)
    return 0.27 + 0.12 * slow + 0.06 * quick


def busy_seconds(machine: Machine, seconds: float) -> float:
    """The integral of ``load_of`` from boot: what a CPU counter shows, for one core."""
    phase = sum(map(ord, machine.name)) % 360

    def antiderivative(t: float) -> float:
        return 0.27 * t - 0.12 * 900 * math.cos(t / 900 + phase) - 0.06 * 70 * math.cos(t / 70 + phase * 2)

    return antiderivative(seconds) - antiderivative(0)


def read_at(world: World, machine: Machine) -> float:
    """Seconds since boot at which the counters were last read."""
    moment = world.clock.now().timestamp() // _TICK * _TICK
    return max(1.0, moment - machine.booted.timestamp())


def _cpu(world: World, machine: Machine) -> Iterator[Item]:
    seconds = read_at(world, machine)
    busy = busy_seconds(machine, seconds)

    def counters(cores: float) -> dict[str, float]:
        total, used = seconds * cores, busy * cores
        parts = {"user": 0.62 * used, "nice": 0.01 * used, "system": 0.31 * used, "idle": (total - used) * 0.985}
        parts |= {"iowait": (total - used) * 0.015, "irq": 0, "softIrq": 0.06 * used, "steal": 0}
        return {name: round(value, 2) for name, value in (parts | {"guest": 0, "guestNice": 0}).items()}

    spec: dict[str, Any] = {"cpu": [counters(1) for _ in range(CORES)], "cpuTotal": counters(CORES)}
    spec |= {"irqTotal": int(seconds * 2210), "contextSwitches": int(seconds * 9120)}
    spec |= {"processCreated": int(seconds * 11), "processRunning": 3, "processBlocked": 0}
    yield Item("latest", spec | {"softIrqTotal": int(seconds * 1408)})


def memory_of(world: World, machine: Machine) -> dict[str, int]:
    """KiB by name: grows for an hour after boot, then breathes."""
    seconds = read_at(world, machine)
    phase = sum(map(ord, machine.name)) % 360
    in_use = 0.31 + 0.36 * (1 - math.exp(-seconds / 1500)) + 0.03 * math.sin(seconds / 2400 + phase)
    available = int(MEMORY * (1 - in_use))
    free, buffers, cached = available // 3, MEMORY // 90, available - available // 3
    return {"total": MEMORY, "used": MEMORY - free, "available": available, "buffers": buffers, "cached": cached}


_MORE_MEMORY = (
    *("swapCached", "active", "inactive", "activeAnon", "inactiveAnon", "activeFile"),
    *("inactiveFile", "unevictable", "mlocked", "swapTotal", "swapFree", "dirty"),
    *("writeback", "anonPages", "mapped", "shmem", "slab", "sreclaimable"),
    *("sunreclaim", "kernelStack", "pageTables", "nfsunstable", "bounce", "writeBacktmp"),
    *("commitLimit", "commitTedas", "vmallocTotal", "vmallocUsed", "vmallocChunk", "hardwareCorrupted"),
    *("anonHugePages", "shmemHugePages", "shmemPmdMapped", "cmaTotal", "cmaFree", "hugePagesTotal"),
    *("hugePagesFree", "hugePagesRsvd", "hugePagesSurp", "hugepagesize", "directMap4k", "directMap2m"),
    *("directMap1g"),
)


def _memory(world: World, machine: Machine) -> Iterator[Item]:
    known = memory_of(world, machine)
    active = known["used"] // 2
    rest = dict.fromkeys(_MORE_MEMORY, 0) | {"active": active, "inactive": known["cached"] // 2, "hugepagesize": 2048}
    yield Item("latest", known | rest)


def _security(_world: World, _machine: Machine) -> Iterator[Item]:
    yield Item("securitystate", {"secureBoot": False, "bootedWithUKI": True, "moduleSignatureEnforced": True})


def _booted_entry(_world: World, machine: Machine) -> Iterator[Item]:
    yield Item("bootedentry", {"bootedEntry": f"Talos-{machine.talos}.efi"})


def _cmdline(_world: World, _machine: Machine) -> Iterator[Item]:
    hardening = "init_on_alloc=1 slab_nomerge pti=on consoleblank=0 nvme_core.io_timeout=4294967295 printk.devkmsg=on"
    yield Item("cmdline", {"cmdline": f"talos.platform=metal console=tty0 {hardening} selinux=1 module.sig_enforce=1"})


def _platform(_world: World, machine: Machine) -> Iterator[Item]:
    yield Item("platformmetadata", {"platform": "metal", "hostname": machine.name})


def _boot_id(_world: World, machine: Machine) -> Iterator[Item]:
    stamp = int(machine.booted.timestamp())
    yield Item("boot-id", {"bootID": f"{stamp:08x}-5c1e-4b07-aa00-{sum(map(ord, machine.name)):012x}"})


def _diagnostics(_world: World, machine: Machine) -> Iterator[Item]:
    for name, reason in machine.unmet:
        if name in DIAGNOSTICS:
            yield Item(name, {"message": DIAGNOSTICS[name], "details": [reason]})


def _time(world: World, machine: Machine) -> Iterator[Item]:
    fresh = world.clock.now() - machine.booted < timedelta(seconds=4)
    synced = not fresh and all(name != "time" for name, _ in machine.unmet)
    yield Item("node", {"synced": synced, "epoch": 1, "syncDisabled": False})


KINDS = (
    Kind(
        "MachineStatuses.runtime.talos.dev",
        "MachineStatus",
        "runtime",
        "runtime.MachineStatusController",
        _status,
        (("Stage", at("stage")), ("Ready", at("status", "ready"))),
    ),
    Kind(
        "Versions.runtime.talos.dev",
        "Version",
        "runtime",
        "runtime.VersionController",
        _version,
        (("Name", at("name")), ("Version", at("version"))),
    ),
    Kind(
        "ExtensionStatuses.runtime.talos.dev",
        "ExtensionStatus",
        "runtime",
        "runtime.ExtensionStatusController",
        _extensions,
        (("Name", at("metadata", "name")), ("Version", at("metadata", "version"))),
        ("extensions", "extension"),
    ),
    Kind(
        "ImageFactorySchematics.runtime.talos.dev",
        "ImageFactorySchematic",
        "runtime",
        "runtime.ImageFactorySchematicController",
        _schematic,
        (("Schematic ID", at("schematicId")), ("Flavor", at("flavor")), ("API URL", at("apiUrl"))),
        since=(1, 14),
    ),
    Kind(
        "CPUStats.perf.talos.dev",
        "CPUStat",
        "perf",
        "perf.StatsController",
        _cpu,
        (("User", at("cpuTotal", "user")), ("System", at("cpuTotal", "system"))),
    ),
    Kind(
        "MemoryStats.perf.talos.dev",
        "MemoryStat",
        "perf",
        "perf.StatsController",
        _memory,
        (("Used", at("used")), ("Total", at("total"))),
    ),
    Kind(
        "SecurityStates.talos.dev",
        "SecurityState",
        "runtime",
        "runtime.SecurityStateController",
        _security,
        (
            ("SecureBoot", at("secureBoot")),
            ("UKISigningKeyFingerprint", at("ukiSigningKeyFingerprint")),
            ("PCRSigningKeyFingerprint", at("pcrSigningKeyFingerprint")),
            ("SELinuxState", at("selinuxState")),
            ("ModuleSignatureEnforced", at("moduleSignatureEnforced")),
        ),
    ),
    Kind(
        "BootedEntries.talos.dev",
        "BootedEntry",
        "runtime",
        "runtime.BootedEntryController",
        _booted_entry,
        (("Booted Entry", at("bootedEntry")),),
    ),
    Kind(
        "KernelCmdlines.runtime.talos.dev",
        "KernelCmdline",
        "runtime",
        "runtime.KernelCmdlineController",
        _cmdline,
        (("Cmdline", at("cmdline")),),
        ("cmdline",),
    ),
    Kind(
        "PlatformMetadatas.talos.dev",
        "PlatformMetadata",
        "runtime",
        "network.PlatformConfigController",
        _platform,
        (
            ("Platform", at("platform")),
            ("Type", at("instanceType")),
            ("Region", at("region")),
            ("Zone", at("zone")),
        ),
    ),
    Kind(
        "BootIDs.runtime.talos.dev",
        "BootID",
        "runtime",
        "runtime.BootIDController",
        _boot_id,
        (("Boot ID", at("bootID")),),
        since=(1, 14),
    ),
    Kind(
        "Diagnostics.runtime.talos.dev",
        "Diagnostic",
        "runtime",
        "runtime.DiagnosticsController",
        _diagnostics,
        (("Message", at("message")),),
    ),
    Kind(
        "TimeStatuses.v1alpha1.talos.dev",
        "TimeStatus",
        "runtime",
        "time.SyncController",
        _time,
        (("Synced", at("synced")),),
    ),
)
