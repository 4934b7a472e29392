"""Calls that ask each node once, and how they tell that some did not answer."""

from collections.abc import AsyncIterator

from console.demo.talosctl.call import Call
from console.demo.talosctl.failure import Failure, RpcFailure
from console.demo.world import Machine


class Answers:
    """Goes through the nodes of a call; ``finish`` reports those that failed.

    Up to 1.13: good rows, a warning on stderr and exit 0, or an error when none answered. From 1.14: exit 1 if any.
    """

    def __init__(self, call: Call, doing: str) -> None:
        self._call = call
        self._doing = doing
        self._failed: list[tuple[str, RpcFailure]] = []
        self._answered = 0

    async def machines(self) -> AsyncIterator[tuple[str, Machine]]:
        """(node as given, machine) of those that answer."""
        nodes = self._call.nodes()
        if self._call.fans_out:
            self._call.connect(self._doing)
        for node in nodes:
            try:
                machine = await self._call.machine(node)
            except RpcFailure as failure:
                self._failed.append((node, failure))
                continue
            self._answered += 1
            yield node, machine

    def refuse(self, node: str, failure: RpcFailure) -> None:
        """The node answered with an error."""
        self._answered -= 1
        self._failed.append((node, failure))

    async def finish(self) -> None:
        """Report. Raises Failure where the real one exits 1."""
        if not self._failed:
            return
        if not self._call.fans_out:
            raise Failure("\n".join(f"error from node {node}: {each.text}" for node, each in self._failed))
        count = f"{len(self._failed)} error{'s' if len(self._failed) > 1 else ''} occurred:"
        lines = count + "".join(f"\n\t* {node}: {each.text}" for node, each in self._failed) + "\n\n"
        if self._answered:
            await self._call.err(f"WARNING: {lines}")
        else:
            raise Failure(f"{self._doing}: {lines}")
