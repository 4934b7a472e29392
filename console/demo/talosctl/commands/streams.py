"""``dmesg``, ``logs`` and ``events``: lines that keep coming with ``--follow``, or always."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from console.demo.talosctl import texts
from console.demo.talosctl.call import Call
from console.demo.talosctl.failure import Failure, RpcFailure
from console.demo.talosctl.resources.cluster import service_health, service_names
from console.demo.world import Machine

_BOOT = (
    (0, "kern:  notice: [{t}]: Linux version 6.18.38-talos (@buildkitsandbox) (clang version 21.1.8) #1 SMP"),
    (0, "kern:    info: [{t}]: Command line: talos.platform=metal console=tty0 init_on_alloc=1 slab_nomerge pti=on"),
    (3, "user: warning: [{t}]: [talos] initialize sequence: 11 phase(s)"),
    (4, "user: warning: [{t}]: [talos] phase systemRequirements (1/11): done, 3.2ms"),
    (9, "user: warning: [{t}]: [talos] boot sequence: 14 phase(s)"),
    (20, "user: warning: [{t}]: [talos] service[kubelet](Running): Health check successful"),
    (74, "user: warning: [{t}]: [talos] boot sequence: done: 1m14s"),
    (75, 'user: warning: [{t}]: [talos] machine is running and ready {{"component": "controller-runtime"}}'),
)


def _kernel_lines(machine: Machine, now: datetime) -> Iterator[str]:
    for after, line in _BOOT:
        moment = machine.booted + timedelta(seconds=after)
        if moment <= now:
            yield line.format(t=texts.timestamp(moment))


def _service_lines(name: str, machine: Machine, now: datetime) -> Iterator[str]:
    since = max(timedelta(0), now - machine.booted)
    for back in range(min(40, int(since.total_seconds() // 30)), -1, -1):
        stamp = texts.timestamp(now - timedelta(seconds=30 * back))
        if name == "etcd":
            more = f'"caller":"mvcc/index.go:194","msg":"compact tree index","revision":{8_412_907 - back * 10}'
            yield f'{{"level":"info","ts":"{stamp}",{more}}}'
        else:
            yield f'{stamp} I {name}.go:{141 + back}] "Sync finished" duration="{20 + back % 7}ms"'


async def _follow(call: Call, node: str, line: str) -> None:
    count = 0
    while True:
        await asyncio.sleep(0.5)
        machine = await call.machine(node)
        count += 1
        await call.out(line.format(node=node, t=texts.timestamp(call.now()), count=count, name=machine.name))


async def dmesg(call: Call) -> None:
    """The kernel log."""
    nodes = call.nodes()
    call.connect("error getting dmesg")
    for node in nodes:
        machine = await call.machine(node)
        if not call.invocation.on("tail"):
            for line in _kernel_lines(machine, call.now()):
                await call.out(f"{node}: {line}\n")
        if call.invocation.on("follow"):
            await _follow(call, node, "{node}: user: warning: [{t}]: [talos] heartbeat {count} of {name}\n")


async def logs(call: Call) -> None:
    """The log of one service."""
    words = call.invocation.words[1:]
    if len(words) != 1:
        raise Failure(f"accepts 1 arg(s), received {len(words)}")
    tail = int(call.invocation.value("tail", "-1"))
    failed, nodes = False, call.nodes()
    call.connect("error fetching logs")
    for node in nodes:
        machine = await call.machine(node)
        if words[0] == "kernel":
            lines = list(_kernel_lines(machine, call.now()))
        elif words[0] in service_names(machine) and service_health(machine, words[0])[0]:
            lines = list(_service_lines(words[0], machine, call.now()))
        else:
            missing = RpcFailure("NotFound", f'log "{words[0]}" was not registered')
            await call.err(f"ERROR: {missing.text}\n")
            failed = True
            continue
        for line in lines[-tail:] if tail > 0 else lines if tail else []:
            await call.out(f"{node}: {line}\n")
        if call.invocation.on("follow"):
            await _follow(call, node, "{node}: {t} I sync.go:99] pass {count} on {name}\n")
    if failed:
        raise Failure("")


async def events(call: Call) -> None:
    """Streams until killed: two lines an event, flushed one by one, so that columns do not align."""
    node = call.nodes()[0]
    machine = await call.machine(node)
    await call.out(texts.table([["NODE", "ID", "EVENT", "ACTOR", "SOURCE", "MESSAGE"]]))
    history = (("boot", "START", 9), ("boot", "STOP", 74))
    tail = int(call.invocation.value("tail", "0"))
    for index, (sequence, action, _) in enumerate(history if tail < 0 else history[-tail:] if tail else ()):
        await call.out(_event(node, _identity(machine, index), "SequenceEvent", sequence, action))
    last = (machine.stage, machine.ready)
    count = 10
    while True:
        await asyncio.sleep(0.1)
        machine = await call.machine(node)
        if (machine.stage, machine.ready) == last:
            continue
        last = (machine.stage, machine.ready)
        unmet = " ".join(name for name, _ in machine.unmet)
        message = f"ready: {str(machine.ready).lower()}, unmet conditions: [{unmet}]"
        await call.out(_event(node, _identity(machine, count), "MachineStatusEvent", machine.stage.upper(), message))
        count += 1


def _identity(machine: Machine, index: int) -> str:
    return f"d3f{int(machine.booted.timestamp()):x}{index:05}"


def _event(node: str, identity: str, kind: str, source: str, message: str) -> str:
    return texts.table([[node, identity, f"talos/runtime/machine.{kind}", "", source, message]])
