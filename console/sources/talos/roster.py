"""The nodes under watch, in line with what is known of the cluster."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from console.model.nodes import TalosNode
from console.sources.talos.facts import Member
from console.sources.talos.targets import Directory, Target
from console.sources.talos.watched import Watched


class Roster:
    """``nodes`` is brought up to date in place: what is known of a node stays with it. ``later`` in seconds."""

    def __init__(self, nodes: list[Watched], directory: Directory, later: float) -> None:
        self._nodes = nodes
        self._directory = directory
        self._later = later
        self._addresses: dict[str, str] = {}

    def heed(self, addresses: Mapping[str, str]) -> None:
        """Kubernetes' addresses, by node name; nothing to do while they are as they were."""
        if addresses != self._addresses:
            self.update(addresses)

    def discovered(self, members: Sequence[Member], addresses: Mapping[str, str]) -> None:
        """Take in what discovery says."""
        self._directory.discovered(members)
        self.update(addresses)

    def update(self, addresses: Mapping[str, str]) -> None:
        """Each target once."""
        self._addresses = dict(addresses)
        self._directory.kubernetes = self._addresses
        self._drop_aliases()
        kept: list[Watched] = []
        for target in self._directory.targets():
            watched = next((each for each in self._nodes if _same(each, target)), None)
            if watched is None:
                watched = Watched(TalosNode(target.name, target.address), target.address)
            if watched not in kept:
                self._take(watched, target)
                kept.append(watched)
        self._nodes[:] = kept

    def _take(self, watched: Watched, target: Target) -> None:
        node = watched.node
        name = target.name if target.name != target.address else node.name
        if (node.name, node.address) != (name, target.address) or (target.role and node.role != target.role):
            watched.node = replace(node, name=name, address=target.address, role=target.role or node.role)
            watched.target = target.address
        if target.talos and not watched.node.talos:
            watched.told(target.talos, time.monotonic() + self._later)

    def _drop_aliases(self) -> None:
        """Two targets with one name: the later one is another address of the first, a virtual one perhaps."""
        seen: set[str] = set()
        for watched in tuple(self._nodes):
            if watched.node.name in seen:
                self._nodes.remove(watched)
                self._directory.forget(watched.target)
            seen.add(watched.node.name)


def _same(watched: Watched, target: Target) -> bool:
    return watched.node.name == target.name or watched.target == target.address
