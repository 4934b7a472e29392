"""``mounts``: sizes in GB of everything that is mounted, as ``df`` would count them."""

from console.demo.talosctl import texts
from console.demo.talosctl.call import Call
from console.demo.talosctl.commands.unary import Answers
from console.demo.world import Machine

_HEAD = ["NODE", "FILESYSTEM", "SIZE(GB)", "USED(GB)", "AVAILABLE(GB)", "PERCENT USED", "MOUNTED ON"]
_VAR = 507.72  # GB


def _mounted(machine: Machine) -> list[tuple[str, float, float, str]]:
    """(what, size, used, where). Empty file systems (proc, sysfs) are left out by the real one, too."""
    var = _VAR * machine.disk_used
    return [
        ("devtmpfs", 8.32, 0.0, "/dev"),
        ("tmpfs", 8.39, 0.01, "/run"),
        ("tmpfs", 8.39, 0.0, "/system"),
        ("/dev/loop0", 0.07, 0.07, "/"),
        ("/dev/loop1", 0.02, 0.02, "/usr/local/lib/containers"),
        ("/dev/nvme0n1p5", 0.1, 0.01, "/system/state"),
        ("/dev/nvme0n1p6", _VAR, var, "/var"),
        ("overlay", _VAR, var, "/etc/cni"),
        ("/dev/nvme0n1p6", _VAR, var, "/var/lib/kubelet/pods/volumes"),
        ("/dev/sda1", 998.61, 414.04, "/var/mnt/longhorn"),
    ]


async def mounts(call: Call) -> None:
    """The table."""
    answers = Answers(call, "error getting mount information")
    rows = [_HEAD]
    async for node, machine in answers.machines():
        for what, size, used, where in _mounted(machine):
            numbers = (f"{size:.2f}", f"{used:.2f}", f"{size - used:.2f}", f"{used / size * 100:.2f}%")
            rows.append([node, what, *numbers, where])
    if len(rows) > 1:
        await call.out(texts.table(rows))
    await answers.finish()
