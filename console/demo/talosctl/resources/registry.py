"""Which type a name stands for, as a node of a given Talos version resolves it."""

from console.demo.talosctl.failure import RpcFailure
from console.demo.talosctl.resources.cluster import KINDS as CLUSTER
from console.demo.talosctl.resources.kinds import Kind
from console.demo.talosctl.resources.machine import KINDS as MACHINE

KINDS = (*MACHINE, *CLUSTER)


def resolve(name: str, talos: tuple[int, int]) -> Kind:
    """The type called ``name``. Raises RpcFailure when there is none, or more than one."""
    kinds = [kind for kind in KINDS if kind.since <= talos]
    exact = [kind for kind in kinds if name.lower() == kind.type.lower() or name.lower() in kind.aliases]
    found = exact or [kind for kind in kinds if name.lower() in kind.names]
    if not found:
        raise RpcFailure("NotFound", f'resource "{name}" is not registered')
    if len(found) > 1:
        types = " ".join(kind.type for kind in found)
        raise RpcFailure("InvalidArgument", f'resource type "{name}" is ambiguous: [{types}]')
    return found[0]
