"""``version``, ``services``, ``service``, ``memory``, ``stats``, ``time``, ``health``."""

import json
from datetime import timedelta

from console.demo.talosctl import texts
from console.demo.talosctl.call import Call
from console.demo.talosctl.commands.unary import Answers
from console.demo.talosctl.failure import Failure, RpcFailure
from console.demo.talosctl.resources.cluster import service_health, service_names
from console.demo.talosctl.resources.machine import memory_of, read_at
from console.demo.world import Machine

_GO = "go1.26.6"


def _commit(tag: str) -> str:
    return f"{sum(ord(c) * 31**i for i, c in enumerate(tag)) & 0xFFFFFFFF:08x}"


def _block(tag: str) -> str:
    rows = [("Tag", tag), ("SHA", _commit(tag)), ("Built", ""), ("Go version", _GO), ("OS/Arch", "linux/amd64")]
    return "".join(f"\t{name + ':':13}{value}\n" for name, value in rows)


async def version(call: Call) -> None:
    """The client block comes first, also when no node answers."""
    given = call.invocation
    if not given.on("json"):
        await call.out("Client:\n" + (f"Talos {call.tag}\n" if given.on("short") else _block(call.tag)))
        if given.on("client"):
            return
        await call.out("Server:\n")
    answers = Answers(call, "error getting version")
    async for node, machine in answers.machines():
        if given.on("json"):
            told = {"tag": machine.talos, "sha": _commit(machine.talos), "goVersion": _GO, "os": "linux"}
            message: dict[str, object] = {"metadata": {"hostname": node}} if call.fans_out else {}
            message |= {"version": told | {"arch": "amd64"}, "platform": {"name": "metal", "mode": "metal"}}
            await call.out(json.dumps(message | {"features": {"rbac": True}}, separators=(",", ":")) + "\n")
        else:
            await call.out(f"\tNODE:        {node}\n{_block(machine.talos)}\tEnabled:     RBAC\n")
    await answers.finish()


def _state(machine: Machine, name: str) -> tuple[str, str, str]:
    running, healthy = service_health(machine, name)
    if not running:
        return "Waiting", "?", 'Waiting for service "cri" to be "up"'
    if healthy is None:
        return "Running", "?", "Started task"
    return "Running", "OK" if healthy else "Fail", f"Health check {'successful' if healthy else 'failed'}"


def _age(call: Call, machine: Machine, after: int = 20) -> str:
    return texts.duration(call.now() - machine.booted - timedelta(seconds=after))


async def services(call: Call) -> None:
    """The services of each node, or one of them in detail."""
    if len(call.invocation.words) > 1:
        await _service(call, call.invocation.words[1])
        return
    answers = Answers(call, "error listing services")
    rows = [["NODE", "SERVICE", "STATE", "HEALTH", "LAST CHANGE", "LAST EVENT"]]
    async for node, machine in answers.machines():
        for name in service_names(machine):
            state, health, event = _state(machine, name)
            rows.append([node, name, state, health, f"{_age(call, machine)} ago", event])
    if len(rows) > 1 or not call.fans_out:
        await call.out(texts.table(rows))
    await answers.finish()


async def _service(call: Call, name: str) -> None:
    answers = Answers(call, "error listing services")
    found = False
    async for node, machine in answers.machines():
        if name not in service_names(machine):
            continue
        found = True
        state, health, event = _state(machine, name)
        rows = [["NODE", node], ["ID", name], ["STATE", state], ["HEALTH", health]]
        rows.append(["EVENTS", f"[{state}]: {event} ({_age(call, machine)} ago)"])
        if state == "Running":
            rows.append(["", f"[Running]: Started task {name} (PID 2317) ({_age(call, machine, 17)} ago)"])
            rows.append(["", f"[Preparing]: Creating service runner ({_age(call, machine, 12)} ago)"])
        await call.out(texts.table(rows))
    await answers.finish()
    if not found:
        raise Failure(f'service "{name}" is not registered on any nodes')


async def memory(call: Call) -> None:
    """MiB, as ``free -m``."""
    answers = Answers(call, "error getting memory stats")
    rows = [["NODE", "TOTAL", "USED", "FREE", "SHARED", "BUFFERS", "CACHE", "AVAILABLE"]]
    async for node, machine in answers.machines():
        assert call.site.world  # noqa: S101 - a machine answered
        known = memory_of(call.site.world, machine)
        free = known["total"] - known["used"]
        used = known["used"] - known["cached"] - known["buffers"]
        numbers = (known["total"], used, free, 12_288, known["buffers"], known["cached"], known["available"])
        rows.append([node, *(str(number // 1024) for number in numbers)])
    if len(rows) > 1:
        await call.out(texts.table(rows))
    await answers.finish()


async def stats(call: Call) -> None:
    """Memory in MB and CPU in nanoseconds of each container."""
    answers = Answers(call, "error getting stats")
    rows = [["NODE", "NAMESPACE", "ID", "MEMORY(MB)", "CPU"]]
    kubernetes = call.invocation.on("kubernetes")
    async for node, machine in answers.machines():
        assert call.site.world  # noqa: S101 - a machine answered
        seconds = read_at(call.site.world, machine)
        pods = [f"kube-system/{name}-{machine.name}" for name in ("kube-apiserver", "kube-scheduler")]
        for index, name in enumerate(pods if kubernetes else ["apid", "etcd", "kubelet", "trustd"]):
            namespace = "k8s.io" if kubernetes else "system"
            rows.append([node, namespace, name, f"{96.4 + 41.7 * index:.2f}", str(int(seconds * 4e6 * (index + 1)))])
    await call.out(texts.table(rows))
    await answers.finish()


async def clock(call: Call) -> None:
    """The node's time beside the time server's."""
    answers = Answers(call, "error fetching time")
    server = call.invocation.value("check", "time.cloudflare.com")
    now = f"{call.now():%Y-%m-%d %H:%M:%S}.104211 +0000 UTC"
    rows = [["NODE", "NTP-SERVER", "NODE-TIME", "NTP-SERVER-TIME"]]
    async for node, _ in answers.machines():
        rows.append([node, server, now, now])
    await call.out(texts.table(rows))
    await answers.finish()


_CHECKS = (
    "etcd to be healthy",
    "etcd members to be consistent across nodes",
    "etcd members to be control plane nodes",
    "apid to be ready",
    "all nodes memory sizes",
    "all nodes disk sizes",
    "no diagnostics",
    "kubelet to be healthy",
    "all nodes to finish boot sequence",
    "all k8s nodes to report",
    "all control plane static pods to be running",
    "all control plane components to be ready",
    "all k8s nodes to report ready",
    "kube-proxy to report ready",
    "coredns to report ready",
    "all k8s nodes to report schedulable",
)


async def health(call: Call) -> None:
    """Everything on stderr. Asks for an admin kubeconfig, so a reader is refused."""
    nodes = call.nodes()
    if len(nodes) > 1:
        raise Failure('command "health" is not supported with multiple nodes')
    await call.machine(nodes[0])
    world = call.site.world
    assert world  # noqa: S101 - a machine answered
    addresses = " ".join(f'"{machine.address}"' for machine in world.machines.values())
    await call.err(f"discovered nodes: [{addresses}]\n")
    if "os:admin" not in call.roles:
        raise Failure(f"healthcheck error: {RpcFailure('PermissionDenied', 'not authorized').text}")
    for check in _CHECKS:
        skipped = check.startswith("kube-proxy")
        await call.err(f"waiting for {check}: ...\nwaiting for {check}: {'SKIP' if skipped else 'OK'}\n")
