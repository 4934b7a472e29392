"""One node looked at closely, as a test's desk tells it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from console.model.nodedetail import Disk, Extension, Missing, NodeDetail, NodeEvent, Service, Volume
from console.model.nodes import Filesystem
from console.model.snapshot import Problem
from console.sources.stop import Stop

_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class NodeDetails:
    """The part of console.ui.ports.Desk that is about one node."""

    def node(self, name: str) -> NodeDetail:
        var = Filesystem("/dev/nvme0n1p6", "/var", 507_720_000_000, 208_165_200_000)
        return NodeDetail(
            name,
            "10.0.0.11",
            _AT,
            services=(
                Service("etcd", "Running", "OK", "Health check successful", _AT),
                Service("kubelet", "Running", "Fail", "Health check failed: connection refused", _AT),
            ),
            extensions=(Extension("iscsi-tools", "v0.2.0", "Sidero Labs"),),
            addresses=("10.0.0.11/24", "10.42.0.1/24"),
            disks=(Disk("nvme0n1", "/dev/nvme0n1", 512_110_190_592, "Samsung SSD 980", system=True),),
            volumes=(Volume("EPHEMERAL", "ready", "partition", var.device, var.size, "xfs", var),),
            filesystems=(var,),
            kernel_arguments=("talos.platform=metal", "console=tty0"),
            boot_entry="Talos-v1.13.7.efi",
            secure_boot=False,
            platform="metal",
            events=(NodeEvent("MachineStatusEvent", "RUNNING ready: true, unmet conditions: []"),),
            missing=(Missing("kubelet image", Problem("forbidden", "The role may not ask this."), "os:admin"),),
        )

    def attending(self, name: str) -> AbstractContextManager[None]:
        del name
        return nullcontext()

    def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
        del stop
        yield f"user: warning: [2026-11-22T12:00:00Z]: [talos] boot sequence of {name}: done: 1m14s"

    def service_log(self, name: str, service: str, stop: Stop) -> Iterator[str]:
        del name, stop
        yield f"2026-11-22T12:00:00Z I {service}.go:141] Sync finished"
