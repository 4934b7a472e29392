"""Which nodes there are, and under which address each is asked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from console.sources.talos.facts import Member

# An address or a host name. Nothing that could be an option, nor a list.
_NODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:%-]*[A-Za-z0-9])?|::[A-Fa-f0-9:]*")


@dataclass(frozen=True, slots=True)
class Target:
    """A node to ask at ``address``. ``name`` is the address while the name is not known."""

    name: str
    address: str
    role: str = ""
    talos: str = ""


def sound(address: str) -> bool:
    """Whether talosctl may be given this as a node."""
    return bool(_NODE.fullmatch(address)) and len(address) <= 253


@dataclass(slots=True)
class Directory:
    """Brings together what the talosconfig, discovery and Kubernetes say. ``kubernetes`` are addresses by node name."""

    configured: tuple[str, ...]
    endpoints: tuple[str, ...]
    members: Sequence[Member] = ()
    kubernetes: Mapping[str, str] = field(default_factory=dict)
    _holders: dict[str, set[str]] = field(default_factory=dict)

    def discovered(self, members: Sequence[Member]) -> None:
        """Take in what ``get members`` says."""
        self.members = members
        for member in members:
            for address in member.addresses:
                self._holders.setdefault(address, set()).add(member.name)

    def forget(self, address: str) -> None:
        """It turned out to be another address of a node that is known."""
        self.configured = tuple(each for each in self.configured if each != address)
        self.endpoints = tuple(each for each in self.endpoints if each != address)

    @property
    def virtual(self) -> frozenset[str]:
        """Addresses that belong to no node of their own: seen at two nodes, or an endpoint that no member has."""
        moved = {address for address, names in self._holders.items() if len(names) > 1}
        known = {address for member in self.members for address in member.addresses}
        known |= {member.name for member in self.members}
        foreign = {endpoint for endpoint in self.endpoints if self.members and endpoint not in known}
        return frozenset(moved | (foreign - set(self.kubernetes.values())))

    def targets(self) -> tuple[Target, ...]:
        """All nodes, each once, by name."""
        found = {
            member.name: Target(member.name, self._address(member), member.role, member.talos)
            for member in self.members
        }
        covered = {address for member in self.members for address in member.addresses} | self.virtual
        for name, address in self.kubernetes.items():
            if name not in found and address not in covered:
                found[name] = Target(name, address)
        covered |= set(self.kubernetes.values()) | set(found)
        start = self.configured or (() if found else self.endpoints)
        found |= {address: Target(address, address) for address in start if address not in covered}
        return tuple(sorted((each for each in found.values() if sound(each.address)), key=lambda each: each.name))

    def _address(self, member: Member) -> str:
        own = [address for address in member.addresses if address not in self.virtual]
        preferred = [self.kubernetes.get(member.name, ""), *self.configured]
        for address in preferred:
            if address in own:
                return address
        return next(iter(self._not_shared(member, own)), member.name)

    def _not_shared(self, member: Member, own: Sequence[str]) -> Iterable[str]:
        """Where the endpoints do not name every control plane, one that a member holds is likely a virtual address."""
        controls = [each for each in self.members if each.role == member.role]
        all_named = all(set(each.addresses) & set(self.endpoints) for each in controls)
        rest = [address for address in own if address not in self.endpoints]
        return own if all_named or not rest else rest
