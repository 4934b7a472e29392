"""What is asked of each node, and how often: a table, so that a poll stays cheap."""

from collections.abc import Callable
from dataclasses import dataclass

from console.model.nodes import CONTROL_PLANE, TalosNode
from console.model.version import Version
from console.sources.talos import facts


@dataclass(frozen=True, slots=True)
class Question:
    """``every`` is in polls; ``boot`` asks again after each boot; ``asks`` says of which nodes it makes sense.

    ``first`` ones make a row worth showing, and go before all others. ``quick`` ones are asked more often while a node
    restarts, or is looked at.

    ``arguments`` are talosctl's; ``fields`` reads the answer. ``cpu`` and ``memory`` keep a history: see ``watched``.
    """

    name: str
    arguments: tuple[str, ...]
    every: float
    fields: Callable[[str], facts.Fields] | None = None
    asks: Callable[[TalosNode], bool] = lambda _node: True
    boot: bool = False
    first: bool = False
    quick: bool = False


def _get(kind: str) -> tuple[str, ...]:
    return ("get", kind, "--output=json")


def _controls(node: TalosNode) -> bool:
    return node.role == CONTROL_PLANE


def _nameless(node: TalosNode) -> bool:
    """Discovery names the others."""
    return node.name == node.address


def _tells_kubelet(node: TalosNode) -> bool:

    version = Version.parse(node.talos)
    return version is not None and version >= Version(1, 14)


STATUS = Question("status", _get("machinestatus"), 1, facts.machine_status, first=True, quick=True)
CPU = Question("cpu", _get("cpustat"), 2)
MEMORY = Question("memory", _get("memorystat"), 2)
ETCD = Question("etcd", ("etcd", "status"), 2, facts.etcd_status, _controls, first=True, quick=True)
MEMBERS = Question("members", _get("members"), 4, first=True)
# In the order in which a new row fills. Clock, services and static pods are seldom: while one of them is ill, the
# machine status says so among its unmet conditions.
QUESTIONS = (
    STATUS,
    Question("version", _get("version"), 20, facts.version, boot=True, first=True),
    Question("nodename", _get("nodename"), 40, facts.nodename, _nameless, first=True),
    ETCD,
    Question("extensions", _get("extensions"), 40, facts.extensions, boot=True),
    CPU,
    MEMORY,
    Question("filesystems", ("mounts",), 8, facts.filesystems),
    Question("diagnostics", _get("diagnostics"), 4, facts.diagnostics),
    Question("services", _get("services"), 4, facts.services, quick=True),
    Question("time", _get("timestatus"), 8, facts.time_status),
    Question("static pods", _get("staticpodstatus"), 4, facts.static_pods, _controls),
    Question("kubelet", _get("kubeletstatus"), 20, facts.kubelet, _tells_kubelet, boot=True),
)
