"""``talosctl get TYPE [ID] [--watch]``."""

import asyncio
from collections.abc import Iterator

from console.demo.talosctl.call import Call
from console.demo.talosctl.failure import Failure, RpcFailure
from console.demo.talosctl.output import Output, Shown, output
from console.demo.talosctl.resources.kinds import Kind
from console.demo.talosctl.resources.machine import talos_of
from console.demo.talosctl.resources.registry import resolve
from console.demo.world import Machine
from console.model.version import Version


async def get(call: Call) -> None:
    """Print resources of one type from each node."""
    words = call.invocation.words[1:]
    if not 1 <= len(words) <= 2:
        raise Failure(f"accepts between 1 and 2 arg(s), received {len(words)}")
    nodes = call.nodes()
    await _warn_of_older(call, nodes)
    writer = output(call.invocation.value("output", "table"))
    first = await call.machine(nodes[0])
    kind = resolve(words[0], talos_of(first))
    watching = call.invocation.on("watch")
    await call.out(writer.header(kind, events=watching))
    if watching:
        await _watch(call, nodes, kind, writer)
    else:
        await _list(call, nodes, kind, writer)


async def _warn_of_older(call: Call, nodes: list[str]) -> None:
    warnings, errors = [], []
    for node in nodes:
        try:
            machine = await call.machine(node)
        except RpcFailure as failure:
            errors.append(f"{node}: error getting server version: {failure.text}")
            continue
        server, client = Version.parse(machine.talos), Version.parse(call.tag)
        if server and client and server < client:
            older = f"server version {machine.talos[1:]} is older than client version {call.tag[1:]}"
            warnings.append(f"{node}: {older}")
    if warnings:
        await call.err(f"WARNING: {', '.join(warnings)}\n")
    if errors and not call.fans_out:
        raise Failure("\n".join(errors))


async def _list(call: Call, nodes: list[str], kind: Kind, writer: Output) -> None:
    errors = []
    for node in nodes:
        try:
            for shown in _resources(call, node, await call.machine(node), kind):
                await call.out(writer.resource(shown))
        except RpcFailure as failure:
            errors.append(failure.text if call.fans_out else f"error listing resources on node {node}: {failure.text}")
    await call.out(writer.flush())
    if errors and call.fans_out:
        count = f"{len(errors)} error{'s' if len(errors) > 1 else ''} occurred:"
        raise Failure(count + "".join(f"\n\t* {error}" for error in errors) + "\n\n")
    if errors:
        raise Failure("\n".join(errors))


def _resources(call: Call, node: str, machine: Machine, kind: Kind) -> Iterator[Shown]:
    if kind.sensitive and "os:admin" not in call.roles:
        raise RpcFailure("PermissionDenied", "not authorized")
    world = call.site.world
    if world is None:
        return
    wanted = call.invocation.words[2:]
    found = False
    for item in kind.rows(world, machine):
        if wanted and item.id != wanted[0]:
            continue
        found = True
        key = (machine.name, kind.type, item.id)
        stamp = call.site.history.stamp(key, item.spec, machine.booted, world.clock.now())
        yield Shown(node, kind, item, stamp)
    if wanted and not found:
        undefined = f"{kind.type}({kind.namespace}/{wanted[0]}@undefined)"
        raise RpcFailure("NotFound", f"resource {undefined} doesn't exist")


async def _watch(call: Call, nodes: list[str], kind: Kind, writer: Output) -> None:
    known: dict[tuple[str, str], Shown] = {}
    first = True
    while True:
        now: dict[tuple[str, str], Shown] = {}
        for node in nodes:
            try:
                shown = list(_resources(call, node, await call.machine(node), kind))
            except RpcFailure as failure:
                prefix = f"error setting up watch on node {node}" if first else "error watching resource"
                raise Failure(f"{prefix}: {failure.text}") from None
            now |= {(node, each.item.id): each for each in shown}
        for event, each in _changes(known, now):
            text = writer.resource(Shown(each.node, kind, each.item, each.stamp, event))
            await call.out(text + writer.flush())
        known, first = now, False
        await asyncio.sleep(0.1)


def _changes(before: dict[tuple[str, str], Shown], now: dict[tuple[str, str], Shown]) -> Iterator[tuple[str, Shown]]:
    for key, shown in now.items():
        if key not in before:
            yield "created", shown
        elif before[key].item != shown.item:
            yield "updated", shown
    for key, shown in before.items():
        if key not in now:
            yield "destroyed", shown
